"""The field for the text that every view reads: it follows that text, but never under the hands of a person."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent

from ui.forms.line_field import LineField
from ui.views._look_source import SENTENCE

_TYPING_MS = 250


class SharedText(LineField):
    """`paused` tells what was typed, after a moment without keys or on leaving; until then nothing is written here."""

    paused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._followed = ""
        self._came_by_mouse = False
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self.typed.connect(lambda _text: self._typing.start())
        self.finished.connect(self._on_finished)

    def follow(self, text: str) -> None:
        """Show the text looked at, if it is another than the one before."""
        if text != self._followed and not self._typing.isActive():
            self._followed = text
            self.show_text(text)

    def forget(self, *, is_emptied: bool = False) -> None:
        """Another model: what was being typed is no longer told. is_emptied: nor does it stand there."""
        self._typing.stop()
        if is_emptied:
            self._followed = ""
            self.show_text("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._came_by_mouse = event.reason() == Qt.FocusReason.MouseFocusReason

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._came_by_mouse and self.text() == SENTENCE and not self.hasSelectedText():
            self.selectAll()  # an example: what is typed takes its place
        self._came_by_mouse = False

    def _on_finished(self) -> None:
        if self._typing.isActive():
            self._tell()

    def _tell(self) -> None:
        self._typing.stop()
        self._followed = self.text()
        self.paused.emit(self._followed)
