"""A small canvas: white ink on black as handwritten digits are stored, or a picture that is looked at."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.widgets.focus_ring import FocusRing
from ui.widgets.painting import draw_focus_ring

Pixels: TypeAlias = NDArray[np.uint8]

SIDE = 280  # ten canvas pixels for one of a 28 x 28 digit
_RADIUS = 6.0
_LEAST_WHOLE = 190  # px: a pad is as wide as its panel up to here


class DrawingPad(FocusRing, QWidget):
    """Draw with the left button, erase with the right one; keeps its square shape."""

    drawn = Signal()  # another stroke, or part of one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen_width = 22
        self.is_erasing = False
        self.can_draw = True
        self.hint = ""
        self._canvas = _black(SIDE)
        self._picture: QImage | None = None
        self._has_ink = False
        self._last: QPointF | None = None
        self._middle = QPointF()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Drawing pad"))
        theme().changed.connect(self.update)

    @property
    def is_blank(self) -> bool:
        """Whether there is neither ink nor picture."""
        return not self._has_ink and self._picture is None

    @property
    def has_ink(self) -> bool:
        """Whether what is seen was drawn here."""
        return self._has_ink

    def pixels(self) -> Pixels:
        """What was drawn, uint8 [280, 280]: 255 is ink."""
        image = self._canvas.convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : image.width()].copy()

    def clear(self) -> None:
        """Black again."""
        self._canvas.fill(Qt.GlobalColor.black)
        self._picture, self._has_ink = None, False
        self.update()

    def show_picture(self, image: QImage) -> None:
        """Look at a picture; the next stroke begins on black."""
        self.clear()
        self._picture = image
        self.update()

    def set_can_draw(self, can_draw: bool) -> None:
        """Whether strokes make sense for what the model sees."""
        self.can_draw = can_draw
        self.setCursor(Qt.CursorShape.CrossCursor if can_draw else Qt.CursorShape.ArrowCursor)

    def _place(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _on_canvas(self, event: QMouseEvent) -> QPointF:
        place = self._place()
        return (event.position() - place.topLeft()) * (SIDE / max(1.0, place.width()))

    def _stroke(self, path: QPainterPath, *, erases: bool) -> None:
        painter = QPainter(self._canvas)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = Qt.GlobalColor.black if erases else Qt.GlobalColor.white
        width = self.pen_width * (1.6 if erases else 1.0)
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(path)
        painter.end()
        self._has_ink = self._has_ink or not erases
        self.update()
        self.drawn.emit()

    def _erases(self, event: QMouseEvent) -> bool:
        return self.is_erasing or bool(event.buttons() & Qt.MouseButton.RightButton)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.can_draw or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        if self._picture is not None:
            self.clear()
        self._last = self._middle = self._on_canvas(event)
        path = QPainterPath(self._last)
        path.lineTo(self._last + QPointF(0.01, 0))
        self._stroke(path, erases=self._erases(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is None:
            return
        # A curve through the middles of the mouse's steps: corners between fast, distant points come out round.
        at = self._on_canvas(event)
        middle = (self._last + at) / 2
        path = QPainterPath(self._middle)
        path.quadTo(self._last, middle)
        self._last, self._middle = at, middle
        self._stroke(path, erases=self._erases(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            path = QPainterPath(self._middle)
            path.lineTo(self._last)
            is_right = event.button() == Qt.MouseButton.RightButton
            self._last = None
            self._stroke(path, erases=self.is_erasing or is_right)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 140)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        # Not all of a wide panel: five answers below it are in sight in a window of 1280 x 800.
        return max(min(width, _LEAST_WHOLE), width * 5 // 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing)
        place = self._place()
        outline = QPainterPath()
        outline.addRoundedRect(place, _RADIUS, _RADIUS)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(place, Qt.GlobalColor.black)
        if self._picture is not None:
            _paint_picture(painter, place, image=self._picture)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._canvas)
        painter.restore()
        if self.is_blank and self.hint:
            painter.setFont(font("body"))
            painter.setPen(QColor("#98a1b3"))  # on black in either theme
            inner = place.adjusted(24, 24, -24, -24)
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.hint)
        if self._shows_ring:
            draw_focus_ring(painter, place, radius=_RADIUS)


def to_image(pixels: Pixels) -> QImage:
    """uint8 [H, W], [H, W, 1], [H, W, 3] or [H, W, 4] as a picture of its own."""
    pixels = np.ascontiguousarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    formats = QImage.Format
    kind = {1: formats.Format_Grayscale8, 3: formats.Format_RGB888, 4: formats.Format_RGBA8888}[channels]
    return QImage(pixels.data, width, height, width * channels, kind).copy()


def to_pixels(image: QImage) -> Pixels:
    """A picture as uint8 [H, W, 4], RGBA."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()


def _black(side: int) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    return image


def _paint_picture(painter: QPainter, place: QRectF, *, image: QImage) -> None:
    """The whole picture in the square; small ones keep their square pixels."""
    size = image.size().toSizeF().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRectF(place.topLeft(), size)
    target.moveCenter(place.center())
    is_small = max(image.width(), image.height()) <= 96
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_small)
    painter.drawImage(target, image)
