"""The search page of the gates: what it asks, what it tells, and that it stands still while the net trains on."""

from itertools import product

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from modellab.events import Published
from tests.ui.views.fake_lab import is_blank
from tests.ui.views.gates_fakes import TOKENS, header, lstm_arrays, shown_view
from tests.ui.views.test_narrow import cut_controls
from ui.views._gates_data import Place
from ui.views._gates_matches import MatchRows, beside
from ui.views._gates_search_data import Query, Suited
from ui.views._gates_search_words import Ticks, span_words
from ui.widgets.labels import TextLabel
from workers.protocol import (
    GateMatch,
    GateMatches,
    Problem,
    RankUnits,
    SearchGates,
    ShowGates,
    UnitRank,
    UnitRanks,
)

MATCH = GateMatch(before="und ", match="ver", after="ein", example=3, token=4, score=0.8)


def test_that_a_place_in_a_text_from_right_to_left_reads_on_across_its_row():
    hit = GateMatch(before="את ה", match="שלום", after=" לכם", example=3, token=4, score=0.8)
    assert [text for text, _ in beside(hit)] == [" לכם", "את ה"]
    assert [text for text, _ in beside(MATCH)] == ["und ", "ein"]
    assert dict(beside(hit))["את ה"] == Qt.TextElideMode.ElideLeft  # its end is next to the match


def test_that_the_class_of_a_places_text_stands_in_its_row_and_in_its_tooltip(qtbot):
    rows = MatchRows()
    qtbot.addWidget(rows)
    rows.resize(420, 60)
    rows.show_entries([MATCH])
    without = rows.grab().toImage()
    rows.show_entries([msgspec.structs.replace(MATCH, label="German")])
    assert rows.grab().toImage() != without
    told = rows.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert told.startswith("German: validation text 3, token 5")


def test_that_a_search_asks_for_the_units_on_over_the_span_and_shows_places(lab_view):
    view, _, lab, inspector = lab_view
    match = GateMatch(before="und ", match="ver", after="ein", example=3, token=4, score=0.8)
    inspector.replies[SearchGates] = lambda request: (
        GateMatches(matches=(match,), searched=900, seconds=0.1, step=7),
        {},
    )
    view._parts.modes.choose("search")
    page = view._parts.search
    view._on_span_brushed((1, 2))
    page._span_options.threshold.setValue(0.1)
    ticked = page._on_units.units.ticked()
    assert ticked
    page._span_options.negative.setChecked(True)
    page._go.click()
    request = inspector.asked_of(SearchGates)[-1]
    assert request.length == 2
    assert request.threshold == 0.1
    assert [unit for *_, unit in request.units] == [one.unit for one in page._on_units.units.ticked()]
    assert "1 place in 900 tokens of the validation texts at step\u00a07" in page._told.text()
    page._matches.entry_chosen.emit(match)
    assert lab.focus.value.text == "und verein"


def test_that_units_are_ranked_by_a_pattern_and_a_click_looks_at_one(lab_view):
    view, _, lab, inspector = lab_view
    rank = UnitRank(layer=1, direction=0, unit=5, auc=0.93)
    inspector.replies[RankUnits] = lambda request: (UnitRanks(ranks=(rank,), num_matched=40, searched=900, step=7), {})
    view._parts.modes.choose("search")
    page = view._parts.search
    page._mode.choose("pattern")
    page._pattern.field.setText(r"\d")
    QTest.keyClick(page._pattern.field, Qt.Key.Key_Return)
    assert inspector.asked_of(RankUnits)[-1].pattern == r"\d"
    assert page._ranks.entries() == (rank,)
    assert "40 of 900 tokens of the validation texts match" in page._told.text()
    assert not is_blank(page)
    page._ranks.entry_chosen.emit(rank)
    assert lab.focus.value.unit == 5
    assert view._parts.modes.value() == "unit"


def test_that_a_problem_of_a_search_is_said_and_nothing_of_the_search_before_stays_listed(lab_view):
    view, _, _, inspector = lab_view
    rank = UnitRank(layer=1, direction=0, unit=5, auc=0.93)
    inspector.replies[RankUnits] = lambda request: (UnitRanks(ranks=(rank,), num_matched=40, searched=900, step=7), {})
    view._parts.modes.choose("search")
    page = view._parts.search
    page._mode.choose("pattern")
    page._pattern.field.setText("a")
    page._go.click()
    assert page._ranks.entries() == (rank,)
    inspector.replies[RankUnits] = lambda request: (Problem(message="This is no regular expression."), {})
    page._pattern.field.setText("[")
    page._go.click()
    assert page._told.text() == "This is no regular expression."
    assert page._ranks.entries() == ()


def test_that_what_was_found_is_there_again_after_a_look_at_the_other_page_and_the_text_is_coloured(lab_view):
    view, _, lab, inspector = lab_view
    lab.focus.lock(unit=4)
    inspector.replies[SearchGates] = lambda request: (
        GateMatches(matches=(MATCH,), searched=900, seconds=0.1, step=7),
        {},
    )
    view._parts.modes.choose("search")
    page = view._parts.search
    page._mode.choose("pattern")
    assert len(page._text._colours) == 0
    page._mode.choose("span")
    assert len(page._text._colours) == len(TOKENS), "of the unit that the legend names"
    view._on_span_brushed((1, 2))
    page._span_options.threshold.setValue(0.1)
    page._go.click()
    told = page._told.text()
    assert "1 place in 900 tokens" in told
    page._mode.choose("pattern")
    assert "How well each unit tells" in page._told.text()
    page._mode.choose("span")
    assert (page._told.text(), page._matches.entries()) == (told, (MATCH,))
    inspector.is_held = True
    page._go.click()
    page._mode.choose("pattern")
    page._mode.choose("span")
    assert page._matches.entries() == (), "given up"


def test_that_every_sentence_over_the_lists_is_whole_beside_the_widest_button(qtbot, tmp_path):
    view, *_ = shown_view(qtbot, tmp_path, size=(640, 480))
    view._parts.modes.choose("search")
    page = view._parts.search
    view._on_span_brushed((1, 2))
    page._go.setText("Search at step 123,456")
    page._go.setMinimumWidth(page._go.sizeHint().width())
    query = Query(gates=view._gates, place=Place(unit=123), span=(1, 2))
    for name in ("c", "f"):
        for is_own, takes_negative, threshold in product((True, False), (True, False), (0.3, 0.02)):
            suits = Suited(threshold=threshold, takes_negative=takes_negative, unit=123 if is_own else None)
            words = span_words(None, query, name=name, num_on=3, takes_negative=takes_negative, suited=suits)
            missed = Ticks(num_ticked=3, missed=(123,), stands_in=True)
            instead = span_words(
                None, query, name=name, num_on=3, takes_negative=takes_negative, suited=suits, ticks=missed
            )
            for told in (words, instead):
                page._told.setText(told)
                qtbot.waitUntil(lambda: page._told.heightForWidth(page._told.width()) <= page._told.height())


def test_that_what_a_search_found_stands_still_while_the_net_trains_on_until_asked_again(lab_view, qtbot):
    view, run, _, inspector = lab_view
    inspector.replies[SearchGates] = lambda request: (
        GateMatches(matches=(MATCH,), searched=900, seconds=0.1, step=view._gates.step),
        {},
    )
    view._parts.modes.choose("search")
    page = view._parts.search
    view._on_span_brushed((1, 2))
    page._span_options.threshold.setValue(0.1)
    assert page._go.text() == "Find places"
    page._go.click()
    listed, ticked = list(page._on_units.units._units), page._on_units.units.ticked()
    arrays = lstm_arrays(len(TOKENS), seed=5)
    inspector.replies[ShowGates] = lambda request: (header(arrays, step=9), arrays)
    run.take([Published(step=9)])
    qtbot.waitUntil(lambda: view._gates.step == 9)
    assert page._on_units.units._units == listed
    assert page._on_units.units.ticked() == ticked
    assert page._go.text() == "Search at step 9"
    assert "at step\u00a07" in page._told.text()
    page._go.click()
    assert page._on_units.units._units != listed
    assert len(inspector.asked_of(SearchGates)) == 2
    assert page._go.text() == "Find places"
    assert "at step\u00a09" in page._told.text()


def test_that_a_click_on_a_place_keeps_the_list_and_the_same_can_be_asked_of_another_step(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    inspector.replies[SearchGates] = lambda request: (
        GateMatches(matches=(MATCH,), searched=900, seconds=0.1, step=request.model.step or 7),
        {},
    )
    view._parts.modes.choose("search")
    page = view._parts.search
    view._on_span_brushed((1, 2))
    page._span_options.threshold.setValue(0.1)
    page._go.click()
    ticked = page._on_units.units.ticked()
    page._matches.entry_chosen.emit(MATCH)
    lab.focus.lock(step=3)
    qtbot.waitUntil(lambda: view._gates.tokens == tuple("und verein") and view._gates.step == 3)
    assert page._matches.entries() == (MATCH,)
    assert page._on_units.units.ticked() == ticked
    assert view._span == page._text._span == (4, 6)  # what was found, in the text that it is in
    assert page._go.text() == "Search at step 3"
    page._go.click()
    first, second = inspector.asked_of(SearchGates)
    assert (second.units, second.length, second.model.step) == (first.units, first.length, 3)
    assert page._back.text() == "Back to “er”"
    page._back.click()
    qtbot.waitUntil(lambda: view._gates.tokens == TOKENS)
    assert (lab.focus.value.text, view._span, page._back.isVisible()) == ("", (1, 2), False)
    assert page._on_units.units.ticked() == ticked


def test_that_a_click_on_a_box_ticks_and_one_on_a_name_looks_at_the_unit(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("search")
    view._on_span_brushed((1, 2))
    page = view._parts.search
    page._span_options.threshold.setValue(0.1)
    units = page._on_units
    unit, ticked = units.units.unit_at(0), len(units.units.ticked())
    row = units.visualRect(units.units.index(0, 0))
    QTest.mouseClick(units.viewport(), Qt.MouseButton.LeftButton, pos=row.topLeft() + QPoint(10, row.height() // 2))
    assert len(units.units.ticked()) == ticked - 1
    assert view._parts.modes.value() == "search"
    QTest.mouseClick(units.viewport(), Qt.MouseButton.LeftButton, pos=row.topLeft() + QPoint(34, row.height() // 2))
    assert len(units.units.ticked()) == ticked - 1
    assert (view._parts.modes.value(), lab.focus.value.unit) == ("unit", unit)


def test_that_a_cap_on_the_places_and_the_way_to_more_units_are_told(lab_view):
    view, _, _, inspector = lab_view
    inspector.replies[SearchGates] = lambda request: (
        GateMatches(matches=(MATCH,), num_places=312, searched=900, seconds=0.1, step=7),
        {},
    )
    view._parts.modes.choose("search")
    page = view._parts.search
    view._on_span_brushed((1, 2))
    page._span_options.threshold.setValue(0.1)
    page._go.click()
    assert page._told.text().startswith("best 1 of 312 places in 900 tokens")
    page._span_options.threshold.setValue(90)
    assert "tick “or below”" in page._told.text()
    page._span_options.negative.setChecked(True)
    assert "or below" not in page._told.text()
    page.offer_patterns((0, *[5] * (len(page._pattern.presets) - 1)))
    assert [action.isVisible() for action in page._pattern.presets][:2] == [False, True]


def test_that_the_text_has_the_colours_of_a_unit_that_the_search_asks_for_and_the_legend_says_whose(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("search")
    page, legend = view._parts.search, view._parts.legend
    page._span_options.threshold.setValue(0.1)
    view._on_span_brushed((1, 1))
    first, second, *_ = page._on_units.units.ticked()
    other = next(unit for unit in range(12) if unit not in [one.unit for one in page._on_units.units._units])
    for looked_at, coloured in ((None, first.unit), (second.unit, second.unit), (other, first.unit)):
        view._trail._hit = MATCH  # a place that was found: what is searched for stays, whoever is looked at
        view._trail.is_hit = lambda gates: True
        lab.focus.lock(unit=looked_at)
        assert page.coloured()[0].unit == coloured
        assert legend.scales()[0].caption == f"c of unit {coloured}"


def test_that_a_span_on_which_the_unit_looked_at_is_low_is_searched_in_its_negative_lobe(lab_view):
    view, _, lab, inspector = lab_view
    inspector.replies[SearchGates] = lambda request: (GateMatches(matches=(MATCH,), searched=9, seconds=1, step=7), {})
    values = view._gates.lane(view._place, "c")
    low, token = next((u, t) for u in range(12) for t in range(9) if values[t, u] < -0.4)
    view._parts.modes.choose("unit")
    lab.focus.lock(unit=low)
    view._on_span_brushed((token, token))
    view._parts.find_similar.click()
    page = view._parts.search
    assert [(one.unit, one.sign) for one in page._on_units.units.ticked()] == [(low, -1)]
    assert page._told.text().startswith(f"Unit {low} is low over it, so units below −0.30 count too.")
    assert values[:, low].max() > 0
    view._on_span_brushed((0, 8))
    others = page._on_units.units.ticked()
    instead = "the strongest" if len(others) == 1 else f"the {len(others)} strongest"
    assert page._told.text() == f"Unit {low} changes its sign over it. Ticked instead: {instead}."
    assert low not in {one.unit for one in others}
    page._go.click()
    assert page._told.text().startswith(f"Without unit {low}: 1 place")
    view._on_span_brushed((token, token))
    page._go.click()
    assert inspector.asked_of(SearchGates)[-1].signs == (-1,)
    high, token = next((u, t) for u in range(12) for t in range(9) if values[t, u] > 0.4)
    lab.focus.lock(unit=high)
    view._on_span_brushed((token, token))
    assert not page._span_options.negative.isChecked()  # nobody had ticked it
    assert [(one.unit, one.sign) for one in page._on_units.units.ticked()] == [(high, 1)]


def test_that_the_threshold_goes_down_for_a_unit_that_is_only_a_little_above_zero_and_up_again(lab_view):
    view, _, lab, _ = lab_view
    values = view._gates.lane(view._place, "c")
    faint, token = next((u, t) for u in range(12) for t in range(9) if 0.05 < values[t, u] < 0.25)
    view._parts.modes.choose("search")
    page = view._parts.search
    lab.focus.lock(unit=faint)
    view._on_span_brushed((token, token))
    threshold = page._span_options.threshold.value()
    assert values[token, faint] - 0.0101 <= threshold < values[token, faint]
    assert [(one.unit, one.sign) for one in page._on_units.units.ticked()] == [(faint, 1)]
    assert f"{threshold:.2f} is enough here" in page._told.text()
    lab.focus.lock(unit=None)
    strong = next(t for t in range(9) if values[t].max() > 0.4 and t != token)
    view._on_span_brushed((strong, strong))
    assert page._span_options.threshold.value() == 0.3


def test_that_a_rank_tells_how_well_and_in_which_direction_in_one_measure(lab_view):
    view, _, _, inspector = lab_view
    rank = UnitRank(layer=0, direction=0, unit=5, auc=0.08)
    inspector.replies[RankUnits] = lambda request: (UnitRanks(ranks=(rank,), num_matched=40, searched=900, step=7), {})
    view._parts.modes.choose("search")
    page = view._parts.search
    page._mode.choose("pattern")
    page._pattern.field.setText("x")
    page._go.click()
    assert page._ranks.model().index(0).data() == "layer 1 unit 5: lower there, AUC 0.920"
    assert next(iter(page.table().rows))[3:] == ("lower", 0.92)


@pytest.mark.parametrize("mode", ["span", "pattern"])
def test_that_every_word_of_a_search_is_whole_at_the_width_of_a_small_window(qtbot, tmp_path, mode):
    view, run, _, inspector = shown_view(qtbot, tmp_path, size=(664, 480))
    inspector.replies[SearchGates] = lambda request: (
        GateMatches(matches=(MATCH,), searched=44_554, seconds=6.8, step=123_456),
        {},
    )
    inspector.replies[RankUnits] = lambda request: (Problem(message="The pattern is none: a bracket is open."), {})
    view._parts.modes.choose("search")
    page = view._parts.search
    page._mode.choose(mode)
    view._on_span_brushed((1, 2))
    page._span_options.threshold.setValue(0.1)
    page._pattern.field.setText("[")
    page._go.click()
    arrays = lstm_arrays(len(TOKENS))
    inspector.replies[ShowGates] = lambda request: (header(arrays, step=1_234_567), arrays)
    run.take([Published(step=1_234_567)])
    qtbot.waitUntil(lambda: view._gates.step == 1_234_567)
    assert page._go.text() == ("Search at step 1,234,567" if mode == "span" else "Rank units")
    qtbot.waitUntil(lambda: cut_controls(page) == [])
    for label in page.findChildren(TextLabel):
        if label.isVisible():
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            assert needed <= label.height(), label.text()
            assert label.wordWrap() or label.sizeHint().width() <= label.width(), label.text()


def test_that_a_search_at_a_newer_step_keeps_the_unit_ticked_or_says_that_others_are_instead(lab_view, qtbot):
    view, run, _, inspector = lab_view
    inspector.replies[SearchGates] = lambda request: (
        GateMatches(matches=(MATCH,), searched=900, seconds=0.1, step=view._gates.step),
        {},
    )
    view._parts.modes.choose("search")
    page = view._parts.search
    cells = lstm_arrays(len(TOKENS))
    cells["0/0/c"][:] = 0.6

    def come(step, value):
        cells["0/0/c"][:, 5] = value
        arrays = {key: array.copy() for key, array in cells.items()}
        inspector.replies[ShowGates] = lambda request: (header(arrays, step=step), arrays)
        run.take([Published(step=step)])
        qtbot.waitUntil(lambda: view._gates.step == step)

    def ticked():
        return [one.unit for one in page._on_units.units.ticked()]

    come(8, 0.9)
    view._on_span_brushed((1, 2))
    units = page._on_units.units
    for row, one in enumerate(list(units._units)):
        wanted = Qt.CheckState.Checked if one.unit == 5 else Qt.CheckState.Unchecked
        units.setData(units.index(row, 0), wanted.value, Qt.ItemDataRole.CheckStateRole)
    come(9, 0.4)
    page._go.click()
    assert ticked() == [5]
    assert page._told.text().startswith("1 place")
    come(10, 0.1)
    page._go.click()
    assert len(ticked()) == 3
    assert 5 not in ticked()
    assert page._told.text().startswith("Without unit 5: 1 place")
    come(11, 0.7)
    page._go.click()
    assert ticked() == [5], "it is on again"
    assert page._told.text().startswith("1 place")
