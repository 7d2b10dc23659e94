"""The unit page: which unit it shows, what a marked span does there, and how it fits beside another view."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from tests.ui.views.gates_fakes import TOKENS, lstm_arrays, read, shown_view
from ui.theme import theme
from workers.protocol import Clamp


def _row_click(view, row):
    names = view._parts.unit._list
    at = names.visualRect(names.model().index(row, 0)).center()
    QTest.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=at)


def _marked_unit(view):
    page = view._parts.unit
    return page._rows.unit_at(page._list.currentIndex().row())


def _news(view, *, seed):
    """Newer weights: other numbers, so other units on top."""
    before = list(view._parts.raster.order)
    view._on_gates_arrived(read(lstm_arrays(len(TOKENS), seed=seed)))
    assert list(view._parts.raster.order) != before


def test_that_a_clicked_unit_stays_whatever_is_news_and_whatever_the_order(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("unit")
    _row_click(view, 4)
    unit = lab.focus.value.unit
    for seed in (5, 6):
        _news(view, seed=seed)
        assert lab.focus.value.unit == unit == _marked_unit(view)
    orders = view._parts.orders
    for place in range(orders.count()):
        orders.setCurrentIndex(place)
        assert lab.focus.value.unit == unit == _marked_unit(view)
        assert view._parts.unit._title.text() == f"unit {unit}"


def test_that_the_unit_first_shown_stays_when_another_comes_to_the_top(lab_view):
    view, *_ = lab_view
    view._parts.modes.choose("unit")
    title = view._parts.unit._title.text()
    seed = 5
    while f"unit {view._parts.raster.order[0]}" == title:
        _news(view, seed=seed)
        seed += 1
    assert view._parts.unit._title.text() == title


def test_that_a_clicked_unit_stays_on_the_page_when_it_is_let_go_of(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("unit")
    _row_click(view, 4)
    title = view._parts.unit._title.text()
    lab.focus.unlock()
    assert view._parts.unit._title.text() == title


def test_that_the_arrow_keys_in_the_list_choose_the_unit_that_they_mark(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("unit")
    _row_click(view, 4)
    QTest.keyClick(view._parts.unit._list, Qt.Key.Key_Down)
    assert lab.focus.value.unit == int(view._parts.raster.order[5]) == _marked_unit(view)


def test_that_a_marked_span_is_seen_and_said_and_the_whole_text_can_be_held(lab_view):
    view, _, lab, _ = lab_view
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    page = view._parts.unit
    box = page._clamps
    assert not box._over.isVisible()
    before = page._plot.grab().toImage()
    view._on_span_brushed((2, 5))
    assert page._plot.grab().toImage() != before
    assert box._over.isVisible()
    assert box._over.currentText() == "tokens 2–5"
    box.choose_signal("f")
    box._over.setCurrentIndex(1)
    view._draw()
    box._shut.click()
    assert lab.clamps.value == (Clamp(layer=0, signal="f", unit=3, value=0.0),)
    view._on_span_brushed((1, 2))
    assert box._over.currentText() == "tokens 1–2"
    box._shut.click()
    assert (lab.clamps.value[-1].first, lab.clamps.value[-1].last) == (1, 2)
    view._on_span_brushed(None)
    assert not box._over.isVisible()
    box._open.click()
    assert lab.clamps.value[-1].first is None


@pytest.mark.parametrize("width", [320, 480, 690, 900])
def test_that_no_control_and_no_caption_lies_on_another(qtbot, tmp_path, width):
    theme().use("dark")
    view, _, lab, _ = shown_view(qtbot, tmp_path, size=(width, 620))
    lab.focus.lock(unit=3, token=4)
    view._parts.modes.choose("unit")
    view._on_span_brushed((2, 5))
    view.grab()  # lays it out
    box, plot = view._parts.unit._clamps, view._parts.unit._plot
    controls = (box._signal, box._whose, box._shut, box._open, box._slider, box._value, box._over, box._hold)
    places = [QRect(control.mapTo(box, QPoint()), control.size()) for control in controls]
    for control, place in zip(controls, places, strict=True):
        assert box.rect().contains(place)
        assert control.width() >= control.minimumSizeHint().width() or control is box._slider
        assert not any(place.intersects(other) for other in places if other is not place)
    assert places[-2].center().y() == pytest.approx(places[-1].center().y(), abs=1)  # what is held, beside the button
    for band, rect in zip(plot.bands(), plot.band_rects(), strict=True):
        caption = plot.caption(band, rect.width())
        assert [entry.name for entry in caption.entries] == [line.name for line in band.lines]
        assert all(one.left + one.width <= other.left for one, other in pairwise(caption.entries))
        assert caption.entries[-1].left + caption.entries[-1].width <= rect.width()
        assert caption.title or width < 690
        title = plot.fontMetrics().horizontalAdvance(caption.title)
        assert caption.entries[-1].left + caption.entries[-1].width <= rect.width() - title
