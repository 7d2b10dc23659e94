"""The other pages of the gates view, and holding a gate or a unit."""

import dataclasses

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from modellab.events import Published
from tests.ui.views.fake_lab import make_run
from tests.ui.views.gates_fakes import (
    SAMPLE,
    TOKENS,
    UNITS,
    header,
    lstm_arrays,
    read,
)
from ui.views._gates_flow_data import clipping, verdict
from ui.views.gates import GatesView
from ui.window.command_palette import Entry, _rank_of
from workers.protocol import (
    Clamp,
    ShowGates,
    ShowGradientFlow,
)


def test_that_the_unit_page_tells_the_values_of_the_token_and_walks_the_units(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("unit")
    order = view._parts.raster.order
    assert view._parts.unit._title.text() == f"unit {order[0]}"
    lab.focus.lock(unit=int(order[3]), token=4)
    view._parts.unit._on_after_clicked()
    assert lab.focus.value.unit == int(order[4])
    bands = view._parts.unit._plot.bands()
    names = [line.name for band in bands for line in band.lines]
    assert names == ["i", "f", "o", "g", "c", "h", "kept", "written", "c"]
    plot = view._parts.unit._plot
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(plot.width() - 12, 40))
    assert lab.focus.value.token == len(TOKENS) - 1


def test_that_what_is_unknown_reads_as_it_was_typed_and_is_marked(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    arrays = lstm_arrays(3)
    answer = msgspec.structs.replace(header(arrays, tokens=("a", "\ufffd", "b")), unknown={1: "☃"})
    inspector.replies[ShowGates] = lambda request: (answer, arrays)
    lab.focus.lock(text="a☃b", unit=2, token=1)
    qtbot.waitUntil(lambda: view._gates.tokens == ("a", "☃", "b"))
    assert "at “☃” (unknown)" in view._parts.readout.text()
    assert view._parts.raster._labels._unknown == {1}
    view._parts.modes.choose("unit")
    assert view._parts.unit._plot._labels._unknown == {1}
    assert view._parts.unit._text._faint == {1}
    view._parts.modes.choose("search")
    assert view._parts.search._text._faint == {1}
    lab.focus.lock(token=0)
    assert "unknown" not in view._parts.readout.text()


def test_that_a_click_on_a_dot_of_saturation_chooses_its_unit(lab_view):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("saturation")
    plot = view._parts.saturation
    at = plot.dot_place(1, 5).toPoint()
    QTest.mouseMove(plot, at)
    assert "forget gate above 0.9" in view._parts.readout.text()
    chosen = set()
    for _ in range(UNITS):
        QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
        chosen.add(lab.focus.value.unit)
    assert 5 in chosen


def test_that_saturation_says_of_which_text_it_is(lab_view, qtbot):
    view, _, lab, _ = lab_view
    view._parts.modes.choose("saturation")
    plot = view._parts.saturation
    assert plot.told().endswith(", an example")  # the run has captured none
    lab.focus.lock(text="madchen")
    qtbot.waitUntil(lambda: plot.told() == "text: “madchen”")
    before = plot.grab().toImage()
    view._source._text, view._source._probe_text = "", "votski"  # as a capture of the trainer leaves it
    view._on_gates_arrived(read(lstm_arrays(6), tokens="votski"))
    assert plot.told() == "text: “votski”, a validation text"
    assert "over 6 tokens: a share is a multiple of 17 %, and a longer text in Try it" in view._parts.readout.text()
    view._on_gates_arrived(read(lstm_arrays(90), tokens="votski" * 15))
    assert view._parts.readout.text() == "a dot is a unit, over 90 tokens"
    assert plot.grab().toImage() != before


def test_that_the_dots_move_with_the_step(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    view._parts.modes.choose("saturation")
    before = view._parts.saturation.dots()[1].opened.copy()
    inspector.replies[ShowGates] = lambda request: (
        header(lstm_arrays(len(TOKENS), seed=9), step=3),
        lstm_arrays(len(TOKENS), seed=9),
    )
    lab.focus.lock(step=3)
    qtbot.waitUntil(lambda: view._gates.step == 3)
    assert not np.array_equal(before, view._parts.saturation.dots()[1].opened)


def test_that_flow_tells_whether_the_gradient_vanishes_and_how_the_run_clips(lab_view):
    view, _, lab, inspector = lab_view
    view._parts.modes.choose("flow")
    page = view._parts.flow
    assert page._say.text().startswith("Vanishes")
    assert page._detail.text().startswith("Loss 0.500 for b, the likeliest.")
    assert "clipped to 1, as the run clips, 25 % of it would be left" in page._detail.text()
    assert "Dotted: the other layers" in page._detail.text()
    assert page._say.text().endswith("text: “verein␣st”, an example")
    lab.focus.lock(layer=1)
    assert page._say.text().startswith("Explodes")
    square = page._map.square()
    QTest.mouseMove(page._map, QPointF(square.left() + 3, square.bottom() - 3).toPoint())
    assert "depends on input" in page._detail.text()
    assert "0.250" in page._detail.text()
    assert len(inspector.asked_of(ShowGradientFlow)) == 1


def test_that_flow_draws_the_gradient_with_and_without_clipping(lab_view):
    view, *_ = lab_view
    view._parts.modes.choose("flow")
    bars = view._parts.flow._bars
    clipped = bars.grab().toImage()
    flow = bars._flow
    bars.set_flow(dataclasses.replace(flow, clip_norm=None), layer=0)
    assert bars.grab().toImage() != clipped
    assert "the run clips none" in clipping(dataclasses.replace(flow, clip_norm=None))
    assert "below 9" in clipping(dataclasses.replace(flow, clip_norm=9.0))


def test_that_a_slow_way_back_says_what_it_does(lab_view, qtbot):
    view, _, _, inspector = lab_view
    inspector.is_held = True
    view._parts.modes.choose("flow")
    page = view._parts.flow
    qtbot.waitUntil(lambda: page._spinner.isVisible())
    assert page._say.text() == "Going back through the text…"
    inspector.waiting.pop()()
    assert page._say.text().startswith("Vanishes")


def test_that_a_clamp_is_asked_with_the_gates_shown_in_a_banner_and_undone(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    box = view._parts.unit._clamps
    box.choose_signal("f")
    box._shut.click()
    clamp = Clamp(layer=0, signal="f", unit=3, value=0.0)
    assert lab.clamps.value == (clamp,)
    qtbot.waitUntil(lambda: inspector.asked_of(ShowGates)[-1].clamps == (clamp,))
    qtbot.waitUntil(lambda: float(np.abs(view._gates.arrays[0, 0, "f"][:, 3]).max()) == 0)
    assert view._parts.clamps.isVisible()
    assert view._parts.clamps._count.text() == "1 intervention ▾"
    lab.session.undo_stack.undo()
    assert lab.clamps.value == ()
    qtbot.waitUntil(lambda: not view._parts.clamps.isVisible())
    assert inspector.asked_of(ShowGates)[-1].clamps == ()


def test_that_the_chips_of_what_is_held_stay_the_same_widgets_while_the_net_trains_on(lab_view, qtbot):
    view, _, lab, _ = lab_view
    lab.clamps.set((Clamp(layer=0, signal="f", unit=3, value=0.0),))
    chips = view._parts.clamps._chips

    def seen():
        return [chip for chip in chips.findChildren(QToolButton) if chip.isVisible()]

    qtbot.waitUntil(lambda: len(seen()) == 1)
    before = seen()
    view._draw()
    assert seen() == before


def test_that_a_gate_of_every_unit_is_held_shut_and_said(lab_view, qtbot):
    view, _, lab, _ = lab_view
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    box = view._parts.unit._clamps
    assert [box._whose.itemText(place) for place in range(2)] == ["unit 3", "all units"]
    box.choose_signal("f")
    box._whose.setCurrentIndex(1)
    box._shut.click()
    assert lab.clamps.value == (Clamp(layer=0, signal="f", unit=None, value=0.0),)
    bar = view._parts.clamps
    qtbot.waitUntil(lambda: any("every unit f = 0" in chip.text() for chip in bar.findChildren(QToolButton)))
    lab.session.undo_stack.undo()
    assert lab.clamps.value == ()


def test_that_a_state_is_held_at_the_sliders_value_over_the_span_and_let_go_by_its_chip(lab_view, qtbot):
    view, _, lab, _ = lab_view
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    view._on_span_brushed((2, 4))
    box = view._parts.unit._clamps
    box.choose_signal("h")
    box.set_value(0.5)
    box._hold.click()
    box.choose_signal("o")
    box._open.click()
    held, opened = lab.clamps.value
    assert held == Clamp(layer=0, signal="h", unit=3, value=0.5, first=2, last=4)
    assert (opened.signal, opened.value) == ("o", 1.0)
    qtbot.waitUntil(lambda: view._parts.clamps._count.text() == "2 interventions ▾")
    view._parts.clamps.removed.emit(held)
    assert lab.clamps.value == (opened,)


def test_that_holding_the_same_signal_again_replaces_what_was_held(lab_view):
    view, _, lab, _ = lab_view
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    box = view._parts.unit._clamps
    box.choose_signal("f")
    box._shut.click()
    box._open.click()
    assert [clamp.value for clamp in lab.clamps.value] == [1.0]


def test_that_another_run_is_free_and_what_was_held_is_not_undone_into_it(lab_view, tmp_path):
    view, run, lab, _ = lab_view
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    view._parts.unit._clamps.choose_signal("f")
    view._parts.unit._clamps._shut.click()
    lab.session.make_current(make_run(tmp_path / "other", run.recipe, SAMPLE))
    assert lab.clamps.value == ()
    lab.session.undo_stack.undo()
    lab.session.undo_stack.redo()
    assert lab.clamps.value == ()


def test_that_the_gradient_of_a_single_token_is_told_and_not_denied(lab_view):
    view, *_ = lab_view
    view._parts.modes.choose("flow")
    flow = view._parts.flow._flow
    one = dataclasses.replace(flow, tokens=("a",), norms=np.full((2, 1, 1), 0.48, dtype=np.float32))
    assert verdict(one, 0).startswith("0.48 at the only token")
    pooled = dataclasses.replace(flow, norms=flow.norms * (np.arange(len(TOKENS)) == 2).astype(np.float32))
    assert "none at the last token" in verdict(pooled, 0)
    far = dataclasses.replace(flow, tokens=("a", "b"), norms=np.array([[[2e-9, 1.0]]], dtype=np.float32))
    assert verdict(far, 0) == "Vanishes: over 10⁸ times smaller at the first token than at the last"
    both = dataclasses.replace(flow, norms=np.concatenate([flow.norms, flow.norms], axis=1))
    assert verdict(both, 0, 0).endswith("times smaller at the first token than at the last")
    assert verdict(both, 0, 1).startswith("Explodes")
    assert verdict(both, 0, 1).endswith("times larger at the last token than at the first")  # it reads that one first
    assert (both.name(1, 1), flow.name(1, 0)) == ("layer 2 ←", "layer 2")
    nothing = dataclasses.replace(flow, norms=np.zeros_like(flow.norms))
    assert verdict(nothing, 0).startswith("No gradient reaches this layer")


def test_that_the_slider_changes_what_is_held_and_one_drag_is_one_step_of_undo(lab_view):
    view, _, lab, _ = lab_view
    lab.focus.lock(unit=3)
    view._parts.modes.choose("unit")
    box = view._parts.unit._clamps
    box.choose_signal("f")
    box._hold.click()
    view.redraw()
    slider = box._slider
    assert [clamp.value for clamp in lab.clamps.value] == [0.5]
    place = QPoint(round(slider.width() * 0.85), slider.height() // 2)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=place)
    (held,) = lab.clamps.value
    assert held.value == pytest.approx(0.85, abs=0.06)
    QTest.mouseMove(slider, QPoint(slider.width() - 1, slider.height() // 2))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 1, slider.height() // 2))
    assert [clamp.value for clamp in lab.clamps.value] == [1.0]
    lab.session.undo_stack.undo()
    view.redraw()
    assert [clamp.value for clamp in lab.clamps.value] == [0.5]
    assert (box.value(), box._value.text()) == (0.5, "0.50")
    box._shut.click()
    view.redraw()
    assert box.value() == 0
    lab.session.undo_stack.undo()
    lab.session.undo_stack.undo()
    assert lab.clamps.value == ()


def test_that_every_page_can_be_opened_by_its_name(lab_view):
    view, *_ = lab_view
    for page in view.pages:
        view.open_page(page.key)
        assert view._parts.modes.value() == page.key


def test_that_the_palette_finds_a_page_by_what_it_is_about():
    page = next(page for page in GatesView.pages if page.key == "flow")
    entry = Entry(text=page.title, do=str, group="Gates", hint=page.words)
    for words in ("gates flow", "gradient", "vanishing"):
        assert _rank_of(words, entry) is not None


def test_that_under_the_flow_stands_the_step_that_it_is_of(lab_view, qtbot):
    view, run, _, inspector = lab_view
    view._parts.modes.choose("flow")
    assert view._parts.step.text() == "step 7"
    arrays = lstm_arrays(len(TOKENS), seed=5)
    inspector.replies[ShowGates] = lambda request: (header(arrays, step=9), arrays)
    run.take([Published(step=9)])
    qtbot.waitUntil(lambda: view._gates.step == 9)
    assert view._parts.flow._flow.step == 7
    assert view._parts.step.text() == "step 7"
    view._parts.modes.choose("raster")
    assert view._parts.step.text() == "step 9"
