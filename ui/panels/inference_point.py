"""Giving a point: click in the plane, move it with the arrow keys, or type x and y."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from modellab.data.base import Sample
from ui.panels.inference_input import Given, InputEditor
from ui.panels.inference_number import NumberField, split_row
from ui.theme import class_colour, font, theme
from ui.widgets.buttons import IconButton
from ui.widgets.focus_ring import FocusRing
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.numbers import number
from ui.widgets.painting import draw_focus_ring, draw_rounded
from workers.protocol import RowInput

_MARGIN = 18.0
_NUDGE = 0.01  # of the range, one press of an arrow key


class PointEditor(InputEditor):
    """A small plane over two fields; both show the same point."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plane = Plane()
        self.plane.moved.connect(self._on_moved)
        self._labels = (ElidedLabel("x", role="muted"), ElidedLabel("y", role="muted"))
        self.fields = (NumberField(), NumberField())
        self._caption = TextLabel(style="small", role="muted")
        self._names: tuple[str, ...] = ()  # of the columns that the point is of
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.plane)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for place, (label, field) in enumerate(zip(self._labels, self.fields, strict=True)):
            field.valued.connect(self._on_typed)
            field.row_pasted.connect(self._on_row_pasted)
            label.setBuddy(field)
            grid.addWidget(label, 0, place)
            grid.addWidget(field, 1, place)
            grid.setColumnStretch(place, 1)
        dice = IconButton("dice", self.tr("Take a validation sample (R)"))
        dice.clicked.connect(self.sample_asked)
        grid.addWidget(dice, 1, 2)
        column.addLayout(grid)
        column.addWidget(self._caption)
        self.set_sample(None)

    def set_sample(self, sample: Sample | None) -> None:
        low = sample.low if sample is not None and len(sample.low) == 2 else (-1.0, -1.0)
        high = sample.high if sample is not None and len(sample.high) == 2 else (1.0, 1.0)
        names = sample.features if sample is not None and len(sample.features) == 2 else ("x", "y")
        if sample is not None:
            if not self._may_be_of(names, low, high):
                self._let_go()
            self._names = tuple(names)
        self.plane.set_range((low[0], low[1]), (high[0], high[1]))
        self.plane.set_examples(np.empty((0, 2)), None)
        for label, field, name, first, last in zip(self._labels, self.fields, names, low, high, strict=True):
            label.setText(name)
            field.setAccessibleName(name)
            field.set_example(f"{number(first, digits=2)} … {number(last, digits=2)}")
        self.changed.emit()

    def _may_be_of(self, names: Sequence[str], low: Sequence[float], high: Sequence[float]) -> bool:
        """Whether the point may be one of such data: of these columns, and no further off than they are wide."""
        values = [field.value() for field in self.fields]
        is_near = all(
            value is None or 2 * first - last <= value <= 2 * last - first
            for value, first, last in zip(values, low, high, strict=True)
        )
        return is_near and self._names in ((), tuple(names))

    def _let_go(self) -> None:
        for field in self.fields:
            field.set_text("")
        self.plane.set_point(None)
        self.plane.set_class(None)
        self._caption.setText("")

    def given(self) -> Given | None:
        values = tuple(field.value() for field in self.fields)
        if any(value is None for value in values):
            return None
        return Given(input=RowInput(values=tuple(value for value in values if value is not None)))

    def show_example(self, values: NDArray[Any], *, caption: str) -> None:
        self._set_point(float(values[0]), float(values[1]))
        self._caption.setText(caption)

    def show_answer(self, class_index: int | None) -> None:
        self.plane.set_class(class_index)

    def show_examples(self, inputs: NDArray[Any], targets: NDArray[Any]) -> None:
        self.plane.set_examples(inputs, targets if np.issubdtype(targets.dtype, np.integer) else None)

    def _set_point(self, x: float, y: float) -> None:
        for field, value in zip(self.fields, (x, y), strict=True):
            field.set_value(value)
        self.plane.set_point(QPointF(x, y))
        self._caption.setText("")
        self.changed.emit()

    def _on_moved(self, point: QPointF) -> None:
        self._set_point(point.x(), point.y())

    def _on_typed(self) -> None:
        values = [field.value() for field in self.fields]
        is_whole = values[0] is not None and values[1] is not None
        self.plane.set_point(QPointF(values[0] or 0.0, values[1] or 0.0) if is_whole else None)
        self._caption.setText("")
        self.changed.emit()

    def _on_row_pasted(self, text: str) -> None:
        """Both numbers at once, as a spreadsheet or a file has them."""
        for field, cell in zip(self.fields, split_row(text), strict=False):
            field.set_text(cell)
        self._on_typed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_R:
            self.sample_asked.emit()
        else:
            super().keyPressEvent(event)


class Plane(FocusRing, QWidget):
    """The plane of the data: its range at the edges, examples faint behind the one point asked about."""

    moved = Signal(QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = (-1.0, -1.0), (1.0, 1.0)
        self._point: QPointF | None = None
        self._class: int | None = None
        self._examples: list[tuple[float, float, int]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Plane of the data; the arrow keys move the point"))
        theme().changed.connect(self.update)

    def set_range(self, low: tuple[float, float], high: tuple[float, float]) -> None:
        """What the axes reach over."""
        self._low, self._high = low, high
        self._class = None
        self.update()

    def set_point(self, point: QPointF | None) -> None:
        """Where the point lies, in the unit of the data."""
        self._point = point
        self.update()

    def set_class(self, class_index: int | None) -> None:
        """Paint the point in the colour of a class."""
        if class_index != self._class:
            self._class = class_index
            self.update()

    def set_examples(self, inputs: NDArray[Any], targets: NDArray[Any] | None) -> None:
        """Stand these points [N, 2] behind it, coloured by class where they have one."""
        classes = [-1] * len(inputs) if targets is None else [int(target) for target in targets]
        self._examples = [(float(x), float(y), target) for (x, y), target in zip(inputs, classes, strict=True)]
        self.update()

    def _place(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _inner(self) -> QRectF:
        return self._place().adjusted(8, 8, -8, -_MARGIN - 2)

    def _to_screen(self, x: float, y: float) -> QPointF:
        inner = self._inner()
        across = (x - self._low[0]) / ((self._high[0] - self._low[0]) or 1.0)
        up = (y - self._low[1]) / ((self._high[1] - self._low[1]) or 1.0)
        return QPointF(inner.left() + across * inner.width(), inner.bottom() - up * inner.height())

    def _to_data(self, at: QPointF) -> QPointF:
        inner = self._inner()
        across = min(1.0, max(0.0, (at.x() - inner.left()) / max(1.0, inner.width())))
        up = min(1.0, max(0.0, (inner.bottom() - at.y()) / max(1.0, inner.height())))
        x = self._low[0] + across * (self._high[0] - self._low[0])
        y = self._low[1] + up * (self._high[1] - self._low[1])
        return QPointF(_rounded(x, self._high[0] - self._low[0]), _rounded(y, self._high[1] - self._low[1]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.moved.emit(self._to_data(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self._to_data(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {keys.Key_Left: (-1, 0), keys.Key_Right: (1, 0), keys.Key_Up: (0, 1), keys.Key_Down: (0, -1)}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        by = _NUDGE * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        spans = (self._high[0] - self._low[0], self._high[1] - self._low[1])
        middle = QPointF((self._low[0] + self._high[0]) / 2, (self._low[1] + self._high[1]) / 2)
        start = self._point or middle
        x, y = start.x() + step[0] * by * spans[0], start.y() + step[1] * by * spans[1]
        self.moved.emit(QPointF(_rounded(x, spans[0]), _rounded(y, spans[1])))

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 140)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_rounded(painter, self._place(), theme().palette.input, radius=6)
        self._paint_axes(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        for x, y, target in self._examples:
            colour = QColor(class_colour(target)) if target >= 0 else theme().colour("muted")
            colour.setAlphaF(0.45)
            painter.setBrush(colour)
            painter.drawEllipse(self._to_screen(x, y), 2.0, 2.0)
        if self._point is not None:
            self._paint_point(painter, self._to_screen(self._point.x(), self._point.y()))
        elif not self._examples:
            painter.setFont(font("body"))
            painter.setPen(theme().colour("muted"))
            painter.drawText(self._inner(), Qt.AlignmentFlag.AlignCenter, self.tr("Click to choose a point"))
        if self._shows_ring:
            draw_focus_ring(painter, self._place(), radius=6)

    def _paint_axes(self, painter: QPainter) -> None:
        inner = self._inner()
        painter.setPen(QPen(theme().colour("line"), 1))
        if self._low[0] < 0 < self._high[0]:
            x = self._to_screen(0, 0).x()
            painter.drawLine(QPointF(x, inner.top()), QPointF(x, inner.bottom()))
        if self._low[1] < 0 < self._high[1]:
            y = self._to_screen(0, 0).y()
            painter.drawLine(QPointF(inner.left(), y), QPointF(inner.right(), y))
        painter.setFont(font("small"))
        painter.setPen(theme().colour("muted"))
        below = QRectF(inner.left(), inner.bottom() + 2, inner.width(), _MARGIN)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, number(self._low[0], digits=3))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, number(self._high[0], digits=3))

    def _paint_point(self, painter: QPainter, at: QPointF) -> None:
        inner = self._inner()
        painter.setPen(QPen(theme().colour("muted"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at.x(), inner.top()), QPointF(at.x(), inner.bottom()))
        painter.drawLine(QPointF(inner.left(), at.y()), QPointF(inner.right(), at.y()))
        painter.setPen(QPen(theme().colour("text"), 2))
        painter.setBrush(QColor(class_colour(self._class)) if self._class is not None else theme().colour("accent"))
        painter.drawEllipse(at, 6.5, 6.5)


def _rounded(value: float, span: float) -> float:
    """To a thousandth of the range: a click means no more digits than that."""
    if not span or not math.isfinite(value):
        return value
    return round(value, max(0, 3 - math.floor(math.log10(abs(span)))))
