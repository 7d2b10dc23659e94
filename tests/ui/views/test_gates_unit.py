"""The unit page: which unit it shows, what a marked span does there, and how it fits beside another view."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest

from modellab.events import Finished, Started
from tests.ui.views.gates_fakes import TOKENS, cell_point, gru_arrays, lstm_arrays, read, shown_view
from ui.theme import theme
from ui.views._gates_data import Place, half_life
from ui.views._gates_patterns import PATTERNS
from ui.views._gates_told import Job
from ui.views._gates_unit_plot import _ticks
from ui.views._gates_words import sentence
from workers.protocol import Clamp

pytestmark = pytest.mark.usefixtures("themed")  # sizes are those of its fonts


def _row_click(view, row):
    names = view._parts.unit._list
    at = names.visualRect(names.model().index(row, 0)).center()
    QTest.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=at)


def _marked_unit(view):
    page = view._parts.unit
    return page._rows.unit_at(page._list.currentIndex().row())


def _news(view, *, seed):
    """Newer weights: other numbers, so other units on top."""
    view._on_gates_arrived(read(lstm_arrays(len(TOKENS), seed=seed)))


def _is_sorted(view):
    means = view._gates.arrays[0, 0, "f"].mean(axis=0)[view._parts.raster.order]
    return bool((np.diff(means) <= 0).all())


@pytest.mark.parametrize("size", [(640, 400), (900, 700)])
def test_that_on_a_low_page_a_long_text_leaves_its_lines_to_the_plot(qtbot, tmp_path, size):
    tokens = tuple("a long scene felt cold and false, so they say. " * 8)
    view, _, lab, _ = shown_view(qtbot, tmp_path, size=size, arrays=lstm_arrays(len(tokens)), tokens=tokens)
    view._parts.modes.choose("unit")
    page = view._parts.unit
    lab.focus.lock(unit=4, token=300)
    qtbot.waitUntil(lambda: page._text_scroll.height() <= page._text_scroll.maximumHeight())
    plot, text = page._plot, page._text
    qtbot.waitUntil(lambda: text.visibleRegion().contains(text.token_rect(300).center().toPoint()))
    heights = [rect.height() for rect in plot.band_rects()]
    assert min(heights) >= (80 if size[1] > 600 else 22)
    assert plot.band_rects()[-1].bottom() < plot.height()
    assert page._text_scroll.height() == page._text_scroll.lines_height(1 if size[1] < 600 else 3)
    for band, height in zip(plot.bands(), heights, strict=True):
        places = [tick.value / (band.high - band.low) * height for tick in _ticks(band, height)]
        assert all(after - before >= 12 for before, after in pairwise(places))


def test_that_a_clicked_unit_stays_whatever_is_news_and_whatever_the_order(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("unit")
    _row_click(view, 4)
    unit = lab.focus.value.unit
    for seed in (5, 6):
        _news(view, seed=seed)
        assert lab.focus.value.unit == unit == _marked_unit(view)
        assert view._parts.unit._list.currentIndex().row() == 4
    assert not _is_sorted(view)
    orders = view._parts.orders
    for place in range(orders.count()):
        orders.setCurrentIndex(place)
        assert lab.focus.value.unit == unit == _marked_unit(view)
        assert view._parts.unit._title.text() == f"unit {unit}"


@pytest.mark.parametrize("page", ["raster", "unit"])
@pytest.mark.parametrize("is_by_key", [True, False])
def test_that_rows_that_stay_for_a_chosen_unit_are_said_to_and_sorted_when_asked(lab_view, page, is_by_key):
    view, _, lab, _ = lab_view
    parts = view._parts
    parts.modes.choose(page)
    lab.focus.lock(unit=4)
    _news(view, seed=5)
    assert parts.step.text() == "rows stay, S sorts · step 7"
    assert "While a unit is chosen" in parts.step.toolTip()
    assert not _is_sorted(view)
    if is_by_key:
        QTest.keyClick(parts.unit._list if page == "unit" else parts.raster, Qt.Key.Key_S)
    else:
        parts.orders.showPopup()
        QTest.keyClick(parts.orders.view(), Qt.Key.Key_Return)
    assert _is_sorted(view)
    assert lab.focus.value.unit == 4
    assert parts.step.text() == "step 7"


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
    _news(view, seed=5)
    lab.focus.unlock()
    assert view._parts.unit._title.text() == title
    assert _is_sorted(view)


def test_that_no_unit_moves_in_the_list_under_the_pointer(lab_view, monkeypatch):
    view, *_ = lab_view
    view._parts.modes.choose("unit")
    names = view._parts.unit._list
    before = list(view._parts.raster.order)
    monkeypatch.setattr(names, "underMouse", lambda: True)
    _news(view, seed=5)
    assert list(view._parts.raster.order) == before
    assert not _is_sorted(view)
    monkeypatch.setattr(names, "underMouse", lambda: False)
    names.leaveEvent(QEvent(QEvent.Type.Leave))
    assert _is_sorted(view)


def test_that_the_unit_whose_gate_is_shut_is_chosen_and_stays_in_its_row(lab_view, qtbot):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("unit")
    unit = int(view._parts.raster.order[0])
    view._parts.unit._clamps._shut.click()
    qtbot.waitUntil(lambda: float(np.abs(view._gates.arrays[0, 0, "f"][:, unit]).max()) == 0)
    assert lab.focus.value.unit == unit == _marked_unit(view)
    assert view._parts.unit._list.currentIndex().row() == 0


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
    assert box._over.currentText() == "tokens 3–6"
    box.choose_signal("f")
    box._over.setCurrentIndex(1)
    view._draw()
    box._shut.click()
    assert lab.clamps.value == (Clamp(layer=0, signal="f", unit=3, value=0.0),)
    view._on_span_brushed((1, 2))
    assert box._over.currentText() == "tokens 2–3"
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


def test_that_rows_kept_still_under_the_pointer_are_sorted_when_it_leaves_or_the_run_ends(lab_view, monkeypatch):
    view, run, *_ = lab_view
    raster = view._parts.raster
    monkeypatch.setattr(raster, "underMouse", lambda: True)
    run.take([Started(step=7, device="cpu", device_name="", num_parameters=1, steps_per_epoch=1, total_steps=9)])
    view._on_gates_arrived(read(lstm_arrays(len(TOKENS), seed=5)))
    assert not _is_sorted(view)
    raster.leaveEvent(None)
    assert _is_sorted(view)
    view._on_gates_arrived(read(lstm_arrays(len(TOKENS), seed=6)))
    assert not _is_sorted(view)
    run.take([Finished(step=7, seconds=1.0, reason="completed")])
    view.redraw()
    assert _is_sorted(view)


def test_that_a_unit_chosen_in_the_raster_is_the_unit_pages_after_it_is_let_go_of(lab_view):
    view, _, lab, _ = lab_view
    raster = view._parts.raster
    unit = int(raster.order[4])
    QTest.mouseClick(raster, Qt.MouseButton.LeftButton, pos=cell_point(view, "c", unit=unit, token=1))
    lab.focus.unlock()
    raster.leaveEvent(None)
    view._parts.modes.choose("unit")
    assert view._parts.unit._title.text() == f"unit {unit}"


def test_that_what_a_token_writes_is_told_beside_how_open_the_input_gate_is():
    arrays = {key: np.full((2, 1), value, np.float32) for key, value in (("0/0/i", 0.081), ("0/0/g", -0.614))}
    arrays |= {f"0/0/{name}": np.full((2, 1), 0.5, np.float32) for name in "foch"}
    gates = read(arrays, tokens="ab")
    place = Place(unit=0, token=1)
    assert sentence(gates, place, "i").endswith("input gate 8 % open; writes −0.050")
    assert sentence(gates, place, "g").endswith("writes −0.050")
    arrays["0/0/g"][:] = 0.0001
    assert sentence(read(arrays, tokens="ab"), place, "i").endswith("input gate 8 % open; writes nothing")


def test_that_what_is_true_of_a_unit_is_whole_in_a_small_window_and_told_once(qtbot, tmp_path):
    view, _, lab, _ = shown_view(qtbot, tmp_path, size=(640, 420))
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    page = view._parts.unit
    job = Job(pattern=PATTERNS[9], is_high=False, area=0.833, num_tokens=9000, signal="c")
    page.show_job(job)
    facts = page._facts
    assert "half-life" in facts.text()
    qtbot.waitUntil(lambda: facts.height() >= facts.heightForWidth(facts.width()))
    assert view._parts.readout.text() == ""
    assert "AUC, the area under its ROC curve" in facts.toolTip()


def test_that_a_forget_gate_tells_what_is_left_of_what_was_held():
    arrays = lstm_arrays(5, layers=1)
    arrays["0/0/f"][:, 2] = np.array([0.5, 0.2, 0.95, 0.92, 0.98], dtype=np.float16)
    gates = read(arrays, tokens="abcde")

    def said(token: int) -> str:
        return sentence(gates, Place(layer=0, unit=2, token=token), "f").partition(": ")[2]

    assert said(0) == "there is nothing to keep yet"
    assert said(1) == "keeps 20 %"
    assert said(2) == "keeps 95 %"
    assert said(4) == "keeps 98 %, and 86 % of what it held at “b”"


def test_that_the_tokens_to_hold_over_are_told_whole_in_their_box(qtbot, tmp_path):
    tokens = tuple("a long scene felt cold " * 60)
    view, _, lab, _ = shown_view(qtbot, tmp_path, arrays=lstm_arrays(len(tokens)), tokens=tokens)
    lab.focus.lock(unit=4)
    view._parts.modes.choose("unit")
    over = view._parts.unit._clamps._over
    for span, told in (((2, 5), "tokens 3–6"), ((2, 121), "3–122"), ((999, 1299), "1,000–1,300")):
        view._on_span_brushed(span)
        assert over.itemText(0) == told
        assert over.fontMetrics().horizontalAdvance(told) <= over.width() - 40


@pytest.mark.parametrize("size", [1.0, 0.004, 0.0004, 0.0])
def test_that_every_label_of_a_scale_is_whole_with_its_sign(qtbot, tmp_path, size):
    arrays = lstm_arrays(len(TOKENS))
    for name in ("g", "c"):
        arrays[f"0/0/{name}"] *= size
    view, _, lab, _ = shown_view(qtbot, tmp_path, arrays=arrays)
    lab.focus.lock(unit=3, token=4)
    view._parts.modes.choose("unit")
    plot = view._parts.unit._plot
    rects = plot.band_rects()
    labels = [
        tick.label for band, rect in zip(plot.bands(), rects, strict=True) for tick in _ticks(band, rect.height())
    ]
    assert any(label.startswith("−") for label in labels)
    assert max(map(plot.fontMetrics().horizontalAdvance, labels)) <= rects[0].left() - 7
    budget = plot.bands()[-1]
    assert size or min(-budget.low, budget.high) >= 1  # nothing at all: no tiny numbers
    for token in range(len(TOKENS)):  # each place is still its token
        cell = rects[0].width() / len(TOKENS)
        assert plot.token_at(QPointF(rects[0].left() + (token + 0.5) * cell, 40)) == token


def test_that_a_gate_of_a_unit_that_holds_nothing_is_said_to_keep_nothing():
    arrays = lstm_arrays(5, layers=1)
    arrays["0/0/f"][:, 2] = np.array([0.5, 0.2, 0.95, 0.92, 0.98], dtype=np.float16)
    arrays["0/0/c"][:, 2] = (0, 0, 0, 0, 0.7)

    def said(token: int) -> str:
        gates = read(arrays, tokens="abcde")
        return sentence(gates, Place(layer=0, unit=2, token=token), "f").partition(": ")[2]

    assert {said(token) for token in (1, 2, 3, 4)} == {"it holds nothing"}
    arrays["0/0/c"][3, 2] = 0.5  # and nothing at b, since when no gate was shut
    assert said(4) == "keeps 98 %"


def test_that_the_list_tells_what_it_is_ordered_by(lab_view):
    view, *_ = lab_view
    view._parts.modes.choose("unit")
    names, orders = view._parts.unit._list.model(), view._parts.orders

    def told(by: str) -> list[str]:
        orders.setCurrentIndex(orders.findData(by))
        return [names.index(row, 0).data().partition("   ")[2] for row in range(names.rowCount())]

    means = view._gates.arrays[0, 0, "f"].mean(axis=0)
    assert told("keep") == [f"f {mean:.2f}" for mean in sorted(means, reverse=True)]
    assert told("half_life") == [f"t½ {half_life(mean):.1f}" for mean in sorted(means, reverse=True)]
    view._on_span_brushed((2, 5))
    values = [float(text.removeprefix("r ").replace("−", "-")) for text in told("span")]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0 > values[-1]
    before = told("span")
    view._on_span_brushed((0, 1))
    assert told("span") != before


def test_that_a_run_of_another_cell_is_held_by_the_gate_that_keeps_and_one_unit_at_a_time(qtbot, tmp_path):
    view, *_ = shown_view(qtbot, tmp_path)
    view._parts.modes.choose("unit")
    box = view._parts.unit._clamps
    gru = read(gru_arrays(len(TOKENS)))
    view._on_gates_arrived(gru)
    box.choose_signal("r")
    view._on_gates_arrived(read(lstm_arrays(len(TOKENS), seed=3)))
    assert box.signal_name() == "f"
    box.choose_signal("o")
    box._whose.setCurrentIndex(1)
    view._on_gates_arrived(read(lstm_arrays(len(TOKENS), seed=4)))  # of the same run
    assert (box.signal_name(), box._whose.currentIndex()) == ("o", 1)
    view.show_run(view.run, view.run)
    view._on_gates_arrived(gru)
    assert (box.signal_name(), box._whose.currentIndex()) == ("z", 0)


@pytest.mark.parametrize("units", [12, 192, 2000])
def test_that_the_number_of_any_unit_to_hold_is_told_whole(qtbot, tmp_path, units):
    view, _, lab, _ = shown_view(qtbot, tmp_path, arrays=lstm_arrays(len(TOKENS), units=units))
    lab.focus.lock(unit=units - 1)
    view._parts.modes.choose("unit")
    whose = view._parts.unit._clamps._whose
    for place in (0, 1):
        assert whose.fontMetrics().horizontalAdvance(whose.itemText(place)) <= whose.width() - 38
