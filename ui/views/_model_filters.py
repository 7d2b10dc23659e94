"""The first convolution's filters as tiles: what the network looks for in the picture itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme
from ui.views._export import Table
from ui.views._surface_colours import index_image, to_index
from ui.widgets.numbers import number

Kernels = NDArray[np.float32]  # [K, C, H, W]
_GAP, _ROWS = 4, 2


class FilterTiles(QWidget):
    """Up to two rows. One input channel: weights through the diverging map; three: as a colour picture."""

    pointed = Signal(str)  # what lies under the pointer, in words; empty for nothing

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kernels: Kernels | None = None
        self._images: list[QImage] = []
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Filters of the first convolution"))
        theme().changed.connect(self._render)

    @property
    def reach(self) -> float:
        """The largest weight, whatever its sign."""
        return float(np.abs(self._kernels).max()) if self._kernels is not None and self._kernels.size else 0.0

    @property
    def num_kernels(self) -> int:
        """How many filters there are."""
        return len(self._images)

    @property
    def num_shown(self) -> int:
        """How many tiles there is room for."""
        _, columns = self._measures()
        return min(len(self._images), columns * _ROWS)

    def set_kernels(self, kernels: Kernels | None) -> None:
        """Show these, float32 [K, C, H, W]."""
        self._kernels = kernels
        self._render()
        side, columns = self._measures()
        rows = min(_ROWS, -(-len(self._images) // columns)) if self._images else 0
        self.setFixedHeight(max(1, rows * (side + _GAP) - _GAP))

    def table(self) -> Table | None:
        """Every weight."""
        kernels = self._kernels
        if kernels is None:
            return None
        rows = ((*place, float(weight)) for place, weight in np.ndenumerate(kernels))
        return Table(columns=("filter", "channel", "row", "column", "weight"), rows=rows)

    def _render(self) -> None:
        kernels, reach = self._kernels, self.reach or 1.0
        self._images = []
        if kernels is not None:
            for kernel in kernels:
                if kernel.shape[0] == 3:
                    self._images.append(_colour_image(kernel, reach=reach))
                else:
                    index = to_index(kernel.mean(axis=0), middle=0, reach=reach)
                    self._images.append(index_image(index[::-1]))
        self.update()

    def _measures(self) -> tuple[int, int]:
        """The side of a tile and how many stand in a row."""
        kernel_side = self._kernels.shape[-1] if self._kernels is not None else 3
        side = kernel_side * max(1, round(36 / kernel_side))
        return side, max(1, (self.width() + _GAP) // (side + _GAP))

    def tile_rect(self, position: int) -> QRect:
        """Where a filter's tile is."""
        side, columns = self._measures()
        row, column = divmod(position, columns)
        return QRect(column * (side + _GAP), row * (side + _GAP), side, side)

    def words_at(self, point: QPoint) -> str:
        """The filter there, the weight's place and the weight of each channel."""
        kernels = self._kernels
        if kernels is None:
            return ""
        for position in range(self.num_shown):
            tile = self.tile_rect(position)
            if tile.contains(point):
                height, width = kernels.shape[2:]
                row = (point.y() - tile.top()) * height // tile.height()
                column = (point.x() - tile.left()) * width // tile.width()
                weights = "   ".join(number(float(weight)) for weight in kernels[position, :, row, column])
                place = self.tr("filter {n}, row {row}, column {column}")
                return f"{place.format(n=position + 1, row=row + 1, column=column + 1)}   ·   {weights}"
        return ""

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self.words_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit("")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme().colour("line"))
        for position in range(self.num_shown):
            tile = self.tile_rect(position)
            painter.drawImage(tile, self._images[position])
            painter.drawRect(tile.adjusted(0, 0, -1, -1))


def _colour_image(kernel: Kernels, *, reach: float) -> QImage:
    """[3, H, W] with 0 as middle grey."""
    pixels = np.clip(kernel / reach * 127.5 + 127.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    height, width, _ = pixels.shape
    data = np.ascontiguousarray(pixels).tobytes()
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
