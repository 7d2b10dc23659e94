"""A window for tests: an inspector that answers when it is told to, a launcher that starts nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from modellab.runs.folder import RunFolder
from ui.lab.focus import SharedFocus
from ui.lab.follower import RunFollower
from ui.lab.session import Session
from ui.panels.setup import SetupPanel
from ui.views.base import Lab
from ui.window.main_window import MainWindow
from ui.window.workbench import Workbench
from workers.protocol import Answer, Problem, Request


class NoLauncher:
    """Trains nothing."""

    def launch(self, run: RunFolder) -> None:
        """Nothing."""


class LateInspector(QObject):
    """Keeps every question until the test answers it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Request, Callable[..., Any], Callable[..., Any] | None]] = []

    def ask(
        self,
        request: Request,
        on_answer: Callable[..., Any],
        *,
        arrays: Any = None,
        on_problem: Callable[..., Any] | None = None,
        owner: Any = None,
    ) -> None:
        """As `ui.inspector.Inspector.ask`."""
        self.asked.append((request, on_answer, on_problem))

    def newest(self, kind: type[Request]) -> Request:
        """The newest question of that kind."""
        return next(request for request, _, _ in reversed(self.asked) if isinstance(request, kind))

    def answer(self, kind: type[Request], answer: Answer) -> None:
        """Answer the newest question of that kind."""
        next(found for request, found, _ in reversed(self.asked) if isinstance(request, kind))(answer, {})

    def refuse(self, kind: type[Request], problem: Problem) -> None:
        """Answer the newest question of that kind with a problem."""
        on_problem = next(found for request, _, found in reversed(self.asked) if isinstance(request, kind))
        assert on_problem is not None
        on_problem(problem)


class BenchHands:
    """A shown window with its workbench, and what tests reach for in it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.inspector = LateInspector()
        self.follower = RunFollower()
        self.follower.start()
        self.session = Session(follower=self.follower, launcher=NoLauncher())
        lab = Lab(session=self.session, focus=SharedFocus(), inspector=self.inspector)  # type: ignore[arg-type]
        self.window = MainWindow(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        self.window.furnish(lab)
        qtbot.addWidget(self.window)
        self.window.resize(1280, 800)
        self.bench: Workbench = self.window.show_workbench()
        self.panel: SetupPanel = self.bench.setup.panel
        self.window.show()
        qtbot.waitExposed(self.window)

    def line(self, name: str) -> QLineEdit:
        """The line of a training option."""
        found = self.panel.training_form().editor_of(name)
        assert isinstance(found, QLineEdit)
        return found

    def enter(self, line: QLineEdit, text: str) -> None:
        """Replace what stands in a line and press Enter."""
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def wait(self, is_so: Callable[[], object]) -> None:
        """Until it is so."""
        self.qtbot.waitUntil(lambda: bool(is_so()), timeout=10_000)
