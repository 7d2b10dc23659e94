"""The network as a row of blocks: taller where the picture is larger, wider where there are more channels or units."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import font, mix, series_colour, theme
from ui.views._model_words import detail_text, kind_word, part_of, shape_text
from ui.widgets.numbers import whole
from ui.widgets.painting import draw_rounded
from workers.protocol import Layer

_HEIGHT, _TALLEST, _TOP, _LABEL = 128, 72, 20, 18
_LEAST_STEP = 26
_BACKWARD = "backward_"  # before the name of the layer that reads the other way


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The input, or a layer with those behind it that keep its shape. row: in the table, -1 for the input.

    is_both_ways: a layer that reads a text from its beginning and another that reads it from its end, side by side.
    """

    title: str
    shape: tuple[int, ...]
    row: int
    tooltip: str
    kind: str
    is_both_ways: bool = False


def blocks_of(layers: tuple[Layer, ...], input_shape: tuple[int, ...], *, input_title: str) -> list[Block]:
    """A block for the input and each layer that has weights or gives another shape; one for all of a repeated part."""
    blocks = [Block(title=input_title, shape=input_shape, row=-1, tooltip=shape_text(input_shape), kind="input")]
    part = ""
    for row, layer in enumerate(layers):
        before, part = part, part_of(layer.name)
        if part:
            if part != before:
                within = [one for one in layers if part_of(one.name) == part]
                blocks.append(_part_block(part, within, row=row))
            continue
        is_norm = "Norm" in layer.kind
        if layer.shape == blocks[-1].shape and (layer.parameters == 0 or is_norm):
            continue
        if layer.name.startswith(_BACKWARD):  # stands in the block of the one that reads forwards
            continue
        back = next((one for one in layers if one.name == f"{_BACKWARD}{layer.name}"), None)
        blocks.append(_layer_block(layer, back, row=row))
    return blocks


def _layer_block(layer: Layer, back: Layer | None, *, row: int) -> Block:
    """A layer; back: the one beside it that reads the text from its end, whose states stand behind its own."""
    words = [kind_word(layer.kind), detail_text(layer)]
    shape, parameters = layer.shape, layer.parameters
    lines = [f"{layer.name}: {' '.join(filter(None, words))}"]
    if back is not None:
        words[0] += " ⇄"
        shape, parameters = (*shape[:-1], shape[-1] + back.shape[-1]), parameters + back.parameters
        lines.append(f"{back.name}: {' '.join(filter(None, (kind_word(back.kind), detail_text(back))))}")
    lines.append(shape_text(shape))
    if parameters:
        lines.append(f"{whole(parameters)} parameters")
    return Block(
        title=words[0],
        shape=shape,
        row=row,
        tooltip="\n".join(lines),
        kind=layer.kind,
        is_both_ways=back is not None,
    )


def _part_block(part: str, layers: list[Layer], *, row: int) -> Block:
    kind, _, number = part.rpartition(".")
    words = kind.rpartition(".")[2].removesuffix("s").replace("_", " ")
    words = words.removesuffix(" block")
    title = f"{words[:1].upper()}{words[1:]} {int(number)}"
    count = sum(layer.parameters for layer in layers)
    lines = (f"{part}: {len(layers)} layers", shape_text(layers[-1].shape), f"{whole(count)} parameters")
    return Block(title=title, shape=layers[-1].shape, row=row, tooltip="\n".join(lines), kind="part")


class Diagram(QWidget):
    """Click a block to see its row."""

    layer_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks: list[Block] = []
        self._hovered = -1
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Network diagram"))
        theme().changed.connect(self.update)

    def set_blocks(self, blocks: list[Block]) -> None:
        """Draw these."""
        self._blocks = blocks
        self.update()

    def block_rects(self) -> list[QRectF]:
        """Where the blocks are; those that do not fit have none."""
        fitting = min(len(self._blocks), max(1, int((self.width() - 24) / _LEAST_STEP)))
        if fitting == 0:
            return []
        step = min(104.0, self.width() / fitting)
        left = (self.width() - step * fitting) / 2
        widest = max(5.0, min(40.0, step * 0.62))
        rects = []
        for number, block in enumerate(self._blocks[:fitting]):
            width, height = _extent(block.shape, widest=widest)
            centre = QPointF(left + (number + 0.5) * step, _TOP + _TALLEST / 2)
            rects.append(QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height))
        return rects

    def _at(self, point: QPointF) -> int:
        rects = self.block_rects()
        step = rects[1].center().x() - rects[0].center().x() if len(rects) > 1 else self.width()
        near = (number for number, rect in enumerate(rects) if abs(rect.center().x() - point.x()) <= step / 2)
        return next(near, -1)

    def sizeHint(self) -> QSize:
        return QSize(480, _HEIGHT)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._blocks[number].tooltip if number >= 0 else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number >= 0 and self._blocks[number].row >= 0:
            self.layer_chosen.emit(self._blocks[number].row)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rects = self.block_rects()
        if not rects:
            return
        step = rects[1].center().x() - rects[0].center().x() if len(rects) > 1 else 104.0
        self._paint_arrows(painter, rects)
        metrics = painter.fontMetrics()
        for number, (block, rect) in enumerate(zip(self._blocks, rects, strict=False)):
            self._paint_block(painter, block, rect, is_hovered=number == self._hovered)
            x = rect.center().x()
            above, below = _short_title(block.title), _tight(block.shape)
            for text, top, role in ((above, 0, "text"), (below, _TOP + _TALLEST + 8, "muted")):
                if metrics.horizontalAdvance(text) <= step - 4 or number == self._hovered:
                    half = max(step, metrics.horizontalAdvance(text) + 4) / 2
                    place = QRectF(min(max(0.0, x - half), self.width() - 2 * half), top, 2 * half, _LABEL)
                    if number == self._hovered:
                        painter.fillRect(place, theme().colour("panel"))
                    painter.setPen(theme().colour(role))
                    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        rest = len(self._blocks) - len(rects)
        if rest > 0:
            painter.setPen(theme().colour("muted"))
            painter.drawText(QRectF(self.width() - 40, 0, 40, _LABEL), Qt.AlignmentFlag.AlignRight, f"+{rest}")

    def _paint_arrows(self, painter: QPainter, rects: list[QRectF]) -> None:
        painter.setPen(QPen(theme().colour("faint"), 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for rect, after in itertools.pairwise(rects):
            left, right, y = rect.right() + 5, after.left() - 4, rect.center().y()
            if right - left >= 6:
                painter.drawLine(QPointF(left, y), QPointF(right, y))
                painter.drawPolyline([QPointF(right - 4, y - 4), QPointF(right, y), QPointF(right - 4, y + 4)])

    def _paint_block(self, painter: QPainter, block: Block, rect: QRectF, *, is_hovered: bool) -> None:
        colours = theme().palette
        colour = _colour(block.kind)
        if len(block.shape) == 3:  # a stack of maps
            behind = mix(colour, colours.panel, amount=0.6)
            for back in (4, 2):
                draw_rounded(painter, rect.translated(back, -back), colours.panel, radius=4)
                draw_rounded(painter, rect.translated(back, -back), behind, radius=3)
            draw_rounded(painter, rect.adjusted(-1, -1, 1, 1), colours.panel, radius=4)
        for part in _halves(rect) if block.is_both_ways else (rect,):
            draw_rounded(painter, part, mix(colour, colours.panel, amount=0.12), radius=3)
        if is_hovered:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("text"), 1.5))
            painter.drawRoundedRect(rect.adjusted(-1.5, -1.5, 1.5, 1.5), 4, 4)


def _extent(shape: tuple[int, ...], *, widest: float) -> tuple[float, float]:
    """Width and height in pixels, both by the logarithm."""
    if len(shape) == 3:
        channels, side = shape[0], max(shape[1:])
        width, height = _log_share(channels, 512) * widest, _log_share(side, 224) * _TALLEST
    else:
        width, height = 10.0, _log_share(math.prod(shape), 4096) * _TALLEST
    return max(6.0, min(width, widest)), max(8.0, min(height, _TALLEST))


def _halves(rect: QRectF) -> tuple[QRectF, QRectF]:
    """One above the other, a gap between them."""
    height = (rect.height() - 3) / 2
    upper = QRectF(rect.left(), rect.top(), rect.width(), height)
    return upper, upper.translated(0, height + 3)


def _log_share(value: int, most: int) -> float:
    return math.log2(value + 1) / math.log2(most + 1)


def _colour(kind: str) -> str:
    if kind.startswith("Conv"):
        return series_colour(0)
    if kind.startswith("Linear"):
        return series_colour(1)
    if kind == "part":
        return series_colour(2)
    return theme().palette.muted if "Pool" in kind or kind == "input" else theme().palette.faint


def _short_title(title: str) -> str:
    return {"Convolution": "Conv", "Average pool": "Avg pool"}.get(title, title)


def _tight(shape: tuple[int, ...]) -> str:
    return "×".join(f"{size:,}" for size in shape)
