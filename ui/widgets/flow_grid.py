"""A grid of equal tiles with as many columns as fit the width."""

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowGrid(QLayout):
    """Every tile gets the same share of the width, at least ``min_tile_width``, and its row's height."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        min_tile_width: int = 220,
        max_tile_width: int = 360,
        spacing: int = 16,
    ) -> None:
        super().__init__(parent)
        self._min_tile_width = min_tile_width
        self._max_tile_width = max_tile_width
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def num_columns(self, width: int) -> int:
        """How many tiles stand side by side in this width."""
        inner = self._inner(QRect(0, 0, width, 0)).width()
        return max(1, (inner + self.spacing()) // (self._min_tile_width + self.spacing()))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), moves=False)

    def sizeHint(self) -> QSize:
        width = 3 * (self._min_tile_width + self.spacing()) - self.spacing()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        margins = self.contentsMargins()
        # The height comes from the width alone; asking for one here would pin the layout open.
        return QSize(self._min_tile_width + margins.left() + margins.right(), 0)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, moves=True)

    def _inner(self, rect: QRect) -> QRect:
        margins: QMargins = self.contentsMargins()
        return rect.marginsRemoved(margins)

    def _arrange(self, rect: QRect, *, moves: bool) -> int:
        """Place the tiles, or only say how high they come."""
        inner = self._inner(rect)
        shown = [item for item in self._items if not item.isEmpty()]
        columns, gap = self.num_columns(rect.width()), self.spacing()
        width = min(self._max_tile_width, (inner.width() - gap * (columns - 1)) // columns)
        top = inner.top()
        for first in range(0, len(shown), columns):
            row = shown[first : first + columns]
            height = max(_height(item, width=width) for item in row)
            for column, item in enumerate(row):
                if moves:
                    item.setGeometry(QRect(inner.left() + column * (width + gap), top, width, height))
            top += height + gap
        bottom = top - gap if shown else top
        return bottom - rect.top() + self.contentsMargins().bottom()


def _height(item: QLayoutItem, *, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
