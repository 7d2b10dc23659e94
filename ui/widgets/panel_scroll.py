"""A panel that scrolls where it has less room than it needs, and fills the room that there is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

_AIR = 12  # px between what was scrolled to and the edge


class FittingColumn(QVBoxLayout):
    """Asks a `PanelScroll` for what its parts need at a width; of those that need no more in less, for the least."""

    def heightForWidth(self, width: int) -> int:
        # Qt lays out what has a height for its width at no less than that, and lets others shrink to their least.
        items = [item for item in map(self.itemAt, range(self.count())) if item is not None and not item.isEmpty()]
        margins = self.contentsMargins()
        inside = width - margins.left() - margins.right()
        heights = [
            item.heightForWidth(inside) if item.hasHeightForWidth() else item.minimumSize().height() for item in items
        ]
        return sum(heights) + self.spacing() * max(0, len(items) - 1) + margins.top() + margins.bottom()


class PanelScroll(QScrollArea):
    """Up and down only, and only where it must."""

    def __init__(self, panel: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(panel)


def seen_height(panel: QWidget) -> int:
    """The height of a panel that is in sight: not of what it scrolls to."""
    scroll = _around(panel)
    return panel.height() if scroll is None else scroll.viewport().height()


def show_whole(part: QWidget) -> None:
    """Scroll as little as it takes to see all of a part; its beginning where it is higher than the panel."""
    scroll, shown = _around(part), part.window()
    if scroll is not None:
        # Not ensureWidgetVisible, which of a text is content with its caret.
        top = part.mapTo(shown, QPoint()).y() - scroll.viewport().mapTo(shown, QPoint()).y()
        top += scroll.verticalScrollBar().value()
        for y in (top + part.height(), top):
            scroll.ensureVisible(0, y, 0, _AIR)


def _around(part: QWidget) -> PanelScroll | None:
    found = part.parentWidget()
    while found is not None and not isinstance(found, PanelScroll):
        found = found.parentWidget()
    return found
