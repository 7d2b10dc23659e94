"""Waiting longer than 0.3 s shows progress; less does not flicker."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

_PATIENCE_MS = 300


class Patience(QObject):
    """Says when an answer is overdue, and when it is no longer."""

    changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._timer.timeout.connect(lambda: self.changed.emit(True))

    def begin(self) -> None:
        """Something has been asked for; of one question after another the wait begins with the first."""
        if not self._timer.isActive():
            self._timer.start()

    def end(self) -> None:
        """It came, or is no longer wanted."""
        self._timer.stop()
        self.changed.emit(False)
