"""The norm of the gradient at each token, on a logarithmic scale: vanishing and exploding as slopes."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.plots.ticks import log_ticks
from ui.theme import font, theme
from ui.views._gates_data import Floats
from ui.views._gates_flow_data import Flow, log_bounds
from ui.views._token_axis import Axis, bar_sides
from ui.views._tokens import HEIGHT as LABELS
from ui.views._tokens import TokenLabels

_LEFT, _TOP, _RIGHT = 54.0, 24.0, 8.0


class FlowBars(QWidget):
    """Bars hang from nothing: each begins at the lowest decade shown."""

    pointed = Signal(object)  # int | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow: Flow | None = None
        self._row = (0, 0)  # layer, direction
        self._held: int | None = None
        self._labels = TokenLabels(())
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Norm of the gradient at each token"))
        theme().changed.connect(self.update)

    def set_flow(self, flow: Flow, *, layer: int, direction: int = 0) -> None:
        """Other numbers, or another layer or direction of them."""
        before = self._flow
        if before is None or (before.tokens, before.unknown) != (flow.tokens, flow.unknown):
            self._labels = TokenLabels(flow.tokens, unknown=flow.unknown)
        self._flow, self._row = flow, flow.place(layer, direction)
        self.update()

    def set_held(self, token: int | None) -> None:
        """The token looked at."""
        if token != self._held:
            self._held = token
            self.update()

    def plot_rect(self) -> QRectF:
        """Where the bars lie."""
        return QRectF(_LEFT, _TOP, max(10, self.width() - _LEFT - _RIGHT), max(10, self.height() - _TOP - LABELS - 2))

    def sizeHint(self) -> QSize:
        return QSize(340, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 140)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._flow is not None:
            rect = self.plot_rect()
            axis = Axis.whole(len(self._flow.tokens))
            self.pointed.emit(axis.cell_at((event.position().x() - rect.left()) / rect.width()))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        flow = self._flow
        if flow is None:
            return
        painter = QPainter(self)
        rect, axis = self.plot_rect(), Axis.whole(len(flow.tokens))
        low, high = log_bounds(np.concatenate([flow.norms, flow.norms * np.float32(flow.clipped)]))
        painter.setPen(theme().colour("text"))
        title = self.tr("gradient norm  |∂loss/∂h|")
        if len(flow.rows()) > 1:
            title = f"{title}  {flow.name(*self._row)}"
        painter.drawText(QRectF(_LEFT, 0, rect.width(), _TOP - 4), Qt.AlignmentFlag.AlignVCenter, title)
        for tick in log_ticks(10**low, 10**high, max_count=max(2, int(rect.height() // 30))):
            y = round(self._y(rect, low, high, tick.value)) + 0.5
            if tick.label:
                painter.setPen(theme().colour("line"))
                painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
                painter.setPen(theme().colour("muted"))
                place = QRectF(0, y - 8, _LEFT - 7, 16)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tick.label)
        self._paint_bars(painter, rect, flow, low=low, high=high)
        labels = QRectF(rect.left(), rect.bottom() + 1, rect.width(), LABELS)
        self._labels.paint(painter, axis, rect=labels, held=self._held, span=None)

    def _paint_bars(self, painter: QPainter, rect: QRectF, flow: Flow, *, low: float, high: float) -> None:
        norms = flow.norms[self._row]
        cell = rect.width() / len(norms)
        sides = bar_sides([rect.left() + token * cell for token in range(len(norms))], cell)
        for token, (norm, (left, width)) in enumerate(zip(norms.tolist(), sides, strict=True)):
            is_finite = math.isfinite(norm)
            top = self._y(rect, low, high, norm) if is_finite else rect.top()
            role = "bad" if not is_finite else "text" if token == self._held else "accent"
            painter.fillRect(QRectF(left, top, width, rect.bottom() - top), theme().colour(role))
        # The other layers and directions as lines, so that one sees where the gradient is lost.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in flow.rows():
            if row == self._row:
                continue
            others = flow.norms[row]
            painter.setPen(QPen(theme().colour("muted"), 1, Qt.PenStyle.DotLine))
            points = [
                QPointF(rect.left() + (token + 0.5) * cell, self._y(rect, low, high, norm))
                for token, norm in enumerate(np.nan_to_num(others).tolist())
            ]
            painter.drawPolyline(points)
        if flow.clipped < 1.0:
            painter.setPen(QPen(theme().colour("warn"), 1.5))
            painter.drawPolyline(self._steps(rect, norms * np.float32(flow.clipped), low=low, high=high))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _steps(self, rect: QRectF, norms: Floats, *, low: float, high: float) -> list[QPointF]:
        """A line across the bars at other heights."""
        cell = rect.width() / len(norms)
        heights = [self._y(rect, low, high, norm) for norm in np.nan_to_num(norms).tolist()]
        return [QPointF(rect.left() + (k + side) * cell, y) for k, y in enumerate(heights) for side in (0, 1)]

    @staticmethod
    def _y(rect: QRectF, low: float, high: float, value: float) -> float:
        share = (math.log10(value) - low) / (high - low) if value > 0 else 0.0
        return rect.bottom() - min(1.0, max(0.0, share)) * rect.height()
