"""A spiral: its decision surface in the middle of training, its model, its curves."""

from __future__ import annotations

from scripts.screenshots.hands import picture, press, show_view, status_of, step_of, train_preset, wait
from ui.window.main_window import MainWindow


def take_spiral(window: MainWindow) -> None:
    """The decision surface of a spiral in the middle of training, and its model."""
    train_preset(window, "spiral-mlp")
    wait(window, lambda: step_of(window) > 700, "the spiral to train")
    press(window.bar.main_button)
    wait(window, lambda: status_of(window) == "paused", "the spiral to pause")
    show_view(window, "surface")
    picture(window, "spiral")
    show_view(window, "model")
    picture(window, "model-mlp")
    show_view(window, "curves")
    picture(window, "curves-spiral")
    window.actions_by_key["stop"].trigger()
    wait(window, lambda: status_of(window) == "stopped", "the spiral to stop")
