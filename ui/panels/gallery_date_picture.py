"""The picture of dates in the gallery: as people write them and as ISO, year, month and day in a colour each."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ui.theme import class_colour, font, mix, theme

# What is written, piece by piece, each with what it says: 0 year, 1 month, 2 day, -1 neither.
_WRITTEN = (
    (("vendredi ", -1), ("7", 2), (" mars", 1), (" 2031", 0)),
    (("2031", 0), ("年", -1), ("3", 1), ("月", -1), ("7", 2), ("日", -1)),
    (("пт, ", -1), ("7", 2), (" мар.", 1), (" 2031", 0)),
    (("Fr., ", -1), ("7", 2), (". März", 1), (" 2031", 0)),
)
_ISO = (("2031", 0), ("-", -1), ("03", 1), ("-", -1), ("07", 2))


def paint_dates(painter: QPainter, rect: QRectF) -> None:
    """A date in each row, and on the right the one that all of them say."""
    size = max(8.0, rect.height() / 9)
    letters = font("body")
    letters.setPixelSize(round(size))
    letters.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetricsF(letters)
    painter.setFont(letters)
    pitch = rect.height() / (len(_WRITTEN) + 0.6)
    left, right = rect.left() + size * 1.4, rect.right() - size * 1.4
    for row, pieces in enumerate(_WRITTEN):
        baseline = rect.center().y() + (row - (len(_WRITTEN) - 1) / 2) * pitch + metrics.capHeight() / 2
        _draw(painter, metrics, QPointF(left, baseline), pieces)
    width = sum(metrics.horizontalAdvance(text) for text, _ in _ISO)
    middle = rect.center().y() + metrics.capHeight() / 2
    painter.setPen(QColor(theme().palette.muted))
    painter.drawText(QPointF(right - width - size * 1.8, middle), "→")
    _draw(painter, metrics, QPointF(right - width, middle), _ISO)


def _draw(painter: QPainter, metrics: QFontMetricsF, at: QPointF, pieces: tuple[tuple[str, int], ...]) -> None:
    palette = theme().palette
    for text, part in pieces:
        painter.setPen(QColor(class_colour(part) if part >= 0 else mix(palette.input, palette.text, amount=0.6)))
        painter.drawText(at, text)
        at = at + QPointF(metrics.horizontalAdvance(text), 0)
