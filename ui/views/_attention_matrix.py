"""The matrix of one head: a row a query, a column a key; what may not be looked at is hatched, never drawn as 0."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QContextMenuEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.views._attention_axes import AxisLabels
from ui.views._attention_colours import difference_image, pooled_image, share_image, without_keys
from ui.views._attention_data import SHARES, Bytes, to_bytes
from ui.views._attention_off import factor_text, paint_off, paint_tag
from ui.views._attention_shown import Shown, Sides
from ui.views._token_axis import Axis
from ui.views._tokens import quoted

_STRIP, _GAP, _CLICK_PX = 10.0, 5.0, 4.0
_LEAST_CELLS = 4.0
_NAMED_ROW = 15.0  # px in which a name stands at ease


@dataclass
class _Chosen:
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)


class AttentionMatrix(QWidget):
    """The wheel zooms, a drag moves, a click holds a cell; a click on a label or strip shows that token alone."""

    pointed = Signal(object)  # (query, key) | None
    chosen = Signal(int, int)
    menu_asked = Signal(int, bool, QPoint)  # token, whether it is a key, where on the screen
    labels_thinned = Signal()  # other tokens have a label, as `labels_told` says

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._rows, self._columns = Axis.whole(1), Axis.whole(1)
        self._row_labels, self._column_labels = AxisLabels(()), AxisLabels(())
        self._held: tuple[int | None, int | None] = (None, None)
        self._struck: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
        self._filter = _Chosen()
        self._images: dict[tuple[int, int], QImage] = {}
        self._margins: tuple[Bytes, Bytes] | None = None
        self._pressed: QPointF | None = None
        self._panned_from = (self._rows, self._columns)
        self._is_panning = False
        self._thinned = ""
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Attention matrix: rows are queries, columns are keys"))
        theme().changed.connect(self._forget)

    # What is shown

    def set_shown(self, shown: Shown) -> None:
        """Other attention; zoom and filter stay while the tokens do."""
        before, self._shown = self._shown, shown
        if before is None or (before.queries, before.keys, before.rows) != (shown.queries, shown.keys, shown.rows):
            self._rows = Axis.whole(len(shown.queries), least=_LEAST_CELLS)
            self._columns = Axis.whole(len(shown.keys), least=_LEAST_CELLS)
            self._row_labels = AxisLabels(shown.queries, labels=shown.rows)
            self._column_labels = AxisLabels(shown.keys)
            self._filter = _Chosen()
        self._tell_labels()
        self._forget()

    def set_held(self, query: int | None, key: int | None) -> None:
        """The cell looked at."""
        if (query, key) != self._held:
            self._held = query, key
            self.update()

    def set_struck(self, queries: frozenset[int], keys: frozenset[int]) -> None:
        """Tokens that are hidden from every head."""
        if (queries, keys) != self._struck:
            self._struck = queries, keys
            self.update()

    def labels_told(self, *, has_hint: bool = True) -> str:
        """Which tokens the labels leave out, or which are shown alone, and what to do; empty: all are there."""
        if self._shown is None:
            return ""
        if self._filter.rows or self._filter.columns:
            alone = [self._shown.queries[one] for one in sorted(self._filter.rows)]
            alone += [self._shown.keys[one] for one in sorted(self._filter.columns)]
            told = self.tr("Only {tokens} shown; a click beside the matrix shows all.")
            told = told if has_hint else self.tr("Only {tokens} shown.")
            return told.format(tokens=", ".join(map(quoted, alone)))
        cells = self.sides().cells
        parts: list[tuple[str, str]] = []
        for labels, axis, size, count, what, is_top in (
            (self._row_labels, self._rows, cells.height(), len(self._shown.queries), self.tr("queries"), False),
            (self._column_labels, self._columns, cells.width(), len(self._shown.keys), self.tr("keys"), True),
        ):
            every = labels.every(size / axis.length, is_top=is_top)
            if every > 1:
                parts.append((self.tr("1 in {n} of {count}").format(n=every, count=count), what))
        if not parts:
            return ""
        told = (
            self.tr("Only {parts} are named; the wheel zooms in.") if has_hint else self.tr("Only {parts} are named.")
        )
        if len({numbers for numbers, _ in parts}) == 1:  # both alike, as of a text that looks at itself
            both = f"{parts[0][0]} {self.tr(' and ').join(what for _, what in parts)}"
            return told.format(parts=both)
        return told.format(parts=self.tr(" and ").join(f"{numbers} {what}" for numbers, what in parts))

    def _tell_labels(self) -> None:
        told = self.labels_told()
        if told != self._thinned:
            self._thinned = told
            self.labels_thinned.emit()

    def show_held(self) -> None:
        """Bring the cell looked at into sight."""
        query, key = self._held
        self._rows = self._rows.showing(query) if query is not None else self._rows
        self._columns = self._columns.showing(key) if key is not None else self._columns
        self.update()

    def sides(self) -> Sides:
        """Where everything lies: cells are square, as large as there is room; rows that would be too low for their
        names are higher, where that makes room for all of them."""
        left = self._row_labels.reach + 8.0
        top = min(76.0, self._column_labels.reach * 0.82 + 16)
        room_x = self.width() - left - _STRIP - _GAP - 34
        room_y = self.height() - top - _STRIP - _GAP - 3
        cell = max(0.01, min(room_x / self._columns.length, room_y / self._rows.length))
        width, height = cell * self._columns.length, self._row_height(cell, room_y) * self._rows.length
        width, height = max(8.0, round(min(width, room_x))), max(8.0, round(min(height, room_y)))
        x = round(left + max(0.0, (room_x - width) / 2))
        cells = QRectF(x, round(top), width, height)
        return Sides(
            cells=cells,
            top=QRectF(cells.left(), 0, cells.width(), cells.top()),
            left=QRectF(cells.left() - left, cells.top(), left - 6, cells.height()),
            right_strip=QRectF(cells.right() + _GAP, cells.top(), _STRIP, cells.height()),
            bottom_strip=QRectF(cells.left(), cells.bottom() + _GAP, cells.width(), _STRIP),
        )

    def _row_height(self, cell: float, room: float) -> float:
        highest = min(_NAMED_ROW, room / self._rows.length)
        return max(cell, highest) if self._row_labels.every(highest, is_top=False) == 1 else cell

    def cell_rect(self, query: int, key: int) -> QRectF:
        """Where one share is drawn."""
        cells = self.sides().cells
        width, height = cells.width() / self._columns.length, cells.height() / self._rows.length
        left, top = (
            cells.left() + (key - self._columns.first) * width,
            cells.top() + (query - self._rows.first) * height,
        )
        return QRectF(left, top, width, height)

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """The query and key there."""
        cells = self.sides().cells
        query = self._rows.cell_at((point.y() - cells.top()) / cells.height())
        key = self._columns.cell_at((point.x() - cells.left()) / cells.width())
        return None if query is None or key is None else (query, key)

    @property
    def filtered(self) -> tuple[set[int], set[int]]:
        """The queries and the keys that are shown alone; empty: all."""
        return set(self._filter.rows), set(self._filter.columns)

    def _forget(self) -> None:
        self._images.clear()
        self._margins = None
        self.update()

    # Pointing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._is_panning = event.position(), False
            self._panned_from = (self._rows, self._columns)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            moved = self._pressed - at
            if self._is_panning or moved.manhattanLength() > _CLICK_PX:
                self._is_panning = True
                cells = self.sides().cells
                rows, columns = self._panned_from
                self._rows = rows.moved(moved.y() / cells.height() * rows.length)
                self._columns = columns.moved(moved.x() / cells.width() * columns.length)
                self.update()
            return
        self.pointed.emit(self.cell_at(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._is_panning:
            return
        sides, is_more = self.sides(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        cell = self.cell_at(pressed)
        if cell is not None:
            self.chosen.emit(*cell)
        elif sides.left.contains(pressed) or sides.right_strip.contains(pressed):
            share = (pressed.y() - sides.cells.top()) / sides.cells.height()
            self._toggle(self._filter.rows, self._rows.cell_at(share), is_more)
        elif sides.top.contains(pressed) or sides.bottom_strip.contains(pressed):
            share = (pressed.x() - sides.cells.left()) / sides.cells.width()
            self._toggle(self._filter.columns, self._columns.cell_at(share), is_more)
        else:
            self._filter = _Chosen()
            self._tell_labels()
            self._forget()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._shown is not None:
            self._rows = Axis.whole(len(self._shown.queries), least=_LEAST_CELLS)
            self._columns = Axis.whole(len(self._shown.keys), least=_LEAST_CELLS)
            self._tell_labels()
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        cells, at, turned = self.sides().cells, event.position(), event.angleDelta()
        if abs(turned.x()) > abs(turned.y()):
            self._columns = self._columns.moved(-turned.x() / 120 * self._columns.length / 8)
        else:
            factor = 0.8 ** (turned.y() / 120)
            x, y = (at.x() - cells.left()) / cells.width(), (at.y() - cells.top()) / cells.height()
            x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
            self._columns = self._columns.zoomed(factor, about=self._columns.first + x * self._columns.length)
            self._rows = self._rows.zoomed(factor, about=self._rows.first + y * self._rows.length)
            self._tell_labels()
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        sides, at = self.sides(), QPointF(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            query, key = self._held
            token, is_key = (query, False) if key is None else (key, True)
            event_at = self.mapToGlobal(self.cell_rect(query or 0, key or 0).center().toPoint())
        elif sides.left.contains(at) or sides.right_strip.contains(at):
            token, is_key = self._rows.cell_at((at.y() - sides.cells.top()) / sides.cells.height()), False
            event_at = event.globalPos()
        else:
            token, is_key = self._columns.cell_at((at.x() - sides.cells.left()) / sides.cells.width()), True
            event_at = event.globalPos()
        if token is not None:
            self.menu_asked.emit(token, is_key, event_at)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)

    def _toggle(self, chosen: set[int], token: int | None, is_more: bool) -> None:
        """A token alone; with shift one more, or one less; the only one again: all."""
        if token is None:
            return
        if is_more:
            chosen ^= {token}
        elif chosen == {token}:
            chosen.clear()
        else:
            chosen.clear()
            chosen.add(token)
        self._tell_labels()
        self._forget()

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(460, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 170)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._images.clear()
        self._tell_labels()

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._shown
        if shown is None:
            return
        painter = QPainter(self)
        sides = self.sides()
        painter.fillRect(sides.cells, QBrush(theme().colour("line"), Qt.BrushStyle.BDiagPattern))
        self._paint_cells(painter, sides, shown)
        if shown.factor is not None:
            self._paint_factor(painter, sides, shown.factor)
        self._paint_margins(painter, sides, shown)
        query, key = self._held
        self._row_labels.paint_left(
            painter, self._rows, sides.left, held=query, chosen=self._filter.rows, struck=self._struck[0]
        )
        self._column_labels.paint_top(
            painter, self._columns, sides.top, held=key, chosen=self._filter.columns, struck=self._struck[1]
        )
        painter.setPen(theme().colour("line"))
        painter.drawRect(sides.cells.adjusted(-0.5, -0.5, 0.5, 0.5))
        self._paint_crosshair(painter, sides)

    def _paint_cells(self, painter: QPainter, sides: Sides, shown: Shown) -> None:
        """The part in sight of a picture that has no more cells than there are pixels."""
        ratio = self.devicePixelRatioF()
        per_row = max(1, int(self._rows.length / (sides.cells.height() * ratio)))
        per_column = max(1, int(self._columns.length / (sides.cells.width() * ratio)))
        image = self._image(shown, per_row, per_column)
        source = QRectF(
            self._columns.first / per_column,
            self._rows.first / per_row,
            self._columns.length / per_column,
            self._rows.length / per_row,
        )
        painter.drawImage(sides.cells, image, source)

    def _paint_factor(self, painter: QPainter, sides: Sides, factor: float) -> None:
        """Where such a head would look, under what says that nothing of it arrives, or how much."""
        if factor == 0:
            paint_off(painter, sides.cells)
        paint_tag(painter, sides.cells, factor_text(factor, is_long=True))

    def _image(self, shown: Shown, per_row: int, per_column: int) -> QImage:
        key = per_row, per_column
        if key not in self._images:
            rows, columns = -(-len(shown.queries) // per_row), -(-len(shown.keys) // per_column)
            seen = self._seen(shown)
            if shown.rival is not None:
                first, second = shown.shares[::per_row, ::per_column], shown.rival[::per_row, ::per_column]
                small = None if seen is None else seen[::per_row, ::per_column]
                image = difference_image(first, second, scale=shown.scale, reach=shown.high, seen=small)
            else:
                image = pooled_image(shown.shares, seen, rows=rows, columns=columns, scale=shown.scale, high=shown.high)
            self._images[key] = image
        return self._images[key]

    def _seen(self, shown: Shown) -> NDArray[np.bool_] | None:
        """What is drawn at all: may be looked at, is not hidden, and is among what is shown alone."""
        seen = without_keys(shown.seen, shown.hidden, shown.shares.shape)
        if self._filter.rows or self._filter.columns:
            seen = np.ones(shown.shares.shape, dtype=bool) if seen is None else seen.copy()
            if self._filter.rows:
                seen[[k for k in range(len(seen)) if k not in self._filter.rows]] = False
            if self._filter.columns:
                seen[:, [k for k in range(seen.shape[1]) if k not in self._filter.columns]] = False
        return seen

    def margins(self) -> tuple[Bytes, Bytes]:
        """Each query's largest share, or, with keys shown alone, their sum; and each key's mean over the queries."""
        assert self._shown is not None
        if self._margins is None:
            shares, seen = SHARES[self._shown.shares], self._seen(self._shown)
            shares = shares if seen is None else np.where(seen, shares, np.float32(0))
            rows = shares.sum(1) if self._filter.columns else shares.max(1)
            num_rows = max(1, len(self._filter.rows) or len(shares))
            self._margins = to_bytes(rows), to_bytes(shares.sum(0) / np.float32(num_rows))
        return self._margins

    def _paint_margins(self, painter: QPainter, sides: Sides, shown: Shown) -> None:
        if shown.rival is not None or shown.factor == 0:
            return
        rows, columns = self.margins()
        right = share_image(rows[:, None], scale=shown.scale, high=shown.high)
        below = share_image(columns[None], scale=shown.scale, high=shown.high)
        painter.drawImage(sides.right_strip, right, QRectF(0, self._rows.first, 1, self._rows.length))
        painter.drawImage(sides.bottom_strip, below, QRectF(self._columns.first, 0, self._columns.length, 1))
        painter.setPen(theme().colour("line"))
        for strip in (sides.right_strip, sides.bottom_strip):
            painter.drawRect(strip.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_crosshair(self, painter: QPainter, sides: Sides) -> None:
        query, key = self._held
        painter.setClipRect(sides.cells.adjusted(-1, -1, 1, 1))
        painter.setPen(QPen(theme().colour("accent"), 1))
        if query is not None:
            row = self.cell_rect(query, 0)
            painter.drawRect(QRectF(sides.cells.left(), row.top(), sides.cells.width(), max(1.0, row.height())))
        if key is not None and query is not None:
            painter.setPen(QPen(theme().colour("text"), 1.5))
            rect = self.cell_rect(query, key)
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.setClipping(False)
