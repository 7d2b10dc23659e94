"""Heads compared by a drag in the atlas: beside each other, their mean in the text, one of them again by a click."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.views.attention_fakes import shown_view
from ui.views._attention_colours import share_image
from ui.views._attention_words import heads_text
from ui.views._export import csv_text


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
    assert "mean of 2 heads: layers 0–1, head 1" in view._parts.text._title.text()


def test_that_numbers_and_sentence_of_chosen_heads_say_which_they_are(view: Any):
    drag(view, (0, 1), (1, 2))
    parts, block = view._parts, view._attention.blocks[0]
    assert parts.readout.text() == "4 heads: layers 0–1, heads 1–2"
    view.lab.focus.lock(token=2)
    assert "their mean: “cat” →" in parts.readout.text()
    lines = csv_text(view._table()).splitlines()
    assert lines[0] == "layer,head,query,query_token,key,key_token,attention"
    assert len(lines) == 1 + 4 * 36, "each head that is in sight has its own"
    assert lines[-1].startswith("1,2,6,[SEP],6,[SEP],")
    assert float(lines[-1].split(",")[-1]) == pytest.approx(block.exact(1, 2)[5, 5], abs=1e-6)
    assert "4 heads" in view._file_name()
    parts.modes.choose("arcs")
    lines = csv_text(view._table()).splitlines()
    assert lines[0] == "heads,query,query_token,key,key_token,attention"
    assert len(lines) == 1 + 36, "lines are of their mean"
    assert lines[1].startswith('"mean of 4 heads: layers 0–1, heads 1–2",1,[CLS],1,[CLS],')


def test_that_many_heads_are_named_compactly():
    assert heads_text([(2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2)]) == "layers 2–3, heads 0–2"
    assert heads_text([(5, 2), (0, 1), (0, 3)]) == "layer 0, heads 1, 3; layer 5, head 2"


def test_that_the_numbers_of_a_difference_have_both_heads_and_it(view: Any):
    view._on_head_compared(2, 1)
    lines = csv_text(view._table()).splitlines()
    assert lines[0].startswith("a_layer,a_head,b_layer,b_head,query,")
    whole = lines[5].split(",")
    assert whole[:4] == ["0", "0", "2", "1"]
    a, b, difference = map(float, whole[-3:])
    assert difference == pytest.approx(a - b, abs=1e-6)


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
