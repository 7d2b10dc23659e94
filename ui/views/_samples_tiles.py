"""Images as a grid of tiles with their labels; the one under the pointer large, with where it comes from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.theme import font, theme
from ui.views._samples_source import Examples
from ui.widgets.numbers import whole
from ui.widgets.painting import draw_focus_ring, draw_rounded

_LABEL, _GAP, _TARGET = 18, 8, 64
_LARGE = 192


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """A picture [H, W, 1 or 3] as QImage."""
    height, width, channels = pixels.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(np.ascontiguousarray(pixels).tobytes(), width, height, channels * width, kind).copy()


class ImageTiles(QAbstractScrollArea):
    """Small images are enlarged by whole factors and stay crisp. Hover, or the arrow keys, show one large."""

    pointed = Signal(int)  # position in the examples; -1 when none is
    chosen = Signal(int)
    end_reached = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._examples: Examples | None = None
        self._held = -1
        self._pointed = -1
        self._by_key = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(font("small"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(self.tr("Images"))
        self._large = _LargeImage(self.viewport())
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme().changed.connect(self.viewport().update)

    def set_examples(self, examples: Examples | None) -> None:
        """Show these; the place is kept when they are the same and more."""
        before, self._examples = self._examples, examples
        if before is None or examples is None or before.indices != examples.indices[: len(before)]:
            self.verticalScrollBar().setValue(0)
            self._point(-1)
        self._set_range()
        self.viewport().update()

    def set_held(self, position: int) -> None:
        """The example that the focus holds; -1: none of these."""
        self._held = position
        self.viewport().update()

    def tile_rect(self, position: int) -> QRect:
        """Where the tile is in the viewport."""
        side, columns, step = self._measures()
        row, column = divmod(position, columns)
        top = row * (side + _LABEL + _GAP) - self.verticalScrollBar().value()
        return QRect(round(column * step), top, side, side)

    def _measures(self) -> tuple[int, int, float]:
        """The side of a tile, tiles in a row, and pixels from one to the next."""
        width = max(1, self.viewport().width())
        side = _TARGET
        if self._examples is not None and len(self._examples):
            height, across = self._examples.inputs.shape[1:3]
            longest = max(height, across)
            # A whole multiple of the image is crisp: 8 px becomes 64, 28 becomes 56, 32 becomes 64.
            side = longest * max(1, round(_TARGET / longest)) if longest <= 96 else 112
        columns = max(1, (width + _GAP) // (side + _GAP))
        return side, columns, (width + _GAP) / columns

    def _set_range(self) -> None:
        side, columns, _ = self._measures()
        rows = math.ceil(len(self._examples) / columns) if self._examples else 0
        room = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * (side + _LABEL + _GAP) - _GAP - room))
        bar.setPageStep(room)
        bar.setSingleStep(side + _LABEL + _GAP)
        self._on_scrolled()

    def _on_scrolled(self) -> None:
        bar = self.verticalScrollBar()
        if self._examples is not None and bar.value() + 2 * bar.pageStep() >= bar.maximum():
            self.end_reached.emit()
        if not self._by_key:
            self._point(-1)
        self.viewport().update()

    def _position_at(self, point: QPoint) -> int:
        if self._examples is None:
            return -1
        side, columns, step = self._measures()
        column, row = int(point.x() / step), (point.y() + self.verticalScrollBar().value()) // (side + _LABEL + _GAP)
        position = row * columns + column
        is_on = column < columns and position < len(self._examples)
        return position if is_on and self.tile_rect(position).adjusted(0, 0, 0, _LABEL).contains(point) else -1

    def _point(self, position: int) -> None:
        if position == self._pointed:
            return
        self._pointed = position
        if position < 0 or self._examples is None:
            self._large.hide()
        else:
            self._large.show_example(self._examples, position, beside=self.tile_rect(position))
        self.pointed.emit(position)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point(-1)
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._set_range()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._by_key = False
        self._point(self._position_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._position_at(event.position().toPoint())
        if position >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        _, columns, _ = self._measures()
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        key = Qt.Key(event.key())
        if key in steps and self._examples is not None and len(self._examples):
            start = self._pointed if self._pointed >= 0 else max(0, self._held) - (steps[key] if self._held < 0 else 0)
            self._by_key = True
            self._reveal(min(len(self._examples) - 1, max(0, start + steps[key])))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._pointed >= 0:
            self.chosen.emit(self._pointed)
        else:
            super().keyPressEvent(event)

    def _reveal(self, position: int) -> None:
        bar, tile = self.verticalScrollBar(), self.tile_rect(position)
        if tile.top() < 0:
            bar.setValue(bar.value() + tile.top())
        elif tile.bottom() + _LABEL > self.viewport().height():
            bar.setValue(bar.value() + tile.bottom() + _LABEL - self.viewport().height())
        self._point(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        examples = self._examples
        if examples is None:
            return
        painter = QPainter(self.viewport())
        side, columns, _ = self._measures()
        height = side + _LABEL + _GAP
        first = (self.verticalScrollBar().value() // height) * columns
        last = min(len(examples), first + (self.viewport().height() // height + 2) * columns)
        painter.setFont(self.font())
        for position in range(first, last):
            tile = self.tile_rect(position)
            _draw_image(painter, QRectF(tile), examples.inputs[position])
            label = QRect(tile.left() - 2, tile.bottom() + 1, side + 4, _LABEL)
            is_marked = position in (self._held, self._pointed)
            painter.setPen(theme().colour("text" if is_marked else "muted"))
            shown = painter.fontMetrics().elidedText(examples.label(position), Qt.TextElideMode.ElideRight, side + 4)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, shown)
            if is_marked:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                role = "accent" if position == self._held else "focus" if self._by_key else "text"
                draw_focus_ring(painter, QRectF(tile).adjusted(-2, -2, 2, 2), radius=4, role=role)


class _LargeImage(QWidget):
    """The example under the pointer, over its neighbours."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._pixels: NDArray[Any] | None = None
        self._lines: tuple[str, str, str] = ("", "", "")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_example(self, examples: Examples, position: int, *, beside: QRect) -> None:
        """Show it next to its tile."""
        self._pixels = examples.inputs[position]
        split = self.tr("training batch") if examples.wanted.as_model_sees else examples.wanted.split
        height, width, channels = self._pixels.shape
        size = self.tr("{width} × {height}, {channels}").format(
            width=width, height=height, channels=self.tr("grey") if channels == 1 else self.tr("colour")
        )
        place = f"{split} {whole(examples.indices[position])}   ·   {size}"
        self._lines = (examples.label(position), place, examples.source(position))
        box = QSize(_LARGE + 24, _LARGE + 24 + (56 if self._lines[2] else 40))
        room = self._over.rect()
        left = beside.right() + 8
        if left + box.width() > room.width():
            left = beside.left() - 8 - box.width()
        top = min(max(0, beside.center().y() - box.height() // 2), max(0, room.height() - box.height()))
        self.setGeometry(QRect(QPoint(max(0, left), top), box))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixels is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_rounded(painter, QRectF(self.rect()), theme().colour("line"), radius=8)
        draw_rounded(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), theme().colour("raised"), radius=7)
        _draw_image(painter, QRectF(12, 12, _LARGE, _LARGE), self._pixels)
        top = _LARGE + 18
        for number, text in enumerate(self._lines):
            painter.setFont(font("small") if number else font("strong"))
            painter.setPen(theme().colour("muted" if number else "text"))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, _LARGE)
            painter.drawText(QRect(12, top, _LARGE, 18), Qt.AlignmentFlag.AlignVCenter, shown)
            top += 16 if number else 20


def _draw_image(painter: QPainter, room: QRectF, pixels: NDArray[Any]) -> None:
    """In the middle of its room, at a whole factor where it is enlarged."""
    image = image_of(pixels)
    factor = min(room.width() / image.width(), room.height() / image.height())
    is_small = factor >= 1
    factor = math.floor(factor) if is_small else factor
    target = QRectF(0, 0, image.width() * factor, image.height() * factor)
    target.moveCenter(room.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_small)
    painter.drawImage(target, image)
