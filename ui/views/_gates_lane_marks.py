"""What is drawn over and above a lane of the raster: its head, and the ring around the cell looked at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.theme import font, theme
from ui.views._gates_lanes import Lane
from ui.views._gates_words import title_of, value_text


def paint_head(painter: QPainter, lane: Lane, *, value: float | None) -> None:
    """The signal's letter and name; at the right what it is where one looks, if one does."""
    baseline = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(font("strong"))
    painter.setPen(theme().colour("text"))
    painter.drawText(lane.head, baseline, lane.name)
    left = painter.fontMetrics().horizontalAdvance(lane.name) + 6
    painter.setFont(font("small"))
    right = value_text(value) if value is not None else ""
    if right:
        painter.drawText(lane.head, baseline | Qt.AlignmentFlag.AlignRight, right)
    painter.setPen(theme().colour("muted"))
    room = lane.head.width() - left - painter.fontMetrics().horizontalAdvance(right) - 6
    title = painter.fontMetrics().elidedText(title_of(lane.name), Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(lane.head.adjusted(left, 0, 0, 0), baseline, title)


def paint_ring(painter: QPainter, middle: QPointF, *, ink: QColor, halo: QColor) -> None:
    """Where the crosshair meets."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, colour in ((3.5, halo), (1.5, ink)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(middle, 5, 5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
