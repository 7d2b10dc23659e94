"""The hands of a person on a real window: clicks and keys alone; eyes: what the widgets and the run model show."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from modellab.events import AnyEvent, decode_event
from modellab.runs.folder import RunFolder
from ui.app import LabWindow
from ui.lab.run_model import RunModel
from ui.plots import CurvePlot
from ui.window.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
ENDLESS = 100_000_000  # steps
PATIENCE_MS = 60_000  # a loaded machine may take a while to import torch
Found = TypeVar("Found", bound=QWidget)


class Hands:
    """Uses one open window."""

    def __init__(self, qtbot: QtBot, opened: LabWindow) -> None:
        self.qtbot = qtbot
        self.opened = opened
        self.window = opened.window
        self.session = opened.window.lab.session

    # Eyes

    @property
    def bench(self) -> Workbench:
        assert self.window.workbench is not None
        return self.window.workbench

    @property
    def run(self) -> RunModel:
        """The run that the views show."""
        assert self.session.current is not None
        return self.session.current

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Until it is so."""
        self.qtbot.waitUntil(is_so, timeout=PATIENCE_MS)

    def wait_for_run(self, status: str) -> RunModel:
        """Until the views show a run of this status."""
        self.wait(lambda: self.session.current is not None and self.session.current.status == status)
        return self.run

    def wait_for_steps(self) -> RunModel:
        """Until the views show a run that has taken steps, be it over since."""
        self.wait(lambda: self.session.current is not None and self.session.current.step > 0)
        return self.run

    def button(self, text: str) -> QPushButton:
        """The visible button in the bar that says so."""
        found = [button for button in self.window.bar.findChildren(QPushButton) if button.text() == text]
        return next(button for button in found if button.isVisible())

    def plots(self) -> list[CurvePlot]:
        """The plots of the curves view that can be seen."""
        view = self.bench.views_area.view("curves")
        return [plot for plot in view.findChildren(CurvePlot) if plot.isVisible()]

    def editor(self, path: str) -> QLineEdit:
        """The line of a training option."""
        line = self.bench.setup.panel.training_form().editor_of(path)
        assert isinstance(line, QLineEdit)
        return line

    def sentences(self) -> list[str]:
        """The banners shown."""
        return self.window.messages.sentences()

    # Hands

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """With the left button, in its middle; only what can be seen can be clicked."""
        assert widget.isVisible(), f"{widget} cannot be seen"
        assert widget.isEnabled(), f"{widget} is dimmed"
        QTest.mouseClick(widget, LEFT, pos=widget.rect().center() if at is None else at)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """On whatever has the keyboard."""
        QTest.keyClick(self.focused(), key, modifiers)

    def type(self, text: str) -> None:
        """On whatever has the keyboard."""
        QTest.keyClicks(self.focused(), text)

    def focused(self) -> QWidget:
        """What has the keyboard: a popup's line, else the window's."""
        self._activate()
        popup = QApplication.activePopupWidget()
        within = popup.focusWidget() if popup is not None else QApplication.focusWidget()
        return within or popup or self.window

    def _activate(self) -> None:
        """As a window manager does when a popup has closed; without one no window would have the keyboard."""
        if QApplication.activeWindow() is None and QApplication.activePopupWidget() is None:
            self.window.activateWindow()
            self.wait(lambda: QApplication.activeWindow() is self.window)

    def enter(self, line: QLineEdit, text: str) -> None:
        """Replace what stands in a line and press Enter."""
        self._activate()
        self.click(line)
        QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def draw(self, pad: QWidget, points: Iterable[tuple[float, float]]) -> None:
        """One stroke over a square pad; points in parts of its side."""
        side = min(pad.width(), pad.height())
        corner = QRect(0, 0, side, side)
        corner.moveCenter(pad.rect().center())
        places = [corner.topLeft() + QPoint(round(x * side), round(y * side)) for x, y in points]
        QTest.mousePress(pad, LEFT, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(pad, place)
        QTest.mouseRelease(pad, LEFT, pos=places[-1])

    def drop(self, path: Path) -> bool:
        """Drag a file or folder onto the middle of the window; whether it was taken."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        middle = self.window.rect().center()
        copy, modifiers = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        entering = QDragEnterEvent(middle, copy, data, LEFT, modifiers)
        QApplication.sendEvent(self.window, entering)
        if not entering.isAccepted():
            return False
        dropping = QDropEvent(QPointF(middle), copy, data, LEFT, modifiers)
        QApplication.sendEvent(self.window, dropping)
        return dropping.isAccepted()

    def start(self, recipe: Path) -> RunModel:
        """Drop a recipe of an endless run, press Start and wait for its first steps."""
        assert self.drop(recipe)
        self.wait(lambda: self.session.draft is not None and self.session.draft.training.max_steps == ENDLESS)
        button = self.window.bar.main_button
        self.wait(lambda: button.isVisible() and button.isEnabled())
        self.click(button)
        run = self.wait_for_run("training")
        self.wait(lambda: run.step > 100)
        return run

    def stop_run(self) -> None:
        """Press Stop and wait for the last checkpoint."""
        self.click(self.button("Stop"))
        self.wait_for_run("stopped")


def events_of(run: RunFolder | RunModel) -> list[AnyEvent]:
    """Every event that a run's trainer wrote."""
    folder = run.folder if isinstance(run, RunModel) else run
    return [decode_event(line) for line in folder.events_file.read_bytes().splitlines()]
