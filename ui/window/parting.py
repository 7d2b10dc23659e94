"""What a person is told who closes the window while a run trains: it goes on, and where it will be seen again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSettings, Qt
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

if TYPE_CHECKING:
    from ui.lab.run_model import RunModel

TOLD_KEY = "window/told_runs_go_on"


class Parting:
    """Asks until a person has asked it not to; closing a second time while it asks is an answer too."""

    def __init__(self, window: QWidget, settings: QSettings) -> None:
        self._window = window
        self._settings = settings
        self._box: QMessageBox | None = None
        self._is_settled = False

    def may_close(self, runs: list[RunModel]) -> bool:
        """Whether the window may close now; else the question stands there, and its answer closes the window."""
        alive = [run for run in runs if run.is_alive or run.is_starting]
        is_told = self._settings.value(TOLD_KEY, False, type=bool)
        if not alive or is_told or self._is_settled or self._box is not None:
            return True
        self._ask(alive)
        return False

    def _ask(self, alive: list[RunModel]) -> None:
        box = self._box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Information)
        box.setWindowTitle(_tr("Quit Model Lab"))
        many = _tr("{0} runs go on without the window.").format(len(alive))
        box.setText(_tr("{0} goes on without the window.").format(alive[0].title) if len(alive) == 1 else many)
        box.setInformativeText(
            _tr(
                "Training has a process of its own. Open Model Lab again to see it live, with no gap in its curves; "
                "to end it, stay and press Stop."
            )
        )
        again = QCheckBox(_tr("Do not say this again"))
        box.setCheckBox(again)
        leave = box.addButton(_tr("Quit"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(_tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(leave)
        leave.clicked.connect(lambda: self._leave(is_last_time=again.isChecked()))
        box.finished.connect(self._forget)
        box.open()

    def _leave(self, *, is_last_time: bool) -> None:
        if is_last_time:
            self._settings.setValue(TOLD_KEY, True)
        self._is_settled = True
        self._window.close()

    def _forget(self) -> None:
        self._box = None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Parting", text)
