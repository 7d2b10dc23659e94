"""What every picture needs: hands on the window, patience, and a camera."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from ui.panels.inference_text_field import TextField
from ui.theme import theme
from ui.window.main_window import MainWindow

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "docs" / "screenshots"
SIZES = {"": (1280, 800), "-1920": (1920, 1080)}


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
    settle(2000)
    wait(window, lambda: window.lab.inspector.is_idle, f"what {name} asks of the inspector")
    settle(1000)


def picture(window: MainWindow, name: str, *, sizes: Iterable[str] = tuple(SIZES)) -> None:
    """The window in both themes, and in these sizes."""
    for suffix in sizes:
        window.resize(*SIZES[suffix])
        for shade in ("dark", "light"):
            theme().use("dark" if shade == "dark" else "light")
            settle(500)
            path = FOLDER / f"{name}-{shade}{suffix}.png"
            assert window.grab().save(str(path)), f"cannot write {path}"
            print(path.relative_to(REPOSITORY), flush=True)
    window.resize(*SIZES[""])
    theme().use("dark")
    settle(200)


def press(widget: QWidget, *, at: QPoint | None = None) -> None:
    """Click a widget, in the middle unless told where."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())


def type_text(window: MainWindow, text: str) -> None:
    """Into the field of the panel that tries the model, key by key."""
    assert window.workbench is not None
    field = next(found for found in window.workbench.inference.findChildren(TextField) if found.isVisible())
    press(field.viewport())
    field.selectAll()
    QTest.keyClicks(field, text)
    field.moveCursor(QTextCursor.MoveOperation.Start)
    settle(1500)


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
