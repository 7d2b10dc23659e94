"""Saturation: how much of the time each gate unit is wide open or shut, a dot a unit (Karpathy et al. 2015)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.views._gates_colours import signal_colour
from ui.views._gates_data import OPEN, SHUT, Gates, Place, PointedDot, shares
from ui.views._gates_words import title_of

_LEFT, _TOP, _BOTTOM, _BETWEEN = 68.0, 42.0, 50.0, 30.0
_TEXT = 22.0  # over all heads, of which text the dots are
_TICK_GAP = 17.0  # from the axes to their numbers: the largest dot and its ring lie between
_CATCH_PX = 9.0
_MOST_SHAPE = 1.5  # the longer side of a panel to the shorter
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dots:
    """Units of one gate: opened, shut [units]; units that fall on one dot share it."""

    name: str
    opened: NDArray[np.float32]
    shut: NDArray[np.float32]
    at: NDArray[np.float32]  # [dots, 2]
    dot_of: NDArray[np.intp]  # [units]
    counts: NDArray[np.intp]  # [dots]


class SaturationPlot(QWidget):
    """A triangle a gate, since no unit can be open and shut at once."""

    pointed = Signal(object)  # PointedDot | None
    chosen = Signal(int, str)  # unit, gate

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gates: Gates | None = None
        self._place = Place()
        self._dots: tuple[Dots, ...] = ()
        self._told = ""
        self._pointed: PointedDot | None = None
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Share of the time each gate unit is open and shut"))
        theme().changed.connect(self.update)

    def set_gates(self, gates: Gates, place: Place, *, told: str = "") -> None:
        """Other arrays, or another unit; told: of which text they are."""
        seen = self._place
        if gates is not self._gates or (place.layer, place.direction) != (seen.layer, seen.direction):
            self._dots = tuple(_dots(gates, place, name) for name in gates.gate_names)
        self._gates, self._place, self._told = gates, place, told
        self.update()

    def told(self) -> str:
        """What is said of the text."""
        return self._told

    def dots(self) -> tuple[Dots, ...]:
        """What is drawn."""
        return self._dots

    def panel_rect(self, number: int) -> QRectF:
        """Where one gate's triangle lies."""
        count = max(1, len(self._dots))
        width = (self.width() - _LEFT - 12 - _BETWEEN * (count - 1)) / count
        room = max(60.0, self.height() - _TEXT - _TOP - _BOTTOM)
        width = max(60.0, min(width, room * _MOST_SHAPE))
        height = min(room, width * _MOST_SHAPE)
        used = width * count + _BETWEEN * (count - 1)
        left = _LEFT + max(0.0, (self.width() - _LEFT - 12 - used) / 2)
        top = _TEXT + _TOP + max(0.0, (room - height) / 2)
        return QRectF(round(left + number * (width + _BETWEEN)), round(top), round(width), round(height))

    def dot_place(self, number: int, unit: int) -> QPointF:
        """Where a unit's dot is."""
        dots = self._dots[number]
        return self._to_pixels(self.panel_rect(number), float(dots.opened[unit]), float(dots.shut[unit]))

    def _dot_at(self, point: QPointF) -> PointedDot | None:
        for number, dots in enumerate(self._dots):
            rect = self.panel_rect(number)
            if not rect.adjusted(-10, -10, 10, 10).contains(point):
                continue
            x = rect.left() + dots.at[:, 0] * rect.width()
            y = rect.bottom() - dots.at[:, 1] * rect.height()
            distance = np.hypot(x - point.x(), y - point.y())
            nearest = int(distance.argmin())
            if distance[nearest] <= max(_CATCH_PX, _radius(int(dots.counts[nearest]))):
                units = tuple(int(unit) for unit in np.flatnonzero(dots.dot_of == nearest))
                opened, shut = (float(share) for share in dots.at[nearest])
                return PointedDot(name=dots.name, units=units, opened=opened, shut=shut)
        return None

    def sizeHint(self) -> QSize:
        return QSize(680, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 180)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._dot_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor)
        if found != self._pointed:
            self._pointed = found
            self.pointed.emit(found)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._dot_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            # Units on one dot take turns.
            held = self._place.unit
            turn = found.units.index(held) + 1 if held is not None and held in found.units else 0
            self.chosen.emit(found.units[turn % len(found.units)], found.name)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.pointed.emit(None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._gates is not None and not self._dots:
            painter.setPen(theme().colour("muted"))
            told = self.tr("A plain RNN has no gates that could be open or shut; an LSTM and a GRU have.")
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, told)
        if self._dots:
            self._paint_told(painter, self.panel_rect(0))
        for number, dots in enumerate(self._dots):
            rect = self.panel_rect(number)
            self._paint_axes(painter, rect, dots, is_first=number == 0)
            self._paint_dots(painter, rect, dots)

    def _paint_told(self, painter: QPainter, first: QRectF) -> None:
        room = QRectF(first.left(), first.top() - _TOP - _TEXT, self.width() - first.left() - 12, 18)
        told = painter.fontMetrics().elidedText(self._told, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.setPen(theme().colour("muted"))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, told)

    def _paint_axes(self, painter: QPainter, rect: QRectF, dots: Dots, *, is_first: bool) -> None:
        muted, line = theme().colour("muted"), theme().colour("line")
        painter.setFont(font("strong"))
        painter.setPen(theme().colour("text"))
        head = QRectF(rect.left(), rect.top() - _TOP, rect.width(), 20)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, dots.name)
        left = painter.fontMetrics().horizontalAdvance(dots.name) + 6
        painter.setFont(self.font())
        painter.setPen(muted)
        painter.drawText(head.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, title_of(dots.name))
        told = self.tr("open {open} %   shut {shut} %").format(
            open=round(100 * float(dots.opened.mean())), shut=round(100 * float(dots.shut.mean()))
        )
        painter.drawText(head.translated(0, 18), Qt.AlignmentFlag.AlignVCenter, told)
        painter.setPen(line)
        painter.drawLine(rect.bottomLeft(), rect.topLeft())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(QPen(line, 1, Qt.PenStyle.DashLine))
        painter.drawLine(rect.topLeft(), rect.bottomRight())
        for tick in _TICKS:
            painter.setPen(muted)
            x, y = rect.left() + tick * rect.width(), rect.bottom() - tick * rect.height()
            label = f"{tick:g}"
            if rect.width() > 150 or tick in (0.0, 0.5, 1.0):
                painter.drawText(QRectF(x - 20, rect.bottom() + _TICK_GAP, 40, 14), Qt.AlignmentFlag.AlignCenter, label)
            if is_first:
                place = QRectF(rect.left() - _TICK_GAP - 30, y - 8, 30, 16)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
        below = QRectF(rect.left() - 10, rect.bottom() + _TICK_GAP + 16, rect.width() + 20, 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.tr("share of time > {p}").format(p=OPEN))
        if is_first:
            painter.save()
            painter.translate(rect.left() - 58, rect.center().y())
            painter.rotate(-90)
            beside = QRectF(-rect.height() / 2, -9, rect.height(), 16)
            painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, self.tr("share of time < {p}").format(p=SHUT))
            painter.restore()

    def _paint_dots(self, painter: QPainter, rect: QRectF, dots: Dots) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = signal_colour(dots.name)
        rim = theme().colour("panel")
        fill.setAlpha(205)
        painter.setPen(QPen(rim, 0.75))
        painter.setBrush(fill)
        for (opened, shut), count in zip(dots.at.tolist(), dots.counts.tolist(), strict=True):
            radius = _radius(count)
            painter.drawEllipse(self._to_pixels(rect, opened, shut), radius, radius)
        marks = []
        if self._place.unit is not None and self._place.unit < len(dots.dot_of):
            marks.append((int(dots.dot_of[self._place.unit]), 2.0))
        if self._pointed is not None and self._pointed.units[0] < len(dots.dot_of):
            marks.append((int(dots.dot_of[self._pointed.units[0]]), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for dot, width in marks:
            painter.setPen(QPen(theme().colour("text"), width))
            radius = _radius(int(dots.counts[dot])) + 2
            painter.drawEllipse(self._to_pixels(rect, *dots.at[dot].tolist()), radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    @staticmethod
    def _to_pixels(rect: QRectF, opened: float, shut: float) -> QPointF:
        return QPointF(rect.left() + opened * rect.width(), rect.bottom() - shut * rect.height())


def _dots(gates: Gates, place: Place, name: str) -> Dots:
    opened, shut = shares(gates.lane(place, name))
    at, dot_of, counts = np.unique(np.column_stack([opened, shut]), axis=0, return_inverse=True, return_counts=True)
    return Dots(name=name, opened=opened, shut=shut, at=at, dot_of=dot_of.reshape(-1), counts=counts)


def _radius(count: int) -> float:
    """A dot's area grows with the units on it."""
    return float(min(14.0, 3.0 * np.sqrt(count)))
