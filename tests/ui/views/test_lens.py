"""The logit lens by clicks and keys: what each cell tells, and that it follows run, step, text and interventions."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from modellab.events import Published
from tests.ui.views.fake_lab import assert_told_to_be_read, is_blank
from tests.ui.views.lens_fakes import classes, lens, masked, shown
from ui.theme import theme
from ui.views._export import csv_text
from ui.views._lens_table import ink_on
from ui.views.lens import LensView
from workers.protocol import HeadScale, ShowLens


@pytest.fixture
def made(qtbot, tmp_path):
    view, lab, inspector, run = shown(qtbot, tmp_path, LensView, {ShowLens: lens})
    qtbot.waitUntil(lambda: view._lens is not None)
    return view, lab, inspector, run


def click(view: LensView, row: int, column: int) -> None:
    point = view.table.cell_rect(row, column).center()
    QTest.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=QPointF(point).toPoint())


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("measure", ["probability", "final", "entropy"])
def test_that_the_table_is_drawn_in_both_themes_and_measures(made, name, measure):
    view, *_ = made
    theme().use(name)
    view.measures.choose(measure)
    assert not is_blank(view.table.viewport())
    assert view._parts.legend.scales()[0].low == "0"


def test_that_a_click_holds_a_cell_and_tells_its_five_likeliest(made):
    view, lab, *_ = made
    click(view, 2, 3)
    assert (lab.focus.value.token, lab.focus.value.layer) == (3, 1)
    assert view._where.text() == "After layer 1"
    assert [label for label, _ in view.bars.rows()] == ["f", "g", "h", "i", "j"]
    assert "what follows" in view._at.text()
    assert "says" in view._facts.text()


def test_that_without_a_choice_the_last_token_and_layer_are_told(made):
    view, *_ = made
    assert view._where.text() == "Layer 2, the last: the model"
    assert view.table._held == (3, 5)


def test_that_pointing_previews_and_leaving_ends_it(made):
    view, lab, *_ = made
    QTest.mouseMove(view.table.viewport(), view.table.cell_rect(1, 2).center().toPoint())
    assert lab.focus.value.token == 2
    assert "layer 0" in view._parts.readout.text()
    is_right = view._lens.is_right(1, 2)
    assert ("as in the text" in view._parts.readout.text()) == is_right
    rights = [
        (row, column)
        for row in range(4)
        for column in range(view._lens.num_columns)
        if view._lens.is_right(row, column)
    ]
    view._on_pointed(rights[0])
    assert view._parts.readout.text().endswith("as in the text")
    view.table.pointed.emit(None)
    assert lab.focus.value.token is None


def test_that_arrows_walk_and_stay_within(made):
    view, lab, *_ = made
    click(view, 3, 5)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(view.table, key)
    assert view.table._held == (3, 5)
    QTest.keyClick(view.table, Qt.Key.Key_Left)
    QTest.keyClick(view.table, Qt.Key.Key_Up)
    assert view.table._held == (2, 4)
    assert (lab.focus.value.token, lab.focus.value.layer) == (4, 1)


def test_that_a_cell_is_marked_where_the_layer_is_right(made):
    view, *_ = made
    found = view._lens
    assert found.is_right(1, 2)  # layer 0 says the next letter of the alphabet
    assert not found.is_right(2, 2)
    assert not found.is_right(1, 5)  # nothing follows
    view.table.show_column(0)
    assert view.bars._truth is None
    click(view, 1, 2)
    assert view.bars._truth == 0


def test_that_a_long_text_scrolls_and_a_token_looked_at_elsewhere_is_told(made, qtbot):
    view, lab, *_ = made
    lab.focus.lock(text="abcdefghij" * 20)
    qtbot.waitUntil(lambda: view._lens.num_columns == 200)
    seen = view.table.viewport().rect()
    assert seen.contains(view.table.cell_rect(3, 199).center().toPoint()), "what follows the text stands at its end"
    lab.focus.lock(token=150)
    assert view.table._held[1] == 150
    assert seen.contains(view.table.cell_rect(1, 150).center().toPoint())


def test_that_a_classifier_shows_the_whole_text_first(qtbot, tmp_path):
    view, lab, *_ = shown(qtbot, tmp_path, LensView, {ShowLens: classes})
    qtbot.waitUntil(lambda: view._lens is not None)
    assert view.table._held == (3, 0)
    assert view._at.text() == "of the whole text"
    click(view, 3, 1)
    assert lab.focus.value.token == 0


def test_that_the_first_hidden_token_is_told_until_another_is_looked_at(qtbot, tmp_path):
    view, lab, inspector, _ = shown(qtbot, tmp_path, LensView, {ShowLens: masked})
    qtbot.waitUntil(lambda: view._lens is not None)
    assert view.table._held == (3, 3)
    assert view._at.text() == "at “[MASK]”"
    num_asked = len(inspector.asked_of(ShowLens))
    lab.focus.lock(text="typed [MASK]")
    qtbot.waitUntil(lambda: len(inspector.asked_of(ShowLens)) > num_asked and not view._is_dirty)
    assert view.table._held == (3, 3)
    click(view, 3, 1)
    assert view.table._held == (3, 1)


def test_that_the_question_follows_step_text_and_what_is_held(made, qtbot):
    view, lab, inspector, run = made
    lab.focus.lock(step=3, text="abc")
    off = HeadScale(module="blocks.0.attention", head=1)
    lab.clamps.set((off,))
    qtbot.waitUntil(lambda: inspector.asked_of(ShowLens)[-1].clamps == (off,))
    asked = inspector.asked_of(ShowLens)[-1]
    assert (asked.model.step, asked.text) == (3, "abc")
    assert view.clamps.isVisible()
    lab.clamps.set(())
    lab.focus.lock(step=None)
    run.take([Published(step=9)])
    qtbot.waitUntil(lambda: inspector.asked_of(ShowLens)[-1].model.step is None)
    assert not view.clamps.isVisible()


def test_that_a_problem_is_said_over_the_picture_that_stays(made, qtbot):
    view, lab, *_ = made
    lab.focus.lock(text="!")
    qtbot.waitUntil(lambda: view._parts._notes.text() == "It cannot be read.")
    assert view._lens is not None


def test_that_the_numbers_are_exported(made):
    view, *_ = made
    lines = csv_text(view._table_of_lens()).splitlines()
    assert lines[0] == "layer,column,token,rank,says,probability,entropy"
    assert len(lines) == 1 + 4 * 6 * 5


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("measure", ["probability", "entropy"])
def test_that_every_cell_can_be_read(made, name, measure):
    view, *_ = made
    theme().use(name)
    view.measures.choose(measure)
    for colour in {colour.rgb(): colour for row in view.table._colours for colour in row}.values():
        assert contrast(colour, ink_on(colour)) >= 4.5


def contrast(first, second) -> float:
    def light(colour) -> float:
        parts = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour.getRgbF()[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted([light(first), light(second)])
    return (high + 0.05) / (low + 0.05)


def test_that_a_run_that_is_still_being_read_is_not_said_to_be_in_its_first_steps(qtbot, tmp_path):
    view, _, inspector, before = shown(qtbot, tmp_path, LensView, {ShowLens: lens})
    assert_told_to_be_read(view, before, inspector)
