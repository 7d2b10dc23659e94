"""Embedding neighbours by clicks and keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.views.fake_lab import is_blank
from tests.ui.views.lens_fakes import NEAR, near, shown
from ui.theme import theme
from ui.views._export import csv_text
from ui.views.neighbours import NeighboursView
from workers.protocol import ShowNeighbours


@pytest.fixture
def made(qtbot, tmp_path):
    view, lab, inspector, _ = shown(qtbot, tmp_path, NeighboursView, {ShowNeighbours: near})
    qtbot.waitUntil(lambda: view._header is not None)
    return view, lab, inspector


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_the_nearest_are_drawn_in_both_themes(made, name):
    view, *_ = made
    theme().use(name)
    assert view.bars.num_shown() == 3
    assert not is_blank(view.bars)


def test_that_a_click_on_a_token_of_the_text_asks_for_its_neighbours(made, qtbot):
    view, lab, inspector = made
    QTest.mouseClick(view.text, Qt.MouseButton.LeftButton, pos=view.text.token_rect(3).center().toPoint())
    qtbot.waitUntil(lambda: view._header.place == 3)
    assert lab.focus.value.token == 3
    assert inspector.asked_of(ShowNeighbours)[-1].place == 3
    assert "d" in view._title.text()
    QTest.keyClick(view, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: view._header.place == 4)


def test_that_a_typed_token_is_asked_for_and_gives_way_to_one_looked_at(made, qtbot):
    view, lab, inspector = made
    QTest.keyClicks(view.word, "house")
    qtbot.waitUntil(lambda: view._header.token == "house")
    assert inspector.asked_of(ShowNeighbours)[-1].word == "house"
    lab.focus.lock(token=2)
    qtbot.waitUntil(lambda: view._header.token == "c")
    assert view.word.text() == ""


def test_that_a_click_on_a_neighbour_goes_on_to_it(made, qtbot):
    view, _, inspector = made
    QTest.mouseClick(view.bars, Qt.MouseButton.LeftButton, pos=view.bars.row_rect(1).center().toPoint())
    qtbot.waitUntil(lambda: view._header.token == "#12")
    assert inspector.asked_of(ShowNeighbours)[-1].token == 12


def test_that_the_numbers_are_exported(made):
    view, *_ = made
    lines = csv_text(view._table()).splitlines()
    pairs = zip(NEAR, (0.8, 0.4, -0.1), strict=True)
    assert lines[1:] == [f"a,{rank},{name},{cosine}" for rank, (name, cosine) in enumerate(pairs, start=1)]


def test_that_the_count_is_of_the_bars_that_stand_there(made):
    view = made[0]
    assert view._shown.text().startswith(f"{len(NEAR)} nearest")
    view.bars.resize(240, 30)
    assert view._shown.text().startswith("1 nearest")
