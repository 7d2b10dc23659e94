"""What a person is told who closes the window while a run trains: it goes on, and where it will be seen again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

if TYPE_CHECKING:
    from ui.lab.run_model import RunModel

TOLD_KEY = "window/told_runs_go_on"


class Parting(QObject):
    """Asks until a person has asked it not to. It holds nothing up: the window can be closed while it asks."""

    def __init__(self, window: QWidget, settings: QSettings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._box: QMessageBox | None = None
        self._is_settled = False
        program = QGuiApplication.instance()
        assert isinstance(program, QGuiApplication)
        program.commitDataRequest.connect(self.stand_aside)

    def may_close(self, runs: list[RunModel]) -> bool:
        """Whether the window may close now; else the question stands there, and its answer closes the window."""
        alive = [run for run in runs if run.is_alive or run.is_starting]
        is_told = self._settings.value(TOLD_KEY, False, type=bool)
        if self._box is not None and not self._is_settled:
            self._box.close()
        elif alive and not is_told and not self._is_settled:
            self._ask(alive)
            return False
        return True

    def stand_aside(self) -> None:
        """Ask nothing more: who logs out is not to be kept from it."""
        self._is_settled = True

    def _ask(self, alive: list[RunModel]) -> None:
        box = self._box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Information)
        box.setWindowTitle(self.tr("Quit Model Lab"))
        many = self.tr("{0} runs go on without the window.").format(len(alive))
        box.setText(self.tr("{0} goes on without the window.").format(alive[0].title) if len(alive) == 1 else many)
        box.setInformativeText(
            self.tr(
                "Training has a process of its own. Open Model Lab again to see it live, with no gap in its curves; "
                "to end it, stay and press Stop."
            )
        )
        again = QCheckBox(self.tr("Do not say this again"))
        box.setCheckBox(again)
        leave = box.addButton(self.tr("Quit"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(leave)
        leave.clicked.connect(lambda: self._leave(is_last_time=again.isChecked()))
        box.finished.connect(self._forget)
        box.setWindowModality(Qt.WindowModality.NonModal)  # a modal one would keep the window's cross from closing it
        box.show()

    def _leave(self, *, is_last_time: bool) -> None:
        if is_last_time:
            self._settings.setValue(TOLD_KEY, True)
        self._is_settled = True
        self._window.close()

    def _forget(self) -> None:
        self._box = None
