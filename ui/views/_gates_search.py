"""The search page: from a span to the units that are on and every place like it; from a pattern to its units.

What it has found stands still while the net trains on, until a person asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.theme import theme
from ui.views._coloured_text import ColouredText, TextScroll, behind_text, text_reach
from ui.views._export import Table
from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_matches import MatchRows, RankRows
from ui.views._gates_on_units import OnUnitsList
from ui.views._gates_order import Span
from ui.views._gates_search_data import units_on
from ui.views._gates_search_options import PatternRow, SpanOptions
from ui.views._gates_search_source import SearchSource
from ui.views._gates_words import help_of, title_of
from ui.views._numbers import duration, whole
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import TextLabel
from ui.widgets.segmented import Segmented
from ui.widgets.spinner import Spinner
from workers.protocol import GateMatch, GateMatches, UnitRank, UnitRanks

_UNITS_WIDTH, _TOLD_HEIGHT = 128, 34
_SPACE = "\u00a0"  # a number and its unit stay on one line


class SearchPage(QWidget):
    """See the module."""

    span_brushed = Signal(object)  # Span | None
    unit_chosen = Signal(object)  # Place
    text_chosen = Signal(str)
    token_pointed = Signal(object)  # int | None
    shown_changed = Signal()

    def __init__(self, source: SearchSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._gates: Gates | None = None
        self._place = Place()
        self._span: Span | None = None
        self._listed: Gates | None = None  # those that the units listed are on in
        self._found: GateMatches | UnitRanks | None = None
        self._again: Callable[[], None] | None = None  # the last search, to be asked once more
        self._is_waiting = False
        self._problem = ""
        self._build()
        source.found.connect(self._on_found)
        source.failed.connect(self._on_failed)
        theme().changed.connect(self._colour_text)
        self._tell()

    def set_gates(self, gates: Gates, place: Place, *, span: Span | None) -> None:
        """Other arrays, another place, or another span. Of another step the units stay listed as they are."""
        before, seen, was = self._gates, self._place, self._span
        self._gates, self._place, self._span = gates, place, span
        is_fresh = (
            before is None
            or self._listed is None
            or before.lanes != gates.lanes
            or before.tokens != gates.tokens
            or span != was
            or (seen.layer, seen.direction) != (place.layer, place.direction)
        )
        if before is None or before.lanes != gates.lanes:
            self._fill_signals(gates)
        self._text.set_tokens(gates.running)
        self._text.set_span(span)
        self._text.set_held(place.token)
        self._text_scroll.updateGeometry()
        if is_fresh:
            self._problem = ""
            self._list_units(is_fresh=span != was)
        elif gates is not before and self._listed is not None and gates.step == self._listed.step:
            self._list_units(is_fresh=False)  # something is held now, or let go
        if gates is not before or is_fresh or seen.unit != place.unit:
            self._colour_text()
        self._tell()

    @property
    def has_colours(self) -> bool:
        """Whether the text is on show, in the colours of a unit."""
        return self._mode.value() == "span" and self._place.unit is not None

    def forget(self) -> None:
        """What was found is of another run."""
        self._listed = None
        self._forget_found()

    def table(self) -> Table | None:
        """What was found."""
        if self._mode.value() == "pattern":
            ranks = [one for one in self._ranks.entries() if isinstance(one, UnitRank)]
            rows = [(one.layer + 1, one.direction, one.unit, one.auc) for one in ranks]
            return Table(columns=("layer", "direction", "unit", "auc"), rows=rows) if rows else None
        found = [one for one in self._matches.entries() if isinstance(one, GateMatch)]
        places = [(one.example, one.token, one.before, one.match, one.after, one.score) for one in found]
        columns = ("example", "token", "before", "match", "after", "score")
        return Table(columns=columns, rows=places) if places else None

    # Building

    def _build(self) -> None:
        self._mode = Segmented(
            [("span", self.tr("Places like a span")), ("pattern", self.tr("Units for a pattern"))],
            accessible_name=self.tr("Search for:"),
        )
        self._mode.set_tooltip("span", self.tr("Where in the validation texts do the same units do the same?"))
        self._mode.set_tooltip("pattern", self.tr("Which units tell what a regular expression matches from the rest?"))
        self._mode.chosen.connect(self._on_mode_chosen)
        self._signal = ChoiceBox()
        self._signal.setFixedWidth(116)
        self._signal.setAccessibleName(self.tr("Signal"))
        self._signal.currentIndexChanged.connect(self._on_signal_chosen)
        self._spinner = Spinner()
        self._spinner.hide()
        self._text = ColouredText(is_brushable=True)
        self._text.brushed.connect(self.span_brushed)
        self._text.pointed.connect(self.token_pointed)
        self._text_scroll = TextScroll(self._text, most_lines=3)
        self._span_options = SpanOptions()
        self._span_options.changed.connect(self._on_option_changed)
        self._pattern = PatternRow()
        self._pattern.asked.connect(self._rank)
        self._options = _pages(self._span_options, self._pattern)
        self._build_lists()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(_row(self._mode, self._signal, self._spinner, None))
        column.addWidget(self._text_scroll)
        column.addWidget(self._options)
        column.addLayout(_row(self._count, self._told, self._go))
        column.addWidget(self._lists, 1)
        self._show_mode("span")

    def _build_lists(self) -> None:
        self._count = TextLabel("", style="small", role="muted")
        self._count.setFixedWidth(_UNITS_WIDTH)
        self._told = TextLabel("", style="small", role="muted")
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self._told.setWordWrap(True)
        self._told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._told.setFixedHeight(_TOLD_HEIGHT)
        self._told.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._go = QuietButton("", icon_name="search")
        self._go.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._go.clicked.connect(self._on_go_clicked)
        self._on_units = OnUnitsList()
        self._on_units.setFixedWidth(_UNITS_WIDTH)
        self._on_units.unit_chosen.connect(self._on_unit_chosen)
        self._on_units.units.ticked_changed.connect(self._tell)
        self._matches = MatchRows()
        self._matches.entry_chosen.connect(self._on_match_chosen)
        self._ranks = RankRows()
        self._ranks.entry_chosen.connect(self._on_rank_chosen)
        places = QWidget()
        places.setLayout(_row(self._on_units, self._matches))
        self._lists = _pages(places, self._ranks)

    def _fill_signals(self, gates: Gates) -> None:
        self._signal.blockSignals(True)
        self._signal.clear()
        for name in gates.lanes:
            self._signal.addItem(f"{name}  {title_of(name)}", name)
        self._signal.setCurrentIndex(max(0, self._signal.findData(gates.memory)))
        self._signal.setToolTip(help_of(gates.memory, gates.cell))
        self._signal.blockSignals(False)

    # What is shown

    def _name(self) -> str:
        return str(self._signal.currentData() or "")

    def _list_units(self, *, is_fresh: bool) -> None:
        """The units that are on over the span, in the gates that are shown now."""
        gates, span = self._gates, self._span
        self._listed = gates
        self._span_options.negative.setEnabled(self._name() not in GATES)
        if gates is None or span is None or span[1] >= len(gates.tokens):
            self._on_units.units.show([], is_fresh=True)
            return
        found = units_on(
            gates,
            self._place,
            name=self._name(),
            span=span,
            threshold=self._span_options.threshold.value(),
            takes_negative=self._span_options.takes_negative(),
            has_whiskers=self._span_options.whiskers.isChecked(),
        )
        self._on_units.units.show(found, is_fresh=is_fresh)

    def _colour_text(self) -> None:
        gates, place = self._gates, self._place
        if gates is None or place.unit is None:
            self._text.set_colours([])
            return
        values = gates.trace(place, gates.memory)
        self._text.set_colours(behind_text(values, reach=text_reach(gates, place)))

    def _show_mode(self, key: str) -> None:
        page = 0 if key == "span" else 1
        self._options.setCurrentIndex(page)
        self._lists.setCurrentIndex(page)
        self._text_scroll.setVisible(key == "span")

    def _is_old(self) -> bool:
        """Whether what is listed is of another step than what the view shows now."""
        if self._gates is None:
            return False
        steps = {self._found.step} if self._found is not None and self._found.is_last else set()
        if self._mode.value() == "span" and self._span is not None and self._listed is not None:
            steps.add(self._listed.step)
        return bool(steps - {self._gates.step})

    def _tell(self) -> None:
        """What was found or how to find something, and what the button does now."""
        is_span = self._mode.value() == "span"
        words = self._span_words() if is_span else self._pattern_words()
        if self._is_waiting and self._found is None:
            words = self.tr("Reading the validation texts…")
        self._told.set_role("bad" if self._problem else "muted")
        self._told.setText(self._problem or words)
        self._spinner.setVisible(self._is_waiting)
        usual = self.tr("Find places") if is_span else self.tr("Rank units")
        if self._is_old() and self._gates is not None:
            usual = self.tr("Search again at step {n}").format(n=whole(self._gates.step))
        self._go.setText(usual)
        self._go.setMinimumWidth(max(self._go.minimumWidth(), self._go.sizeHint().width()))  # nothing jumps
        self._go.setAccessibleName(usual)
        self._go.setEnabled(not is_span or bool(self._on_units.units.ticked()) or self._is_old())
        total = self._listed.num_units if self._listed is not None else 0
        count = self.tr("{n} of {total} are on").format(n=whole(self._on_units.units.rowCount()), total=whole(total))
        self._count.setText(count)
        self._count.setVisible(is_span and self._span is not None and total > 0)

    def _span_words(self) -> str:
        if self._span is not None and self._on_units.units.rowCount() == 0:
            return self.tr("No unit is on over all of it: mark less, or lower the value above.")
        if isinstance(self._found, GateMatches):
            told = self.tr("{n} places in {tokens} tokens at step\u00a0{step}").format(
                n=whole(len(self._found.matches)), tokens=whole(self._found.searched), step=whole(self._found.step)
            )
            return told + self._progress(self._found, seconds=self._found.seconds)
        if self._span is None:
            return self.tr("Drag over the text above to mark a span.")
        return self.tr("Tick units, and find where else in the validation texts they are on.")

    def _pattern_words(self) -> str:
        if isinstance(self._found, UnitRanks):
            told = self.tr("{n} of {tokens} tokens match, at step\u00a0{step}").format(
                n=whole(self._found.num_matched), tokens=whole(self._found.searched), step=whole(self._found.step)
            )
            return told + self._progress(self._found)
        return self.tr("How well each unit tells what the pattern matches: the area under its ROC curve.")

    def _progress(self, answer: GateMatches | UnitRanks, *, seconds: float | None = None) -> str:
        if not answer.is_last and answer.total:
            return f", {100 * answer.searched // answer.total}{_SPACE}%"
        return self.tr(", in\u00a0{time}").format(time=duration(seconds).replace(" ", _SPACE)) if seconds else ""

    # What happens

    def _on_mode_chosen(self, key: str) -> None:
        self._show_mode(key)
        self._forget_found()
        self.shown_changed.emit()

    def _on_signal_chosen(self, _index: int) -> None:
        if self._gates is not None:
            self._signal.setToolTip(help_of(self._name(), self._gates.cell))
        self._list_units(is_fresh=True)
        self._tell()

    def _on_option_changed(self) -> None:
        self._problem = ""
        self._list_units(is_fresh=False)
        self._tell()

    def _on_go_clicked(self) -> None:
        if self._mode.value() == "pattern":
            self._rank()
        elif self._span is None and self._again is not None:
            self._begin(self._again)  # of another text, whose places were clicked through since
        else:
            if self._is_old():
                self._list_units(is_fresh=False)
            self._search()

    def _search(self) -> None:
        units = self._on_units.units.ticked()
        if not units or self._span is None:
            self._tell()
            return
        place, name = self._place, self._name()
        ask = partial(
            self._source.search,
            tuple((place.layer, place.direction, name, one.unit) for one in units),
            signs=tuple(one.sign for one in units),
            threshold=self._span_options.threshold.value(),
            length=self._span[1] - self._span[0] + 1,
            whiskers=self._span_options.whiskers.isChecked(),
        )
        self._begin(ask)

    def _rank(self) -> None:
        if self._pattern.field.text():
            self._begin(partial(self._source.rank, self._pattern.field.text(), signal=self._name()))

    def _begin(self, ask: Callable[[], None]) -> None:
        """What was found stays on show until there is something else."""
        self._again, self._is_waiting, self._problem = ask, True, ""
        self._found = None
        self._tell()
        ask()

    def _forget_found(self) -> None:
        self._source.forget()
        self._matches.show_entries(())
        self._ranks.show_entries(())
        self._found, self._again, self._is_waiting, self._problem = None, None, False, ""
        self._tell()

    def _on_found(self, answer: GateMatches | UnitRanks) -> None:
        self._found, self._is_waiting, self._problem = answer, not answer.is_last, ""
        if isinstance(answer, GateMatches):
            self._matches.show_entries(answer.matches)
        else:
            self._ranks.show_entries(answer.ranks)
        self._tell()

    def _on_failed(self, sentence: str) -> None:
        self._is_waiting, self._problem = False, sentence
        self._tell()

    def _on_unit_chosen(self, unit: int) -> None:
        place = self._place
        self.unit_chosen.emit(Place(layer=place.layer, direction=place.direction, unit=unit))

    def _on_match_chosen(self, match: GateMatch) -> None:
        self.text_chosen.emit(match.before + match.match + match.after)

    def _on_rank_chosen(self, rank: UnitRank) -> None:
        self.unit_chosen.emit(Place(layer=rank.layer, direction=rank.direction, unit=rank.unit))


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Side by side; None: room."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def _pages(*widgets: QWidget) -> QStackedWidget:
    pages = QStackedWidget()
    for widget in widgets:
        pages.addWidget(widget)
    return pages
