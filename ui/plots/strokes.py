"""Arrays of pixels handed to QPainter without a Python object for each point."""

from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from ui.plots.columns import Flags, Floats


def draw_polyline(painter: QPainter, x: Floats, y: Floats, *, breaks: Flags | None = None) -> None:
    """A line through the points; NaN breaks it, and so does a break between a point and the next."""
    is_known = np.isfinite(y)
    is_broken = breaks is not None and bool(breaks.any())
    if is_known.all() and not is_broken:
        _draw_part(painter, x, y)
        return
    changes = np.diff(is_known.astype(np.int8)) != 0
    ends = np.flatnonzero(changes if breaks is None else changes | breaks) + 1
    for part in np.split(np.arange(len(y)), ends):
        if len(part) > 1 and is_known[part[0]]:
            _draw_part(painter, x[part], y[part])


def draw_points(painter: QPainter, x: Floats, y: Floats) -> None:
    is_known = np.isfinite(y)
    points = _rows(x[is_known], y[is_known])
    if len(points):
        painter.drawPoints(_wrapped(points, QPointF), len(points))


def draw_columns(
    painter: QPainter,
    x: Floats,
    top: Floats,
    bottom: Floats,
    *,
    column_px: float,
    row_px: float,
    colour: QColor,
    breaks: Flags,
) -> None:
    """One upright bar for each column of pixels, joined to its neighbours: a band, or a curve denser than the pixels.

    ``breaks``: between each bar and the next, whether they are not to be joined.

    Opaque bars on whole pixels are by far Qt's fastest fill: 1,200 of them take 0.25 ms, with alpha up to 30, as one
    polygon 5. ``column_px``, ``row_px``: width of a column and height of a row, in whole device pixels.
    """
    is_known = np.isfinite(top) & np.isfinite(bottom)
    place = np.floor(x[is_known] / column_px).astype(np.int32)
    top, bottom = top[is_known], bottom[is_known]
    if not len(place):
        return
    is_next = np.diff(place) <= 1
    bars = np.empty((len(place), 4), dtype=np.int32)  # a QRect: left, top, right, bottom, all inclusive
    bars[:, 0] = bars[:, 2] = place
    bars[:, 1], bars[:, 3] = np.round(top / row_px), np.round(bottom / row_px)
    # Where two neighbouring columns do not overlap, the later one reaches back to the earlier.
    reach_up, reach_down = np.minimum(bars[1:, 1], bars[:-1, 3]), np.maximum(bars[1:, 3], bars[:-1, 1])
    bars[1:, 1], bars[1:, 3] = np.where(is_next, reach_up, bars[1:, 1]), np.where(is_next, reach_down, bars[1:, 3])
    painter.save()
    painter.scale(column_px, row_px)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRects(_wrapped(bars, QRect), len(bars))
    painter.restore()
    is_joined = ~breaks if is_known.all() else np.ones(len(is_next), dtype=bool)
    gaps = np.flatnonzero(~is_next & is_joined)
    if len(gaps):
        middle, centre = (top + bottom) / 2, (place.astype(np.float64) + 0.5) * column_px
        lines = _rows(centre[gaps], middle[gaps], centre[gaps + 1], middle[gaps + 1])
        painter.setPen(colour)
        painter.drawLines(_wrapped(lines, QLineF), len(lines))


def _draw_part(painter: QPainter, x: Floats, y: Floats) -> None:
    polygon = QPolygonF()
    polygon.resize(len(x))
    if not len(x):
        return
    void_pointer: Any = shiboken6.VoidPtr
    memory = np.frombuffer(void_pointer(polygon.data(), 16 * len(x), True), dtype=np.float64).reshape(-1, 2)
    memory[:, 0], memory[:, 1] = x, y
    painter.drawPolyline(polygon)


def _rows(*columns: Floats) -> NDArray[np.float64]:
    rows = np.empty((len(columns[0]), len(columns)))
    for place, column in enumerate(columns):
        rows[:, place] = column
    return rows


def _wrapped(rows: NDArray[Any], kind: type) -> Any:
    """The first row seen as a Qt object; the array must outlive the call it is passed to."""
    return shiboken6.wrapInstance(rows.ctypes.data, kind)
