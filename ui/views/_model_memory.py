"""What training will need: the memory as one stacked bar with its parts and their numbers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import font, series_colour, theme
from ui.views._model_words import part_word
from ui.widgets.numbers import size, whole
from ui.widgets.painting import draw_rounded

_BAR, _ROW = 12, 20
_COLOURS = (5, 0, 2, 1, 7)


class MemoryBar(QWidget):
    """Parts in the order given; the names below wrap into as many lines as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[tuple[str, int]] = []
        self.setFont(font("small"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    def set_parts(self, parts: dict[str, int]) -> None:
        """Bytes by part; empty ones are left out."""
        self._parts = [(part_word(name), num_bytes) for name, num_bytes in parts.items() if num_bytes]
        total = size(sum(parts.values()))
        self.setAccessibleName(self.tr("Memory {total}").format(total=total))
        self._take_height()
        self.update()

    def _places(self, width: int) -> list[QRectF]:
        """Where each part's name stands."""
        places, left, top = [], 0.0, _BAR + 6.0
        for name, num_bytes in self._parts:
            advance = 14 + self.fontMetrics().horizontalAdvance(f"{name} {size(num_bytes)}") + 16
            if left and left + advance - 16 > width:
                left, top = 0.0, top + _ROW
            places.append(QRectF(left, top, advance, _ROW))
            left += advance
        return places

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return round(places[-1].bottom()) if places else _BAR

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(400))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_height()

    def _take_height(self) -> None:
        """Of all lines: a layout within a layout asks for the height of the hint alone, and would cut the last."""
        self.setFixedHeight(self.heightForWidth(self.width()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            lines = [f"{name}: {whole(num_bytes)} bytes" for name, num_bytes in self._parts]
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        total = sum(num_bytes for _, num_bytes in self._parts)
        if not total:
            return
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(0, 0, self.width(), _BAR), 4, 4)
        painter.setClipPath(outline)
        left = 0.0
        for number, (_, num_bytes) in enumerate(self._parts):
            width = self.width() * num_bytes / total
            painter.fillRect(QRectF(left, 0, max(0.0, width - 1), _BAR), series_colour(_COLOURS[number % 5]))
            left += width
        painter.setClipping(False)
        for number, ((name, num_bytes), place) in enumerate(zip(self._parts, self._places(self.width()), strict=True)):
            dot = QRectF(place.left(), place.center().y() - 4, 8, 8)
            draw_rounded(painter, dot, series_colour(_COLOURS[number % 5]), radius=2)
            painter.setPen(theme().colour("muted"))
            text = place.adjusted(14, 0, 0, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(theme().colour("text"))
            text.adjust(self.fontMetrics().horizontalAdvance(name + " "), 0, 4, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, size(num_bytes))
