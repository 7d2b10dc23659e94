"""Takes the pictures in docs/screenshots/ of the program as it is now: real runs, started by clicks, in both themes."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "docs" / "screenshots"
SIZES = {"": (1280, 800), "-1920": (1920, 1080)}
NEIGHBOURING_DATA = REPOSITORY.parent / "shared" / "data" / "hub"

sys.path.insert(0, str(REPOSITORY))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["MODELLAB_HOME"] = tempfile.mkdtemp(prefix="modellab-screenshots-")
if NEIGHBOURING_DATA.is_dir():
    os.environ.setdefault("MODELLAB_DATASETS", str(NEIGHBOURING_DATA))

from PySide6.QtCore import QElapsedTimer, QPoint, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from ui.app import LabWindow, open_window  # noqa: E402
from ui.panels.inference_pad import DrawingPad  # noqa: E402
from ui.theme import theme  # noqa: E402
from ui.window.main_window import MainWindow  # noqa: E402

SEVEN = [(0.28, 0.25), (0.5, 0.23), (0.72, 0.25), (0.62, 0.45), (0.52, 0.65), (0.45, 0.85)]


def main() -> int:
    """Take every picture; 0 when all are there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    opened = open_window(app, [])
    window = opened.window
    window.resize(*SIZES[""])
    settle(1500)
    picture(window, "gallery")
    take_spiral(window)
    take_images(window)
    finish(opened)
    shutil.rmtree(os.environ["MODELLAB_HOME"], ignore_errors=True)
    return 0


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


def train_preset(window: MainWindow, name: str) -> None:
    """Click the preset's tile."""
    before = window.lab.session.current
    tile = window.gallery.tiles[name]
    press(tile)
    wait(window, lambda: window.lab.session.current not in (None, before), f"{name} to start")
    wait(window, lambda: step_of(window) > 0, f"{name} to take a step")


def show_view(window: MainWindow, name: str) -> None:
    """Bring a view to the front and let it fill."""
    assert window.workbench is not None
    window.workbench.views_area.raise_view(name)
    settle(1500)


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


def picture(window: MainWindow, name: str) -> None:
    """The window in both themes and sizes."""
    for suffix, size in SIZES.items():
        window.resize(*size)
        for shade in ("dark", "light"):
            theme().use("dark" if shade == "dark" else "light")
            settle(500)
            path = FOLDER / f"{name}-{shade}{suffix}.png"
            assert window.grab().save(str(path)), f"cannot write {path}"
            print(path.relative_to(REPOSITORY))
    window.resize(*SIZES[""])
    theme().use("dark")


def press(widget: QWidget) -> None:
    """Click the middle of a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.rect().center())


def step_of(window: MainWindow) -> int:
    """The current run's step."""
    run = window.lab.session.current
    return run.step if run else 0


def status_of(window: MainWindow) -> str:
    """The current run's status."""
    run = window.lab.session.current
    return run.status if run else ""


def wait(window: MainWindow, is_so: Callable[[], bool], what: str, *, seconds: float = 120) -> None:
    """Let the window live until something is so."""
    clock = QElapsedTimer()
    clock.start()
    while not is_so():
        if clock.elapsed() > seconds * 1000:
            raise SystemExit(f"Waited {seconds:.0f} s for {what}. The window says: {window.messages.sentences()}")
        settle(50)


def settle(milliseconds: int) -> None:
    """Let the window live for a while."""
    clock = QElapsedTimer()
    clock.start()
    while clock.elapsed() < milliseconds:
        QApplication.processEvents()
        QTest.qSleep(5)


def finish(opened: LabWindow) -> None:
    """Close the window and what belongs to it."""
    opened.window.close()
    opened.shut_down()


if __name__ == "__main__":
    sys.exit(main())
