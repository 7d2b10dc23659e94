"""What the colours of a map mean: its strip, with the numbers of its ends."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, theme

if TYPE_CHECKING:
    from ui.theme.colour_maps import ColourMapName

_STRIP, _GAP = 10, 8


class ColourLegend(QWidget):
    """``caption  low [strip] high``: the colour map by name, so that it follows the theme."""

    def __init__(
        self,
        colour_map_name: "ColourMapName",
        *,
        low: str,
        high: str,
        caption: str = "",
        strip_width: int = 120,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = colour_map_name
        self._strip_width = strip_width
        self._low, self._high, self._caption = low, high, caption
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_range(self, low: str, high: str) -> None:
        """Other numbers at the ends."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self._describe()
            self.updateGeometry()
            self.update()

    def set_colour_map(self, name: "ColourMapName") -> None:
        self._name = name
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        from ui.theme.colour_maps import colour_map  # numpy only when a legend is made: it costs a start 60 ms

        self._strip = QImage(colour_map(self._name).tobytes(), 256, 1, QImage.Format.Format_RGBA8888).copy()
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(self.tr("Colours from {low} to {high}").format(low=self._low, high=self._high))

    def _widths(self) -> list[int]:
        advance = self.fontMetrics().horizontalAdvance
        return [advance(text) + _GAP if text else 0 for text in (self._caption, self._low, self._high)]

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + self._strip_width + 1, max(16, self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        caption, low, high = self._widths()
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme().colour("muted"))
        painter.drawText(QRectF(0, 0, caption, self.height()), centre, self._caption)
        painter.drawText(QRectF(caption, 0, low, self.height()), centre, self._low)
        strip = QRectF(caption + low, (self.height() - _STRIP) / 2, self._strip_width, _STRIP)
        painter.drawText(QRectF(strip.right() + _GAP, 0, high, self.height()), centre, self._high)
        # A map begins in the panel's own colour: a hairline tells where.
        outline = QPainterPath()
        outline.addRoundedRect(strip, 3, 3)
        painter.save()
        painter.setClipPath(outline)
        painter.drawImage(strip, self._strip)
        painter.restore()
        painter.setPen(theme().colour("line"))
        painter.drawPath(outline)
