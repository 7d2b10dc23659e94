"""The nearest tokens of one as bars: the cosine between their embeddings."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.views._tokens import shown
from ui.widgets.numbers import fixed
from ui.widgets.painting import draw_rounded
from workers.protocol import NeighboursHeader

_ROW, _LEAST_COLUMN, _GAP, _BAR = 24.0, 240.0, 20.0, 6.0
_MOST_LABEL, _NUMBER = 120.0, 52.0


class NeighbourBars(QWidget):
    """In as many columns as there is room for, read downwards. A click goes on to that token."""

    chosen = Signal(int)  # the token's number
    rearranged = Signal()  # there is room for others

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._header: NeighboursHeader | None = None
        self.setFont(font("body"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def set_header(self, header: NeighboursHeader) -> None:
        """Another token, or other weights."""
        self._header = header
        pairs = ", ".join(f"{name} {cosine:.3f}" for name, cosine in zip(header.names, header.cosines, strict=True))
        self.setAccessibleName(self.tr("Nearest to {token}: {pairs}").format(token=header.token, pairs=pairs))
        self.update()

    def row_rect(self, place: int) -> QRectF:
        """Where a neighbour stands."""
        columns, rows = self._columns(), self._rows()
        width = (self.width() - _GAP * (columns - 1)) / columns
        column, row = divmod(place, rows)
        return QRectF(column * (width + _GAP), row * _ROW, width, _ROW)

    def num_shown(self) -> int:
        """As many as have room."""
        count = len(self._header.names) if self._header is not None else 0
        return min(count, self._columns() * self._rows())

    def _columns(self) -> int:
        return max(1, int((self.width() + _GAP) / (_LEAST_COLUMN + _GAP)))

    def _rows(self) -> int:
        return max(1, int(self.height() / _ROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rearranged.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place is not None and self._header is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._header.ids[place])

    def _place_at(self, point: QPointF) -> int | None:
        return next((k for k in range(self.num_shown()) if self.row_rect(k).contains(point)), None)

    def sizeHint(self) -> QSize:
        return QSize(480, int(12 * _ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, int(4 * _ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        header = self._header
        if header is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        widest = max((metrics.horizontalAdvance(shown(name)) for name in header.names), default=0)
        reach = min(_MOST_LABEL, widest + 4.0)
        for place in range(self.num_shown()):
            rect, cosine = self.row_rect(place), header.cosines[place]
            label = QRectF(rect.left(), rect.top(), reach, rect.height())
            painter.setPen(theme().colour("text"))
            text = metrics.elidedText(shown(header.names[place]), Qt.TextElideMode.ElideRight, int(reach) + 1)
            painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, text)
            track = QRectF(label.right() + 8, rect.center().y() - _BAR / 2, rect.width() - reach - _NUMBER - 16, _BAR)
            draw_rounded(painter, track, theme().palette.raised, radius=_BAR / 2)
            filled = QRectF(track.left(), track.top(), track.width() * min(1.0, abs(cosine)), _BAR)
            if filled.width() >= 0.5:
                role = theme().palette.accent if cosine >= 0 else theme().palette.bad
                draw_rounded(painter, filled, role, radius=_BAR / 2)
            number = QRectF(track.right() + 8, rect.top(), _NUMBER, rect.height())
            painter.setPen(theme().colour("muted"))
            painter.drawText(
                number, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, fixed(cosine, decimals=3)
            )
