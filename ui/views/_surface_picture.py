"""How the decision surface's parts are arranged: what is exported, and small drawings beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from modellab.data.base import Sample
from ui.views._surface_data import Surface
from ui.views._surface_network import HEAD, NetworkTiles
from ui.views._surface_plot import Axes, SurfacePlot
from ui.views._surface_points import Points, draw_point


class Picture(QWidget):
    """Tiles left, the large surface right as a square, lines of text below: what is exported."""

    def __init__(self, tiles: QScrollArea, plot: SurfacePlot, *, below: tuple[QWidget, QWidget, QWidget]) -> None:
        super().__init__()
        self._tiles, self._plot, self._below = tiles, plot, below
        for widget in (tiles, plot, *below):
            widget.setParent(self)
        self._has_network = False

    def set_network_shown(self, is_shown: bool) -> None:
        """The tiles have something to show, or leave their room to the plot."""
        if is_shown != self._has_network:
            self._has_network = is_shown
            self._place()

    def _place(self) -> None:
        readout, legend, note = self._below
        width, height = self.width(), self.height()
        body = height - 52
        self._tiles.setVisible(self._has_network)
        if not self._has_network:
            self._plot.setGeometry(0, 0, width, body)
        elif body > width:
            self._place_below(width, body)
        else:
            self._place_beside(width, body)
        note_width = min(note.sizeHint().width() + 8, width // 2)
        readout.setGeometry(0, height - 48, width, 20)
        legend.setGeometry(0, height - 22, width - note_width, 20)
        note.setGeometry(width - note_width, height - 22, note_width, 20)

    def _place_beside(self, width: int, body: int) -> None:
        plot_width = min(body + 12, round(width * 0.62))
        self._plot.setGeometry(width - plot_width, 0, plot_width, body)
        self._tiles.setGeometry(0, 0, width - plot_width - 4, body)
        # The tiles' middle is level with the surface's.
        middle = round(self._plot.square().center().y())
        self._give_room(QSize(width - plot_width - 4, body - 12), level=min(body - 12, 2 * middle - HEAD))

    def _place_below(self, width: int, body: int) -> None:
        """Where the view is narrow and high: the surface above, the tiles below."""
        plot_height = min(width, round(body * 0.6))
        self._plot.setGeometry(0, 0, width, plot_height)
        self._tiles.setGeometry(0, plot_height + 4, width, body - plot_height - 4)
        self._give_room(QSize(width, body - plot_height - 16), level=body - plot_height - 16)

    def _give_room(self, room: QSize, *, level: int) -> None:
        tiles = self._tiles.widget()
        assert isinstance(tiles, NetworkTiles)
        tiles.set_room(room, level=level)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)


def axes_of(sample: Sample, surface: Surface | None) -> Axes:
    names = input_names(sample)
    if surface is not None:
        return Axes(low=surface.low, high=surface.high, names=names)
    low, high = (sample.low or (-1.0, -1.0)), (sample.high or (1.0, 1.0))
    margins = [0.1 * ((high[k] - low[k]) or 1.0) for k in range(2)]
    return Axes(
        low=(low[0] - margins[0], low[1] - margins[1]), high=(high[0] + margins[0], high[1] + margins[1]), names=names
    )


def axes_through(points: Points, sample: Sample) -> Axes:
    """Round whatever points there are, as after normalisation."""
    low, high = points.inputs.min(axis=0), points.inputs.max(axis=0)
    margin = 0.1 * np.maximum(high - low, 1e-6)
    bounds = [(float(low[k] - margin[k]), float(high[k] + margin[k])) for k in range(2)]
    return Axes(low=(bounds[0][0], bounds[1][0]), high=(bounds[0][1], bounds[1][1]), names=input_names(sample))


def input_names(sample: Sample) -> tuple[str, str]:
    return (sample.features[0], sample.features[1]) if len(sample.features) == 2 else ("x₁", "x₂")


def point_icon(colour: QColor, *, is_ring: bool, rim: QColor) -> QIcon:
    pixmap = QPixmap(28, 28)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_point(painter, QPointF(7, 7), colour, radius=4, is_ring=is_ring, rim=rim)
    painter.end()
    return QIcon(pixmap)
