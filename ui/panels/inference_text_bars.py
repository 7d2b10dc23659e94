"""Probability bars of which one may be chosen: the next token of a text, or a class of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.lab.tokens import has_parts
from ui.theme import theme
from ui.widgets.focus_ring import FocusRing
from ui.widgets.painting import draw_focus_ring, draw_rounded
from ui.widgets.probability_bars import ProbabilityBars

_INDENT = 6  # px that a row's highlight reaches beyond its label


class ChoiceBars(FocusRing, ProbabilityBars):
    """Bars; where they are choosable, a click or Up, Down and Enter choose a row. A row may be marked."""

    chosen = Signal(int)  # row
    left = Signal()  # nobody is about to choose any more

    def __init__(self, *, num_rows: int, parent: QWidget | None = None) -> None:
        super().__init__(num_rows=num_rows, parent=parent)
        self._is_choosable = False
        self._hovered, self._current = -1, 0
        self._marked: int | None = None
        self._is_pointed = False
        self.setMouseTracking(True)

    def set_choosable(self, is_choosable: bool) -> None:
        """Whether a row can be chosen."""
        if is_choosable == self._is_choosable:
            return
        self._is_choosable = is_choosable
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_choosable else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_choosable else Qt.CursorShape.ArrowCursor)
        self._hovered = -1
        self.update()

    def set_candidates(
        self,
        labels: Sequence[str],
        values: Sequence[float],
        *,
        marked: int | None = None,
        truth: int | None = None,
    ) -> None:
        """Show these; `marked` is the row that was drawn, or chosen."""
        self._marked = marked
        self.set_indent(_INDENT)
        self.set_rows(labels, values, truth=truth)

    def told(self, row: int) -> str:
        told = super().told(row)
        if not has_parts(self.rows()[row][0]):
            return told
        return f"{told}\n{self.tr('‹x…›: a byte of a letter that takes several tokens')}"

    def is_in_hand(self) -> bool:
        """Whether the pointer or the keyboard is on a row: then none may take another's place."""
        return self._is_pointed or self._shows_ring

    def row_rect(self, row: int) -> QRectF:
        """Where a row is."""
        height = self.height() / self._num_rows
        return QRectF(0, row * height, self.width(), height)

    def _row_at(self, point: QPointF) -> int:
        row = int(point.y() * self._num_rows / max(1, self.height()))
        return row if self._is_choosable and 0 <= row < len(self.rows()) else -1

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.rows()):
            self._current = row
            self.chosen.emit(row)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_pointed = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._is_pointed = True
        self._hovered = self._row_at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered, self._is_pointed = -1, False
        self.left.emit()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._row_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and self._is_choosable:
            self._current = min(len(self.rows()) - 1, max(0, self._current + step))
            self._shows_ring = True
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._is_choosable:
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.left.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, role in ((self._marked, "selection"), (self._hovered, "hover")):
            if row is not None and 0 <= row < len(self.rows()):
                draw_rounded(painter, self.row_rect(row).adjusted(0, 1, 0, -1), theme().colour(role), radius=6)
        painter.end()
        super().paintEvent(event)
        if self._shows_ring and self.rows():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_focus_ring(painter, self.row_rect(min(self._current, len(self.rows()) - 1)), radius=6)
            painter.end()
