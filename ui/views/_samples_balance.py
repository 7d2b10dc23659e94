"""How many examples each class has, as bars; a click on one shows that class alone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import class_colour, font, theme
from ui.widgets.focus_ring import FocusRing
from ui.widgets.numbers import whole
from ui.widgets.painting import draw_focus_ring, draw_rounded

_ROW, _BAR = 30, 4
WIDTH = 168


class BalanceBars(FocusRing, QWidget):
    """One row a class: its name, its number and a bar; the arrow keys walk, Enter chooses, a second time lets go."""

    chosen = Signal(object)  # class index | None for all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._chosen: int | None = None
        self._hovered = -1
        self._current = 0
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Classes"))
        theme().changed.connect(self.update)

    def set_counts(self, names: tuple[str, ...], counts: tuple[int, ...]) -> None:
        """Show these classes."""
        self._names, self._counts = names, counts
        self._current = min(self._current, max(0, len(names) - 1))
        self.setFixedHeight(max(1, len(names) * _ROW))
        self.update()

    def set_chosen(self, index: int | None) -> None:
        """The class that is shown alone; None: all."""
        self._chosen = index
        self.update()

    def _row_at(self, point: QPoint) -> int:
        row = point.y() // _ROW
        return row if 0 <= row < len(self._names) else -1

    def _choose(self, row: int) -> None:
        self.chosen.emit(None if row == self._chosen else row)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, len(self._names) * _ROW)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            row, total = self._row_at(event.pos()), max(1, sum(self._counts))
            text = ""
            if row >= 0:
                count = self._counts[row]
                text = self.tr("{name}: {count} of {total} examples, {share:.1%}. Click to see them alone.").format(
                    name=self._names[row], count=whole(count), total=whole(total), share=count / total
                )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._row_at(event.position().toPoint())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().toPoint())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._current = row
            self._choose(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._names:
            self._current = min(len(self._names) - 1, max(0, self._current + (1 if key == Qt.Key.Key_Down else -1)))
            self._shows_ring = True
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._names:
            self._choose(self._current)
        elif key == Qt.Key.Key_Escape and self._chosen is not None:
            self.chosen.emit(None)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max(self._counts, default=0) or 1
        colours = theme().palette
        for row, (name, count) in enumerate(zip(self._names, self._counts, strict=True)):
            box = QRectF(0, row * _ROW, self.width(), _ROW)
            if not box.intersects(QRectF(event.rect())):
                continue
            if row in (self._chosen, self._hovered):
                fill = colours.selection if row == self._chosen else colours.hover
                draw_rounded(painter, box.adjusted(0, 1, 0, -1), fill, radius=6)
            inner = box.adjusted(8, 3, -8, -3)
            figures = whole(count)
            room = round(inner.width()) - painter.fontMetrics().horizontalAdvance(figures) - 8
            painter.setPen(colours.text)
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room)
            line = QRectF(inner.left(), inner.top(), inner.width(), 16)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setPen(colours.text if row == self._chosen else colours.muted)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figures)
            track = QRectF(inner.left(), inner.bottom() - _BAR, inner.width(), _BAR)
            draw_rounded(painter, track, colours.raised, radius=_BAR / 2)
            if count:
                filled = track.adjusted(0, 0, track.width() * (count / most - 1), 0)
                draw_rounded(painter, filled, class_colour(row), radius=_BAR / 2)
        if self._shows_ring and self._names:
            ring = QRectF(0, self._current * _ROW + 1, self.width(), _ROW - 2)
            draw_focus_ring(painter, ring, radius=6)
