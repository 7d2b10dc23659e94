"""The raster of the gates view, and tokens of every kind in it."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from tests.ui.views.fake_lab import assert_told_to_be_read, is_blank
from tests.ui.views.gates_fakes import (
    PAGES,
    TOKENS,
    cell_point,
    lstm_arrays,
    shown_view,
)
from ui.theme import theme
from ui.views._gates_data import Place
from ui.views._token_axis import Axis
from ui.views._tokens import shown


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("page", PAGES)
def test_that_every_page_is_drawn_in_both_themes(lab_view, name, page):
    view, _, lab, _ = lab_view
    theme().use(name)
    lab.focus.lock(unit=3, token=2)
    view._parts.modes.choose(page)
    assert not is_blank(view)


def test_that_a_run_that_is_still_being_read_is_not_said_to_be_in_its_first_steps(lab_view):
    view, before, _, inspector = lab_view
    assert_told_to_be_read(view, before, inspector)


def test_that_hover_tells_the_exact_value_and_a_crosshair_goes_through_all_lanes(lab_view):
    view, _, lab, _ = lab_view
    QTest.mouseMove(view._parts.raster, cell_point(view, "f", unit=4, token=6))
    focus = lab.focus.value
    assert (focus.layer, focus.unit, focus.token) == (0, 4, 6)
    value = float(view._gates.arrays[0, 0, "f"][6, 4])
    assert f"unit 4 · f {value:.3f} at “␣”" in view._parts.readout.text()
    assert view._parts.raster._place == Place(layer=0, unit=4, token=6)


def test_that_leaving_the_raster_ends_the_preview_and_a_click_locks(lab_view, qtbot):
    view, _, lab, _ = lab_view
    raster = view._parts.raster
    QTest.mouseMove(raster, cell_point(view, "c", unit=2, token=1))
    raster.leaveEvent(None)
    assert lab.focus.value.unit is None
    QTest.mouseClick(raster, Qt.MouseButton.LeftButton, pos=cell_point(view, "c", unit=2, token=1))
    raster.leaveEvent(None)
    locked = lab.focus.value
    assert (locked.unit, locked.token) == (2, 1)


def test_that_the_keys_walk_token_unit_and_layer_and_escape_unlocks(lab_view):
    view, _, lab, _ = lab_view
    order = view._parts.raster.order
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
    assert (lab.focus.value.token, lab.focus.value.unit) == (1, int(order[1]))
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert (lab.focus.value.token, lab.focus.value.unit) == (0, int(order[0]))
    QTest.keyClick(view, Qt.Key.Key_BracketRight)
    assert lab.focus.value.layer == 1
    QTest.keyClick(view, Qt.Key.Key_BracketLeft)
    assert lab.focus.value.layer == 0
    lab.focus.unlock()  # what Escape does in the window
    assert (lab.focus.value.token, lab.focus.value.unit) == (None, None)


def test_that_escape_leaves_the_text_that_was_typed(lab_view):
    _, _, lab, _ = lab_view
    lab.focus.lock(text="staaten", token=2)
    lab.focus.unlock()  # what Escape does in the window
    assert (lab.focus.value.text, lab.focus.value.token) == ("staaten", None)


def test_that_dragging_along_the_tokens_marks_a_span_and_a_click_takes_it_away(lab_view):
    view, *_ = lab_view
    raster = view._parts.raster
    lane = raster.lanes()[0]
    cell = lane.labels.width() / len(TOKENS)
    y = lane.labels.center().y()
    start, end = (QPointF(lane.labels.left() + (k + 0.5) * cell, y).toPoint() for k in (2, 5))
    QTest.mousePress(raster, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(raster, end)
    QTest.mouseRelease(raster, Qt.MouseButton.LeftButton, pos=end)
    assert view._span == (2, 5)
    QTest.mouseClick(raster, Qt.MouseButton.LeftButton, pos=start)
    assert view._span is None


def test_that_a_shift_drag_over_the_cells_marks_a_span_too(lab_view):
    view, *_ = lab_view
    raster, shift = view._parts.raster, Qt.KeyboardModifier.ShiftModifier
    start, end = cell_point(view, "o", unit=1, token=6), cell_point(view, "o", unit=5, token=3)
    QTest.mousePress(raster, Qt.MouseButton.LeftButton, shift, start)
    QTest.mouseMove(raster, end)
    QTest.mouseRelease(raster, Qt.MouseButton.LeftButton, shift, end)
    assert view._span == (3, 6)


def test_that_zooming_one_lane_zooms_all_and_keeps_the_cell_under_the_pointer():
    axis = Axis.whole(100).zoomed(0.5, about=30)
    assert axis.length == 50
    assert (30 - axis.first) / axis.length == pytest.approx(0.3)
    assert Axis.whole(100).zoomed(0.001, about=99).length == 4
    assert axis.zoomed(100, about=0).is_whole
    assert axis.moved(1000).last == 100
    assert axis.showing(0).first == 0


def test_that_the_colours_are_those_of_the_values(lab_view):
    view, *_ = lab_view
    raster = view._parts.raster
    image = view.grab().toImage()
    gates = view._gates
    flat = gates.arrays[0, 0, "f"]
    lowest = np.unravel_index(int(flat.argmin()), flat.shape)
    highest = np.unravel_index(int(flat.argmax()), flat.shape)
    seen = []
    for token, unit in (lowest, highest):
        at = raster.mapTo(view, cell_point(view, "f", unit=int(unit), token=int(token)))
        seen.append(image.pixelColor(at).name())
    assert seen[0].startswith(("#44", "#45"))  # viridis begins in purple
    assert seen[1].startswith(("#fd", "#fb", "#fa"))  # and ends in yellow


@pytest.mark.parametrize("size", [(730, 470), (1100, 760), (420, 900), (1200, 300)])
def test_that_lanes_fill_any_room_without_overlap(qtbot, tmp_path, size):
    view, *_ = shown_view(qtbot, tmp_path, size=size)
    lanes = view._parts.raster.lanes()
    boxes = [lane.head.united(lane.labels) for lane in lanes]
    assert len(lanes) == 6
    assert all(not a.intersects(b) for k, a in enumerate(boxes) for b in boxes[k + 1 :])
    assert max(box.bottom() for box in boxes) <= view._parts.raster.height() + 1


def test_that_what_cannot_be_seen_gets_a_sign():
    assert shown(" ") == "␣"
    assert shown("\n") == "⏎"
    assert shown("\u0301") == "◌\u0301"
    assert shown("\u200d") == "◦"
    assert shown("🙂") == "🙂"
    assert shown("ש") == "ש"


@pytest.mark.parametrize("page", PAGES[:4])
def test_that_right_to_left_emoji_and_combining_characters_are_drawn_and_indexed_by_token(qtbot, tmp_path, page):
    tokens = ("ש", "ל", "ו", "ם", "␣", "🙂", "e", "\u0301", "ไ", "ม", "้", "\u200d", "ع", "ر")
    arrays = lstm_arrays(len(tokens))
    view, _, lab, _ = shown_view(qtbot, tmp_path, arrays=arrays, tokens=tokens)
    lab.focus.lock(unit=1, token=5)
    view._parts.modes.choose(page)
    assert not is_blank(view)
    assert "🙂" in view._parts.readout.text()


def test_that_a_place_in_mixed_text_is_the_token_that_stands_there(qtbot, tmp_path):
    tokens = ("a", "b", "␣", "ש", "ל", "ו", "ם", "␣", "🙂", "z")
    view, *_ = shown_view(qtbot, tmp_path, arrays=lstm_arrays(len(tokens)), tokens=tokens)
    view._parts.modes.choose("unit")
    text = view._parts.unit._text
    for token in range(len(tokens)):
        assert text.token_at(text.token_rect(token).center()) == token
    # Hebrew goes from right to left.
    assert text.token_rect(3).left() > text.token_rect(6).left()


@pytest.mark.parametrize("size", [(640, 460), (1200, 700)])
def test_that_the_sentence_of_a_cell_has_room_beside_the_legend_or_above_it(qtbot, tmp_path, size):
    view, _, lab, _ = shown_view(qtbot, tmp_path, size=size)
    lab.focus.lock(unit=3, token=2)
    parts = view._parts
    qtbot.waitUntil(lambda: parts.readout.width() >= 360)
    assert parts.readout.fontMetrics().horizontalAdvance(parts.readout.text()) <= parts.readout.width()
    assert not parts.readout.geometry().intersects(parts.legend.geometry())


def test_that_units_that_share_a_pixel_are_told_of(qtbot, tmp_path):
    arrays = lstm_arrays(len(TOKENS), units=400)
    view, *_ = shown_view(qtbot, tmp_path, size=(640, 460), arrays=arrays)
    readout = view._parts.readout
    assert "share a pixel" in readout.text()
    for gesture in ("drag marks a span", "double click opens a unit", "wheel zooms"):
        assert gesture in readout.text()
    qtbot.waitUntil(lambda: readout.fontMetrics().horizontalAdvance(readout.text()) <= readout.width())
    few, *_ = shown_view(qtbot, tmp_path / "few")
    assert "share a pixel" not in few._parts.readout.text()


def test_that_words_read_on_with_their_spaces_and_each_place_is_its_token(qtbot, tmp_path):
    tokens = ("good", "day", ",", "all")
    view, *_ = shown_view(qtbot, tmp_path, arrays=lstm_arrays(len(tokens)), tokens=tokens)
    view._source.arrived.emit(view._gates)
    assert view._gates.running == tokens  # of letters, which have their own spaces
    view._tokenizer = lambda: "words"
    view._source.arrived.emit(view._gates)
    assert "".join(view._gates.running) == "good day, all"
    view._parts.modes.choose("unit")
    text = view._parts.unit._text
    for token in range(len(tokens)):
        assert text.token_at(text.token_rect(token).center()) == token


def test_that_a_long_text_wraps_and_scrolls(qtbot, tmp_path):
    tokens = tuple("the quick brown fox jumps over it. " * 20)
    view, *_ = shown_view(qtbot, tmp_path, arrays=lstm_arrays(len(tokens)), tokens=tokens)
    view._parts.modes.choose("unit")
    text = view._parts.unit._text
    assert text.token_rect(len(tokens) - 1).top() > text.token_rect(0).top()
    assert text.token_rect(len(tokens) - 1).right() <= text.width()


def test_that_a_drag_over_the_cells_marks_a_span_of_which_similar_places_are_found(lab_view):
    view, *_ = lab_view
    raster, similar = view._parts.raster, view._parts.find_similar
    assert not similar.isVisible()
    start, end = cell_point(view, "o", unit=1, token=6), cell_point(view, "o", unit=5, token=3)
    QTest.mousePress(raster, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(raster, end)
    QTest.mouseRelease(raster, Qt.MouseButton.LeftButton, pos=end)
    assert view._span == (3, 6)
    similar.click()
    assert view._parts.modes.value() == "search"
    assert view._parts.search._query.span == (3, 6)
    assert not similar.isVisible()


def test_that_a_double_click_on_a_row_opens_its_unit(lab_view):
    view, *_ = lab_view
    at = cell_point(view, "c", unit=7, token=2)
    QTest.mouseClick(view._parts.raster, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view._parts.raster, Qt.MouseButton.LeftButton, pos=at)
    assert view._parts.modes.value() == "unit"
    assert view._parts.unit._title.text() == "unit 7"


def test_that_units_that_run_away_pale_no_other_and_are_dotted(qtbot, tmp_path):
    arrays = lstm_arrays(len(TOKENS), units=32)
    arrays["0/0/c"][:, :2] *= 40
    view, *_ = shown_view(qtbot, tmp_path, size=(640, 420), arrays=arrays)
    raster = view._parts.raster
    assert raster.reaches["c"] <= 1.5
    assert raster.dotted() == {"c"}
    scale = view._parts.legend.scales()[-1]
    assert "c" in scale.caption
    assert "dot: beyond" in scale.high
    readout = view._parts.readout
    assert "double click opens a unit" in readout.text()
    qtbot.waitUntil(lambda: readout.fontMetrics().horizontalAdvance(readout.text()) <= readout.width())


@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize(("largest", "ends"), [(2.3, ("≤ −1", "≥ +1")), (0.9, ("−1", "+1"))])
def test_that_a_scale_says_that_values_lie_beyond_its_ends_where_some_do(qtbot, tmp_path, kind, largest, ends):
    arrays = {key: array.astype(kind) for key, array in lstm_arrays(len(TOKENS), units=400).items()}
    cells = arrays["0/0/c"]
    cells[:] = np.linspace(-0.9, 0.9, cells.size, dtype=kind).reshape(cells.shape)
    cells[1, 3] = -largest
    view, *_ = shown_view(qtbot, tmp_path, size=(640, 420), arrays=arrays)
    scales = {scale.caption: (scale.low, scale.high) for scale in view._parts.legend.scales()}
    assert view._parts.raster.dotted() == frozenset()  # cells are too small for dots
    of_cell = next(caption for caption in scales if "c" in caption.split())
    assert scales[of_cell] == ends
    of_candidate = next(caption for caption in scales if "g" in caption.split())
    assert scales[of_candidate] == ("−1", "+1")
