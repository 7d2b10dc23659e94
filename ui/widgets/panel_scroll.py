"""A panel that scrolls where it has less room than it needs, and fills the room that there is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class FittingColumn(QVBoxLayout):
    """Asks a `PanelScroll` for as little as its parts can do with, not for as much as they would like."""

    _is_asked = False  # Qt works the least out on the way to what they would like

    def heightForWidth(self, width: int) -> int:
        if self._is_asked:
            return super().heightForWidth(width)
        self._is_asked = True
        least = self.minimumHeightForWidth(width)
        self._is_asked = False
        return least


class PanelScroll(QScrollArea):
    """Up and down only, and only where it must."""

    def __init__(self, panel: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(panel)
