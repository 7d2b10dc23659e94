"""A curve the height of a line of text, as a widget and as a table's cell."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.theme import theme

# A model answers this role with (values, colour): a sequence of numbers and "#rrggbb".
SPARKLINE_ROLE = Qt.ItemDataRole.UserRole + 41


class Sparkline(QWidget):
    """Shows how a number went; the newest value is the dot at the end."""

    def __init__(self, *, role: str = "accent", accessible_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._values: tuple[float, ...] = ()
        self.setAccessibleName(accessible_name or self.tr("Curve"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def set_values(self, values: Sequence[float]) -> None:
        self._values = tuple(values)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(96, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(32, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_sparkline(painter, QRectF(self.rect()), values=self._values, colour=getattr(theme().palette, self._role))


class SparklineDelegate(QStyledItemDelegate):
    """Paints the cells whose model answers ``SPARKLINE_ROLE``; the other cells as ever."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        data = index.data(SPARKLINE_ROLE)
        if data:
            values, colour = data
            rect = QRectF(option.rect).adjusted(8, 5, -8, -5)
            paint_sparkline(painter, rect, values=values, colour=colour)


def paint_sparkline(painter: QPainter, rect: QRectF, *, values: Sequence[float], colour: str) -> None:
    """Draw ``values`` across ``rect``; what is not finite leaves a gap of nothing, a flat run lies in the middle."""
    points = _points([value for value in values if math.isfinite(value)], rect=rect.adjusted(2, 2, -4, -2))
    if not points:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.25))
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(points[-1], 2.0, 2.0)
    painter.restore()


def _points(values: Sequence[float], *, rect: QRectF) -> list[QPointF]:
    if not values or rect.width() < 4:
        return []
    low, high = min(values), max(values)
    scale = rect.height() / (high - low) if high > low else 0.0
    base = rect.bottom() if high > low else rect.center().y()
    columns = max(2, int(rect.width()))
    kept = list(enumerate(values)) if len(values) <= 2 * columns else _extremes(values, num_columns=columns)
    step = rect.width() / max(1, len(values) - 1)
    return [QPointF(rect.left() + place * step, base - (value - low) * scale) for place, value in kept]


def _extremes(values: Sequence[float], *, num_columns: int) -> list[tuple[int, float]]:
    """Each column's least and greatest, in their order, and the newest: a spike must stay in sight."""
    result: list[tuple[int, float]] = []
    for column in range(num_columns):
        first = column * len(values) // num_columns
        chunk = values[first : (column + 1) * len(values) // num_columns]
        places = sorted({chunk.index(min(chunk)), chunk.index(max(chunk))})
        result += [(first + place, chunk[place]) for place in places]
    return [*result, (len(values) - 1, values[-1])]
