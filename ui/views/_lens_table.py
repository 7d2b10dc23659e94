"""The table of the lens: a row a layer, a column a token; in each cell what the layer would say there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy

from ui.theme import font, theme
from ui.views._gates_colours import map_words
from ui.views._lens_data import Lens, Measure
from ui.views._tokens import shown

Cell = tuple[int, int]  # row, column
_HEAD, _PAD, _SIDE = 24.0, 10, 66.0
_LEAST_ROW, _MOST_ROW = 22.0, 40.0
_LEAST_COLUMN, _MOST_COLUMN = 20.0, 96.0


class LensTable(QAbstractScrollArea):
    """Hover tells a cell, a click holds it. Wide texts scroll sideways; the names of the layers stay."""

    pointed = Signal(object)  # Cell | None
    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._lens: Lens | None = None
        self._measure: Measure = "probability"
        self._held: Cell | None = None
        self._colours: list[list[QColor]] = []
        self._texts: list[list[str]] = []
        self._column = _LEAST_COLUMN
        self.setFont(font("small"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setToolTip(
            self.tr("Underlined: what the layer finds likeliest is what the text has there (the row below).")
        )
        self.setAccessibleName(self.tr("What each layer would say: rows are layers, columns are tokens"))
        theme().changed.connect(self._on_theme_changed)

    def set_lens(self, lens: Lens, *, measure: Measure, held: Cell | None) -> None:
        """Another answer, another colour, or another cell looked at."""
        is_other = lens is not self._lens
        if is_other or measure != self._measure:
            self._lens, self._measure = lens, measure
            self._colour()
        if is_other:
            self._measure_texts(lens)
        if held != self._held:
            self._held = held
        self._fit()
        self.viewport().update()

    def show_column(self, column: int) -> None:
        """Bring it into sight."""
        bar, left = self.horizontalScrollBar(), column * self._column
        room = self.viewport().width() - _SIDE
        if left < bar.value():
            bar.setValue(int(left))
        elif left + self._column > bar.value() + room:
            bar.setValue(int(left + self._column - room) + 1)

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is drawn, in the viewport."""
        left = _SIDE + column * self._column - self.horizontalScrollBar().value()
        height = self._row_height()
        return QRectF(left, _HEAD + row * height - self.verticalScrollBar().value(), self._column, height)

    def cell_at(self, point: QPointF) -> Cell | None:
        """The cell there."""
        lens = self._lens
        if lens is None or point.x() < _SIDE or point.y() < _HEAD:
            return None
        row = int((point.y() - _HEAD + self.verticalScrollBar().value()) / self._row_height())
        column = int((point.x() - _SIDE + self.horizontalScrollBar().value()) / self._column)
        return (row, column) if row < lens.num_rows and column < lens.num_columns else None

    def _colour(self) -> None:
        assert self._lens is not None
        high = self._lens.highest(self._measure)
        places = np.clip(np.nan_to_num(self._lens.values(self._measure) / high), 0, 1)
        words = map_words("attention", theme().palette)[np.rint(places * 255).astype(np.intp)]
        self._colours = [[QColor.fromRgb(int(word)) for word in row] for row in words]

    def _measure_texts(self, lens: Lens) -> None:
        self._texts = [
            [shown(lens.said(row, column)) for column in range(lens.num_columns)] for row in range(lens.num_rows)
        ]
        metrics = QFontMetrics(self.font())
        heads = [shown(token) for token in lens.header.columns if token]
        words = {*heads, *(text for row in self._texts for text in row)}
        widest = max(map(metrics.horizontalAdvance, words), default=0)
        self._column = min(_MOST_COLUMN, max(_LEAST_COLUMN, widest + _PAD))

    def _row_height(self) -> float:
        rows = (self._lens.num_rows if self._lens is not None else 1) + bool(self._has_truth())
        room = (self.viewport().height() - _HEAD - 2) / max(1, rows)
        return min(_MOST_ROW, max(_LEAST_ROW, room))

    def _has_truth(self) -> bool:
        return self._lens is not None and any(self._lens.header.truth)

    def _fit(self) -> None:
        """How far there is to scroll."""
        lens = self._lens
        if lens is None:
            return
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        room = self.viewport().width() - _SIDE
        across.setRange(0, max(0, int(lens.num_columns * self._column - room + 2)))
        across.setPageStep(max(1, int(room)))
        across.setSingleStep(int(self._column))
        height = self._row_height() * (lens.num_rows + self._has_truth())
        down.setRange(0, max(0, int(height - (self.viewport().height() - _HEAD) + 2)))
        down.setSingleStep(int(self._row_height()))

    def _on_theme_changed(self) -> None:
        if self._lens is not None:
            self._colour()
            self.viewport().update()

    # Pointing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(*cell)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Without anything to scroll down to, the wheel goes along the text."""
        turned = event.angleDelta()
        if self.verticalScrollBar().maximum() == 0 and abs(turned.y()) > abs(turned.x()):
            bar = self.horizontalScrollBar()
            bar.setValue(int(bar.value() - turned.y() / 120 * 3 * self._column))
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # arrows walk the cells, which is the view's

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.pointed.emit(None)
        return super().viewportEvent(event)

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(460, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        lens = self._lens
        if lens is None:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        width, height = self.viewport().width(), self.viewport().height()
        first = int(self.horizontalScrollBar().value() / self._column)
        last = min(lens.num_columns, first + int((width - _SIDE) / self._column) + 2)
        painter.setClipRect(QRectF(_SIDE, _HEAD, width - _SIDE, height - _HEAD))
        muted = _ink("muted")
        for row in range(lens.num_rows):
            for column in range(first, last):
                self._paint_cell(painter, lens, row, column)
        if self._has_truth():
            for column in range(first, last):
                truth = lens.truth(column)
                self._write(painter, self.cell_rect(lens.num_rows, column), shown(truth) if truth else "", muted)
        self._paint_held(painter)
        painter.setClipRect(QRectF(_SIDE, 0, width - _SIDE, _HEAD))
        held = self._held[1] if self._held is not None else None
        for column in range(first, last):
            rect = self.cell_rect(0, column)
            place = QRectF(rect.left(), 0, rect.width(), _HEAD)
            text = shown(lens.header.columns[column]) if column >= lens.header.num_front else self.tr("all")
            self._write(painter, place, text, _ink("text") if column == held else muted)
        painter.setClipRect(QRectF(0, _HEAD, width, height - _HEAD))
        self._paint_names(painter, lens)
        painter.setClipping(False)
        painter.setPen(theme().colour("muted"))
        painter.drawText(QRectF(0, 0, _SIDE - 8, _HEAD), _RIGHT, self.tr("reads"))

    def _paint_cell(self, painter: QPainter, lens: Lens, row: int, column: int) -> None:
        rect = self.cell_rect(row, column)
        behind = self._colours[row][column]
        ink = ink_on(behind)
        painter.fillRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), behind)
        self._write(painter, rect, self._texts[row][column], ink)
        if lens.is_right(row, column):
            painter.fillRect(QRectF(rect.left() + 4, rect.bottom() - 4, rect.width() - 8, 2), ink)

    def _paint_held(self, painter: QPainter) -> None:
        if self._held is not None:
            row, column = self._held
            painter.setPen(QPen(ink_on(self._colours[row][column]), 2))
            painter.drawRect(self.cell_rect(row, column).adjusted(1.5, 1.5, -1.5, -1.5))

    def _paint_names(self, painter: QPainter, lens: Lens) -> None:
        held = self._held[0] if self._held is not None else None
        for row in range(lens.num_rows):
            rect = self.cell_rect(row, 0)
            painter.setPen(theme().colour("text" if row == held else "muted"))
            painter.drawText(QRectF(0, rect.top(), _SIDE - 8, rect.height()), _RIGHT, row_name(row))
        if self._has_truth():
            rect = self.cell_rect(lens.num_rows, 0)
            words = self.tr("follows") if lens.header.says == "next" else self.tr("in the text")
            painter.setPen(theme().colour("muted"))
            side = QRectF(0, rect.top(), _SIDE - 8, rect.height())
            painter.drawText(side, _RIGHT, words)
            # As the cells that say so are underlined.
            wide = painter.fontMetrics().horizontalAdvance(words)
            painter.fillRect(QRectF(side.right() - wide, rect.center().y() + 8, wide, 2), theme().colour("muted"))

    def _write(self, painter: QPainter, rect: QRectF, text: str, ink: QColor) -> None:
        painter.setPen(ink)
        room = int(rect.width()) - 4
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, elided)


def row_name(row: int) -> str:
    """The layer of a row; the first is what the first layer reads."""
    tr = QCoreApplication.translate
    return tr("LensTable", "layer {n}").format(n=row - 1) if row else tr("LensTable", "input")


def ink_on(colour: QColor) -> QColor:
    """Black or white, whichever is plainer to read on it: a contrast of 4.5 at least (WCAG 2.2)."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return _BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _MIDDLE else _WHITE


def _ink(role: str) -> QColor:
    return theme().colour(role)


_BLACK, _WHITE, _MIDDLE = QColor(0, 0, 0), QColor(255, 255, 255), 0.179
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
