"""Heads filtered by what they are sorted by."""

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QApplication

from tests.ui.views.attention_fakes import shown_view


@pytest.fixture
def view(qtbot, tmp_path):
    view = shown_view(qtbot, tmp_path)[0]
    view._parts.sorts.setCurrentIndex(view._parts.sorts.findData("entropy"))
    return view


def values_of(view, heads):
    return [view._attention.blocks[0].statistic("entropy", *head) for head in heads]


def every_head(view):
    block = view._attention.blocks[0]
    return [(layer, head) for layer in range(block.num_layers) for head in range(block.num_heads)]


def test_that_heads_below_the_bound_fade_and_are_counted(view, qtbot):
    chosen, atlas = view._parts.filter, view._parts.atlas
    assert chosen.isVisible()
    assert all(atlas.is_kept(head) for head in every_head(view))
    slider = chosen._slider
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() * 2 // 3, slider.height() // 2))
    kept = [head for head in every_head(view) if atlas.is_kept(head)]
    faded = [head for head in every_head(view) if not atlas.is_kept(head)]
    assert kept
    assert faded
    assert min(values_of(view, kept)) > max(values_of(view, faded))
    assert chosen._words.text().endswith(f"{len(kept)} of {len(every_head(view))}")


def test_that_the_right_end_keeps_the_largest_and_the_left_end_all(view):
    chosen, atlas = view._parts.filter, view._parts.atlas
    chosen._slider.setValue(chosen._slider.maximum())
    kept = [head for head in every_head(view) if atlas.is_kept(head)]
    assert set(values_of(view, kept)) == {max(values_of(view, every_head(view)))}
    chosen._slider.setValue(0)
    assert all(atlas.is_kept(head) for head in every_head(view))


def test_that_another_order_begins_with_all_heads_and_none_has_no_filter(view):
    chosen, parts = view._parts.filter, view._parts
    chosen._slider.setValue(chosen._slider.maximum())
    parts.sorts.setCurrentIndex(parts.sorts.findData("first"))
    assert all(parts.atlas.is_kept(head) for head in every_head(view))
    parts.sorts.setCurrentIndex(0)
    assert not chosen.isVisible()


def test_that_a_faded_head_looks_unlike_itself_and_is_not_gathered_by_a_drag(view, qtbot):
    atlas, chosen = view._parts.atlas, view._parts.filter
    head = min(every_head(view), key=lambda one: values_of(view, [one])[0])
    rect = atlas.tile_rect(*head)
    before = atlas.grab(rect.toRect()).toImage()
    chosen._slider.setValue(chosen._slider.maximum() // 2)
    assert atlas.grab(rect.toRect()).toImage() != before
    row = [atlas.tile_rect(head[0], one).center() for one in atlas.order(head[0])]
    assert head not in atlas._heads_in(QRectF(row[0], row[-1]))


def test_that_the_other_side_of_the_bound_can_be_kept(view, qtbot):
    chosen, atlas = view._parts.filter, view._parts.atlas
    qtbot.mouseClick(chosen.side, Qt.MouseButton.LeftButton)
    assert chosen.side.text() == "≤"
    assert all(atlas.is_kept(head) for head in every_head(view))
    chosen._slider.setValue(chosen._slider.maximum() // 2)
    kept = [head for head in every_head(view) if atlas.is_kept(head)]
    faded = [head for head in every_head(view) if not atlas.is_kept(head)]
    assert max(values_of(view, kept)) < min(values_of(view, faded))


def test_that_another_model_begins_with_all_heads_by_number(view, qtbot):
    view._parts.filter._slider.setValue(50)
    view.lab.focus.lock(pretrained="bert")
    qtbot.waitUntil(lambda: view._attention is not None and view._attention.header.title == "bert")
    assert view._parts.sorts.currentIndex() == 0
    assert all(view._parts.atlas.is_kept(head) for head in every_head(view))


def test_that_only_statistics_that_some_head_has_can_be_sorted_by(view):
    sorts = view._parts.sorts
    is_offered = {sorts.itemData(k): sorts.model().item(k).isEnabled() for k in range(sorts.count())}
    assert is_offered["entropy"]
    assert is_offered["first"]
    assert not is_offered["induction"], "it is told of no head"
    assert not is_offered["special"]


def test_that_sorting_leaves_the_pictures_where_they_are(qtbot):
    view = shown_view(qtbot, pretrained="bert", size=(656, 520))[0]
    parts = view._parts
    QApplication.processEvents()
    before = parts._sides.mapTo(view, QPoint()), parts._sides.size()
    parts.sorts.setCurrentIndex(parts.sorts.findData("entropy"))
    qtbot.waitUntil(parts.filter.isVisible)
    QApplication.processEvents()
    assert (parts._sides.mapTo(view, QPoint()), parts._sides.size()) == before


def test_that_sorting_by_change_moves_no_picture_in_a_small_window(qtbot, tmp_path):
    view, *_ = shown_view(qtbot, tmp_path)
    view.run.checkpoint_steps = [1, 1150]
    view.touch()
    view.resize(656, 500)
    parts = view._parts
    qtbot.waitUntil(lambda: view.width() == 656 and parts.steps.count() == 2)
    parts.sorts.setCurrentIndex(parts.sorts.findData("entropy"))
    QApplication.processEvents()
    assert parts.filter._words.isVisible()
    top = parts.matrix.mapTo(view, QPoint(0, 0))
    parts.sorts.setCurrentIndex(parts.sorts.findData("change"))
    qtbot.waitUntil(parts.steps.isVisible)
    assert parts.matrix.mapTo(view, QPoint(0, 0)) == top
    assert "all 12 heads" in parts.filter._slider.toolTip(), "where there is no room for it beside the slider"
