"""Where the lanes of a raster lie: a grid whose shape follows the room there is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from ui.views._token_axis import Axis
from ui.views._tokens import HEIGHT as LABELS

HEAD, GUTTER, BETWEEN, BELOW = 22.0, 14.0, 14.0, 4.0
_BEST_SHAPE = 1.25  # width to height of one lane that reads best


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One signal's place: its heading, its cells, its tokens."""

    name: str
    head: QRectF
    cells: QRectF
    labels: QRectF


def arrange(names: tuple[str, ...], *, width: float, height: float) -> list[Lane]:
    """The lanes in rows and columns that come nearest to the best shape."""
    count = max(1, len(names))
    columns = min(
        (number for number in range(1, count + 1) if count % number == 0), key=lambda n: _miss(n, count, width, height)
    )
    rows = count // columns
    lane_width, lane_height = _lane_size(columns, rows, width, height)
    lanes = []
    for place, name in enumerate(names):
        row, column = divmod(place, columns)
        left = round(GUTTER + column * (lane_width + BETWEEN))
        top = round(row * (HEAD + lane_height + LABELS + BELOW))
        right = round(GUTTER + column * (lane_width + BETWEEN) + lane_width)
        bottom = round(row * (HEAD + lane_height + LABELS + BELOW) + HEAD + lane_height)
        cells = QRectF(left, top + HEAD, max(8, right - left), max(8, bottom - top - HEAD))
        lanes.append(
            Lane(
                name=name,
                head=QRectF(left, top, cells.width(), HEAD),
                cells=cells,
                labels=QRectF(left, cells.bottom(), cells.width(), LABELS),
            )
        )
    return lanes


def lane_at(lanes: list[Lane], point: QPointF) -> Lane | None:
    """The lane whose heading, cells or tokens are there."""
    return next((lane for lane in lanes if lane.head.united(lane.labels).contains(point)), None)


def _lane_size(columns: int, rows: int, width: float, height: float) -> tuple[float, float]:
    lane_width = (width - GUTTER - 6 - BETWEEN * (columns - 1)) / columns
    return max(8.0, lane_width), max(8.0, (height + BELOW) / rows - HEAD - LABELS - BELOW)


def _miss(columns: int, count: int, width: float, height: float) -> float:
    lane_width, lane_height = _lane_size(columns, count // columns, width, height)
    return abs(math.log(lane_width / lane_height / _BEST_SHAPE))


def in_sight(lane: Lane, axis: Axis, units: Axis) -> tuple[slice, slice, QRectF]:
    """Tokens and rows of which any part is in sight, and where they are to be drawn."""
    first, last = int(axis.first), min(axis.num_cells, math.ceil(axis.last))
    top, bottom = int(units.first), min(units.num_cells, math.ceil(units.last))
    width, height = lane.cells.width() / axis.length, lane.cells.height() / units.length
    target = QRectF(
        lane.cells.left() + (first - axis.first) * width,
        lane.cells.top() + (top - units.first) * height,
        (last - first) * width,
        (bottom - top) * height,
    )
    return slice(first, last), slice(top, bottom), target
