"""Presets learn what they promise, started by a click on their picture and read off the window."""

import math

import pytest
from PySide6.QtWidgets import QLabel

from modellab.events import Evaluated, Finished
from tests.e2e.hands import Hands, events_of
from ui.plots import CurvePlot


@pytest.mark.parametrize(("preset", "least"), [("spiral-mlp", 0.97), ("digits-cnn", 0.98)])
def test_that_a_clicked_preset_reaches_what_it_promises(lab: Hands, preset: str, least: float) -> None:
    tile = lab.window.gallery.tiles[preset]
    tile.setFocus()  # scrolls it into view
    lab.click(tile)
    run = lab.wait_for_run("finished")
    evaluated = [event for event in events_of(run) if isinstance(event, Evaluated) and event.split == "validation"]
    accuracy = evaluated[-1].metrics["accuracy"]
    assert accuracy >= least
    assert isinstance(events_of(run)[-1], Finished)
    plot = next(plot for plot in lab.plots() if "Accuracy" in texts_of(plot))
    lab.wait(lambda: last_value(plot, f"{run.id}/validation") == pytest.approx(accuracy))


def texts_of(plot: CurvePlot) -> list[str]:
    """What its labels say."""
    return [label.text() for label in plot.findChildren(QLabel)]


def last_value(plot: CurvePlot, key: str) -> float:
    """The y of a curve's last point; NaN before there is one."""
    latest = plot.series(key).latest()
    return latest[1] if latest else math.nan
