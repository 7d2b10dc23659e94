"""The curves view before there are curves."""

import pytest
from msgspec.structs import replace

from modellab import events as ev
from modellab.data.base import Sample
from tests.ui.views.fake_lab import make_lab, make_run, recipe_of
from ui.plots import CurvePlot, Series
from ui.views._curve_feed import _FIRST, supply
from ui.views._curve_words import help_of, title_of, training_help, y_kind_of
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
