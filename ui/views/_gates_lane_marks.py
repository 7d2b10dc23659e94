"""What is drawn over and above a lane of the raster: its head, and the ring around the cell looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ui.theme import font, theme
from ui.views import _gates_colours as colours
from ui.views._gates_data import Gates, Place
from ui.views._gates_lanes import Lane, in_sight
from ui.views._gates_words import title_of, value_text
from ui.views._token_axis import Axis

_LEAST_CELL_PX, _MOST_CELLS = 3.0, 8_000


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


def paint_crosshair(painter: QPainter, cells: QRectF, *, middle: QPointF, has_token: bool) -> None:
    """Along the row of the unit looked at, and across it where a token is looked at too."""
    ink, halo = theme().colour("text"), theme().colour("panel")
    halo.setAlpha(150)
    x, y = round(middle.x() - 0.5), round(middle.y() - 0.5)
    for reach, colour in ((1, halo), (0, ink)):
        painter.fillRect(QRectF(cells.left(), y - reach, cells.width(), 2 * reach + 1), colour)
        if has_token:
            painter.fillRect(QRectF(x - reach, cells.top(), 2 * reach + 1, cells.height()), colour)
    if has_token:
        _paint_ring(painter, middle, ink=ink, halo=halo)


def _paint_ring(painter: QPainter, middle: QPointF, *, ink: QColor, halo: QColor) -> None:
    """Where the crosshair meets."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, colour in ((3.5, halo), (1.5, ink)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(middle, 5, 5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def points_beyond(
    lane: Lane, values: NDArray[Any], order: NDArray[np.intp], *, reach: float, axis: Axis, units: Axis
) -> list[QPointF]:
    """The middles of the cells whose value lies beyond the map; none where cells are too small for a dot.

    values: [T, units]; order: the units from the top row to the last.
    """
    width, height = lane.cells.width() / axis.length, lane.cells.height() / units.length
    if min(width, height) < _LEAST_CELL_PX or axis.length * units.length > _MOST_CELLS:
        return []
    in_tokens, in_rows, target = in_sight(lane, axis, units)
    tokens, rows = np.nonzero(np.abs(values[in_tokens, order[in_rows]]) > reach)
    lefts, tops = target.left() + (tokens + 0.5) * width, target.top() + (rows + 0.5) * height
    return [QPointF(x, y) for x, y in zip(lefts.tolist(), tops.tolist(), strict=True)]


def reach_of(gates: Gates, place: Place, name: str) -> float:
    """The value of a signed signal that is in full colour."""
    if name in ("g", "n") or (name == "h" and gates.cell != "rnn"):
        return 1.0
    return colours.reach_of(gates.lane(place, name))


def paint_beyond(painter: QPainter, points: list[QPointF]) -> None:
    """A dot on each."""
    if points:
        painter.setPen(QPen(theme().colour("panel"), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(points)


def strip_image(values: NDArray[Any], units: Axis, *, height: float, width: int, is_log: bool) -> QImage:
    """Bars of what the rows in sight are ordered by, from the right."""
    if is_log:
        values = np.log1p(np.minimum(values, 1e4)) / np.log1p(1e4)
    num_lines = max(1, round(height))
    at = units.first + (np.arange(num_lines) + 0.5) * units.length / num_lines
    lengths = np.abs(values[np.clip(at.astype(int), 0, len(values) - 1)]) * width
    return colours.bar_image(lengths, width=width, colour=theme().colour("faint"))
