"""The search page: from a span to the units that are on and every place like it; from a pattern to its units."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.forms.choice_editor import ChoiceBox
from ui.theme import font, theme
from ui.views._coloured_text import ColouredText, TextScroll, behind_text, text_reach
from ui.views._export import Table
from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_matches import MatchRows, RankRows
from ui.views._gates_on_units import OnUnitsList
from ui.views._gates_order import Span
from ui.views._gates_patterns import PATTERNS
from ui.views._gates_search_data import units_on
from ui.views._gates_search_source import SearchSource
from ui.views._gates_words import help_of, title_of
from ui.views._numbers import duration, whole
from ui.views._tokens import phrase
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.number_fields import NumberField
from ui.widgets.segmented import Segmented
from ui.widgets.spinner import Spinner
from workers.protocol import GateMatch, GateMatches, UnitRank, UnitRanks


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
        self._build()
        source.found.connect(self._on_found)
        source.failed.connect(self._on_failed)
        theme().changed.connect(self._colour_text)
        self._show_how()

    def set_gates(self, gates: Gates, place: Place, *, span: Span | None) -> None:
        """Other arrays, another place, or another span."""
        before, seen, was = self._gates, self._place, self._span
        self._gates, self._place, self._span = gates, place, span
        if before is None or before.lanes != gates.lanes:
            self._fill_signals(gates)
        self._text.set_tokens(gates.running)
        self._text.set_span(span)
        self._text.set_held(place.token)
        self._text_scroll.updateGeometry()
        is_other = gates is not before or (seen.layer, seen.direction) != (place.layer, place.direction)
        if is_other or span != was:
            self._list_units(is_fresh=span != was)
        if is_other or seen.unit != place.unit:
            self._colour_text()

    @property
    def has_colours(self) -> bool:
        """Whether the text is on show, in the colours of a unit."""
        return self._mode.value() == "span" and self._place.unit is not None

    def forget(self) -> None:
        """What was found is of another run."""
        self._source.forget()
        self._matches.show_entries(())
        self._ranks.show_entries(())
        self._spinner.hide()
        self._show_how()

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
        self._status = ElidedLabel(style="small", role="muted")
        top = QHBoxLayout()
        top.setSpacing(8)
        for widget in (self._mode, self._signal, self._spinner):
            top.addWidget(widget)
        top.addWidget(self._status, 1)
        self._text = ColouredText(is_brushable=True)
        self._text.brushed.connect(self.span_brushed)
        self._text.pointed.connect(self.token_pointed)
        self._text_scroll = TextScroll(self._text, most_lines=3)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._span_page())
        self._pages.addWidget(self._pattern_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._text_scroll)
        column.addWidget(self._pages, 1)

    def _span_page(self) -> QWidget:
        self._hint = ElidedLabel(style="small", role="muted")
        self._threshold = NumberField(0.3, minimum=0.0, maximum=100.0)
        self._threshold.setFixedWidth(70)
        self._threshold.setAccessibleName(self.tr("On above"))
        self._threshold.valueChanged.connect(self._on_option_changed)
        self._whiskers = QCheckBox(self.tr("off beside it"))
        self._whiskers.setToolTip(self.tr("Only units that are off on the token before the span and the one after it"))
        self._negative = QCheckBox(self.tr("negative too"))
        self._negative.setToolTip(self.tr("Units far below zero are on as well: their other lobe"))
        self._find = QuietButton(self.tr("Find places"), icon_name="search")
        self._find.clicked.connect(self._on_find_clicked)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._hint, 1)
        row.addWidget(TextLabel(self.tr("on above"), role="muted"))
        for widget in (self._threshold, self._whiskers, self._negative, self._find):
            row.addWidget(widget)
        for box in (self._whiskers, self._negative):
            box.toggled.connect(self._on_option_changed)
        self._on_units = OnUnitsList()
        self._on_units.setFixedWidth(128)
        self._on_units.unit_chosen.connect(self._on_unit_chosen)
        self._on_units.units.ticked_changed.connect(self._on_ticked_changed)
        self._matches = MatchRows()
        self._matches.entry_chosen.connect(self._on_match_chosen)
        lists = QHBoxLayout()
        lists.setSpacing(10)
        lists.addWidget(self._on_units)
        lists.addWidget(self._matches, 1)
        return _page(row, lists)

    def _pattern_page(self) -> QWidget:
        self._pattern = QLineEdit()
        self._pattern.setPlaceholderText(self.tr(r"A regular expression, such as \d or \"[^\"]*\""))
        self._pattern.setAccessibleName(self.tr("Regular expression"))
        self._pattern.setFont(font("mono"))
        self._pattern.returnPressed.connect(self._on_rank_clicked)
        presets = QuietButton(self.tr("Presets"))
        menu = QMenu(presets)
        for pattern in PATTERNS:
            action = menu.addAction(f"{pattern.title}\t{pattern.regex}")
            action.setData(pattern.regex)
        menu.triggered.connect(self._on_preset_chosen)
        presets.setMenu(menu)
        self._rank = QuietButton(self.tr("Rank units"), icon_name="search")
        self._rank.clicked.connect(self._on_rank_clicked)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._pattern, 1)
        row.addWidget(presets)
        row.addWidget(self._rank)
        self._ranks = RankRows()
        self._ranks.entry_chosen.connect(self._on_rank_chosen)
        lists = QHBoxLayout()
        lists.addWidget(self._ranks)
        return _page(row, lists)

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
        gates, span = self._gates, self._span
        self._negative.setEnabled(self._name() not in GATES)
        if gates is None or span is None or span[1] >= len(gates.tokens):
            self._on_units.units.show([], is_fresh=True)
            self._hint.setText(self.tr("Mark a span above"))
            return
        found = units_on(
            gates,
            self._place,
            name=self._name(),
            span=span,
            threshold=self._threshold.value(),
            takes_negative=self._negative.isChecked() and self._name() not in GATES,
            has_whiskers=self._whiskers.isChecked(),
        )
        self._on_units.units.show(found, is_fresh=is_fresh)
        said = self.tr("{n} of {total} on over {span}")
        if not found:
            self._status.setText(self.tr("No unit is on over all of it: mark less, or lower “on above”."))
        named = phrase(gates.tokens[span[0] : span[1] + 1], most=18)
        self._hint.setText(said.format(n=whole(len(found)), total=whole(gates.num_units), span=named))

    def _colour_text(self) -> None:
        gates, place = self._gates, self._place
        if gates is None or place.unit is None:
            self._text.set_colours([])
            return
        values = gates.trace(place, gates.memory)
        self._text.set_colours(behind_text(values, reach=text_reach(gates, place)))

    def _show_how(self) -> None:
        self._status.setText(
            self.tr("Drag over the text, tick units, find places like it in the validation texts.")
            if self._mode.value() == "span"
            else self.tr("Area under the ROC curve of each unit for what the pattern matches.")
        )

    # What happens

    def _on_mode_chosen(self, key: str) -> None:
        self._pages.setCurrentIndex(0 if key == "span" else 1)
        self._text_scroll.setVisible(key == "span")
        self._source.forget()
        self._spinner.hide()
        self._show_how()
        self.shown_changed.emit()

    def _on_signal_chosen(self, _index: int) -> None:
        if self._gates is not None:
            self._signal.setToolTip(help_of(self._name(), self._gates.cell))
        self._list_units(is_fresh=True)

    def _on_option_changed(self, _value: object) -> None:
        self._list_units(is_fresh=False)

    def _on_ticked_changed(self) -> None:
        self._find.setEnabled(bool(self._on_units.units.ticked()))

    def _on_find_clicked(self) -> None:
        units = self._on_units.units.ticked()
        if not units or self._span is None:
            return
        place, name = self._place, self._name()
        self._begin_wait()
        self._source.search(
            tuple((place.layer, place.direction, name, one.unit) for one in units),
            signs=tuple(one.sign for one in units),
            threshold=self._threshold.value(),
            length=self._span[1] - self._span[0] + 1,
            whiskers=self._whiskers.isChecked(),
        )

    def _on_rank_clicked(self) -> None:
        if self._pattern.text():
            self._begin_wait()
            self._source.rank(self._pattern.text(), signal=self._name())

    def _on_preset_chosen(self, action: QAction) -> None:
        self._pattern.setText(str(action.data()))
        self._on_rank_clicked()

    def _begin_wait(self) -> None:
        self._status.set_role("muted")
        self._status.setText(self.tr("Reading the validation texts…"))
        self._spinner.show()

    def _on_found(self, answer: GateMatches | UnitRanks) -> None:
        self._spinner.setVisible(not answer.is_last)
        if isinstance(answer, GateMatches):
            self._matches.show_entries(answer.matches)
            text = self.tr("{n} places in {tokens} tokens").format(
                n=whole(len(answer.matches)), tokens=whole(answer.searched)
            )
            text += f"  ·  {duration(answer.seconds)}" if answer.is_last else ""
        else:
            self._ranks.show_entries(answer.ranks)
            text = self.tr("{n} of {tokens} tokens match").format(
                n=whole(answer.num_matched), tokens=whole(answer.searched)
            )
        if not answer.is_last and answer.total:
            text += f"  ·  {100 * answer.searched // answer.total} %"
        self._status.set_role("muted")
        self._status.setText(text)

    def _on_failed(self, sentence: str) -> None:
        self._spinner.hide()
        self._status.set_role("bad")
        self._status.setText(sentence)

    def _on_unit_chosen(self, unit: int) -> None:
        place = self._place
        self.unit_chosen.emit(Place(layer=place.layer, direction=place.direction, unit=unit))

    def _on_match_chosen(self, match: GateMatch) -> None:
        self.text_chosen.emit(match.before + match.match + match.after)

    def _on_rank_chosen(self, rank: UnitRank) -> None:
        self.unit_chosen.emit(Place(layer=rank.layer, direction=rank.direction, unit=rank.unit))


def _page(*rows: QHBoxLayout) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addLayout(rows[0])
    column.addLayout(rows[1], 1)
    return page
