"""The heads that are compared, beside each other: the same text, the same colours, each with its name."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.views._attention_colours import Scale, high_of, pooled_image, without_keys
from ui.views._attention_data import MOST_COMPARED, Block, Head, Place

_CAPTION, _GAP = 16.0, 8.0
_EDGE = 2.0  # of the frame round a picture


class AttentionCompare(QWidget):
    """Click: look at that head alone."""

    pointed = Signal(object)  # Head | None
    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._block: Block | None = None
        self._heads: tuple[Head, ...] = ()
        self._held: Head | None = None
        self._scale: Scale = "sqrt"
        self._hidden: tuple[int, ...] = ()
        self._high = 1.0
        self._images: dict[tuple[Head, int], QImage] = {}
        self._pointed: Head | None = None
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The chosen heads beside each other: rows are queries, columns are keys"))
        theme().changed.connect(self._forget)

    def show_heads(self, block: Block, place: Place, *, scale: Scale, hidden: tuple[int, ...] = ()) -> None:
        """The block's chosen heads; hidden: keys that are left out."""
        heads = block.chosen[:MOST_COMPARED]
        if (block, heads, scale, hidden) != (self._block, self._heads, self._scale, self._hidden):
            self._block, self._heads, self._scale, self._hidden = block, heads, scale, hidden
            self._high = max((high_of(block.shares(*head), hidden) for head in heads), default=1.0) if hidden else 1.0
            self._forget()
        self._held = (place.layer, place.head)
        self.update()

    def heads(self) -> tuple[Head, ...]:
        """What is shown, in reading order."""
        return self._heads

    @property
    def high(self) -> float:
        """The share in full colour."""
        return self._high

    def head_rect(self, number: int) -> QRectF:
        """Where the picture of one of them lies, its caption above it."""
        columns, side = self._grid()
        rows = -(-len(self._heads) // columns)
        left = (self.width() - columns * (side + _GAP) + _GAP) / 2
        top = max(0.0, (self.height() - rows * (side + _CAPTION + _GAP) + _GAP) / 2)
        row, column = divmod(number, columns)
        x, y = left + column * (side + _GAP), top + row * (side + _CAPTION + _GAP) + _CAPTION
        return QRectF(round(x), round(y), side, side)

    def head_at(self, point: QPointF) -> Head | None:
        """The head there."""
        found = (k for k in range(len(self._heads)) if self.head_rect(k).adjusted(0, -_CAPTION, 0, 0).contains(point))
        return next((self._heads[number] for number in found), None)

    def _grid(self) -> tuple[int, int]:
        """As many columns as make the pictures largest, and their side."""
        count = max(1, len(self._heads))

        def side(columns: int) -> float:
            wide = (self.width() - 2 * _EDGE + _GAP) / columns - _GAP
            return min(wide, (self.height() - _EDGE + _GAP) / math.ceil(count / columns) - _GAP - _CAPTION)

        best = max(range(1, count + 1), key=side)
        return best, max(8, int(side(best)))

    def _forget(self) -> None:
        self._images.clear()
        self.update()

    def _image(self, head: Head, side: int) -> QImage:
        assert self._block is not None
        if (head, side) not in self._images:
            most = max(1, round(side * self.devicePixelRatioF()))
            shares = self._block.shares(*head)
            self._images[head, side] = pooled_image(
                shares,
                without_keys(self._block.allowed(head[0]), self._hidden, shares.shape),
                rows=most,
                columns=most,
                scale=self._scale,
                high=self._high,
            )
        return self._images[head, side]

    def sizeHint(self) -> QSize:
        return QSize(460, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 170)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._images.clear()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        head = self.head_at(event.position())
        if head != self._pointed:
            self._pointed = head
            self.pointed.emit(head)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        head = self.head_at(event.position())
        if head is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(*head)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.pointed.emit(None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._block is None:
            return
        painter = QPainter(self)
        for number, head in enumerate(self._heads):
            rect = self.head_rect(number)
            painter.fillRect(rect, QBrush(theme().colour("line"), Qt.BrushStyle.BDiagPattern))
            painter.drawImage(rect, self._image(head, int(rect.width())))
            role = "text" if head == self._pointed else "accent" if head == self._held else "line"
            painter.setPen(QPen(theme().colour(role), 1 if role == "line" else 2))
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
            painter.setPen(theme().colour("text" if head in (self._held, self._pointed) else "muted"))
            told = self.tr("layer {0} · head {1}").format(*head)
            if painter.fontMetrics().horizontalAdvance(told) > rect.width():
                told = f"{head[0]} · {head[1]}"
            caption = QRectF(rect.left(), rect.top() - _CAPTION, rect.width(), _CAPTION - 2)
            painter.drawText(caption, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, told)
