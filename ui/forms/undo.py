"""Edits that can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand

_MERGE_ID = 0x4C42


class EditCommand(QUndoCommand):
    """One field's change from one plain value to another; consecutive typing in a field is one such change.

    `place` says set(path, value) to the form; commands of one place, path and `burst` become one.
    """

    def __init__(
        self, text: str, *, place: Callable[[str, Any], None], path: str, old: Any, new: Any, burst: int
    ) -> None:
        super().__init__(text)
        self._place, self._path, self._burst = place, path, burst
        self._old, self._new = old, new

    def id(self) -> int:
        return _MERGE_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand):
            return False
        if (other._place, other._path, other._burst) != (self._place, self._path, self._burst):
            return False
        self._new = other._new
        self.setObsolete(self._new == self._old)
        return True

    def undo(self) -> None:
        self._place(self._path, self._old)

    def redo(self) -> None:
        self._place(self._path, self._new)
