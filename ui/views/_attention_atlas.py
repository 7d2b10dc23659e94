"""The atlas: every head of every layer as a small picture, all of them one texture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.views._attention_colours import Scale, image_of, pooled, without_keys, words
from ui.views._attention_data import Block, Head, Place
from ui.views._attention_off import factor_text, paint_off, paint_tag
from ui.views._attention_shown import ATLAS_GAP, AtlasGrid
from ui.widgets.help_dot import wrapped_tooltip

_LEFT, _TOP, _BAR = 22.0, 20.0, 3
_LEAST_TILE, _MOST_TILE = 8, 120
_CLICK_PX = 4
_VEIL = 205  # of 255, over a head that is filtered out
_LEAST_NUMBER = 8  # px of a head's number on its tile


class AttentionAtlas(QWidget):
    """Click: look at that head. Ctrl or Shift and click: subtract that head from the one looked at. Drag: compare
    those under it."""

    pointed = Signal(object)  # Head | None
    chosen = Signal(int, int)
    compared = Signal(int, int)
    gathered = Signal()  # other heads are to be compared
    menu_asked = Signal(int, int, QPoint)  # layer, head, where on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._block: Block | None = None
        self._place = Place()
        self._rival: Head | None = None
        self._factors: dict[Head, float] = {}
        self._kept: frozenset[Head] | None = None
        self._hidden: tuple[int, ...] = ()
        self._scale: Scale = "sqrt"
        self._high = 1.0
        self._statistic = ""
        self._orders: list[list[int]] = []
        self._image: QImage | None = None
        self._tiles: tuple[Block, int, NDArray[np.uint8]] | None = None  # pooled for tiles of so many pixels
        self._pointed: Head | None = None
        self._gathered: tuple[Head, ...] = ()
        self._pressed: QPointF | None = None
        self._dragged: QRectF | None = None
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or keys go to whatever field had them
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Atlas: rows are layers, columns are heads"))
        self.setToolTip(
            wrapped_tooltip(
                self.tr(
                    "Click a head to look at it; Ctrl+click (or Shift+click) another to see their difference; drag "
                    "over several to see them side by side; right-click for more."
                )
            )
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self._forget_image)

    def set_block(self, block: Block | None, place: Place, *, rival: Head | None = None) -> None:
        """Other attention, or another head looked at."""
        is_other = block is not self._block
        self._block, self._place, self._rival = block, place, rival
        if is_other:
            self._sort()
            self._forget_image()
        self.update()

    def gathered_heads(self) -> tuple[Head, ...]:
        """Those that the last drag went over, layer by layer."""
        return self._gathered

    def set_factors(self, factors: dict[Head, float]) -> None:
        """Heads that are switched off or scaled, and by what they are multiplied."""
        if factors != self._factors:
            self._factors = factors
            self.update()

    def set_hidden(self, keys: tuple[int, ...]) -> None:
        """Keys that are left out, of what is not pooled: there one column is of several."""
        if keys != self._hidden:
            self._hidden, self._tiles = keys, None
            self._forget_image()

    def set_scale(self, scale: Scale, high: float) -> None:
        """Other colours."""
        if (scale, high) != (self._scale, self._high):
            self._scale, self._high = scale, high
            self._forget_image()

    def sort_by(self, statistic: str) -> None:
        """Heads of each layer by a statistic, the largest first; empty: by number."""
        if statistic != self._statistic:
            self._statistic = statistic
            self._sort()
            self._forget_image()

    def keep(self, heads: frozenset[Head] | None) -> None:
        """Fade all but these; None: none."""
        if heads != self._kept:
            self._kept = heads
            self.update()

    def is_kept(self, head: Head) -> bool:
        """Whether it is not faded."""
        return self._kept is None or head in self._kept

    def order(self, layer: int) -> list[int]:
        """The heads of a layer from left to right."""
        return list(self._orders[layer])

    def tile_rect(self, layer: int, head: int) -> QRectF:
        """Where a head is drawn."""
        grid, column = self._grid(), self._orders[layer].index(head)
        return QRectF(grid.left + column * grid.pitch, grid.top + layer * grid.line, grid.tile, grid.tile)

    def head_at(self, point: QPointF) -> Head | None:
        """The head there."""
        block = self._block
        if block is None:
            return None
        grid = self._grid()
        column, layer = int((point.x() - grid.left) // grid.pitch), int((point.y() - grid.top) // grid.line)
        if not (0 <= layer < block.num_layers and 0 <= column < block.num_heads):
            return None
        return layer, self._orders[layer][column]

    def _sort(self) -> None:
        block = self._block
        if block is None:
            return
        numbers = list(range(block.num_heads))
        self._orders = [list(numbers) for _ in range(block.num_layers)]
        if self._statistic:
            for layer, order in enumerate(self._orders):
                values = [block.statistic(self._statistic, layer, head) for head in numbers]
                order.sort(key=lambda head, of=values: -(of[head] if of[head] is not None else -1.0))  # type: ignore[misc]

    def _grid(self) -> AtlasGrid:
        assert self._block is not None
        layers, heads = self._block.num_layers, self._block.num_heads
        bar = _BAR if self._statistic else 0
        wide = (self.width() - _LEFT - 2) / heads - ATLAS_GAP
        high = (self.height() - _TOP - 2) / layers - ATLAS_GAP - bar
        tile = int(max(_LEAST_TILE, min(wide, high, _MOST_TILE)))
        left = max(_LEFT, (self.width() - heads * (tile + ATLAS_GAP)) / 2)
        top = max(_TOP, (self.height() - layers * (tile + bar + ATLAS_GAP)) / 2)
        return AtlasGrid(left=round(left), top=round(top), tile=tile, bar=bar)

    def _forget_image(self) -> None:
        self._image = None
        self.update()

    # Pointing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pressed = self._pressed
        if pressed is not None and (event.position() - pressed).manhattanLength() > _CLICK_PX:
            self._dragged = QRectF(pressed, event.position()).normalized()
            self._gathered = self._heads_in(self._dragged)
            self.update()
            return
        head = self.head_at(event.position())
        if head != self._pointed:
            self._pointed = head
            self.pointed.emit(head)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, dragged, self._pressed, self._dragged = self._pressed, self._dragged, None, None
        if pressed is None:
            return
        head = self.head_at(pressed)
        if dragged is not None and len(self._gathered) > 1:
            self.gathered.emit()
        elif head is not None and event.modifiers() & _COMPARES:
            self.compared.emit(*head)
        elif head is not None:
            self.chosen.emit(*head)
        self.update()

    def _heads_in(self, area: QRectF) -> tuple[Head, ...]:
        if self._block is None:
            return ()
        area = area.adjusted(-0.5, -0.5, 0.5, 0.5)  # straight along a row it has no height
        every = ((layer, head) for layer in range(self._block.num_layers) for head in self._orders[layer])
        return tuple(head for head in every if self.is_kept(head) and self.tile_rect(*head).intersects(area))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._block is None:
            return
        place = self._place.layer, self._place.head
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        head = place if is_key else self.head_at(QPointF(event.pos()))
        if head is not None:
            at = self.mapToGlobal(self.tile_rect(*head).center().toPoint()) if is_key else event.globalPos()
            self.menu_asked.emit(*head, at)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.pointed.emit(None)
        self.update()

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(360, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 140)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._image = None

    def paintEvent(self, event: QPaintEvent) -> None:
        block = self._block
        if block is None:
            return
        painter = QPainter(self)
        grid = self._grid()
        image = self._texture(block, grid)
        size = image.deviceIndependentSize()
        painter.drawImage(QRectF(grid.left, grid.top, size.width(), size.height()), image)
        self._paint_numbers(painter, block, grid)
        self._paint_bars(painter, block, grid)
        self._paint_faded(painter, block)
        self._paint_factors(painter, block)
        if self._dragged is not None or len(block.chosen) > 1:
            painter.setPen(QPen(theme().colour("link"), 1.5, Qt.PenStyle.DotLine))
            for gathered in self._gathered if self._dragged is not None else block.chosen:
                painter.drawRect(self.tile_rect(*gathered).adjusted(-1, -1, 1, 1))
        # Of a difference A − B: red is where A looks more, blue where B does, as in the matrix.
        own, rival = ("accent", "bad") if self._rival is None else ("bad", "accent")
        for head, role in (
            (self._rival, rival),
            (self._pointed, "text"),
            ((self._place.layer, self._place.head), own),
        ):
            if head is not None and head[0] < block.num_layers and head[1] < block.num_heads:
                painter.setPen(QPen(theme().colour(role), 2))
                painter.drawRect(self.tile_rect(*head).adjusted(-1, -1, 1, 1))
        if self._rival is not None:  # the sentence below and the legend speak of A − B
            self._paint_letter(painter, "A", (self._place.layer, self._place.head))
            self._paint_letter(painter, "B", self._rival)

    def _paint_letter(self, painter: QPainter, letter: str, head: Head) -> None:
        rect = self.tile_rect(*head)
        label = QRectF(rect.left(), rect.top(), min(rect.width(), 14.0), min(rect.height(), 15.0))
        painter.fillRect(label, theme().colour("panel"))
        painter.setPen(theme().colour("text"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, letter)

    def _texture(self, block: Block, grid: AtlasGrid) -> QImage:
        """All tiles in device pixels; a gap is clear."""
        ratio = self.devicePixelRatioF()
        if self._image is None or self._image.devicePixelRatio() != ratio:
            side, gap, bar = (round(part * ratio) for part in (grid.tile, ATLAS_GAP, grid.bar))
            tiles = self._pooled(block, side)
            rows, columns = (np.arange(side) * tiles.shape[axis] // side for axis in (2, 3))
            table = words(self._scale, self._high, theme().palette)
            layers, heads = block.num_layers, block.num_heads
            pixels: NDArray[np.uint32] = np.zeros((layers, side + bar + gap, heads, side + gap), dtype=np.uint32)
            order = np.array(self._orders)
            sorted_tiles = np.take_along_axis(tiles, order[:, :, None, None], axis=1)
            shown = table[sorted_tiles[:, :, rows][:, :, :, columns]]  # [L, H, side, side]
            seen = self._seen(block, side)
            if seen is not None:
                shown = np.where(seen, shown, np.uint32(theme().colour("raised").rgba()))
            pixels[:, :side, :, :side] = shown.transpose(0, 2, 1, 3)
            self._image = image_of(pixels.reshape(layers * (side + bar + gap), heads * (side + gap)))
            self._image.setDevicePixelRatio(ratio)
        return self._image

    def _pooled(self, block: Block, side: int) -> NDArray[np.uint8]:
        """Every head at no more cells than a tile has pixels, [L, H, n, m]; kept, as it is far dearer than colours."""
        if self._tiles is None or self._tiles[0] is not block or self._tiles[1] != side:
            picture = block.picture
            if self._left_out(block):
                picture = picture.copy()
                picture[..., list(self._hidden)] = 0
            self._tiles = block, side, pooled(picture, rows=side, columns=side)
        return self._tiles[2]

    def _left_out(self, block: Block) -> tuple[int, ...]:
        return self._hidden if block.header.pooled == 1 else ()

    def _seen(self, block: Block, side: int) -> NDArray[np.bool_] | None:
        """What may be looked at, as a tile shows it, [L, 1, side, side]."""
        shape = len(block.header.queries), len(block.header.keys)
        hidden = self._left_out(block)
        masks = [without_keys(block.allowed(layer), hidden, shape) for layer in range(block.num_layers)]
        if all(mask is None for mask in masks):
            return None
        found = np.ones((block.num_layers, 1, side, side), dtype=bool)
        for layer, mask in enumerate(masks):
            if mask is not None:
                small = pooled(mask.astype(np.uint8), rows=side, columns=side)
                rows, columns = (np.arange(side) * small.shape[axis] // side for axis in (0, 1))
                found[layer, 0] = small[rows][:, columns] > 0
        return found

    def _paint_numbers(self, painter: QPainter, block: Block, grid: AtlasGrid) -> None:
        painter.setFont(self.font())
        height = painter.fontMetrics().height()
        every = max(1, -(-(height + 2) // grid.line))
        for layer in range(0, block.num_layers, every):
            painter.setPen(theme().colour("text" if layer == self._place.layer else "muted"))
            middle = grid.top + layer * grid.line + grid.tile / 2
            painter.drawText(QRectF(0, middle - 8, grid.left - 6, 16), _RIGHT, str(layer))
        if self._statistic:
            self._paint_own_numbers(painter, block, grid)
            return  # the heads of a column are not of one number
        wide = painter.fontMetrics().horizontalAdvance("00") + 6
        for head in range(0, block.num_heads, max(1, -(-wide // grid.pitch))):
            painter.setPen(theme().colour("text" if head == self._place.head else "muted"))
            middle = grid.left + head * grid.pitch + grid.tile / 2
            painter.drawText(QRectF(middle - 16, grid.top - 18, 32, 16), Qt.AlignmentFlag.AlignCenter, str(head))

    def _paint_own_numbers(self, painter: QPainter, block: Block, grid: AtlasGrid) -> None:
        """On each tile its head's number, in its corner, as small as the tile wants it."""
        small = font("small")
        small.setPixelSize(max(_LEAST_NUMBER, min(small.pixelSize(), grid.tile // 2)))
        painter.setFont(small)
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance("00") > grid.tile:
            return
        for layer in range(block.num_layers):
            for head in range(block.num_heads):
                rect, text = self.tile_rect(layer, head), str(head)
                label = QRectF(0, 0, metrics.horizontalAdvance(text) + 3, metrics.ascent())
                label.moveTopRight(rect.topRight())
                veil = theme().colour("panel")
                veil.setAlpha(200)
                painter.fillRect(label, veil)
                is_held = (layer, head) == (self._place.layer, self._place.head)
                painter.setPen(theme().colour("text" if is_held else "muted"))
                painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(self.font())

    def _paint_bars(self, painter: QPainter, block: Block, grid: AtlasGrid) -> None:
        """Under each tile what its head is sorted by, as a share of the largest."""
        if not self._statistic:
            return
        every = [
            (layer, head, block.statistic(self._statistic, layer, head))
            for layer in range(block.num_layers)
            for head in range(block.num_heads)
        ]
        largest = max((value for _, _, value in every if value is not None), default=0.0) or 1.0
        for layer, head, value in every:
            rect = self.tile_rect(layer, head)
            if value is not None and value > 0:
                width = rect.width() * value / largest
                painter.fillRect(QRectF(rect.left(), rect.bottom() + 1, width, _BAR - 1), theme().colour("accent"))

    def _paint_faded(self, painter: QPainter, block: Block) -> None:
        veil = theme().colour("panel")
        veil.setAlpha(_VEIL)
        for layer in range(block.num_layers):
            for head in range(block.num_heads):
                if not self.is_kept((layer, head)):
                    painter.fillRect(self.tile_rect(layer, head).adjusted(0, 0, 0, _BAR), veil)

    def _paint_factors(self, painter: QPainter, block: Block) -> None:
        """A head that is off is hatched and says so; one that is scaled says by what, where there is room."""
        for (layer, head), factor in self._factors.items():
            if layer < block.num_layers and head < block.num_heads:
                rect = self.tile_rect(layer, head)
                if factor == 0:
                    paint_off(painter, rect)
                paint_tag(painter, rect, factor_text(factor))


_COMPARES = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
