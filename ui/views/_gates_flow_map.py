"""Which hidden state depends on which input: a map of T by T, on a logarithmic scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.lab.tokens import token_number
from ui.theme import font, theme
from ui.views import _gates_colours as colours
from ui.views._gates_flow_data import Flow, log_bounds
from ui.views._token_axis import Axis
from ui.views._tokens import HEIGHT as LABELS
from ui.views._tokens import TokenLabels, round_places, round_step, shown

_TOP, _RIGHT = 24.0, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A state and the input it depends on, as tokens of the text."""

    state: int
    source: int
    value: float


class ConnectivityMap(QWidget):
    """Rows are states h_t, columns inputs x_s; what lies ahead of a state (s > t) is left empty."""

    pointed = Signal(object)  # Pair | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow: Flow | None = None
        self._image: QImage | None = None
        self._labels = TokenLabels(())
        self._held: int | None = None
        self._pair: Pair | None = None
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("How much each state depends on each input"))
        theme().changed.connect(self._forget_image)

    def set_flow(self, flow: Flow) -> None:
        """Other numbers."""
        self._flow = flow
        first = flow.first_connected
        unknown = frozenset(token - first for token in flow.unknown if token >= first)
        self._labels = TokenLabels(flow.tokens[first:], unknown=unknown)
        self._forget_image()

    def set_held(self, token: int | None) -> None:
        """The token looked at: its row and column are marked."""
        if token != self._held:
            self._held = token
            self.update()

    def square(self) -> QRectF:
        """Where the map lies."""
        left = self._left()
        side = max(20.0, min(self.width() - left - _RIGHT, self.height() - _TOP - LABELS - 2))
        return QRectF(left, _TOP, round(side), round(side))

    def _left(self) -> float:
        if self._flow is None:
            return 24.0
        widest = max((self.fontMetrics().horizontalAdvance(shown(token)) for token in self._flow.tokens), default=0)
        widest = max(widest, self.fontMetrics().horizontalAdvance(str(len(self._flow.tokens))))
        return float(min(72, widest + 10))

    def _forget_image(self) -> None:
        self._image = None
        self.update()

    def pair_at(self, point: QPointF) -> Pair | None:
        """The state and input there."""
        flow, square = self._flow, self.square()
        if flow is None or not square.contains(point) or not len(flow.connectivity):
            return None
        size = len(flow.connectivity)
        row = min(size - 1, int((point.y() - square.top()) / square.height() * size))
        column = min(size - 1, int((point.x() - square.left()) / square.width() * size))
        first = flow.first_connected
        return Pair(state=first + row, source=first + column, value=float(flow.connectivity[row, column]))

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 150)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._image = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pair = self.pair_at(event.position())
        self.pointed.emit(self._pair)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._pair = None
        self.pointed.emit(None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        flow = self._flow
        if flow is None or not len(flow.connectivity):
            return
        painter = QPainter(self)
        square = self.square()
        painter.setPen(theme().colour("text"))
        title = self.tr("what depends on what  |∂hₜ/∂xₛ|")
        if flow.norms.shape[1] > 1:  # what a layer says is of both ways
            title = f"{title}  → {self.tr('and')} ←"
        painter.drawText(QRectF(square.left(), 0, self.width(), _TOP - 4), Qt.AlignmentFlag.AlignVCenter, title)
        axes, room = self.tr("rows t, columns s"), self.width() - square.left()
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(f"{title}    {axes}") <= room:
            painter.setPen(theme().colour("muted"))
            place = QRectF(square.left(), 0, square.width(), _TOP - 4)
            place.setRight(max(place.right(), square.left() + metrics.horizontalAdvance(f"{title}    {axes}")))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, axes)
        painter.drawImage(square, self._picture(flow, square))
        painter.setPen(theme().colour("line"))
        painter.drawRect(square.adjusted(-0.5, -0.5, 0.5, 0.5))
        self._paint_labels(painter, square, flow)
        self._paint_marks(painter, square, flow)

    def _picture(self, flow: Flow, square: QRectF) -> QImage:
        if self._image is None:
            low, high = log_bounds(flow.connectivity)
            values = flow.connectivity
            with np.errstate(divide="ignore"):
                shares = (np.log10(values) - low) / (high - low)
            index = np.clip(np.rint(np.nan_to_num(shares, neginf=0.0) * 255), 0, 255).astype(np.uint8)
            side = round(square.width() * self.devicePixelRatioF())
            self._image = colours.picture(colours.pooled(index, num_rows=side, num_columns=side), "attention")
        return self._image

    def _paint_labels(self, painter: QPainter, square: QRectF, flow: Flow) -> None:
        axis = Axis.whole(len(flow.connectivity))
        first = flow.first_connected
        row = self._pair.state if self._pair else self._held
        column = self._pair.source if self._pair else self._held
        below = QRectF(square.left(), square.bottom() + 1, square.width(), LABELS)
        held = column - first if column is not None and column >= first else None
        self._labels.paint(painter, axis, rect=below, held=held, span=None)
        cell = square.height() / axis.length
        step = max(1, round(12 / cell + 0.49))
        has_numbers = step > 1 and self._labels.is_letters
        tokens = range(0, axis.num_cells, step)
        painter.setFont(self.font())
        for token in round_places(axis.num_cells, step=round_step(2 * step)) if has_numbers else tokens:
            middle = square.top() + (token + 0.5) * cell
            is_unknown = first + token in flow.unknown
            painter.setPen(theme().colour("text" if row == first + token else "warn" if is_unknown else "muted"))
            place = QRectF(0, middle - 8, square.left() - 5, 16)
            text = str(token_number(token)) if has_numbers else shown(flow.tokens[first + token])
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_marks(self, painter: QPainter, square: QRectF, flow: Flow) -> None:
        size, first = len(flow.connectivity), flow.first_connected
        row = self._pair.state if self._pair else self._held
        column = self._pair.source if self._pair else None
        cell = square.width() / size
        painter.setPen(QPen(theme().colour("muted"), 1, Qt.PenStyle.DotLine))
        if row is not None and row >= first:
            y = round(square.top() + (row - first + 0.5) * cell) + 0.5
            painter.drawLine(QPointF(square.left(), y), QPointF(square.right(), y))
        if column is not None and column >= first:
            x = round(square.left() + (column - first + 0.5) * cell) + 0.5
            painter.drawLine(QPointF(x, square.top()), QPointF(x, square.bottom()))
