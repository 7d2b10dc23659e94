"""The large decision surface: an image with axes, the data over it, and what lies under the pointer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.plots.ticks import linear_ticks
from ui.theme import font, theme
from ui.views._surface_points import Points, draw_points, point_radius

LEFT, TOP, RIGHT, BOTTOM = 52, 8, 12, 44
_CATCH_PX = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointed:
    """Under the pointer: the place in the data's units, and the nearest example's split and index if one is near."""

    x: float
    y: float
    split: str = ""
    index: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The range and name of the two inputs."""

    low: tuple[float, float] = (-1.0, -1.0)
    high: tuple[float, float] = (1.0, 1.0)
    names: tuple[str, str] = ("x₁", "x₂")


class SurfacePlot(QWidget):
    """Square as far as the room allows. `set_image` is what changes with every frame, and is cheap."""

    pointed = Signal(object)  # Pointed | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axes = Axes()
        self._image: QImage | None = None
        self._is_smooth = True
        self._title = ""
        self._points: dict[str, tuple[Points, NDArray[np.uint8]]] = {}
        self._rim = "panel"
        self._overlay: QPixmap | None = None
        self._pointer: QPointF | None = None
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Decision surface"))
        theme().changed.connect(self._on_theme_changed)

    def set_axes(self, axes: Axes) -> None:
        """Another range or other names."""
        if axes != self._axes:
            self._axes = axes
            self._forget_overlay()

    def set_image(self, image: QImage | None, *, is_smooth: bool = True, title: str = "") -> None:
        """Another surface, its first pixel row at the top; None: the data alone. title: what it is of."""
        self._image, self._is_smooth, self._title = image, is_smooth, title
        self.update()

    def set_points(self, points: dict[str, tuple[Points, NDArray[np.uint8]]], *, rim: str = "panel") -> None:
        """The examples to lay over it and their colours, RGBA [N, 4], by split; the last on top.

        rim: role of the colour around each, which must tell it from the surface.
        """
        self._points, self._rim = points, rim
        self._forget_overlay()

    def square(self) -> QRectF:
        """Where the surface lies."""
        side = max(40.0, min(self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM))
        left = LEFT + max(0.0, (self.width() - LEFT - RIGHT - side) / 2)
        top = TOP + max(0.0, (self.height() - TOP - BOTTOM - side) / 2)
        return QRectF(round(left), round(top), round(side), round(side))

    def to_pixels(self, inputs: NDArray[np.floating]) -> NDArray[np.float64]:
        """Places [N, 2] in the data's units as pixels of this widget."""
        square = self.square()
        low, high = np.array(self._axes.low), np.array(self._axes.high)
        share = (np.asarray(inputs, dtype=np.float64) - low) / (high - low)
        x = square.left() + share[:, 0] * square.width()
        return np.column_stack([x, square.bottom() - share[:, 1] * square.height()])

    def _forget_overlay(self) -> None:
        self._overlay = None
        self.update()

    def _on_theme_changed(self) -> None:
        self._forget_overlay()

    def _pointed(self, at: QPointF) -> Pointed | None:
        square = self.square()
        if not square.contains(at):
            return None
        (x0, y0), (x1, y1) = self._axes.low, self._axes.high
        x = x0 + (at.x() - square.left()) / square.width() * (x1 - x0)
        y = y0 + (square.bottom() - at.y()) / square.height() * (y1 - y0)
        found, best = ("", -1), _CATCH_PX
        for split, (points, _) in self._points.items():
            if len(points):
                distance = np.hypot(*(self.to_pixels(points.inputs) - (at.x(), at.y())).T)
                nearest = int(distance.argmin())
                if distance[nearest] <= best:
                    found, best = (split, nearest), float(distance[nearest])
        return Pointed(x=x, y=y, split=found[0], index=found[1])

    def sizeHint(self) -> QSize:
        return QSize(440, 440)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 220)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._overlay = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self.pointed.emit(self._pointed(event.position()))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.pointed.emit(None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        square = self.square()
        colours = theme().palette
        if self._image is None:
            painter.fillRect(square, theme().colour("input"))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._is_smooth)
            # The outer pixels' middles lie on the edges.
            inner = QRectF(0.5, 0.5, self._image.width() - 1, self._image.height() - 1)
            painter.drawImage(square, self._image, inner)
        painter.setClipRect(square)
        painter.drawPixmap(square.topLeft(), self._painted_points(square))
        if self._pointer is not None and square.contains(self._pointer):
            painter.setPen(QPen(theme().colour("muted"), 1, Qt.PenStyle.DotLine))
            x, y = round(self._pointer.x()) + 0.5, round(self._pointer.y()) + 0.5
            painter.drawLine(QPointF(x, square.top()), QPointF(x, square.bottom()))
            painter.drawLine(QPointF(square.left(), y), QPointF(square.right(), y))
        painter.setClipping(False)
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.drawRect(square.adjusted(-0.5, -0.5, 0.5, 0.5))
        self._paint_axes(painter, square)
        if self._title:
            self._paint_title(painter, square, text=colours.text, back=colours.panel)

    def _paint_axes(self, painter: QPainter, square: QRectF) -> None:
        (x0, y0), (x1, y1) = self._axes.low, self._axes.high
        most = max(2, int(square.width() // 70))
        painter.setFont(font("small"))
        muted, line = theme().colour("muted"), theme().colour("line")
        for tick in linear_ticks(x0, x1, max_count=most):
            x = square.left() + (tick.value - x0) / (x1 - x0) * square.width()
            painter.setPen(line)
            painter.drawLine(QPointF(x, square.bottom()), QPointF(x, square.bottom() + 4))
            painter.setPen(muted)
            painter.drawText(QRectF(x - 40, square.bottom() + 5, 80, 16), Qt.AlignmentFlag.AlignCenter, tick.label)
        for tick in linear_ticks(y0, y1, max_count=most):
            y = square.bottom() - (tick.value - y0) / (y1 - y0) * square.height()
            painter.setPen(line)
            painter.drawLine(QPointF(square.left() - 4, y), QPointF(square.left(), y))
            painter.setPen(muted)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(square.left() - 50, y - 8, 43, 16), right, tick.label)
        name_x, name_y = self._axes.names
        painter.setPen(theme().colour("text"))
        under = QRectF(square.left(), square.bottom() + 22, square.width(), 18)
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, name_x)
        painter.save()
        painter.translate(square.left() - 44, square.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-square.height() / 2, -9, square.height(), 18), Qt.AlignmentFlag.AlignCenter, name_y)
        painter.restore()

    def _paint_title(self, painter: QPainter, square: QRectF, *, text: str, back: str) -> None:
        width = painter.fontMetrics().horizontalAdvance(self._title) + 16
        pill = QRectF(square.left() + 8, square.top() + 8, min(width, square.width() - 16), 22)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("panel"))
        painter.drawRoundedRect(pill, 6, 6)
        painter.setPen(text)
        shown = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, round(pill.width()) - 12)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, shown)

    def _painted_points(self, square: QRectF) -> QPixmap:
        if self._overlay is None:
            ratio = self.devicePixelRatioF()
            self._overlay = QPixmap((square.size() * ratio).toSize())
            self._overlay.setDevicePixelRatio(ratio)
            self._overlay.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._overlay)
            painter.translate(-square.topLeft())
            radius = point_radius(sum(len(points) for points, _ in self._points.values()))
            for points, rgba in self._points.values():
                centres = self.to_pixels(points.inputs)
                draw_points(
                    painter, centres, rgba, radius=radius, is_ring=points.is_ring, rim=theme().colour(self._rim)
                )
            painter.end()
        return self._overlay
