"""Heads compared by a drag in the atlas: beside each other, their mean in the text, one of them again by a click."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.views.attention_fakes import shown_view
from ui.views._attention_colours import share_image


@pytest.fixture
def view(qtbot: Any) -> Any:
    return shown_view(qtbot, pretrained="bert")[0]


def drag(view: Any, first: tuple[int, int], last: tuple[int, int]) -> None:
    atlas = view._parts.atlas
    start, end = (atlas.tile_rect(*head).center().toPoint() for head in (first, last))
    QTest.mousePress(atlas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(atlas, (start + end) / 2)
    QTest.mouseMove(atlas, end)
    QTest.mouseRelease(atlas, Qt.MouseButton.LeftButton, pos=end)
    QApplication.processEvents()


def test_that_a_drag_compares_the_heads_under_it(view: Any):
    drag(view, (0, 1), (1, 2))
    parts = view._parts
    assert parts.over() == "chosen"
    assert parts.compare.isVisible()
    assert not parts.matrix.isVisible()
    assert parts.compare.heads() == ((0, 1), (0, 2), (1, 1), (1, 2))
    picture = parts.compare.grab().toImage()
    block, ratio = view._attention.blocks[0], picture.devicePixelRatio()
    for number, head in enumerate(parts.compare.heads()):
        rect = parts.compare.head_rect(number)
        wanted = share_image(block.shares(*head), scale=parts.scale(), high=1.0)
        cell = rect.width() / 6
        for query, key in ((0, 0), (3, 1), (5, 4)):
            at = QPoint(
                round((rect.left() + (key + 0.5) * cell) * ratio), round((rect.top() + (query + 0.5) * cell) * ratio)
            )
            assert picture.pixelColor(at) == wanted.pixelColor(key, query)


def test_that_the_text_is_coloured_by_the_mean_of_the_chosen_heads(view: Any):
    drag(view, (0, 1), (1, 1))
    block = view._attention.blocks[0]
    mean = (block.exact(0, 1) + block.exact(1, 1)) / 2
    np.testing.assert_allclose(block.exact(0, 0, over="chosen"), mean, atol=1e-6)
    np.testing.assert_allclose(block.exact(0, 0, over="chosen", query=2), mean[2], atol=1e-6)
    view._parts.modes.choose("text")
    assert "mean of the chosen heads" in view._parts.text._title.text()


def test_that_a_click_on_one_of_them_looks_at_it_alone(view: Any):
    drag(view, (0, 0), (2, 3))
    compare = view._parts.compare
    assert len(compare.heads()) == 12
    number = compare.heads().index((2, 1))
    QTest.mouseMove(compare, compare.head_rect(number).center().toPoint())
    assert "layer 2 · head 1" in view._parts.readout.text()
    QTest.mouseClick(compare, Qt.MouseButton.LeftButton, pos=compare.head_rect(number).center().toPoint())
    focus = view.lab.focus.value
    assert (focus.layer, focus.head) == (2, 1)
    assert view._parts.over() == "head"
    assert view._parts.matrix.isVisible()


def test_that_another_drag_takes_the_place_of_the_first(view: Any):
    drag(view, (0, 0), (0, 1))
    drag(view, (2, 2), (2, 3))
    assert view._parts.compare.heads() == ((2, 2), (2, 3))


def test_that_a_drag_within_one_head_is_a_click(view: Any):
    atlas = view._parts.atlas
    rect = atlas.tile_rect(1, 3)
    QTest.mousePress(atlas, Qt.MouseButton.LeftButton, pos=rect.center().toPoint())
    QTest.mouseMove(atlas, rect.center().toPoint() + QPoint(4, 3))
    QTest.mouseRelease(atlas, Qt.MouseButton.LeftButton, pos=rect.center().toPoint() + QPoint(4, 3))
    focus = view.lab.focus.value
    assert (focus.layer, focus.head) == (1, 3)
    assert view._parts.over() == "head"
