"""Edits that can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from ui.forms.numbers import shown

_MERGE_ID = 0x4C42


class EditCommand(QUndoCommand):
    """One field's change from one plain value to another; consecutive typing in a field is one such change.

    `place` says set(path, value) to the form; commands of one place, path and `burst` become one.
    """

    def __init__(
        self, text: str, *, place: Callable[[str, Any], None], path: str, old: Any, new: Any, burst: int
    ) -> None:
        super().__init__()
        self._place, self._path, self._burst = place, path, burst
        self._old, self._new = old, new
        self._what = text
        self._name()

    def id(self) -> int:
        return _MERGE_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand):
            return False
        if (other._place, other._path, other._burst) != (self._place, self._path, self._burst):
            return False
        self._new = other._new
        self._name()
        self.setObsolete(self._new == self._old)
        return True

    def _name(self) -> None:
        """With its numbers, so that one can tell what it does to a field out of sight."""
        ends = (self._old, self._new)
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in ends):
            words = QCoreApplication.translate("EditCommand", "{what} from {old} to {new}")
            self.setText(words.format(what=self._what, old=shown(self._old), new=shown(self._new)))
        else:
            self.setText(self._what)

    def undo(self) -> None:
        self._place(self._path, self._old)

    def redo(self) -> None:
        self._place(self._path, self._new)
