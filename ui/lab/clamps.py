"""The interventions in force on the model that is shown: what is held, whoever looks at it or tries it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from workers.protocol import Clamp, HeadScale, Intervention

if TYPE_CHECKING:
    from ui.lab.focus import Focus, SharedFocus
    from ui.lab.session import Session

Clamps = tuple[Intervention, ...]
_DRAG_ID = 1  # of commands that may be one step of undo


def signal_clamps(clamps: Clamps) -> tuple[Clamp, ...]:
    """Those that hold a signal of a recurrent layer."""
    return tuple(clamp for clamp in clamps if isinstance(clamp, Clamp))


def with_clamp(clamps: Clamps, clamp: Intervention) -> Clamps:
    """One more; it takes the place of one that holds the same."""
    return (*without(clamps, clamp), clamp)


def without(clamps: Clamps, clamp: Intervention) -> Clamps:
    """All but those that hold the same, at whatever value."""
    return tuple(one for one in clamps if _what(one) != _what(clamp))


def _what(clamp: Intervention) -> tuple[object, ...]:
    """What is held, whatever it is held at."""
    if isinstance(clamp, Clamp):
        return "signal", clamp.layer, clamp.direction, clamp.signal, clamp.unit
    if isinstance(clamp, HeadScale):
        return "head", clamp.module, clamp.head
    return "token", clamp.place


class SharedClamps(QObject):
    """They go with every question about the shown model; changes can be undone."""

    changed = Signal(object)  # Clamps

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value: Clamps = ()
        self._num_runs = 0
        self._pretrained = ""

    def follow(self, session: Session, focus: SharedFocus) -> None:
        """Let go of everything whenever another model is looked at."""
        session.current_changed.connect(lambda _run: self._clear_for_other_model())
        focus.changed.connect(self._on_focus_changed)

    @property
    def value(self) -> Clamps:
        """What is held now."""
        return self._value

    @property
    def num_runs(self) -> int:
        """Grows with every other model: what was held in the one before is no longer to be undone."""
        return self._num_runs

    def set(self, clamps: Clamps) -> None:
        """Hold these and no others, at once and without undo."""
        if clamps != self._value:
            self._value = clamps
            self.changed.emit(clamps)

    def change(self, clamps: Clamps, *, text: str, undo_stack: QUndoStack, drag: int | None = None) -> None:
        """Hold these and no others; text: what Undo names. Changes of one drag are one step of it."""
        if clamps != self._value:
            undo_stack.push(_ChangeClamps(self, clamps, text=text, drag=drag))

    def _clear_for_other_model(self) -> None:
        """It has other units and heads: nothing of it is held."""
        self._num_runs += 1
        self.set(())

    def _on_focus_changed(self, focus: Focus) -> None:
        if focus.pretrained != self._pretrained:
            self._pretrained = focus.pretrained
            self._clear_for_other_model()


class _ChangeClamps(QUndoCommand):
    def __init__(self, shared: SharedClamps, clamps: Clamps, *, text: str, drag: int | None) -> None:
        super().__init__(text)
        self._drag = drag
        self._shared = shared
        self._before, self._after = shared.value, clamps
        self._run = shared.num_runs

    def id(self) -> int:
        return -1 if self._drag is None else _DRAG_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _ChangeClamps) or (other._drag, other._run) != (self._drag, self._run):
            return False
        self._after = other._after
        self.setText(other.text())
        return True

    def redo(self) -> None:
        self._put(self._after)

    def undo(self) -> None:
        self._put(self._before)

    def _put(self, clamps: Clamps) -> None:
        if self._run == self._shared.num_runs:
            self._shared.set(clamps)
        else:
            self.setObsolete(True)
