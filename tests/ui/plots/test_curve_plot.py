"""The plot as a person meets it: pictures, log scale, readout, pointer, links, files."""

import csv
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.plots import AxisMap, CurvePlot, LineStyle, Marker, MarkerKind, XUnit
from ui.plots.legend import Legend
from ui.plots.markers import glyph_places
from ui.plots.ticks import format_value, linear_ticks
from ui.theme import apply_theme, theme

NUM_STEPS = 5000


@pytest.fixture
def plot(qtbot):
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    return shown(qtbot)


def shown(qtbot, y_kind="any"):
    plot = CurvePlot("Loss", empty_text="Start a run", y_kind=y_kind)
    qtbot.addWidget(plot)
    plot.resize(640, 400)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


def fill(plot: CurvePlot) -> None:
    steps = np.arange(NUM_STEPS)
    noise = np.random.default_rng(0).normal(0, 0.1, NUM_STEPS)
    plot.add_curve("train", label="run 1 train", colour=0, axis_maps={XUnit.EPOCH: AxisMap([0, 1000], [0, 1])})
    plot.append("train", steps, 3 * np.exp(-steps / 1000) + 0.5 + noise)
    plot.add_curve("validation", label="run 1 validation", colour=1, line=LineStyle.VALIDATION)
    plot.append("validation", steps[::500], 3 * np.exp(-steps[::500] / 1000) + 0.6)


def colours(plot: CurvePlot) -> set[str]:
    image = plot.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("smoothing", [0.0, 0.9])
def test_that_every_curve_is_seen_in_both_themes(plot, name, smoothing):
    theme().use(name)
    fill(plot)
    plot.set_smoothing(smoothing)
    seen = colours(plot)
    assert theme().palette.panel in seen
    assert plot._canvas._style.series(0).name() in seen
    assert plot._canvas._style.series(1).name() in seen


def test_that_training_steps_back_beside_its_own_validation_and_alone_does_not(plot):
    steps = np.arange(400)
    plot.add_curve("train", label="train", colour=0)
    plot.append("train", steps, np.ones(400))
    sunk = plot._canvas._style.faint(0, amount=0.3).name()
    alone = num_pixels(plot, sunk)
    plot.add_curve("validation", label="validation", colour=0, line=LineStyle.VALIDATION)
    plot.append("validation", steps[::100], np.full(4, 2.0))
    assert num_pixels(plot, sunk) > alone + 10


@pytest.mark.parametrize("per_step", [1, 400], ids=["few points", "more points than pixels"])
@pytest.mark.parametrize("smoothing", [0.0, 0.9])
def test_that_no_line_crosses_steps_at_which_nothing_was_measured(plot, per_step: int, smoothing: float):
    measured = np.concatenate([np.arange(0, 40 * per_step), np.arange(60 * per_step, 100 * per_step)])
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", measured, np.ones(len(measured)))
    plot.set_smoothing(smoothing)
    assert is_inked(plot, at=20 * per_step)
    assert not is_inked(plot, at=50 * per_step)
    assert is_inked(plot, at=80 * per_step)


@pytest.mark.parametrize("line", [LineStyle.TRAIN, LineStyle.VALIDATION])
@pytest.mark.parametrize("steps", [range(0, 101, 20), [*range(10), *range(10, 101, 15)]], ids=["seldom", "ever less"])
def test_that_what_is_measured_each_so_many_steps_is_joined(plot, line: LineStyle, steps):
    plot.add_curve("a", label="a", colour=0, line=line)
    plot.append("a", np.array(steps), np.ones(len(steps)))
    assert all(is_inked(plot, at=place) for place in (33, 50, 68))


def is_inked(plot: CurvePlot, *, at: float) -> bool:
    """Whether the column of that step shows anything but the grid, about the height 1."""
    image = plot._canvas.grab().toImage()
    view = plot._canvas.view
    x, y = round(plot._canvas.px_of_step(at)), round(float(view.y_to_px(np.array([1.0]))[0]))
    found = {QColor(image.pixel(x, y + shift)).name() for shift in range(-4, 5)}
    style = plot._canvas._style
    return not found <= {QColor(style.background).name(), QColor(style.grid).name()}


def num_pixels(plot: CurvePlot, colour: str) -> int:
    image = plot.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32) & 0xFFFFFF
    return int((pixels == int(colour[1:], 16)).sum())


def test_that_an_empty_plot_says_what_will_appear(plot):
    before = plot.grab().toImage()
    plot._canvas.empty_text = ""
    plot._canvas.redraw()
    assert plot.grab().toImage() != before


def test_that_a_log_scale_hides_what_is_not_positive_and_says_so(plot):
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", np.arange(6), [1, 0.1, 0, -1, 0.01, 1])
    plot.set_log_y(True)
    plot.grab()
    assert "2" in plot._notice.text()
    assert -3 < plot._canvas.view.y0 < -2
    assert np.isnan(plot._canvas.view.y_to_px(np.array([0.0, -1.0]))).all()
    plot.set_log_y(False)
    plot.grab()
    assert plot._notice.text() == ""


def test_that_one_far_spike_does_not_flatten_the_rest_and_is_marked(plot):
    y = np.ones(NUM_STEPS) + np.random.default_rng(0).normal(0, 0.1, NUM_STEPS)
    y[2500] = 1000
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", np.arange(NUM_STEPS), y)
    image = plot.grab().toImage()
    view = plot._canvas.view
    assert view.y1 < 10
    middle = plot._canvas.mapTo(plot, QPoint(round(view.left + view.width / 2), round(view.top) + 5))
    assert QColor(image.pixel(middle)).name() == plot._canvas._style.series(0).name()


@pytest.mark.parametrize(("early", "late"), [(1.0, 1.0), (0.999999, 1.0), (0.0, 0.0), (0.3, 1.0)])
def test_that_a_share_spans_a_twentieth_at_least_within_0_to_1_and_loses_no_early_point(qtbot, early, late):
    plot = shown(qtbot, y_kind="share")
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", np.arange(NUM_STEPS), np.where(np.arange(NUM_STEPS) < 9, early, late))
    plot.grab()
    view = plot._canvas.view
    assert view.y1 - view.y0 >= 0.05
    assert -0.1 <= view.y0 <= min(early, late)
    assert max(early, late) <= view.y1 <= 1.1


def test_that_a_falling_loss_is_shown_from_its_beginning_and_still_cuts_off_a_spike(qtbot):
    plot = shown(qtbot, y_kind="fall")
    steps = np.arange(NUM_STEPS)
    y = 1.1 * np.exp(-steps / 20) + 1e-6
    y[2500] = 1000
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", steps, y)
    plot.grab()
    assert 1.1 <= plot._canvas.view.y1 < 10


def test_that_a_long_label_of_y_widens_the_margin_that_it_stands_in(plot):
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", [0, 1, 2], [12345.0001, 12345.0002, 12345.0003])
    plot.grab()
    view, metrics = plot._canvas.view, QFontMetricsF(plot._canvas.font())
    labels = [tick.label for tick in linear_ticks(view.y0, view.y1, max_count=10)]
    assert view.left >= max(metrics.horizontalAdvance(label) for label in labels) + 8
    assert view.right <= plot._canvas.width()


def test_that_the_view_follows_until_a_person_zooms_and_again_after_home(plot, qtbot):
    fill(plot)
    plot.grab()
    plot.append("train", [NUM_STEPS + 1000], [0.5])
    qtbot.waitUntil(lambda: plot._canvas.view.x1 == NUM_STEPS + 1000)
    plot.set_x_range(100, 200)
    plot.append("train", [NUM_STEPS + 2000], [0.5])
    plot.grab()
    assert not plot.is_following
    assert plot._canvas.view.x1 == pytest.approx(200)
    qtbot.keyClick(plot._canvas, Qt.Key.Key_Home)
    plot.grab()
    assert plot._canvas.view.x1 == NUM_STEPS + 2000


def test_that_pointing_reads_exact_values_and_leaving_the_latest(plot, qtbot):
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", [0, 10, 20], [0.125, 0.25, 0.5])
    plot.grab()
    x = round(plot._canvas.px_of_step(10)) + 3
    qtbot.mouseMove(plot._canvas, QPoint(x, 100))
    assert plot._legend._entries[0].value == "0.2500"
    assert plot._place.text() == "step 10"
    plot._shared.set_hover(None)
    assert plot._legend._entries[0].value == "0.5000"


def test_that_dragging_the_cursor_tells_steps_whatever_the_unit(plot, qtbot):
    fill(plot)
    plot.set_curve_visible("validation", False)
    plot.set_x_unit(XUnit.EPOCH)
    plot.set_step(2000)
    plot.grab()
    canvas = plot._canvas
    start = QPoint(round(canvas.px_of_step(2000)), 100)
    target = round(canvas.px_of_step(3000))
    steps: list[float] = []
    plot.step_dragged.connect(steps.append)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, QPoint(target, 100))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(target, 100))
    assert steps[-1] == pytest.approx(3000, abs=10)
    assert plot.is_following


def test_that_linked_plots_share_range_crosshair_and_cursor(plot, qtbot):
    other = shown(qtbot)
    fill(plot)
    fill(other)
    other.link_x(plot)
    plot.set_x_range(1000, 2000)
    other.set_step(1500)
    other.grab()
    plot.grab()
    assert other._canvas.view.x0 == plot._canvas.view.x0 == 1000
    assert plot._shared.cursor == 1500
    other.append("train", [9000], [1])
    other.reset_view()
    qtbot.waitUntil(lambda: plot._canvas.view.x1 == 9000)


def test_that_a_curve_without_the_unit_is_hidden_and_counted(plot):
    fill(plot)
    plot.set_x_unit(XUnit.EPOCH)
    plot.grab()
    assert plot._canvas.view.x1 == pytest.approx((NUM_STEPS - 1) / 1000)
    assert "1" in plot._notice.text()


def test_that_a_markers_text_shows_when_it_is_pointed_at(plot):
    fill(plot)
    plot.grab()
    plot._shared.set_hover(2000.0)
    without = plot.grab().toImage()
    plot.set_markers([Marker(step=2000, kind=kind, text="learning rate 0.001") for kind in MarkerKind])
    plot._canvas.redraw()
    assert plot.grab().toImage() != without


@pytest.mark.parametrize("edge", ["top", "bottom"])
def test_that_a_marker_answers_the_mouse_on_its_shape_far_from_any_measured_step(plot, edge: str):
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", [0, 1000], [1, 2])
    plot.set_markers([Marker(step=400, kind=MarkerKind.OPTION, text="rate 0.1 → 0.2 from step 401 on")])
    plot.grab()
    canvas = plot._canvas
    y = canvas.view.top - 6 if edge == "top" else canvas.view.bottom - 2
    point_at(plot, QPointF(canvas.px_of_step(400), y))
    assert canvas.marker_text() == "rate 0.1 → 0.2 from step 401 on"
    point_at(plot, QPointF(canvas.px_of_step(600), y))
    assert canvas.marker_text() == ""


def test_that_shapes_at_one_step_stand_side_by_side_within_the_plot(plot):
    kinds = (MarkerKind.PAUSE, MarkerKind.OPTION, MarkerKind.BEST)
    for at in (400, 1000):
        plot.clear()
        plot.add_curve("a", label="a", colour=0)
        plot.append("a", [0, 1000], [1, 2])
        plot.set_markers([Marker(step=at, kind=kind, text=kind.value) for kind in kinds])
        plot.grab()
        canvas = plot._canvas
        shapes = sorted(glyph_places(canvas.marker_places(), right=canvas.view.right))
        assert min(np.diff(shapes)) >= 11
        assert shapes[-1] <= canvas.view.right + 0.5


def test_that_shapes_of_two_lines_near_each_other_stand_about_them_and_far_ones_over_theirs():
    places = [(Marker(step=x, kind=MarkerKind.OPTION, text=""), x) for x in (100.0, 104.0, 300.0, 303.0, 306.0)]
    shapes = glyph_places(places, right=1000)
    assert shapes == [97.0, 108.0, 292.5, 303.5, 314.5]
    assert glyph_places([places[0], places[2]], right=1000) == [100.5, 300.5]


def point_at(plot: CurvePlot, at: QPointF) -> None:
    """Move the mouse there, whatever lies over the window."""
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(
        QEvent.Type.MouseMove, at, plot._canvas.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(plot._canvas, move)


def test_that_a_key_explains_the_shapes_that_there_are_and_no_others(plot):
    fill(plot)
    assert plot._marker_key.kinds() == ()
    plot.set_markers([Marker(step=at, kind=MarkerKind.BEST, text="best") for at in (10, 20)])
    assert plot._marker_key.kinds() == (MarkerKind.BEST,)
    alone = plot._marker_key.sizeHint().width()
    plot.set_markers([Marker(step=9, kind=kind, text="") for kind in MarkerKind])
    assert plot._marker_key.kinds() == tuple(MarkerKind)
    assert plot._marker_key.sizeHint().width() > 3 * alone


def test_that_exported_csv_reads_back_to_the_last_digit(plot, tmp_path):
    steps, values = np.arange(300), np.random.default_rng(0).normal(size=300)
    values[7], values[9] = np.nan, np.inf
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", steps, values)
    plot.export(tmp_path / "curves.csv", scope="all")
    with (tmp_path / "curves.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    known = ~np.isnan(values)
    assert [int(row["step"]) for row in rows] == steps[known].tolist()
    assert [float(row["value"]) for row in rows] == values[known].tolist()
    plot.set_x_range(100, 110)
    assert len(plot.csv().splitlines()) == 1 + 11


def test_that_a_plot_is_written_as_png_and_as_svg_shapes(plot, tmp_path):
    fill(plot)
    plot.grab()
    plot.export(tmp_path / "plot.png")
    plot.export(tmp_path / "plot.svg")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    tree = ElementTree.parse(tmp_path / "plot.svg")
    names = {element.tag.rsplit("}")[-1] for element in tree.iter()}
    assert "polyline" in names or "path" in names
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plot.png", "plot.svg"]
    with pytest.raises(ValueError, match=r"\.png, \.svg or \.csv"):
        plot.export(tmp_path / "plot.gif")


def test_that_the_legend_has_room_for_the_longest_number(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    metrics = QFontMetricsF(legend.font())
    for value in (1.053e-4, -8.888e-8, 0.7781, 12345.678, -1.234e10):
        assert metrics.horizontalAdvance(format_value(value)) <= legend._number_width(), format_value(value)


def test_that_a_marker_on_the_last_step_is_drawn_at_any_width(qtbot, plot):
    plot.add_curve("a", label="a", colour=0)
    plot.append("a", [1, 552], [1, 2])
    for width in range(400, 460):
        plot.resize(width, 300)
        plot.set_markers([])
        plot.grab()
        without = plot._canvas.grab().toImage()
        plot.set_markers([Marker(step=552, kind=MarkerKind.BEST, text="best")])
        plot.grab()
        assert plot._canvas.grab().toImage() != without, width
