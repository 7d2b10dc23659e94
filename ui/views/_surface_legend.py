"""What the colours of a decision surface mean: strips with numbers and the names of classes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import font, theme

_STRIP_HEIGHT, _GAP, _BETWEEN = 10, 6, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One strip, the texts at its sides, and how long it is."""

    strip: QImage
    after: str
    before: str = ""
    length: int = 32


class SurfaceLegend(QWidget):
    """A caption and as many entries as fit; the rest is counted, and all are told on hover."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = ""
        self._entries: tuple[Entry, ...] = ()
        self.setFont(font("small"))
        self.setFixedHeight(20)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_entries(self, caption: str, entries: tuple[Entry, ...]) -> None:
        """Show these."""
        self._caption, self._entries = caption, entries
        self.setAccessibleName(" ".join([caption, *(f"{entry.before} {entry.after}".strip() for entry in entries)]))
        self.update()

    def _advance(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + _GAP if text else 0

    def _width(self, entry: Entry) -> int:
        return self._advance(entry.before) + entry.length + _GAP + self._advance(entry.after) - _GAP

    def _shown_caption(self) -> str:
        """The caption gives way before the entries do; it is told on hover then."""
        return self._caption if self._num_fitting(self._caption) == len(self._entries) else ""

    def _num_fitting(self, caption: str) -> int:
        left = self._advance(caption)
        for count, entry in enumerate(self._entries):
            is_last = count == len(self._entries) - 1
            room = self.width() - (0 if is_last else self._advance("+99"))
            if left + self._width(entry) > room:
                return count
            left += self._width(entry) + _BETWEEN
        return len(self._entries)

    def sizeHint(self) -> QSize:
        return QSize(280, 20)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            names = [f"{entry.before} {entry.after}".strip() for entry in self._entries]
            is_whole = self._num_fitting(self._caption) == len(self._entries)
            QToolTip.showText(event.globalPos(), "" if is_whole else "\n".join([self._caption, *names]), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        caption = self._shown_caption()
        left = float(self._paint_text(painter, 0, caption))
        fitting = self._num_fitting(caption)
        for entry in self._entries[:fitting]:
            left += self._paint_text(painter, left, entry.before)
            strip = QRectF(left, (self.height() - _STRIP_HEIGHT) / 2, entry.length, _STRIP_HEIGHT)
            outline = QPainterPath()
            outline.addRoundedRect(strip, 3, 3)
            painter.save()
            painter.setClipPath(outline)
            painter.drawImage(strip, entry.strip)
            painter.restore()
            painter.setPen(theme().colour("line"))
            painter.drawPath(outline)
            left = strip.right() + _GAP
            left += self._paint_text(painter, left, entry.after) - _GAP + _BETWEEN
        if fitting < len(self._entries):
            self._paint_text(painter, left, f"+{len(self._entries) - fitting}")

    def _paint_text(self, painter: QPainter, left: float, text: str) -> int:
        if not text:
            return 0
        painter.setPen(theme().colour("muted"))
        advance = self._advance(text)
        painter.drawText(QRectF(left, 0, advance + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        return advance


def flat_strip(colour: QColor) -> QImage:
    """A strip of one colour."""
    image = QImage(1, 1, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image
