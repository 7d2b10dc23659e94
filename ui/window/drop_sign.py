"""A frame over the window while something is dragged over it that can be dropped there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import theme
from ui.theme.fonts import font

_BORDER_PX, _INSET_PX, _RADIUS_PX, _PADDING_PX = 2, 6, 8, 16


class DropSign(QWidget):
    """Says in the middle what dropping will do; the drag goes on underneath."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.sentence = ""
        self.setVisible(False)

    def show_for(self, sentence: str) -> None:
        """Lie over the whole window with this sentence."""
        self.sentence = sentence
        self.setGeometry(self._window.rect())
        self.setVisible(True)
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, space = QPainter(self), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("accent"), _BORDER_PX, Qt.PenStyle.DashLine))
        frame = space.adjusted(_INSET_PX, _INSET_PX, -_INSET_PX, -_INSET_PX)
        painter.drawRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)
        painter.setFont(font("strong"))
        metrics = painter.fontMetrics()
        most = int(space.width()) - 6 * _PADDING_PX
        text = metrics.elidedText(self.sentence, Qt.TextElideMode.ElideMiddle, most)
        plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * _PADDING_PX, metrics.height() + _PADDING_PX)
        plate.moveCenter(space.center())
        painter.setPen(QPen(theme().colour("accent"), _BORDER_PX))
        painter.setBrush(theme().colour("panel"))
        painter.drawRoundedRect(plate, _RADIUS_PX, _RADIUS_PX)
        painter.setPen(theme().colour("text"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
