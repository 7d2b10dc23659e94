"""Why a query looks at a key: the two vectors and their product, coordinate by coordinate, the largest first."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.theme import font, theme
from ui.theme.colour_maps import colour_map
from ui.views._attention_data import Floats
from ui.widgets.empty_state import EmptyState
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.numbers import fixed, number

_LEFT, _RIGHT, _HEAD, _BETWEEN = 96.0, 56.0, 26.0, 16.0


class ProductStrip(QWidget):
    """Three rows of bars: q, k, and q k times a factor, mostly 1/√d; the score is the sum of the third."""

    told = Signal(str)  # a sentence of the coordinate pointed at
    matrix_asked = Signal()  # to choose a pair there

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Floats] = []  # q, k and their product times the factor
        self._order = np.arange(0)
        self._names = ("", "")
        self._share = 0.0
        self._product = ""  # what it is called, with the factor
        self._pointed: int | None = None
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or keys go to whatever field had them
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Query, key and their product by coordinate"))
        self.setToolTip(
            wrapped_tooltip(
                self.tr(
                    "q·k times a factor (1/√d for vectors of length d; 1 in T5) is the score of this key for this "
                    "query. "
                    "The softmax of a query's scores over all keys makes its shares, which add up to 1."
                )
            )
        )
        self.nothing = EmptyState(
            "matrix",
            self.tr(
                "q·k is how well what one token asks for, its query q, fits what another offers, its key k; the head "
                "makes its shares of that. Click a cell of the matrix, and its two vectors appear here."
            ),
            title=self.tr("Choose a query and a key"),
            action_text=self.tr("Go to the matrix"),
        )
        self.nothing.action_chosen.connect(self.matrix_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.nothing)
        theme().changed.connect(self.update)

    def set_pair(self, query: Floats, key: Floats, scale: float, *, names: tuple[str, str], share: float) -> None:
        """Vectors [d] each, what their product is multiplied with, both names, and the share that came of it."""
        product = query * key * np.float32(scale)
        self._order = np.argsort(-np.abs(product))
        self._rows = [query[self._order], key[self._order], product[self._order]]
        self._names, self._share = names, share
        self._product = f"q·k × {number(scale, digits=3)}"
        self.nothing.hide()
        self.update()

    def set_nothing(self) -> None:
        """No pair is held."""
        self._rows = []
        self.nothing.show()
        self.update()

    @property
    def order(self) -> list[int]:
        """The coordinates from left to right."""
        return [int(one) for one in self._order]

    def sizeHint(self) -> QSize:
        return QSize(560, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 170)

    def _band(self, row: int) -> QRectF:
        height = (self.height() - _HEAD - 3 * _BETWEEN) / 3
        width = self.width() - _LEFT - _RIGHT
        return QRectF(_LEFT, _HEAD + 8 + row * (height + _BETWEEN), max(10.0, width), max(10.0, height))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._rows:
            return
        band = self._band(0)
        place = int((event.position().x() - band.left()) / band.width() * len(self._order))
        self._pointed = place if 0 <= place < len(self._order) else None
        if self._pointed is not None:
            self.told.emit(self._told(self._pointed))
        self.update()

    def _told(self, place: int) -> str:
        """A coordinate's numbers; of the product the one that is drawn, with its factor."""
        q, k, product = (fixed(float(values[place]), decimals=4) for values in self._rows)
        which = self.tr("coordinate {n}").format(n=int(self._order[place]))
        return "  ·  ".join((which, f"q {q}", f"k {k}", f"{self._product} = {product}"))

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.told.emit("")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setFont(self.font())
        score = float(self._rows[2].sum())
        told = self.tr("{query} → {key}:  {product} adds up to {score}; share {share}").format(
            product=self._product,
            query=self._names[0],
            key=self._names[1],
            score=fixed(score, decimals=3),
            share=fixed(self._share, decimals=4),
        )
        painter.setPen(theme().colour("text"))
        painter.drawText(QRectF(_LEFT, 0, self.width() - _LEFT, _HEAD), Qt.AlignmentFlag.AlignVCenter, told)
        titles = (self.tr("query  q"), self.tr("key  k"), self._product)
        for row, (title, values) in enumerate(zip(titles, self._rows, strict=True)):
            self._paint_band(painter, self._band(row), title, values)

    def _paint_band(self, painter: QPainter, band: QRectF, title: str, values: Floats) -> None:
        reach = float(np.abs(values).max(initial=0)) or 1.0
        middle = band.center().y()
        painter.setPen(theme().colour("text"))
        painter.drawText(QRectF(4, middle - 9, _LEFT - 14, 18), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setPen(theme().colour("muted"))
        for y, text in ((band.top() + 6, f"+{reach:.2f}"), (middle, "0"), (band.bottom() - 6, f"−{reach:.2f}")):
            painter.drawText(QRectF(band.right() + 6, y - 8, _RIGHT - 8, 16), Qt.AlignmentFlag.AlignVCenter, text)
        painter.fillRect(QRectF(band.left(), middle, band.width(), 1), theme().colour("line"))
        cell = band.width() / len(values)
        for place, value in enumerate(values):
            height = abs(float(value)) / reach * band.height() / 2
            top = middle - height if value > 0 else middle
            red, green, blue = colour_map("diverging")[255 if value > 0 else 0, :3].tolist()
            colour = QColor(red, green, blue)
            if self._pointed is not None and place != self._pointed:
                colour.setAlpha(110)
            painter.fillRect(QRectF(band.left() + place * cell, top, max(1.0, cell - 1), height), colour)
        if self._pointed is not None:
            x = band.left() + (self._pointed + 0.5) * cell
            painter.setPen(theme().colour("faint"))
            painter.drawLine(QPointF(x, band.top()), QPointF(x, band.bottom()))
