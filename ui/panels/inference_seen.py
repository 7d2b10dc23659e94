"""The input as the model sees it: its own pixels, large enough to count."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.panels.inference_pad import Pixels, to_image
from ui.theme import theme
from ui.widgets.labels import ElidedLabel
from ui.widgets.painting import draw_rounded

_SIDE = 84


class SeenThumbnail(QWidget):
    """A square with the model's own pixels; `size_text` says how many, and stands where the owner puts it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.size_text = ElidedLabel(style="small", role="muted")
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("As the model sees it"))
        self.setToolTip(self.tr("The input after it is centred, scaled and cut as the training data is."))
        theme().changed.connect(self.update)
        self.clear()

    def show_pixels(self, pixels: Pixels) -> None:
        """uint8 [H, W, C]."""
        self._image = to_image(pixels)
        self.size_text.setText(self.tr("{0} × {1} px").format(self._image.width(), self._image.height()))
        self.update()

    def clear(self) -> None:
        """Nothing seen yet."""
        self._image = None
        self.size_text.setText("")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(self.rect())
        if self._image is None:
            draw_rounded(painter, place, theme().palette.raised, radius=6)
            return
        outline = QPainterPath()
        outline.addRoundedRect(place, 6, 6)
        painter.setClipPath(outline)
        painter.fillRect(place, Qt.GlobalColor.black)
        size = self._image.size().toSizeF().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(place.topLeft(), size)
        target.moveCenter(place.center())
        painter.drawImage(target, self._image)
