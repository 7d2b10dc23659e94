"""The ring that a widget which paints itself shows while the keyboard is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFocusEvent

from ui.widgets.painting import is_keyboard_focus

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as _Widget
else:
    _Widget = object


class FocusRing(_Widget):
    """Mixed in before a widget's Qt class: `_shows_ring` is for its `paintEvent`; a click brings none."""

    _shows_ring = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._shows_ring = is_keyboard_focus(event)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._shows_ring = False
        super().focusOutEvent(event)
        self.update()
