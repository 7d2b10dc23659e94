"""The search page: from a span to the units that are on and every place like it; from a pattern to its units.

What it has found stands still while the net trains on, until a person asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.theme import theme
from ui.views._coloured_text import ColouredText, behind_text, text_reach
from ui.views._export import Table
from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_matches import MatchRows, RankRows
from ui.views._gates_on_units import OnUnitsList
from ui.views._gates_order import Span
from ui.views._gates_search_data import Query
from ui.views._gates_search_heads import PlacesHead, RanksHead, told_label
from ui.views._gates_search_layout import column_of, pages_of, row_of
from ui.views._gates_search_options import PatternRow, SpanOptions, fill_signals
from ui.views._gates_search_source import SearchSource
from ui.views._gates_search_tables import places_table, ranks_table
from ui.views._gates_search_words import Ticks, pattern_words, span_words
from ui.views._gates_words import help_of
from ui.views._text_scroll import TextScroll
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import TextLabel
from ui.widgets.numbers import whole
from ui.widgets.segmented import Segmented
from ui.widgets.spinner import Spinner
from workers.protocol import GateMatch, GateMatches, UnitRank, UnitRanks

_UNITS_WIDTH = 128
_MOST_WORDS = 18  # letters

_Kept = tuple[GateMatches | UnitRanks | None, Callable[[], None] | None]  # what was found, and how it was asked for


class SearchPage(QWidget):
    """See the module."""

    span_brushed = Signal(object)  # Span | None
    unit_chosen = Signal(object)  # Place
    hit_chosen = Signal(object)  # GateMatch
    back_asked = Signal()  # to the text that was searched from
    token_pointed = Signal(object)  # int | None
    shown_changed = Signal()

    def __init__(self, source: SearchSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._gates: Gates | None = None
        self._place = Place()
        self._span: Span | None = None
        self._query: Query | None = None  # what the units listed are on over
        self._is_hit = False  # a place that was found is looked at, the query stays
        self._found: GateMatches | UnitRanks | None = None
        self._again: Callable[[], None] | None = None  # the last search, to be asked once more
        self._without: tuple[int, ...] = ()  # units that were to be asked for in what was found, and were not on
        self._is_waiting = False
        self._kept: dict[str, _Kept] = {}  # of the page that is not shown
        self._problem = ""
        self._build()
        source.found.connect(self._on_found)
        source.failed.connect(self._on_failed)
        theme().changed.connect(self._colour_text)
        self._tell()

    def set_gates(self, gates: Gates, place: Place, *, span: Span | None, is_hit: bool = False) -> None:
        """Other arrays, another place, or another span. Of another step the units stay listed as they are.

        is_hit: they are of a place that was found, and the span is what was found there.
        """
        before, seen, query = self._gates, self._place, self._query
        self._gates, self._place, self._span = gates, place, span
        self._is_hit = is_hit and query is not None
        is_fresh = not self._is_hit and (query is None or not query.is_of(gates, place, span))
        if before is None or before.lanes != gates.lanes:
            fill_signals(self._signal, gates)
        self._text.set_tokens(gates.running)
        self._text.set_faint(gates.unknown)
        self._text.set_span(span)
        self._text.set_held(place.token)
        if is_fresh:
            self._problem = ""
            self._suit_options()
            self._list_units(is_fresh=query is None or not query.is_beside(place, span))
        elif self._can_list_anew(before):
            self._list_units(is_fresh=False)
        if gates is not before or is_fresh or seen.unit != place.unit:
            self._colour_text()
        self._tell()

    def _can_list_anew(self, before: Gates | None) -> bool:
        """Whether these are other numbers of the same step and text: something is held now, or let go."""
        gates, query = self._gates, self._query
        is_same = gates is not None and query is not None and gates.step == query.gates.step
        return is_same and not self._is_hit and gates is not before

    @property
    def is_for_patterns(self) -> bool:
        """Whether units for a pattern are looked for."""
        return self._mode.value() == "pattern"

    def show_places(self) -> None:
        """Search for places like the span that is marked."""
        self._mode.choose("span")

    def offer_patterns(self, num_matched: tuple[int, ...]) -> None:
        """How often each of the patterns is in the validation texts; empty: not known."""
        self._pattern.offer(num_matched)

    def coloured(self) -> tuple[Place, str] | None:
        """Whose colours the text has, and of which signal: of the units searched for the one looked at or the first;
        while nothing is marked the one looked at. None: there is no text, or no unit."""
        place, query = self._place, self._query
        if self._gates is None or self.is_for_patterns:
            return None
        asked = [one.unit for one in self._on_units.units.ticked()]
        if query is None or query.span is None or not asked:
            return (place, self._gates.memory) if place.unit is not None else None
        unit = place.unit if place.unit in asked else asked[0]
        return replace(query.place, unit=unit, token=place.token), self._name()

    def forget(self) -> None:
        """What was found is of another run."""
        self._query = None
        self._kept = {}
        self._forget_found()

    def table(self) -> Table | None:
        """What was found."""
        if self._mode.value() == "pattern":
            return ranks_table([one for one in self._ranks.entries() if isinstance(one, UnitRank)])
        return places_table([one for one in self._matches.entries() if isinstance(one, GateMatch)])

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
        self._back = QuietButton("", variant="link")
        self._back.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._back.clicked.connect(self.back_asked)
        self._back.hide()
        self._span_options = SpanOptions()
        self._span_options.changed.connect(self._on_option_changed)
        self._pattern = PatternRow()
        self._pattern.asked.connect(self._rank)
        self._options = pages_of(self._span_options, self._pattern)
        self._build_lists()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(self._mode, self._signal, self._spinner, None))
        column.addLayout(row_of(self._text_scroll, self._back))
        column.addWidget(self._options)
        column.addLayout(row_of(self._count, self._told, self._go))
        column.addWidget(self._lists, 1)
        self._show_mode("span")

    def _build_lists(self) -> None:
        self._count = TextLabel("", style="small", role="muted")
        self._count.setFixedWidth(_UNITS_WIDTH)
        self._told = told_label()
        self._go = QuietButton("", icon_name="search")
        self._go.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._go.clicked.connect(self._on_go_clicked)
        self._on_units = OnUnitsList()
        self._on_units.setFixedWidth(_UNITS_WIDTH)
        self._on_units.unit_chosen.connect(self._on_unit_chosen)
        self._on_units.units.ticked_changed.connect(self._on_ticked_changed)
        self._matches = MatchRows()
        self._matches.entry_chosen.connect(self._on_match_chosen)
        self._ranks = RankRows()
        self._ranks.entry_chosen.connect(self._on_rank_chosen)
        self._places_head = PlacesHead(units_width=_UNITS_WIDTH)
        places, ranks = QWidget(), QWidget()
        places.setLayout(column_of(self._places_head, row_of(self._on_units, self._matches)))
        ranks.setLayout(column_of(RanksHead(), self._ranks))
        self._lists = pages_of(places, ranks)

    # What is shown

    def _name(self) -> str:
        return str(self._signal.currentData() or "")

    def _list_units(self, *, is_fresh: bool) -> None:
        """The units that are on over the span, in the gates that are shown now."""
        if self._gates is None:
            return
        if not self._is_hit or self._query is None:
            self._query = Query(gates=self._gates, place=self._place, span=self._span)
        gates, span = self._query.gates, self._query.span
        self._span_options.negative.setEnabled(self._name() not in GATES)
        self._places_head.set_signal(self._name(), has_signs=self._name() not in GATES)
        if span is None or span[1] >= len(gates.tokens):
            self._on_units.units.show([], is_fresh=True)
            return
        found = self._span_options.units_on(self._query, name=self._name())
        self._on_units.units.show(found, is_fresh=is_fresh, chosen=self._query.place.unit)

    def _suit_options(self) -> None:
        """Of a span newly marked there is to be something to search for, of the unit looked at or at all."""
        gates, span = self._gates, self._span
        is_there = gates is not None and span is not None and span[1] < len(gates.tokens)
        query = Query(gates=gates, place=self._place, span=span) if gates is not None and is_there else None
        self._span_options.suit(query, name=self._name())

    def _colour_text(self) -> None:
        gates, coloured = self._gates, self.coloured()
        if gates is None or coloured is None:
            self._text.set_colours([])
            return
        self._text.set_colours(behind_text(gates.trace(*coloured), reach=text_reach(gates, *coloured)))

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
        query = self._query
        if self._mode.value() == "span" and query is not None and query.span is not None and not self._is_hit:
            steps.add(query.gates.step)
        return bool(steps - {self._gates.step})

    def _tell(self) -> None:
        """What was found or how to find something, and what the button does now."""
        is_span = self._mode.value() == "span"
        words = self._span_words() if is_span else pattern_words(self._found)
        if self._is_waiting and self._found is None:
            words = self.tr("Reading the validation texts…")
        self._told.set_role("bad" if self._problem else "muted")
        self._told.setText(self._problem or words)
        self._spinner.setVisible(self._is_waiting)
        usual = self.tr("Find places") if is_span else self.tr("Rank units")
        if (gates := self._gates) is not None and self._is_old():
            usual = self.tr("Search at step {n}").format(n=whole(gates.step))
        self._go.setText(usual)
        self._go.setMinimumWidth(max(self._go.minimumWidth(), self._go.sizeHint().width()))  # nothing jumps
        self._go.setAccessibleName(usual)
        self._go.setEnabled(not is_span or bool(self._on_units.units.ticked()) or self._is_old())
        query = self._query
        total = query.gates.num_units if query is not None and query.span is not None else 0
        count = self.tr("{n} of {total} are on").format(n=whole(self._on_units.units.rowCount()), total=whole(total))
        self._count.setText(count)
        self._count.setVisible(is_span and total > 0)
        self._places_head.setVisible(total > 0)
        self._tell_back(query)

    def _tell_back(self, query: Query | None) -> None:
        words = query.words.strip() if query is not None and self._is_hit else ""
        self._back.setVisible(bool(words) and not self.is_for_patterns)
        if words:
            self._back.setText(self.tr("Back to “{words}”").format(words=words[:_MOST_WORDS]))
            self._back.setToolTip(self.tr("Show the text with the span that was searched for"))

    def _span_words(self) -> str:
        return span_words(
            self._found,
            self._query,
            name=self._name(),
            num_on=self._on_units.units.rowCount(),
            takes_negative=self._span_options.takes_negative(),
            suited=self._span_options.suited,
            ticks=Ticks.of(self._on_units.units, without=self._without),
        )

    # What happens

    def _on_mode_chosen(self, key: str) -> None:
        """What the other page has found is there when it is shown again; what it has not found by now is given up."""
        left, self._problem = ("pattern" if key == "span" else "span"), ""
        if self._is_waiting:
            self._source.forget()
            self._found, self._again, self._is_waiting = None, None, False
            (self._matches if left == "span" else self._ranks).show_entries(())
        self._kept[left] = (self._found, self._again)
        self._found, self._again = self._kept.get(key, (None, None))
        self._show_mode(key)
        self._colour_text()
        self._tell()
        self.shown_changed.emit()

    def _on_signal_chosen(self, _index: int) -> None:
        if self._gates is not None:
            self._signal.setToolTip(help_of(self._name(), self._gates.cell))
        self._list_units(is_fresh=True)
        self._tell()

    def _on_ticked_changed(self) -> None:
        self._colour_text()
        self.shown_changed.emit()  # the legend says whose colours they are
        self._tell()

    def _on_option_changed(self) -> None:
        self._problem = ""
        self._list_units(is_fresh=False)
        self._tell()

    def _on_go_clicked(self) -> None:
        if self._mode.value() == "pattern":
            self._rank()
        elif self._is_hit:
            self._search()
        elif self._span is None and self._again is not None:
            self._begin(self._again)  # of another text, whose places were clicked through since
        else:
            if self._is_old():
                self._suit_options()
                self._list_units(is_fresh=False)
            self._search()

    def _search(self) -> None:
        units = self._on_units.units.ticked()
        query = self._query
        if not units or query is None or query.span is None:
            self._tell()
            return
        place, name, self._without = query.place, self._name(), self._on_units.units.missed
        ask = partial(
            self._source.search,
            tuple((place.layer, place.direction, name, one.unit) for one in units),
            signs=tuple(one.sign for one in units),
            threshold=self._span_options.threshold.value(),
            length=query.span[1] - query.span[0] + 1,
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
        """What was found before is of another question."""
        self._found, self._is_waiting, self._problem = None, False, sentence
        (self._ranks if self.is_for_patterns else self._matches).show_entries(())
        self._tell()

    def _on_unit_chosen(self, unit: int) -> None:
        place = self._place
        self.unit_chosen.emit(Place(layer=place.layer, direction=place.direction, unit=unit))

    def _on_match_chosen(self, match: GateMatch) -> None:
        self.hit_chosen.emit(match)

    def _on_rank_chosen(self, rank: UnitRank) -> None:
        self.unit_chosen.emit(Place(layer=rank.layer, direction=rank.direction, unit=rank.unit))
