"""One focus, shared by all views: what is looked at. Hover previews, click locks, Esc unlocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What the views show. step None: the newest there is (live); text empty: the run's own probe text.

    pair: a second text that is read with the first as one, by models that take two.
    target: a translation of the text, of those in Try it; empty: the one that the model writes greedily.
    pretrained: a model folder or hub id that is looked into instead of the run; empty: the run.
    written: tokens that a language model has written on, those that it began with first: they are read in place of the
    text, until there is another.
    """

    step: int | None = None
    split: str = "validation"
    sample: int | None = None
    layer: int | None = None
    head: int | None = None
    unit: int | None = None
    token: int | None = None
    text: str = ""
    pair: str = ""
    target: str = ""
    pretrained: str = ""
    written: tuple[int, ...] = ()


class SharedFocus(QObject):
    """The focus and its preview."""

    changed = Signal(object)  # Focus, with the preview laid over it
    unlocked = Signal()  # a person let go of everything, views of what they hold themselves too

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locked = Focus()
        self._preview: Focus | None = None

    @property
    def value(self) -> Focus:
        """What is to be shown now."""
        return self._preview or self._locked

    def lock(self, **parts: Any) -> None:
        """Look at this until told otherwise."""
        if parts.keys() & {"text", "pretrained"}:
            parts.setdefault("written", ())
            parts.setdefault("target", "")
        if "pretrained" in parts:
            parts.setdefault("pair", "")
        self._set(replace(self._locked, **parts), None)

    def preview(self, **parts: Any) -> None:
        """Look at this while the pointer is there."""
        self._set(self._locked, replace(self._locked, **parts))

    def end_preview(self) -> None:
        """Back to what was locked."""
        self._set(self._locked, None)

    def let_go(self) -> None:
        """What Escape does: from an earlier step back to the newest, and from there to no part in particular."""
        if self._locked.step is not None:
            self.lock(step=None)
        else:
            self.unlock()

    def unlock(self) -> None:
        """Back to the newest step and no part of the model in particular; the text and the model stay looked at."""
        kept = self._locked
        self._set(Focus(text=kept.text, pair=kept.pair, target=kept.target, pretrained=kept.pretrained), None)
        self.unlocked.emit()

    def _set(self, locked: Focus, preview: Focus | None) -> None:
        before = self.value
        self._locked, self._preview = locked, preview
        if self.value != before:
            self.changed.emit(self.value)
