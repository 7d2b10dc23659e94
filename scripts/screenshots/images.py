"""Images: curves beside a digit drawn with the mouse, samples, and a model with its filters."""

from __future__ import annotations

import os

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from scripts.screenshots.hands import picture, settle, show_view, status_of, step_of, train_preset, wait
from ui.panels.inference_pad import DrawingPad
from ui.window.main_window import MainWindow

SEVEN = [(0.28, 0.25), (0.5, 0.23), (0.72, 0.25), (0.62, 0.45), (0.52, 0.65), (0.45, 0.85)]


def take_images(window: MainWindow) -> None:
    """MNIST where it is to be had, else the digits: curves with a drawn digit, samples, model with filters."""
    has_mnist = bool(os.environ.get("MODELLAB_DATASETS"))
    window.actions_by_key["gallery"].trigger()
    settle(300)
    train_preset(window, "mnist-cnn" if has_mnist else "digits-cnn")
    wait(window, lambda: step_of(window) > 250, "the images to train")
    draw_seven(window)
    show_view(window, "curves")
    settle(2500)
    picture(window, "mnist-curves")
    show_view(window, "samples")
    picture(window, "samples")
    show_view(window, "model")
    picture(window, "model")
    window.actions_by_key["stop"].trigger()
    wait(window, lambda: status_of(window) == "stopped", "the images to stop")


def draw_seven(window: MainWindow) -> None:
    """Draw with the mouse, as a person does."""
    assert window.workbench is not None
    pad = next(found for found in window.workbench.inference.findChildren(DrawingPad) if found.isVisible())
    points = [QPoint(int(x * pad.width()), int(y * pad.height())) for x, y in SEVEN]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(pad, point)
        settle(30)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1])
    settle(500)
