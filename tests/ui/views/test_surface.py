import itertools
from pathlib import Path
from unittest.mock import Mock

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from modellab.config import to_builtins
from modellab.data.base import Sample
from tests.ui.views.fake_lab import is_blank, make_lab, make_run, recipe_of, write_capture
from ui.theme import theme
from ui.views import _surface_colours, _surface_network
from ui.views._surface_network import _LEAST, arrange
from ui.views._surface_readout import place_text
from ui.views.surface import SurfaceView
from workers.protocol import Problem, SamplePage, ShowSamples, ShowSurface, SurfaceHeader

SAMPLE = Sample(
    kind="point",
    task="classification",
    shape=(2,),
    classes=("blue", "orange"),
    features=("x", "y"),
    low=(-1.0, -1.0),
    high=(1.0, 1.0),
)
REGRESSION = Sample(
    kind="point", task="regression", shape=(2,), features=("x", "y"), target="height", low=(-1.0, -1.0), high=(1.0, 1.0)
)
SIZE = 64


def surface_arrays(*, shift: float = 0.0) -> dict[str, np.ndarray]:
    """Two classes divided at x = shift, and layers of 4 and 200 units of which 128 are there."""
    axis = np.linspace(-1.2, 1.2, SIZE, dtype=np.float32)
    orange = np.tile(1 / (1 + np.exp(-4 * (axis - shift))), (SIZE, 1))
    few = np.linspace(-1, 1, 24, dtype=np.float32)
    units = np.stack([np.add.outer(few * number, few) for number in range(4)])
    return {
        "bounds": np.array([-1.2, 1.2, -1.2, 1.2], dtype=np.float32),
        "output": np.stack([1 - orange, orange]).astype(np.float16),
        "unit/1": units.astype(np.float16),
        "unit/2": np.repeat(units[:1], 128, axis=0).astype(np.float16),
    }


def samples(request: ShowSamples):
    rng = np.random.default_rng(0)
    total = 1500 if request.split == "train" else 40
    indices = range(request.start, min(total, request.start + min(request.count, 1024)))
    inputs = rng.uniform(-1, 1, (len(indices), 2)).astype(np.float32)
    if request.start == 0:
        inputs[0] = (0.5, 0.25)
    page = SamplePage(sample=to_builtins(SAMPLE), start=request.start, total=total, indices=tuple(indices))
    return page, {"inputs": inputs, "targets": (inputs[:, 0] > 0).astype(np.int64)}


@pytest.fixture
def shown(qtbot, tmp_path: Path):
    """A view of a run with one capture, and all it hangs on."""
    lab, inspector = make_lab()
    inspector.replies[ShowSamples] = samples
    inspector.replies[ShowSurface] = lambda request: (
        SurfaceHeader(step=request.model.step or 0),
        surface_arrays(shift=0.5),
    )
    view = SurfaceView(lab)
    qtbot.addWidget(view)
    view.resize(700, 560)
    view.show()
    recipe = recipe_of({"name": "points"}, architecture={"name": "mlp", "hidden_layers": [4, 200]})
    run = make_run(tmp_path / "run", recipe, SAMPLE)
    view.set_run(run)
    write_capture(run, surface_arrays(), step=120)
    qtbot.waitUntil(lambda: view._surface is not None)
    return view, run, lab, inspector


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_a_run_is_drawn_in_both_themes(shown, name):
    view, *_ = shown
    theme().use(name)
    assert not is_blank(view)


def test_that_the_view_shows_the_step_of_the_capture(shown):
    view, *_ = shown
    assert view._step_label.text() == "step 120"


def test_that_a_newer_capture_is_shown_as_it_comes(shown, qtbot):
    view, run, *_ = shown
    write_capture(run, surface_arrays(shift=0.3), step=240)
    qtbot.waitUntil(lambda: view._step_label.text() == "step 240")


def test_that_hover_gives_the_measured_values_at_the_nearest_place(shown):
    view, *_ = shown
    square = view._plot.square()
    at = QPointF(square.left() + 0.1 * square.width(), square.top() + 0.1 * square.height()).toPoint()
    QTest.mouseMove(view._plot, at)
    surface = view._surface
    pointed = view._pointed
    row, column = surface.cell(pointed.x, pointed.y, size=SIZE)
    x, y = surface.place(row, column, size=SIZE)
    text = view._readout.text()
    assert f"x {x:.2f}   y {y:.2f}".replace("-", "−") in text
    assert f"blue {float(surface.output[0, row, column]):.3f}" in text
    assert f"orange {float(surface.output[1, row, column]):.3f}" in text


def test_that_hover_over_an_example_names_it(shown):
    view, *_ = shown
    x, y = view._plot.to_pixels(np.array([[0.5, 0.25]]))[0]
    QTest.mouseMove(view._plot, QPointF(x, y).toPoint())
    split, index = view._pointed.split, view._pointed.index
    inputs = view._points[split].inputs[index]
    assert np.hypot(*(inputs - (0.5, 0.25))) < 0.05
    assert f"{split} {index}: {'orange' if inputs[0] > 0 else 'blue'}" in view._readout.text()


def test_that_hovering_a_tile_previews_the_unit_and_leaving_it_ends_that(shown):
    view, _, lab, _ = shown
    QTest.mouseMove(view._tiles, view._tiles.tile_rect(0, 2).center())
    assert (lab.focus.value.layer, lab.focus.value.unit) == (0, 2)
    QTest.mouseMove(view._tiles, QPoint(1, 1))
    assert lab.focus.value.unit is None


def test_that_a_click_locks_a_unit_and_escape_unlocks_it(shown, qtbot):
    view, _, lab, _ = shown
    QTest.mouseClick(view._tiles, Qt.MouseButton.LeftButton, pos=view._tiles.tile_rect(0, 1).center())
    QTest.mouseMove(view._tiles, QPoint(1, 1))
    assert (lab.focus.value.layer, lab.focus.value.unit) == (0, 1)
    qtbot.waitUntil(lambda: view._plot._title == "Hidden 1 · unit 2")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert lab.focus.value.unit is None


def test_that_the_arrow_keys_walk_the_tiles_and_enter_locks(shown):
    view, _, lab, _ = shown
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(view._tiles, key)
    assert (lab.focus.value.layer, lab.focus.value.unit) == (0, 1)


def test_that_units_left_out_of_the_capture_are_counted(shown):
    view, *_ = shown
    assert view._surface.num_units == (4, 200)
    assert view._tiles._more_text(1) == "The first 128 of 200 units are shown"


def test_that_all_pages_of_examples_are_fetched(shown):
    view, *_ = shown
    assert len(view._points["train"]) == 1500
    assert view._note.text() == "1,540 points"


def test_that_a_step_of_the_slider_is_asked_of_the_inspector(shown, qtbot):
    view, run, lab, inspector = shown
    lab.focus.lock(step=60)
    qtbot.waitUntil(lambda: view._step_label.text() == "step 60")
    assert inspector.asked_of(ShowSurface)[-1].model.step == 60
    assert inspector.asked_of(ShowSurface)[-1].model.run == str(run.path)


def test_that_a_step_with_a_capture_needs_no_question(shown, qtbot):
    view, run, lab, inspector = shown
    write_capture(run, surface_arrays(shift=0.2), step=240)
    qtbot.waitUntil(lambda: view._step_label.text() == "step 240")
    lab.focus.lock(step=120)
    qtbot.waitUntil(lambda: view._step_label.text() == "step 120")
    assert not inspector.asked_of(ShowSurface)


def test_that_an_answer_for_the_run_before_is_passed_over(shown, qtbot, tmp_path):
    view, run, lab, inspector = shown
    inspector.is_held = True
    lab.focus.lock(step=60)
    qtbot.waitUntil(lambda: bool(inspector.asked_of(ShowSurface)))
    inspector.is_held = False
    view.set_run(make_run(tmp_path / "other", run.recipe, SAMPLE))
    inspector.waiting[-1]()
    assert view._surface is None


def test_that_a_run_without_a_surface_has_not_the_legend_of_the_one_before(shown, qtbot, tmp_path):
    view, run, *_ = shown
    assert view._legend._entries
    view.set_run(make_run(tmp_path / "other", run.recipe, SAMPLE))
    qtbot.waitUntil(lambda: not view._legend._entries)


def test_that_the_run_before_is_let_go(shown):
    view, run, *_ = shown
    view.set_run(None)
    write_capture(run, surface_arrays(), step=500)
    view.redraw()
    assert view._surface is None


@pytest.mark.parametrize("style", ["smooth", "flat"])
@pytest.mark.parametrize("unit", [None, 3])
def test_that_both_styles_draw_the_output_and_a_unit(shown, style, unit):
    view, _, lab, _ = shown
    view._style.choose(style)
    if unit is not None:
        lab.focus.lock(layer=0, unit=unit)
    view.redraw()
    assert not is_blank(view._plot)


def test_that_hiding_the_validation_data_leaves_the_training_data(shown):
    view, *_ = shown
    view._toggles["validation"].click()
    assert list(view._plot._points) == ["train"]


def test_that_the_numbers_of_the_surface_are_exported(shown):
    view, *_ = shown
    table = view._table()
    rows = list(table.rows)
    assert tuple(table.columns) == ("x", "y", "blue", "orange")
    assert len(rows) == SIZE * SIZE
    assert rows[0][:2] == (-1.2, -1.2)


def test_that_before_a_run_the_drafts_data_is_shown_and_follows_it(qtbot):
    lab, inspector = make_lab()
    inspector.replies[ShowSamples] = samples
    view = SurfaceView(lab)
    qtbot.addWidget(view)
    view.show()
    lab.session.set_draft(recipe_of({"name": "points"}))
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 1)
    assert not is_blank(view._plot)
    lab.session.set_draft(recipe_of({"name": "points", "noise": 0.3}))
    qtbot.waitUntil(lambda: inspector.asked_of(ShowSamples)[-1].recipe["dataset"].get("noise") == 0.3)


def test_that_a_problem_with_the_data_is_said_in_the_view(qtbot):
    lab, inspector = make_lab()
    inspector.replies[ShowSamples] = lambda _: (Problem(message="5 points are too few; ask for more."), {})
    view = SurfaceView(lab)
    qtbot.addWidget(view)
    view.show()
    lab.session.set_draft(recipe_of({"name": "points"}))
    qtbot.waitUntil(lambda: view._empty._sentence.text() == "5 points are too few; ask for more.")
    assert view._stack.currentIndex() == 0


def test_that_an_empty_view_says_what_will_appear(qtbot):
    view = SurfaceView(make_lab()[0])
    qtbot.addWidget(view)
    assert "2-D points" in view._empty._sentence.text()


@pytest.mark.parametrize("widths", [(4, 3, 2), (64, 128), (8,) * 20, (1,), (128,) * 6])
def test_that_tiles_never_overlap_and_shrink_before_they_scroll(widths):
    blocks = arrange(widths, hidden=(0,) * len(widths), width=270, height=420)
    tiles = [tile for block in blocks for tile in block.tiles]
    assert len(tiles) == sum(widths)
    assert all(not a.intersects(b) for a, b in itertools.pairwise(tiles))
    assert max(tile.bottom() for tile in tiles) <= 420
    if max(tile.right() for tile in tiles) > 270:
        assert tiles[0].width() == _LEAST


def test_that_a_regression_is_drawn_about_its_mean_with_numbers(qtbot, tmp_path):
    lab, inspector = make_lab()

    def answer(request: ShowSamples):
        _, arrays = samples(request)
        page = SamplePage(sample=to_builtins(REGRESSION), start=0, total=len(arrays["inputs"]), indices=(0,))
        return page, {"inputs": arrays["inputs"], "targets": arrays["inputs"][:, 0]}

    inspector.replies[ShowSamples] = answer
    view = SurfaceView(lab)
    qtbot.addWidget(view)
    view.resize(700, 560)
    view.show()
    run = make_run(tmp_path / "run", recipe_of({"name": "points", "shape": "plane"}), REGRESSION)
    view.set_run(run)
    arrays = surface_arrays()
    write_capture(run, {"bounds": arrays["bounds"], "output": arrays["output"][1:].astype(np.float32)}, step=7)
    qtbot.waitUntil(lambda: view._surface is not None)
    entry = view._legend._entries[0]
    largest = max(np.abs(points.targets).max() for points in view._points.values())
    assert view._legend._caption == "height"
    assert (entry.before, entry.after) == (f"−{largest:.3g}", f"{largest:.3g}")
    QTest.mouseMove(view._plot, view._plot.square().center().toPoint())
    assert "height 0.5" in view._readout.text()


def test_that_a_frame_makes_a_few_pictures_and_not_one_for_each_unit(shown, monkeypatch):
    view, *_ = shown
    image = QImage(view._plot.size(), QImage.Format.Format_RGB32)
    plane = Mock(wraps=_surface_colours._image)
    units = Mock(wraps=_surface_colours.index_image)
    monkeypatch.setattr(_surface_colours, "_image", plane)
    monkeypatch.setattr(_surface_network, "index_image", units)
    for _ in range(5):
        view._draw()
        view._plot.render(image)
        view._tiles.render(image)
    assert 0 < plane.call_count + units.call_count <= 5 * 5


def test_that_a_step_that_cannot_be_opened_says_why_until_another_is_shown(shown, qtbot):
    view, _, lab, inspector = shown
    usual = inspector.replies[ShowSurface]
    damaged = "step-00000060/weights.safetensors does not match its checksum."
    inspector.replies[ShowSurface] = lambda _: (Problem(message=damaged), {})
    lab.focus.lock(step=60)
    qtbot.waitUntil(lambda: view._step_label.text() == damaged)
    view._on_focus_changed(lab.focus.value)
    view.redraw()
    assert view._step_label.text() == damaged
    inspector.replies[ShowSurface] = usual
    lab.focus.lock(step=90)
    qtbot.waitUntil(lambda: view._step_label.text() == "step 90")


def test_that_points_on_their_way_are_said_to_be(qtbot):
    lab, inspector = make_lab()
    inspector.is_held = True
    view = SurfaceView(lab)
    qtbot.addWidget(view)
    view.show()
    lab.session.set_draft(recipe_of({"name": "points"}))
    qtbot.waitUntil(lambda: "being read" in view._empty._sentence.text())


def test_that_a_table_with_other_columns_says_how_to_get_a_surface(qtbot, tmp_path):
    lab, inspector = make_lab()
    view = SurfaceView(lab)
    qtbot.addWidget(view)
    row = Sample(kind="row", task="classification", shape=(4,), classes=("a", "b"), features=tuple("pqrs"))
    view.set_run(make_run(tmp_path / "run", recipe_of({"name": "table", "file": "t.csv"}), row))
    view.show()
    qtbot.waitUntil(lambda: "4 inputs" in view._empty._sentence.text())
    assert not inspector.asked_of(ShowSurface)


def test_that_points_that_turn_out_to_be_rows_stop_being_fetched(qtbot):
    lab, inspector = make_lab()
    row = Sample(kind="row", task="classification", shape=(4,), classes=("a", "b"), features=tuple("pqrs"))

    def rows(request: ShowSamples):
        page, _ = samples(request)
        count = len(page.indices)
        arrays = {"inputs": np.zeros((count, 4), np.float32), "targets": np.zeros(count, np.int64)}
        return msgspec.structs.replace(page, sample=to_builtins(row)), arrays

    inspector.replies[ShowSamples] = rows
    view = SurfaceView(lab)
    qtbot.addWidget(view)
    view.show()
    lab.session.set_draft(recipe_of({"name": "table", "file": "t.csv"}))
    qtbot.waitUntil(lambda: "4 inputs" in view._empty._sentence.text())
    assert len(inspector.asked_of(ShowSamples)) == 3  # one page of either split, and the second of the first


def test_that_places_are_told_to_a_hundredth_of_the_range():
    told = place_text(("height", "share"), 171.234, 0.45678, low=(120.0, 0.4), high=(230.0, 0.6))
    assert told == "height 171   share 0.457"
