"""Undo and redo, which say what they did: what changes may be out of sight."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoStack

from ui.window.messages import Messages


class Undoing:
    """One sentence at a time, of the newest."""

    def __init__(self, stack: QUndoStack, messages: Messages) -> None:
        self._stack, self._messages = stack, messages
        self._said = ""

    def undo(self) -> None:
        """Take the newest change back."""
        text = self._stack.undoText()
        self._stack.undo()
        self._say(QCoreApplication.translate("Undoing", "Undone: {0}"), text)

    def redo(self) -> None:
        """Do it again."""
        text = self._stack.redoText()
        self._stack.redo()
        self._say(QCoreApplication.translate("Undoing", "Redone: {0}"), text)

    def _say(self, sentence: str, text: str) -> None:
        self._messages.withdraw(self._said)
        self._said = sentence.format(text) if text else ""
        self._messages.say("info", self._said)
