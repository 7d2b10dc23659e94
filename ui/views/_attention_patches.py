"""An image with its patches, each under the colour of how much the patch pointed at looks at it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.views._attention_colours import Scale, full_share, share_image
from ui.views._attention_data import Attention, Floats, Over, Place, to_bytes
from ui.widgets.numbers import fixed

_TOP, _GAP = 24.0, 24.0


class AttentionPatches(QWidget):
    """Left the image and its grid, right where the class token (or the patch held) looks."""

    query_pointed = Signal(object)  # int | None
    query_chosen = Signal(int)
    menu_asked = Signal(int, bool, QPoint)  # token, whether it is a key, where on the screen
    told = Signal(str)  # a sentence of the share pointed at

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self._grid = (1, 1)
        self._num_front = 0
        self._shares: Floats = np.zeros(1, dtype=np.float32)
        self._held: int | None = None
        self._struck: frozenset[int] = frozenset()
        self._scale: Scale = "sqrt"
        self.high = 1.0  # the share in full colour
        self._title = self._told = ""
        self._pointed: int | None = None  # in the map
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or keys go to whatever field had them
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The image and how much is looked at each of its patches"))
        theme().changed.connect(self.update)

    def show_attention(self, attention: Attention, place: Place, *, over: Over, scale: Scale) -> None:
        """Where the patch held looks; else the class token, else all of them on average."""
        block = attention.blocks[place.block]
        grid, image = attention.header.grid, block.arrays.get("image")
        if grid is None or image is None:
            return
        if image is not self._pixels or grid != self._grid:
            self._pixels = image
            self._set_image(image, grid)
        is_own = attention.header.image_of < 0
        whose = self.tr("the image in Try it") if is_own else self.tr("a validation image")
        self._told = self.tr("{whose}: point at a patch").format(whose=whose)
        self._num_front = len(block.header.special)  # tokens before the patches, such as the class token
        query = place.query if place.query is not None else 0 if self._num_front else None
        shares = block.exact(place.layer, place.head, over=over, query=query)
        self._shares, self._held, self._scale = shares if query is not None else shares.mean(axis=0), place.query, scale
        self.high = full_share(self._shares[self._num_front :])
        self._title = self._who(query)
        self.update()

    def _who(self, query: int | None) -> str:
        if query is None:
            return self.tr("all patches look at")
        if query < self._num_front:
            return self.tr("the class token looks at")
        return self.tr("{patch} looks at").format(patch=self._patch(query))

    def _patch(self, token: int) -> str:
        row, column = divmod(token - self._num_front, self._grid[1])
        return self.tr("the patch of row {row}, column {column}").format(row=row, column=column)

    def _set_image(self, pixels: NDArray[np.uint8], grid: tuple[int, int]) -> None:
        """Pixels uint8 [H, W, 1 or 3]."""
        rgb = np.ascontiguousarray(np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[:, :, :3])
        height, width = rgb.shape[:2]
        self._image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self._grid = grid

    def set_struck(self, tokens: frozenset[int]) -> None:
        """Patches that are hidden from every head: crossed out."""
        if tokens != self._struck:
            self._struck = tokens
            self.update()

    def square(self, side: int) -> QRectF:
        """Where the image (0) and the map (1) lie."""
        rows, columns = self._grid
        room = min((self.width() - _GAP - 8) / 2 / columns, (self.height() - _TOP - 8) / rows)
        width, height = room * columns, room * rows
        left = (self.width() - 2 * width - _GAP) / 2 + side * (width + _GAP)
        return QRectF(round(left), _TOP, round(width), round(height))

    def patch_at(self, point: QPointF) -> int | None:
        """The token of the patch there, of either picture."""
        rows, columns = self._grid
        for side in (0, 1):
            square = self.square(side)
            if square.contains(point):
                row = min(rows - 1, int((point.y() - square.top()) / square.height() * rows))
                column = min(columns - 1, int((point.x() - square.left()) / square.width() * columns))
                return self._num_front + row * columns + column
        return None

    def patch_rect(self, token: int, *, side: int = 0) -> QRectF:
        """Where a patch lies."""
        square, (rows, columns) = self.square(side), self._grid
        row, column = divmod(token - self._num_front, columns)
        width, height = square.width() / columns, square.height() / rows
        return QRectF(square.left() + column * width, square.top() + row * height, width, height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        token = self.patch_at(event.position())
        is_map = self.square(1).contains(event.position())
        self.query_pointed.emit(None if is_map else token)
        self._point(token if is_map else None)

    def _point(self, token: int | None) -> None:
        """Tell the share of a patch in the map, which stays that of the patch that looks."""
        if token is None and self._pointed is None:
            return
        self._pointed = token
        share = "" if token is None else fixed(float(self._shares[token]), decimals=4)
        self.told.emit(f"{self._title} {self._patch(token)}: {share}" if token is not None else "")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        token = self.patch_at(event.position())
        if token is not None and event.button() == Qt.MouseButton.LeftButton:
            self.query_chosen.emit(token)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        token = self.patch_at(QPointF(event.pos()))
        if token is not None:
            self.menu_asked.emit(token, True, event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)
        self.query_pointed.emit(None)

    def sizeHint(self) -> QSize:
        return QSize(560, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 140)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(theme().colour("muted"))
        seen, shown = self.square(0), self.square(1)
        self._write(painter, self._told, left=seen.left(), room=seen.width() + _GAP - 8)
        self._write(painter, self._title, left=shown.left(), room=self.width() - shown.left())
        painter.drawImage(seen, self._image)
        patches = to_bytes(self._shares[self._num_front :]).reshape(self._grid)
        painter.drawImage(shown, share_image(patches, scale=self._scale, high=self.high))
        line = theme().colour("faint")
        line.setAlpha(110)
        painter.setPen(QPen(line, 1))
        for square in (seen, shown):
            self._paint_grid(painter, square)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("warn"), 1.5))
        for token in self._struck:
            if token >= self._num_front:
                for side in (0, 1):
                    rect = self.patch_rect(token, side=side)
                    painter.drawLine(rect.topLeft(), rect.bottomRight())
                    painter.drawLine(rect.bottomLeft(), rect.topRight())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._pointed is not None:
            painter.setPen(QPen(theme().colour("text"), 1))
            painter.drawRect(self.patch_rect(self._pointed, side=1))
        if self._held is not None and self._held >= self._num_front:
            painter.setPen(QPen(theme().colour("accent"), 2))
            for side in (0, 1):
                painter.drawRect(self.patch_rect(self._held, side=side))

    def _write(self, painter: QPainter, text: str, *, left: float, room: float) -> None:
        """Over a picture."""
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(QRectF(left, 0, room, _TOP - 4), _BASE, shown)

    def _paint_grid(self, painter: QPainter, square: QRectF) -> None:
        rows, columns = self._grid
        for row in range(rows + 1):
            y = square.top() + row * square.height() / rows
            painter.drawLine(QPointF(square.left(), y), QPointF(square.right(), y))
        for column in range(columns + 1):
            x = square.left() + column * square.width() / columns
            painter.drawLine(QPointF(x, square.top()), QPointF(x, square.bottom()))


_BASE = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
