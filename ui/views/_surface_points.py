"""The data over a decision surface: painted once a size and theme into a transparent pixmap, then only laid on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ui.theme import theme

_MARGIN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Examples of one split: inputs [N, 2], targets [N], RGBA uint8 [N, 4]; total: how many the split has."""

    inputs: NDArray[np.float32]
    targets: NDArray[np.generic]
    total: int
    is_ring: bool = False

    def __len__(self) -> int:
        return len(self.targets)


def point_radius(num_points: int) -> float:
    """Smaller where there are many, so that the surface shows between them."""
    return 3.6 if num_points <= 600 else 3.0 if num_points <= 1500 else 2.4 if num_points <= 5000 else 1.7


def draw_points(
    painter: QPainter,
    centres: NDArray[np.float64],
    colours: NDArray[np.uint8],
    *,
    radius: float,
    is_ring: bool,
    rim: QColor,
) -> None:
    """Dots with a rim, or rings with a rim inside and out, at centres [N, 2] in pixels.

    Each colour is drawn once and stamped: a few thousand ellipses would take tens of milliseconds.
    """
    ratio = painter.device().devicePixelRatioF()
    stamps: dict[bytes, QPixmap] = {}
    half = radius + _MARGIN
    for (x, y), colour in zip(centres.tolist(), map(bytes, colours), strict=True):
        stamp = stamps.get(colour)
        if stamp is None:
            stamp = stamps[colour] = _stamp(QColor(*colour), radius=radius, is_ring=is_ring, rim=rim, ratio=ratio)
        painter.drawPixmap(QPointF(x - half, y - half), stamp)


def draw_point(
    painter: QPainter, centre: QPointF, colour: QColor, *, radius: float, is_ring: bool, rim: QColor | None = None
) -> None:
    """One point, as a legend shows it; the rim, and the hole of a ring, is the panel's colour unless told otherwise."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rim = rim or theme().colour("panel")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(rim)
    painter.drawEllipse(centre, radius + 1, radius + 1)
    if is_ring:
        painter.setPen(QPen(colour, max(1.2, radius * 0.45)))
        painter.drawEllipse(centre, radius - 0.4, radius - 0.4)
    else:
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius, radius)


def _stamp(colour: QColor, *, radius: float, is_ring: bool, rim: QColor, ratio: float) -> QPixmap:
    side = 2 * (radius + _MARGIN)
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_point(painter, QRectF(0, 0, side, side).center(), colour, radius=radius, is_ring=is_ring, rim=rim)
    painter.end()
    return pixmap
