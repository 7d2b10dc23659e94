"""Layers as a strip of tiles one handles directly: each narrower or wider by a click, a wheel turn or a key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from modellab.config import FieldSpec
from ui.forms.editor import Phase
from ui.forms.numbers import allows, shown, stepped
from ui.forms.values import starting_value
from ui.theme import mix, theme
from ui.theme.icons import draw_icon
from ui.widgets.painting import draw_focus_ring, draw_rounded

_TILE, _GAP, _BUTTON = QSize(60, 24), 4, 18
_STRIDE = _TILE.width() + _GAP


class LayerStrip(QWidget):
    """Whole numbers as tiles; Left and Right choose one, Up and Down change it, Insert and Delete add and remove."""

    edited = Signal(object, Phase)

    def __init__(self, item: FieldSpec, *, most: int | None, least: int) -> None:
        super().__init__()
        self._item, self._most, self._least = item, most, least
        self._values: list[Any] = []
        self._current = 0
        self._hovered = QPoint(-1, -1)
        self._wheel_degrees = 0
        self._pressed = 0
        self._repeat = QTimer(self, interval=80)
        self._repeat.timeout.connect(self._on_repeat_due)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_values(self, values: Sequence[Any]) -> None:
        """Show these layers."""
        self._values = list(values)
        self._current = max(0, min(self._current, len(values) - 1))
        self._take_room()
        self.update()

    def _take_room(self) -> None:
        columns = max(1, (self.width() + _GAP) // _STRIDE)
        num_rows = math.ceil(len(self._values) / columns)
        height = num_rows * (_TILE.height() + _GAP)
        if height != self.height():
            self.setFixedHeight(height)

    def _tile(self, index: int) -> QRect:
        columns = max(1, (self.width() + _GAP) // _STRIDE)
        row, column = divmod(index, columns)
        return QRect(QPoint(column * _STRIDE, row * (_TILE.height() + _GAP)), _TILE)

    def _tile_at(self, point: QPointF) -> int:
        where = point.toPoint()
        return next((index for index in range(len(self._values)) if self._tile(index).contains(where)), -1)

    def _steps_at(self, point: QPointF) -> int:
        index = self._tile_at(point)
        if index < 0:
            return 0
        across = point.x() - self._tile(index).left()
        return -1 if across < _BUTTON else 1 if across > _TILE.width() - _BUTTON else 0

    def _step(self, steps: int) -> None:
        if 0 <= self._current < len(self._values):
            self._values[self._current] = stepped(self._item, self._values[self._current], steps=steps)
            self.update()
            self.edited.emit(list(self._values), Phase.STEPPED)

    def _insert(self) -> None:
        if self._most is None or len(self._values) < self._most:
            like = self._values[self._current] if self._values else starting_value(self._item)
            self._values.insert(self._current + 1 if self._values else 0, like)
            self._current = min(self._current + 1, len(self._values) - 1)
            self.edited.emit(list(self._values), Phase.FINISHED)

    def _remove(self) -> None:
        if self._least < len(self._values):
            del self._values[self._current]
            self.edited.emit(list(self._values), Phase.FINISHED)

    def _on_repeat_due(self) -> None:
        self._repeat.setInterval(80)
        self._step(self._pressed)

    def sizeHint(self) -> QSize:
        return QSize(2 * _STRIDE, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = max(0, len(self._values) - 1)
        match event.key():
            case Qt.Key.Key_Left:
                self._current = max(0, self._current - 1)
            case Qt.Key.Key_Right:
                self._current = min(last, self._current + 1)
            case Qt.Key.Key_Up | Qt.Key.Key_Down | Qt.Key.Key_PageUp | Qt.Key.Key_PageDown:
                sign = 1 if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_PageUp) else -1
                self._step(sign if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) else 10 * sign)
            case Qt.Key.Key_Insert | Qt.Key.Key_Plus:
                self._insert()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace | Qt.Key.Key_Minus:
                self._remove()
            case _:
                super().keyPressEvent(event)
                return
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._tile_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or index < 0:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._current, self._pressed = index, self._steps_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pressed *= 10
        if self._pressed:
            self._step(self._pressed)
            self._repeat.start(400)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._repeat.stop()
        self._pressed = 0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = event.position().toPoint()
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = QPoint(-1, -1)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus() or not self._values:
            event.ignore()
            return
        self._wheel_degrees += event.angleDelta().y()
        steps = int(self._wheel_degrees / 120)
        self._wheel_degrees -= steps * 120
        if steps:
            self._step(steps)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._repeat.stop()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._take_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, value in enumerate(self._values):
            self._paint_tile(painter, self._tile(index), value, is_current=index == self._current and self.hasFocus())

    def _paint_tile(self, painter: QPainter, tile: QRect, value: Any, *, is_current: bool) -> None:
        colours = theme().palette
        is_right = isinstance(value, int) and allows(self._item, value)
        draw_rounded(painter, QRectF(tile), colours.raised if is_right else colours.bad_tint, radius=6)
        if is_right and self.isEnabled():
            self._paint_width(painter, tile, value)
        painter.setPen(colours.muted if not self.isEnabled() else colours.text if is_right else colours.bad)
        painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, shown(value) if len(shown(value)) < 7 else "…")
        is_hovered = tile.contains(self._hovered)
        if self.isEnabled() and (is_hovered or is_current):
            middle = tile.center().y() - 5
            for name, left in (("minus", tile.left() + 4), ("plus", tile.right() - 13)):
                is_over = is_hovered and abs(self._hovered.x() - left - 5) < _BUTTON / 2
                draw_icon(painter, name, QPoint(left, middle), role="text" if is_over else "muted", size=11)
        if is_current:
            draw_focus_ring(painter, QRectF(tile), radius=6)

    def _paint_width(self, painter: QPainter, tile: QRect, value: int) -> None:
        """A bar along the bottom: the layer's width beside the others', on a log scale."""
        colours = theme().palette
        widest = max((v for v in self._values if isinstance(v, int)), default=1)
        share = math.log2(max(1, value) + 1) / math.log2(max(1, widest) + 1)
        full = tile.width() - 12
        bar = QRectF(tile.left() + 6 + full * (1 - share) / 2, tile.bottom() - 3, full * share, 2)
        draw_rounded(painter, bar, mix(colours.raised, colours.accent, amount=0.8), radius=1)
