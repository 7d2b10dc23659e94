"""The network as tiles, layer by layer from left to right: each hidden unit's activation over the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import font, theme
from ui.views._surface_colours import Bytes, index_image, to_index
from ui.views._surface_data import Surface, unit_reaches
from ui.widgets.focus_ring import FocusRing

HEAD, _GAP = 40, 4
_LAYER_GAPS = (20, 10)  # the narrower one before the tiles get too small to tell apart
_LARGEST, _LEAST = 80, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A layer's place: its tiles' rectangles in unit order; the one past the last, if any, says how many more there
    are."""

    rect: QRect
    tiles: tuple[QRect, ...]
    more: QRect | None = None


def arrange(shown: tuple[int, ...], *, hidden: tuple[int, ...], width: int, height: int) -> list[Block]:
    """Place `shown` tiles a layer (and a cell for `hidden` ones) in columns; the largest tiles that fit the width.

    What does not fit at the least size is wider than `width`: it scrolls.
    """
    cells = [count + (1 if rest else 0) for count, rest in zip(shown, hidden, strict=True)]
    room = max(_LEAST, height - HEAD - 2)
    sizes = [(side, gap) for gap in _LAYER_GAPS for side in range(_LARGEST, _LEAST - 1, -2)]
    fitting = (size for size in sizes if _width(cells, size, room) <= width)
    side, gap = size = next(fitting, sizes[-1])
    num_rows = _num_rows(side, room)
    blocks, left = [], max(0, (width - _width(cells, size, room)) // 2)
    for count, rest, num_cells in zip(shown, hidden, cells, strict=True):
        columns = max(1, -(-num_cells // num_rows))
        rows = -(-num_cells // columns)
        top = HEAD + (room - rows * (side + _GAP) + _GAP) // 2
        places = [
            QRect(left + place % columns * (side + _GAP), top + place // columns * (side + _GAP), side, side)
            for place in range(num_cells)
        ]
        block_width = columns * (side + _GAP) - _GAP
        rect = QRect(left, top - HEAD, block_width, rows * (side + _GAP) - _GAP + HEAD)
        blocks.append(Block(rect=rect, tiles=tuple(places[:count]), more=places[count] if rest else None))
        left += block_width + gap
    return blocks


def _num_rows(side: int, room: int) -> int:
    return max(1, (room + _GAP) // (side + _GAP))


def _width(cells: list[int], size: tuple[int, int], room: int) -> int:
    side, gap = size
    num_rows = _num_rows(side, room)
    columns = sum(max(1, -(-count // num_rows)) for count in cells)
    return columns * (side + _GAP) - _GAP * len(cells) + gap * (len(cells) - 1)


class NetworkTiles(FocusRing, QWidget):
    """Hover a tile to preview it, click to hold it; the arrow keys walk, Enter holds.

    Layers and units are counted from 0.
    """

    unit_pointed = Signal(int, int)
    pointing_ended = Signal()
    unit_chosen = Signal(int, int)
    walked = Signal(QRect)  # to a tile by key: it is to be scrolled into view

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surface: Surface | None = None
        self._blocks: list[Block] = []
        self._images: list[QImage] = []
        self._room, self._level = QSize(300, 400), 400
        self._held: tuple[int, int] | None = None
        self._pointed: tuple[int, int] | None = None
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Hidden units"))
        theme().changed.connect(self._on_theme_changed)

    def set_surface(self, surface: Surface | None) -> None:
        """Another surface, often of the same network a moment later."""
        before, self._surface = self._surface, surface
        if _counts(before) != _counts(surface):
            self._arrange()
        self._images = [_atlas(maps) for maps in surface.units] if surface else []
        self.update()

    def set_room(self, room: QSize, *, level: int) -> None:
        """The viewport: tiles are as large as fit it; they use `level` of its height unless they have to scroll."""
        if (room, level) != (self._room, self._level):
            self._room, self._level = room, level
            self._arrange()

    def set_held(self, unit: tuple[int, int] | None) -> None:
        """The (layer, unit) that the focus holds."""
        if unit != self._held:
            self._held = unit
            self.update()

    def tile_rect(self, layer: int, unit: int) -> QRect:
        """Where a unit's tile is."""
        return self._blocks[layer].tiles[unit]

    def _arrange(self) -> None:
        shown, hidden = _counts(self._surface)
        width = self._room.width()
        self._blocks = arrange(shown, hidden=hidden, width=width, height=self._level)
        right = max((block.rect.right() + 1 for block in self._blocks), default=0)
        if right > width:
            self._blocks = arrange(shown, hidden=hidden, width=width, height=self._room.height())
            right = max(block.rect.right() + 1 for block in self._blocks)
        bottom = max((block.rect.bottom() + 1 for block in self._blocks), default=0)
        self.setFixedSize(max(self._room.width(), right), max(self._room.height(), bottom))
        self.update()

    def _on_theme_changed(self) -> None:
        self.set_surface(self._surface)

    def _unit_at(self, at: QPointF) -> tuple[int, int] | None:
        point = at.toPoint()
        for layer, block in enumerate(self._blocks):
            if block.rect.contains(point):
                for unit, tile in enumerate(block.tiles):
                    if tile.contains(point):
                        return layer, unit
        return None

    def _point(self, unit: tuple[int, int] | None) -> None:
        if unit == self._pointed:
            return
        self._pointed = unit
        self.update()
        if unit is None:
            self.pointing_ended.emit()
        else:
            self.unit_pointed.emit(*unit)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            point = event.pos()
            text = next(
                (self._more_text(n) for n, b in enumerate(self._blocks) if b.more and b.more.contains(point)), ""
            )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _more_text(self, layer: int) -> str:
        assert self._surface is not None
        shown, total = len(self._surface.units[layer]), self._surface.num_units[layer]
        return self.tr("The first {shown:,} of {total:,} units are shown").format(shown=shown, total=total)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self._unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self.unit_chosen.emit(*unit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        key = Qt.Key(event.key())
        if key in steps and self._blocks:
            self._shows_ring = True
            self._walk(*steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._pointed:
            self.unit_chosen.emit(*self._pointed)
        else:
            super().keyPressEvent(event)

    def _walk(self, dx: int, dy: int) -> None:
        """To the nearest tile in that direction."""
        start = self._pointed or self._held
        if start is None:
            self._point((0, 0) if self._blocks[0].tiles else None)
            return
        here = self.tile_rect(*start).center()
        best: tuple[float, tuple[int, int]] | None = None
        for layer, block in enumerate(self._blocks):
            for unit, tile in enumerate(block.tiles):
                away = tile.center() - here
                along, across = away.x() * dx + away.y() * dy, abs(away.x() * dy) + abs(away.y() * dx)
                if along > 0 and (best is None or along + 3 * across < best[0]):
                    best = (along + 3 * across, (layer, unit))
        if best is not None:
            self._point(best[1])
            self.walked.emit(self.tile_rect(*best[1]))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._shows_ring and self._pointed is None and self._blocks and self._blocks[0].tiles:
            self._point(self._held or (0, 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        had_ring = self._shows_ring
        super().focusOutEvent(event)
        if had_ring:
            self._point(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for layer, (block, image) in enumerate(zip(self._blocks, self._images, strict=True)):
            if not block.rect.adjusted(-20, -20, 20, 20).intersects(event.rect()):
                continue
            self._paint_head(painter, layer, block)
            num_units = max(1, len(block.tiles))
            side = image.height() / num_units
            for unit, tile in enumerate(block.tiles):
                painter.drawImage(QRectF(tile), image, QRectF(0.5, unit * side + 0.5, image.width() - 1, side - 1))
            # A unit that is silent is the panel's own colour: a hairline tells where it is.
            painter.setPen(theme().colour("line"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects([tile.adjusted(0, 0, -1, -1) for tile in block.tiles])
            if block.more is not None:
                painter.fillRect(block.more, theme().colour("raised"))
                painter.setPen(theme().colour("muted"))
                text = f"+{self._surface.num_units[layer] - num_units:,}" if self._surface else ""
                painter.drawText(block.more, Qt.AlignmentFlag.AlignCenter, text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_arrows(painter)
        self._paint_ring(painter, self._held, theme().colour("accent"))
        self._paint_ring(painter, self._pointed, theme().colour("focus" if self._shows_ring else "text"))

    def _paint_ring(self, painter: QPainter, unit: tuple[int, int] | None, colour: QColor) -> None:
        if unit is not None and unit[0] < len(self._blocks) and unit[1] < len(self._blocks[unit[0]].tiles):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 2))
            painter.drawRoundedRect(QRectF(self.tile_rect(*unit)).adjusted(-1, -1, 1, 1), 3, 3)

    def _paint_head(self, painter: QPainter, layer: int, block: Block) -> None:
        assert self._surface is not None
        metrics = QFontMetrics(painter.font())
        room = block.rect.width() + _LAYER_GAPS[-1] - 4
        count = self._surface.num_units[layer]
        names = (self.tr("Hidden {n}").format(n=layer + 1), self.tr("H{n}").format(n=layer + 1))
        counts = (self.tr("{n} units").format(n=f"{count:,}"), f"{count:,}")
        middle = block.rect.center().x()
        for row, (texts, role) in enumerate(((names, "text"), (counts, "muted"))):
            text = next((text for text in texts if metrics.horizontalAdvance(text) <= room), texts[-1])
            painter.setPen(theme().colour(role))
            place = QRect(middle - room // 2, block.rect.top() + 16 * row, room, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_arrows(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme().colour("faint"), 1.25))
        for block, after in zip(self._blocks, self._blocks[1:], strict=False):
            if after.rect.left() - block.rect.right() < _LAYER_GAPS[0]:
                continue
            x = (block.rect.right() + after.rect.left() + 1) / 2
            y = block.tiles[0].top() + (block.rect.bottom() - block.tiles[0].top()) / 2
            painter.drawPolyline([QPointF(x - 2.5, y - 5), QPointF(x + 2.5, y), QPointF(x - 2.5, y + 5)])


def _counts(surface: Surface | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if surface is None:
        return (), ()
    shown = tuple(len(maps) for maps in surface.units)
    return shown, tuple(total - count for total, count in zip(surface.num_units, shown, strict=True))


def _atlas(maps: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> QImage:
    """All units [U, r, r] of a layer below one another, unit 0 on top."""
    reaches = unit_reaches(maps)[:, None, None]
    index: Bytes = to_index(maps / reaches, middle=0, reach=1)
    return index_image(index[::-1].reshape(-1, maps.shape[2]))
