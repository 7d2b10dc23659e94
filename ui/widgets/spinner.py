"""A turning arc while something that cannot say how far it is goes on."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme

_TICK_MS, _STEP_DEGREES = 33, 12


class Spinner(QWidget):
    """Turns while it is seen, and costs nothing while it is hidden."""

    def __init__(self, *, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._angle = 0
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self.setAccessibleName(self.tr("Working"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _on_tick(self) -> None:
        self._angle = (self._angle + _STEP_DEGREES) % 360
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def showEvent(self, event: QShowEvent) -> None:
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = max(1.75, self._size / 10)
        square = QRectF((self.width() - self._size) / 2, (self.height() - self._size) / 2, self._size, self._size)
        square.adjust(width, width, -width, -width)
        painter.setPen(QPen(theme().colour("raised"), width))
        painter.drawEllipse(square)
        painter.setPen(QPen(theme().colour("accent"), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(square, -self._angle * 16, 100 * 16)
