"""Presets learn what they promise, started by a click on their picture and read off the window."""

import math
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton, QWidget

from modellab.events import Evaluated, Finished
from tests.e2e.conftest import Opener
from tests.e2e.hands import Hands, events_of
from ui.panels.inference_pad import DrawingPad
from ui.panels.setup_picker import EntryPicker
from ui.plots import CurvePlot
from ui.widgets.probability_bars import ProbabilityBars

# In parts of the pad; both lean, as many people write them.
DRAWN = {
    "7": [(0.3, 0.2), (0.5, 0.19), (0.72, 0.2), (0.6, 0.45), (0.45, 0.85)],
    "1": [(0.62, 0.15), (0.5, 0.5), (0.38, 0.85)],
}
LONG_MS = 400_000  # two epochs of MNIST take 25 s on two idle cores


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
    lab.bench.views_area.view_docks["curves"].raise_()  # which some presets have behind another view
    lab.wait(lambda: len(lab.plots()) == 2)
    plot = next(plot for plot in lab.plots() if "Accuracy" in texts_of(plot))
    lab.wait(lambda: last_value(plot, f"{run.id}/validation") == pytest.approx(accuracy))
    if preset == "digits-cnn":
        for digit, stroke in DRAWN.items():
            draw_and_wait(lab, stroke, digit)


def draw_and_wait(lab: Hands, stroke: list[tuple[float, float]], digit: str) -> None:
    """Draw on an empty pad until the likeliest class is that digit."""
    pad = lab.bench.inference.findChild(DrawingPad)
    assert pad is not None
    pad.setFocus()
    lab.press(Qt.Key.Key_Delete)
    lab.wait(lambda: not likeliest(lab))
    lab.draw(pad, stroke)
    lab.wait(lambda: likeliest(lab) == digit)


def likeliest(lab: Hands) -> str:
    """The first of the bars; empty while there is none."""
    shown = [bars for bars in lab.bench.inference.findChildren(ProbabilityBars) if bars.isVisible() and bars.rows()]
    return shown[0].rows()[0][0] if shown else ""


def test_that_a_blank_setup_becomes_an_mnist_reader_by_clicks(
    open_lab: Opener, real_datasets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLAB_DATASETS", str(real_datasets))
    lab = open_lab()
    lab.click(next(found for found in lab.window.gallery.findChildren(QPushButton) if "blank" in found.text()))
    lab.wait(lambda: lab.window.workbench is not None and lab.bench.isVisible())
    setup = lab.bench.setup.panel
    pick_from_list(lab, "MNIST")  # which is there already
    pick(lab, setup.architecture_part().card, "Convolutional network")
    lab.enter(lab.editor("epochs"), "2")
    lab.wait(lambda: lab.session.draft is not None and lab.session.draft.training.epochs == 2)
    lab.wait(lambda: lab.window.bar.main_button.isEnabled())
    lab.click(lab.window.bar.main_button)
    run = lab.wait_for_run("training")
    lab.qtbot.waitUntil(lambda: not run.is_alive, timeout=LONG_MS)
    tested = [event for event in events_of(run) if isinstance(event, Evaluated) and event.split == "test"]
    assert tested[-1].metrics["accuracy"] >= 0.988
    assert isinstance(events_of(run)[-1], Finished)


def pick(lab: Hands, card: QWidget, title: str) -> None:
    """Open a card's list by a click and click the entry of that title."""
    lab.click(card)
    pick_from_list(lab, title)


def pick_from_list(lab: Hands, title: str) -> None:
    """Click the entry of that title in the list that is open, or about to be."""
    lab.wait(lambda: isinstance(QApplication.activePopupWidget(), EntryPicker))
    popup = QApplication.activePopupWidget()
    assert popup is not None
    entries = popup.findChild(QListWidget)
    assert entries is not None
    item = next(item for item in (entries.item(row) for row in range(entries.count())) if item.text() == title)
    entries.scrollToItem(item)
    lab.click(entries.viewport(), entries.visualItemRect(item).center())
    lab.wait(lambda: QApplication.activePopupWidget() is None)


def texts_of(plot: CurvePlot) -> list[str]:
    """What its labels say."""
    return [label.text() for label in plot.findChildren(QLabel)]


def last_value(plot: CurvePlot, key: str) -> float:
    """The y of a curve's last point; NaN before there is one."""
    latest = plot.series(key).latest()
    return latest[1] if latest else math.nan
