"""Lines from each query to what it looks at: as many as make up nine tenths of its attention, a few batched paths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.lab.tokens import token_number
from ui.theme import font, theme
from ui.views._attention_data import Block, Floats
from ui.views._attention_words import query_labels
from ui.views._token_axis import Axis
from ui.views._tokens import shown

MASS = 0.9
MOST_TOKENS = 64
_TOP, _ROW, _MOST_ROW = 24.0, 13.0, 26.0
_NUM_STRENGTHS = 6


class AttentionArcs(QWidget):
    """Queries left, keys right. The wheel moves on in a long text; another query looked at is brought into sight."""

    query_pointed = Signal(object)  # int | None
    query_chosen = Signal(int)
    menu_asked = Signal(int, bool, QPoint)  # token, whether it is a key, where on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: Floats = np.zeros((0, 0), dtype=np.float32)
        self._queries: tuple[str, ...] = ()
        self._keys: tuple[str, ...] = ()
        self._writes = False
        self._is_rest = False  # some keys are left out
        self._held: int | None = None
        self._struck: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
        self._axis = Axis.whole(1)
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or keys go to whatever field had them
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Lines from queries at the left to the keys that they look at"))
        theme().changed.connect(self.update)

    def set_shares(
        self,
        shares: Floats,
        block: Block,
        *,
        held: int | None,
        hidden: tuple[int, ...],
    ) -> None:
        """Shares [Nq, Nk], whose they are, the query looked at, and keys that are left out."""
        queries, keys, self._writes = query_labels(block), block.header.keys, block.writes
        is_elsewhere = held != self._held and not self.underMouse()  # what is pointed at here is in sight
        if (queries, keys) != (self._queries, self._keys):
            self._axis = Axis.whole(max(len(queries), len(keys)))
            is_elsewhere = True
        if hidden:
            shares = shares.copy()
            shares[:, list(hidden)] = 0
        self._shares, self._queries, self._keys, self._held = shares, queries, keys, held
        self._is_rest = bool(hidden)
        self._fit()
        if held is not None and is_elsewhere:
            self._axis = self._axis.showing(held)
        self.update()

    def set_struck(self, queries: frozenset[int], keys: frozenset[int]) -> None:
        """Tokens that are hidden from every head."""
        if (queries, keys) != self._struck:
            self._struck = queries, keys
            self.update()

    @property
    def axis(self) -> Axis:
        """The rows in sight."""
        return self._axis

    def told(self) -> str:
        """What of the text is in sight, and how much of the attention is drawn."""
        first, last = int(self._axis.first), min(int(self._axis.last), self._axis.num_cells)
        drawn = (
            self.tr("lines make up {mass} % of what is left of each token's attention")
            if self._is_rest
            else self.tr("lines make up {mass} % of each token's attention")
        ).format(mass=round(100 * MASS))
        first = token_number(first)
        seen = self.tr("tokens {first} to {last} of {n}")
        return f"{seen.format(first=first, last=max(first, last), n=self._axis.num_cells)} · {drawn}"

    def row_rect(self, token: int, *, is_key: bool) -> QRectF:
        """Where a token's label stands."""
        height = self._height()
        column = self._column()
        left = self.width() / 2 + self._reach() if is_key else self.width() / 2 - self._reach() - column
        return QRectF(left, _TOP + (token - self._axis.first) * height, column, height)

    def lines(self) -> list[tuple[int, int, float]]:
        """What is drawn: query, key, share; of the queries in sight, the fewest keys that make up MASS."""
        first, last = int(self._axis.first), int(np.ceil(self._axis.last))
        part = self._shares[first:last, first:last]
        if self._held is not None and first <= self._held < last:
            part, start = self._shares[self._held : self._held + 1, first:last], self._held
        else:
            start = first
        if not part.size:
            return []
        rows, columns = np.nonzero(is_within_mass(part))
        return [
            (start + int(row), first + int(column), float(part[row, column]))
            for row, column in zip(rows, columns, strict=True)
        ]

    def _fit(self) -> None:
        """As many rows as have room, at most MOST_TOKENS."""
        room = max(1, int((self.height() - _TOP - 4) / _ROW))
        length = float(min(self._axis.num_cells, room, MOST_TOKENS))
        first = min(self._axis.first, self._axis.num_cells - length)
        self._axis = Axis(num_cells=self._axis.num_cells, first=max(0.0, first), last=max(0.0, first) + length)

    def _height(self) -> float:
        return min(_MOST_ROW, (self.height() - _TOP - 4) / max(1.0, self._axis.length))

    def _column(self) -> float:
        return min(120.0, self.width() * 0.24)

    def _reach(self) -> float:
        return min(190.0, self.width() / 2 - self._column() - 6)

    # Pointing

    def _query_at(self, point: QPointF) -> int | None:
        is_left = point.x() < self.width() / 2
        return self._token_at(point, len(self._queries)) if is_left else None

    def _token_at(self, point: QPointF, num_tokens: int) -> int | None:
        token = int(self._axis.first + (point.y() - _TOP) / self._height()) if point.y() >= _TOP else -1
        return token if 0 <= token < min(num_tokens, self._axis.last) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.query_pointed.emit(self._query_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        query = self._query_at(event.position())
        if query is not None and event.button() == Qt.MouseButton.LeftButton:
            self.query_chosen.emit(query)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        is_key = at.x() >= self.width() / 2
        token = self._token_at(at, len(self._keys if is_key else self._queries))
        if token is not None:
            self.menu_asked.emit(token, is_key, event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._axis = self._axis.moved(round(-event.angleDelta().y() / 120 * 3))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.query_pointed.emit(None)

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(520, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 160)

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._queries:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter)
        lines = self.lines()
        # All lines of a strength are one path: painted at once, however many they are.
        for strength in range(_NUM_STRENGTHS):
            low, high = strength / _NUM_STRENGTHS, (strength + 1) / _NUM_STRENGTHS
            path = QPainterPath()
            for query, key, share in lines:
                if low < np.sqrt(share) <= high:
                    self._add_line(path, query, key)
            if not path.isEmpty():
                colour = QColor(theme().colour("accent"))
                colour.setAlphaF(0.12 + 0.85 * high)
                painter.setPen(QPen(colour, 0.75 + 2.25 * high))
                painter.drawPath(path)
        reached = {key: share for _, key, share in lines} if self._held is not None else {}
        self._paint_tokens(
            painter, self._queries, is_key=False, marked={self._held: 1.0} if self._held is not None else {}
        )
        self._paint_tokens(painter, self._keys, is_key=True, marked=reached)

    def _add_line(self, path: QPainterPath, query: int, key: int) -> None:
        start, end = self.row_rect(query, is_key=False), self.row_rect(key, is_key=True)
        a = QPointF(start.right() + 4, start.center().y())
        b = QPointF(end.left() - 4, end.center().y())
        bend = (b.x() - a.x()) * 0.45
        path.moveTo(a)
        path.cubicTo(QPointF(a.x() + bend, a.y()), QPointF(b.x() - bend, b.y()), b)

    def _paint_heads(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        painter.setPen(theme().colour("muted"))
        looks = self.tr("reads → writes") if self._writes else self.tr("looks (query)")
        for is_key, text in ((False, looks), (True, self.tr("is looked at (key)"))):
            rect = self.row_rect(int(self._axis.first), is_key=is_key)
            rect.moveTop(2)
            painter.drawText(rect, _LEFT if is_key else _RIGHT, text)

    def _fitting(self, painter: QPainter, label: str, rect: QRectF) -> str:
        return painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideMiddle, int(rect.width()))

    def _paint_tokens(
        self, painter: QPainter, tokens: tuple[str, ...], *, is_key: bool, marked: dict[int, float]
    ) -> None:
        first, last = int(self._axis.first), min(len(tokens), int(np.ceil(self._axis.last)))
        struck_font = font("small")
        struck_font.setStrikeOut(True)
        for token in range(first, last):
            rect = self.row_rect(token, is_key=is_key)
            is_marked = token in marked
            is_struck = token in self._struck[is_key]
            painter.setPen(theme().colour("warn" if is_struck else "text" if is_marked or not marked else "muted"))
            painter.setFont(struck_font if is_struck and len(tokens[token]) > 1 else self.font())
            text = shown(tokens[token]) if is_key else self._fitting(painter, tokens[token], rect)
            if is_key and is_marked:
                text = f"{text}  {marked[token]:.3f}"
            painter.drawText(rect, _LEFT if is_key else _RIGHT, text)


def is_within_mass(shares: Floats) -> NDArray[np.bool_]:
    """Of each row, the fewest largest shares that together make up MASS of the row, bool."""
    order = np.argsort(-shares, axis=1)
    ranked = np.take_along_axis(shares, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    found = np.zeros(shares.shape, dtype=bool)
    np.put_along_axis(found, order, (before < MASS * ranked.sum(1, keepdims=True)) & (ranked > 0), axis=1)
    return found


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
