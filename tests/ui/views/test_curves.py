"""The curves view before there are curves, and which it shows of several runs."""

import math
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from modellab import events as ev
from modellab.data.base import Sample
from modellab.runs.folder import create_run
from tests.ui.views.fake_lab import make_lab, make_run, recipe_of
from ui.lab.run_model import RunModel
from ui.lab.stream import Steps
from ui.plots import CurvePlot, LineStyle, MarkerKind, Series
from ui.views._curve_feed import _FIRST, markers_of, supply
from ui.views._curve_words import help_of, title_of, training_help, y_kind_of
from ui.views.base import Lab
from ui.views.curves import CurvesView

POINTS = Sample(kind="point", task="classification", shape=(2,), classes=("a", "b"))


def test_that_a_run_that_failed_before_its_first_step_says_why(qtbot, tmp_path):
    view = CurvesView(make_lab()[0])
    qtbot.addWidget(view)
    view.show()
    assert "Press Start" in view._empty._sentence.text()
    run = make_run(tmp_path / "run", recipe_of({"name": "points"}), POINTS)
    run.take([ev.Failed(step=0, message="The table has no rows; pick another file.")])
    view.set_run(run)
    qtbot.waitUntil(lambda: view._empty._sentence.text().endswith("The table has no rows; pick another file."))
    assert run.title in view._empty._sentence.text()


def test_that_a_run_that_is_still_being_read_is_said_to_be(qtbot, tmp_path):
    lab, _ = make_lab()
    folder = create_run(recipe_of({"name": "digits"}), path=tmp_path / "run")
    folder.events_file.write_bytes(ev.encode_event(ev.Published(step=5)) + b"\n")
    view = CurvesView(lab)
    qtbot.addWidget(view)
    view.set_run(lab.session.open_run(folder.path))
    view.redraw()
    assert view._empty._sentence.text() == "This run is being read…"


def test_that_the_curve_of_training_says_what_was_on_while_it_was_measured(qtbot, tmp_path):
    plain = recipe_of({"name": "words"}, architecture={"name": "lstm"})
    recipe = replace(
        plain,
        architecture=replace(plain.architecture, dropout=0.5),
        training=replace(plain.training, label_smoothing=0.1),
    )
    assert training_help("loss", plain) == training_help("learning_rate", recipe) == ""
    assert training_help("loss", recipe).startswith("Measured with dropout and label smoothing on")
    assert training_help("accuracy", recipe).startswith("Measured with dropout on")
    plot = CurvePlot("Loss", help_text="", y_kind="fall")
    qtbot.addWidget(plot)
    run = make_run(tmp_path / "run", recipe, Sample(kind="text", task="classification", shape=(9,), classes=("a", "b")))
    run.columns["loss"] = Series()
    supply(plot, "loss", [run], shows_run_names=False)
    (curve,) = plot._canvas.curves.values()
    assert curve.help == plot._entry(curve).help == training_help("loss", recipe)


@pytest.mark.parametrize("metric", [*_FIRST, "perplexity", "exact_match", "next_loss", "next_accuracy"])
def test_that_every_metric_is_explained_on_hover(qtbot, metric):
    assert help_of(metric).endswith(".")
    plot = CurvePlot(title_of(metric), help_text=help_of(metric), y_kind=y_kind_of(metric))
    qtbot.addWidget(plot)
    assert title_of(metric).split(",")[0] in plot._title_label.toolTip()
    assert (plot._canvas.y_kind == "share") == ("accuracy" in metric or metric in ("f1", "exact_match"))


def grown_run(lab: Lab, *, dataset: dict[str, Any] | None = None, score: str = "accuracy", steps: int = 20) -> RunModel:
    """An open run that has finished, of which validation was best at step 10."""
    run = lab.session.open_run(create_run(recipe_of(dataset or {"name": "points"})).path)
    assert run is not None
    columns = {"loss": np.linspace(1, 0.1, steps), score: np.linspace(0, 0.9, steps)}
    seconds = np.arange(steps, dtype=np.float64)
    progress = Steps(first=1, last=steps, columns=columns, seconds=seconds, samples_per_second=1.0, memory_bytes=0)
    measured = [(5, 0.4, 0.7), (10, 0.2, 0.9), (15, 0.3, 0.9)]
    found = [
        ev.Evaluated(step=at, split="validation", metrics={"loss": loss, score: best}) for at, loss, best in measured
    ]
    run.take([started(), progress, *found, ev.Evaluated(step=20, split="test", metrics={"loss": 0.5})])
    run.take([ev.Finished(step=steps, reason="completed")])
    return run


def started() -> ev.Started:
    return ev.Started(
        step=0, device="cpu", device_name="CPU", num_parameters=9, steps_per_epoch=10, total_steps=20, sample={}
    )


def drawn(qtbot: QtBot, lab: Lab) -> CurvesView:
    view = CurvesView(lab)
    qtbot.addWidget(view)
    lab.session.current_changed.connect(view.set_run)
    view.set_run(lab.session.current)
    view.resize(660, 480)
    view.show()
    qtbot.waitUntil(lambda: "loss" in view._plots and bool(view._plots["loss"].keys()))
    return view


def test_that_each_plot_marks_where_its_own_metric_was_best_though_no_checkpoint_was_kept_there(qtbot):
    lab, _ = make_lab()
    run = grown_run(lab)
    view = drawn(qtbot, lab)
    for metric in ("loss", "accuracy"):
        best = [marker for marker in view._plots[metric]._canvas.markers if marker.kind is MarkerKind.BEST]
        assert [marker.step for marker in best] == [10]
        assert title_of(metric) in best[0].text
    run.take([ev.Checkpointed(step=15, folder="checkpoints/step-00000015", is_best=True)])
    at_15 = [marker for marker in markers_of(run, "loss") if marker.step == 15]
    assert [marker.kind for marker in at_15] == [MarkerKind.CHECKPOINT]
    assert "up to there" in at_15[0].text


@pytest.mark.parametrize("beyond", [math.nan, -math.inf])
def test_that_what_is_no_number_is_never_the_best(qtbot, beyond):
    lab, _ = make_lab()
    run = grown_run(lab)
    run.take([ev.Evaluated(step=18, split="validation", metrics={"loss": beyond}, seconds=0.1)])
    best = [marker for marker in markers_of(run, "loss") if marker.kind is MarkerKind.BEST]
    assert [marker.step for marker in best] == [10]


def test_that_the_opened_run_stands_first_and_decides_which_plots_there_are(qtbot):
    lab, _ = make_lab()
    first = grown_run(lab)
    view = drawn(qtbot, lab)
    second = grown_run(lab, score="r2")
    qtbot.waitUntil(lambda: view._shown == ["loss", "r2"])
    qtbot.waitUntil(lambda: view._plots["loss"].keys()[0].startswith(second.id))
    lab.session.make_current(first)
    qtbot.waitUntil(lambda: view._shown == ["loss", "accuracy"])
    qtbot.waitUntil(lambda: view._plots["loss"].keys()[0].startswith(first.id))
    legend = view._plots["loss"]._legend
    legend.set_room(20)
    lines = legend._lines()
    assert lines is not None
    assert [next(iter(lines.groups)), lines.more] == [f"{first.title} · {first.id}", [f"{second.title} · {second.id}"]]


def test_that_a_run_that_waits_shows_no_curve_of_another_dataset_as_its_own(qtbot):
    lab, _ = make_lab()
    trains = lab.session.open_run(create_run(recipe_of({"name": "points", "shape": "moons"})).path)
    assert trains is not None
    steps = Steps(
        first=1, last=3, columns={"loss": np.ones(3)}, seconds=np.arange(3.0), samples_per_second=1.0, memory_bytes=0
    )
    trains.take([started(), steps])
    view = drawn(qtbot, lab)
    waits = lab.session.open_run(create_run(recipe_of({"name": "digits"})).path)
    assert waits is not None
    waits.take([ev.Queued(step=0, device="cpu", behind=trains.id)])
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 0)
    qtbot.waitUntil(lambda: f"{waits.title} waits" in view._empty._sentence.text())
    assert trains in lab.session.open_runs, "what trains is followed all the same"
    same = lab.session.open_run(create_run(recipe_of({"name": "points", "shape": "moons"})).path)
    assert same is not None
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 1)
    groups = view._plots["loss"]._legend._lines()
    assert groups is not None, "a curve that is not the opened run's is named"


def test_that_a_validation_value_tells_its_step_and_a_test_has_a_mark_of_its_own(qtbot):
    lab, _ = make_lab()
    grown_run(lab)
    plot = drawn(qtbot, lab)._plots["loss"]
    entries = {entry.label: entry for entry in (plot._entry(curve) for curve in plot._canvas.curves.values())}
    assert [entries[label].at for label in ("train", "validation", "test")] == ["", "at 15", ""]
    assert entries["test"].line is LineStyle.TEST
