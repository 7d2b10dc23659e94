"""The interventions in force on the run that is shown: what is held, whoever looks at the model or tries it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from workers.protocol import Clamp

Clamps = tuple[Clamp, ...]


class SharedClamps(QObject):
    """Clamps go with every question about the shown run; changes can be undone."""

    changed = Signal(object)  # tuple[Clamp, ...]

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value: Clamps = ()
        self._num_runs = 0

    @property
    def value(self) -> Clamps:
        """What is held now."""
        return self._value

    @property
    def num_runs(self) -> int:
        """Grows with every other run: what was held in the one before is no longer to be undone."""
        return self._num_runs

    def set(self, clamps: Clamps) -> None:
        """Hold these and no others, at once and without undo."""
        if clamps != self._value:
            self._value = clamps
            self.changed.emit(clamps)

    def change(self, clamps: Clamps, *, text: str, undo_stack: QUndoStack) -> None:
        """Hold these and no others; text: what Undo names."""
        if clamps != self._value:
            undo_stack.push(_ChangeClamps(self, clamps, text=text))

    def clear_for_other_run(self) -> None:
        """Another model has other units: nothing of it is held."""
        self._num_runs += 1
        self.set(())


class _ChangeClamps(QUndoCommand):
    def __init__(self, shared: SharedClamps, clamps: Clamps, *, text: str) -> None:
        super().__init__(text)
        self._shared = shared
        self._before, self._after = shared.value, clamps
        self._run = shared.num_runs

    def redo(self) -> None:
        self._put(self._after)

    def undo(self) -> None:
        self._put(self._before)

    def _put(self, clamps: Clamps) -> None:
        if self._run == self._shared.num_runs:
            self._shared.set(clamps)
        else:
            self.setObsolete(True)
