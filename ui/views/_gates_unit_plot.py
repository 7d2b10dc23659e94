"""One unit over the text: its gates, its states, and what its memory of each step is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.plots.ticks import Tick, linear_ticks
from ui.theme import font, theme
from ui.views._gates_colours import signal_colour
from ui.views._gates_data import GATES, Floats, Gates, Place, budget
from ui.views._gates_order import Span
from ui.views._gates_words import value_text
from ui.views._token_axis import Axis, SharedAxis, bar_sides
from ui.views._tokens import HEIGHT as LABELS
from ui.views._tokens import TokenLabels

LEFT, RIGHT, HEAD, GAP = 44.0, 8.0, 20.0, 6.0
_BESIDE = 12  # between two series of a caption
_SPAN_ALPHA = 0.6  # the lines over it keep their colours
_SUM_ERROR = 0.02  # what is sent in 16 bits may be so far from the sum of its parts
_LABEL_GAP = 7.0  # between a label and its line
_LABEL_PX = 12.0  # from one label of a scale to the next
_DOTS_FROM_PX = 9.0  # a token's width from which each step gets a dot


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One series of a band: a polyline, or with `is_bar` a share of each step's bar."""

    name: str
    colour: QColor
    values: Floats
    is_bar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Series on one scale, and what they are together."""

    title: str
    lines: tuple[Line, ...]
    low: float
    high: float
    room: float  # its share of the height


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A series in a caption: its name, and its value at the token looked at where there is room for it."""

    line: Line
    left: float  # from the caption's left side
    width: float
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What stands over a band: its series, and what they are together if there is room for it."""

    entries: tuple[Entry, ...]
    title: str


class UnitPlot(QWidget):
    """Bands over one another on one axis of tokens."""

    pointed = Signal(object)  # int | None
    chosen = Signal(int)

    def __init__(self, axis: SharedAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self._bands: tuple[Band, ...] = ()
        self._labels = TokenLabels(())
        self._tokens: tuple[str, ...] = ()
        self._held: int | None = None
        self._span: Span | None = None
        self._gates: Gates | None = None
        self._place = Place()
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Signals of one unit over the text"))
        axis.changed.connect(self.update)
        theme().changed.connect(self._on_theme_changed)

    def set_unit(self, gates: Gates | None, place: Place) -> None:
        """Another unit, or a newer state of it."""
        before, self._gates, self._place, self._held = self._gates, gates, place, place.token
        if gates is None or place.unit is None:
            self._bands = ()
        else:
            if before is None or (before.tokens, before.unknown) != (gates.tokens, gates.unknown):
                self._tokens, self._labels = gates.tokens, TokenLabels(gates.tokens, unknown=gates.unknown)
            self._bands = self._bands_of(gates, place)
        self.update()

    def set_held(self, token: int | None) -> None:
        """Another token is looked at."""
        if token != self._held:
            self._held = token
            self.update()

    def set_span(self, span: Span | None) -> None:
        """Another stretch of tokens is marked."""
        if span != self._span:
            self._span = span
            self.update()

    def bands(self) -> tuple[Band, ...]:
        """What is drawn."""
        return self._bands

    def _bands_of(self, gates: Gates, place: Place) -> tuple[Band, ...]:
        def line(name: str) -> Line:
            return Line(name=name, colour=signal_colour(name), values=gates.trace(place, name))

        bands = []
        if gates.gate_names:
            opened = tuple(line(name) for name in gates.gate_names)
            bands.append(Band(title=self.tr("gates"), lines=opened, low=0, high=1, room=0.27))
        states = tuple(line(name) for name in gates.lanes if name not in GATES)
        low = min(-1.0, *(float(one.values.min(initial=0)) for one in states))
        high = max(1.0, *(float(one.values.max(initial=0)) for one in states))
        bands.append(Band(title=self.tr("states"), lines=states, low=low, high=high, room=0.33))
        parts = budget(gates, place)
        if parts is not None:
            bands.append(self._budget_band(gates, place, *parts))
        return tuple(bands)

    def _budget_band(self, gates: Gates, place: Place, kept: Floats, written: Floats) -> Band:
        memory = gates.trace(place, gates.memory)
        is_lstm = gates.cell == "lstm"
        formula = self.tr("budget of c = f·c₋₁ + i·g") if is_lstm else self.tr("budget of h = z·h₋₁ + (1−z)·n")
        if not np.allclose(kept + written, memory, rtol=_SUM_ERROR, atol=_SUM_ERROR):
            formula = self.tr("{signal} is held: it is no longer the sum").format(signal=gates.memory)
        high = float((np.maximum(kept, 0) + np.maximum(written, 0)).max(initial=0))
        low = float((np.minimum(kept, 0) + np.minimum(written, 0)).min(initial=0))
        if high == low:  # nothing at all: no tiny numbers beside it
            high, low = 1.0, -1.0
        least = 0.05 * max(high, -low, 0.2)  # a side with nothing on it still shows where zero is
        return Band(
            title=formula,
            lines=(
                Line(name=self.tr("kept"), colour=signal_colour(gates.keeps), values=kept, is_bar=True),
                Line(name=self.tr("written"), colour=signal_colour("i"), values=written, is_bar=True),
                Line(name=gates.memory, colour=theme().colour("text"), values=memory),
            ),
            low=min(1.05 * low, -least),
            high=max(1.05 * high, least),
            room=0.4,
        )

    def _on_theme_changed(self) -> None:
        self.set_unit(self._gates, self._place)

    # Places

    def band_rects(self) -> list[QRectF]:
        """Where each band is drawn, without its heading."""
        total = sum(band.room for band in self._bands) or 1.0
        room = self.height() - LABELS - len(self._bands) * (HEAD + GAP)
        rects, top = [], 0.0
        for band in self._bands:
            height = max(10.0, room * band.room / total)
            rects.append(QRectF(0, round(top + HEAD), self.width() - RIGHT, round(height)))
            top += HEAD + height + GAP
        left = self._left_of(rects)
        for rect in rects:
            rect.setLeft(left)
        return rects

    def _left_of(self, rects: list[QRectF]) -> float:
        """Where the bands begin: right of the longest label of their scales."""
        pairs = zip(self._bands, rects, strict=True)
        labels = (tick.label for band, rect in pairs for tick in _ticks(band, rect.height()))
        return max([LEFT, *(self.fontMetrics().horizontalAdvance(label) + _LABEL_GAP + 1.0 for label in labels)])

    def token_at(self, point: QPointF) -> int | None:
        """The token over or under that place."""
        return self._axis.value.cell_at(self._share_at(point))

    def _share_at(self, point: QPointF) -> float:
        left = self._left_of(self.band_rects())
        return (point.x() - left) / max(1.0, self.width() - left - RIGHT)

    def sizeHint(self) -> QSize:
        return QSize(560, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self.token_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and token is not None:
            self.chosen.emit(token)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._axis.set(Axis.whole(self._axis.value.num_cells))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        axis, turned = self._axis.value, event.angleDelta()
        if abs(turned.x()) > abs(turned.y()):
            self._axis.set(axis.moved(-turned.x() / 120 * axis.length / 8))
        else:
            about = axis.first + self._share_at(event.position()) * axis.length
            self._axis.set(axis.zoomed(0.8 ** (turned.y() / 120), about=about))

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bands:
            return
        painter = QPainter(self)
        rects = self.band_rects()
        for band, rect in zip(self._bands, rects, strict=True):
            self._paint_span(painter, rect)
            self._paint_head(painter, band, rect)
            self._paint_scale(painter, band, rect)
            painter.setClipRect(rect.adjusted(-1, -3, 1, 3))
            bars = [line for line in band.lines if line.is_bar]
            if bars:
                self._paint_bars(painter, band, rect, bars)
            for line in band.lines:
                if not line.is_bar:
                    self._paint_line(painter, band, rect, line)
            painter.setClipping(False)
        self._paint_crosshair(painter, rects)
        last = rects[-1]
        labels = QRectF(last.left(), last.bottom() + 4, last.width(), LABELS)
        self._labels.paint(painter, self._axis.value, rect=labels, held=self._held, span=self._span)

    def _paint_span(self, painter: QPainter, rect: QRectF) -> None:
        if self._span is None:
            return
        axis = self._axis.value
        cell = rect.width() / axis.length
        left = max(rect.left(), rect.left() + (self._span[0] - axis.first) * cell)
        right = min(rect.right(), rect.left() + (self._span[1] + 1 - axis.first) * cell)
        if right > left:
            colour = theme().colour("selection")
            colour.setAlphaF(_SPAN_ALPHA)
            painter.fillRect(QRectF(left, rect.top(), right - left, rect.height()), colour)

    def _paint_head(self, painter: QPainter, band: Band, rect: QRectF) -> None:
        head = QRectF(rect.left(), rect.top() - HEAD, rect.width(), HEAD - 2)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self.font())
        caption = self.caption(band, head.width())
        for entry in caption.entries:
            left, line = head.left() + entry.left, entry.line
            painter.fillRect(
                QRectF(left, head.center().y() - (4 if line.is_bar else 1), 10, 8 if line.is_bar else 2), line.colour
            )
            painter.setPen(theme().colour("text"))
            painter.drawText(QRectF(left + 14, head.top(), entry.width, head.height()), centre, entry.name)
            if entry.value:
                left += 14 + painter.fontMetrics().horizontalAdvance(entry.name) + 5
                painter.setPen(theme().colour("muted"))
                painter.drawText(QRectF(left, head.top(), entry.width, head.height()), centre, entry.value)
        if caption.title:
            painter.setPen(theme().colour("muted"))
            painter.drawText(head, centre | Qt.AlignmentFlag.AlignRight, caption.title)

    def caption(self, band: Band, width: float) -> Caption:
        """What there is room for over a band: the names first, then the values of the token, then the title."""
        advance = self.fontMetrics().horizontalAdvance
        names = [14 + advance(line.name) for line in band.lines]
        value = 5 + advance("−0.000")
        has_values = sum(names) + len(names) * (value + _BESIDE) - _BESIDE <= width
        gap = _BESIDE if has_values or sum(names) + (len(names) - 1) * _BESIDE <= width else 6
        entries, left = [], 0.0
        for line, needed in zip(band.lines, names, strict=True):
            name = self.fontMetrics().elidedText(line.name, Qt.TextElideMode.ElideRight, int(width - left - 14))
            if left + 14 >= width or not name:
                break
            is_held = has_values and self._held is not None and self._held < len(line.values)
            text = value_text(float(line.values[self._held])) if is_held and self._held is not None else ""
            taken = needed + (value if has_values else 0)
            entries.append(Entry(line=line, left=left, width=min(taken, width - left), name=name, value=text))
            left += taken + gap
        return Caption(entries=tuple(entries), title=band.title if left + advance(band.title) <= width else "")

    def _paint_scale(self, painter: QPainter, band: Band, rect: QRectF) -> None:
        for tick in _ticks(band, rect.height()):
            y = round(self._y(band, rect, tick.value)) + 0.5
            painter.setPen(theme().colour("muted" if tick.value == 0 and band.low < 0 else "line"))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.setPen(theme().colour("muted"))
            place = QRectF(0, y - 8, rect.left() - _LABEL_GAP, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tick.label)

    def _paint_line(self, painter: QPainter, band: Band, rect: QRectF, line: Line) -> None:
        axis = self._axis.value
        cell = rect.width() / axis.length
        first, last = max(0, int(axis.first) - 1), min(len(line.values), int(axis.last) + 2)
        lefts = (rect.left() + (np.arange(first, last) + 0.5 - axis.first) * cell).tolist()
        heights = self._ys(band, rect, line.values[first:last].astype(np.float64))
        points = [QPointF(x, y) for x, y in zip(lefts, heights, strict=True)]
        has_dots = cell >= _DOTS_FROM_PX
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=has_dots)
        painter.setPen(QPen(line.colour, 1.5 if has_dots else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if has_dots:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(line.colour)
            for point in points:
                painter.drawEllipse(point, 2.25, 2.25)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _paint_bars(self, painter: QPainter, band: Band, rect: QRectF, bars: list[Line]) -> None:
        """Positive parts pile up from the zero line, negative ones down: their ends' difference is the line."""
        axis = self._axis.value
        cell = rect.width() / axis.length
        first, last = max(0, int(axis.first)), min(len(self._tokens), int(axis.last) + 1)
        sides = bar_sides((rect.left() + (np.arange(first, last) - axis.first) * cell).tolist(), cell)
        up, down = np.zeros(last - first), np.zeros(last - first)
        painter.setPen(Qt.PenStyle.NoPen)
        for line in bars:
            values = line.values[first:last].astype(np.float64)
            starts = np.where(values >= 0, up, down)
            up += np.maximum(values, 0)
            down += np.minimum(values, 0)
            tops = self._ys(band, rect, np.maximum(starts, starts + values))
            bottoms = self._ys(band, rect, np.minimum(starts, starts + values))
            painter.setBrush(line.colour)
            painter.drawRects(
                [QRectF(x, top, width, low - top) for (x, width), top, low in zip(sides, tops, bottoms, strict=True)]
            )

    def _paint_crosshair(self, painter: QPainter, rects: list[QRectF]) -> None:
        axis = self._axis.value
        if self._held is None or not axis.first <= self._held + 0.5 <= axis.last:
            return
        x = round(rects[0].left() + (self._held + 0.5 - axis.first) * rects[0].width() / axis.length) + 0.5
        painter.setPen(QPen(theme().colour("text"), 1, Qt.PenStyle.DotLine))
        for rect in rects:
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    @staticmethod
    def _ys(band: Band, rect: QRectF, values: NDArray[np.float64]) -> list[float]:
        found: list[float] = (rect.bottom() - (values - band.low) / (band.high - band.low) * rect.height()).tolist()
        return found

    @staticmethod
    def _y(band: Band, rect: QRectF, value: float) -> float:
        return rect.bottom() - (value - band.low) / (band.high - band.low) * rect.height()


def _ticks(band: Band, height: float) -> list[Tick]:
    """As many as there is room for; with little of it, zero and one round number."""
    found = linear_ticks(band.low, band.high, max_count=max(2, int(height // 26)))
    if len(found) < 3:
        reach = max(band.high, -band.low)
        size = 10.0 ** math.floor(math.log10(reach))
        side = max(nice * size for nice in (1, 2, 5) if nice * size <= reach * 1.0001)
        sides = (Tick(-side, f"−{side:g}"), Tick(0.0, "0"), Tick(side, f"{side:g}"))
        found = [tick for tick in sides if band.low <= tick.value <= band.high]
    px_a_unit = height / (band.high - band.low)
    while len(found) > 1 and (found[1].value - found[0].value) * px_a_unit < _LABEL_PX:
        found = found[:: len(found) - 1] if len(found) == 3 else found[::2]  # the ends, or every other
    return found
