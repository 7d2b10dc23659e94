"""What the colours of maps mean: a strip a map, with the numbers of its ends and of its middle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme
from ui.theme.colour_maps import ColourMapName
from ui.views._gates_colours import picture

_STRIP_WIDTH, _STRIP_HEIGHT, _GAP, _BETWEEN = 60, 10, 5, 14
_HEIGHT, _BELOW = 32, 13  # the number of a middle stands below its strip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One strip: what it is of, its map and the numbers at its ends; middle: a number marked in it. strength: how much
    of the map's colours there is in the panel's, as behind text."""

    caption: str
    colour_map: ColourMapName
    low: str
    high: str
    middle: str = ""
    strength: float = 1.0


class MapLegend(QWidget):
    """As many scales as there are maps in the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scales: tuple[Scale, ...] = ()
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def set_scales(self, scales: tuple[Scale, ...]) -> None:
        """Show these."""
        if scales != self._scales:
            self._scales = scales
            told = "; ".join(f"{one.caption} {one.low} – {one.high}" for one in scales)
            self.setAccessibleName(self.tr("Colours: {scales}").format(scales=told))
            self.updateGeometry()
            self.update()

    def scales(self) -> tuple[Scale, ...]:
        """What is shown."""
        return self._scales

    def sizeHint(self) -> QSize:
        between = _BETWEEN * max(0, len(self._scales) - 1)
        return QSize(sum(self._width(one) for one in self._scales) + between + 1, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _advance(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)

    def _width(self, scale: Scale) -> int:
        return (
            sum(self._advance(text) + _GAP for text in (scale.caption, scale.low))
            + _STRIP_WIDTH
            + _GAP
            + self._advance(scale.high)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 0.0
        for scale in self._scales:
            left = self._paint_scale(painter, scale, left) + _BETWEEN

    def _paint_scale(self, painter: QPainter, scale: Scale, left: float) -> float:
        centre = Qt.AlignmentFlag.AlignVCenter
        # The number of the middle stands under the strip, so all is moved up a little.
        height = self.height() - _BELOW
        for text, role in ((scale.caption, "text"), (scale.low, "muted")):
            painter.setPen(theme().colour(role))
            painter.drawText(QRectF(left, 0, self._advance(text) + 4, height), centre, text)
            left += self._advance(text) + _GAP
        strip = QRectF(left, (height - _STRIP_HEIGHT) / 2, _STRIP_WIDTH, _STRIP_HEIGHT)
        outline = QPainterPath()
        outline.addRoundedRect(strip, 3, 3)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(strip, theme().colour("panel"))
        painter.setOpacity(scale.strength)
        painter.drawImage(strip, _strip(scale.colour_map))
        painter.restore()
        painter.setPen(theme().colour("line"))
        painter.drawPath(outline)
        if scale.middle:
            x = strip.center().x()
            painter.setPen(theme().colour("muted"))
            painter.drawLine(QRectF(x, strip.bottom(), 0, 3).topLeft(), QRectF(x, strip.bottom() + 3, 0, 0).topLeft())
            below = QRectF(x - 20, strip.bottom() + 3, 40, _BELOW)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, scale.middle)
        left = strip.right() + _GAP
        painter.setPen(theme().colour("muted"))
        painter.drawText(QRectF(left, 0, self._advance(scale.high) + 4, height), centre, scale.high)
        return left + self._advance(scale.high)


def _strip(name: ColourMapName) -> QImage:
    return picture(np.arange(256, dtype=np.uint8)[None], name)
