"""What the self-painting widgets share: filled pills, the focus ring, wrapped text."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QPainter, QPen

from ui.theme import theme

KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def is_keyboard_focus(event: QFocusEvent) -> bool:
    """Whether the focus came by key: a click needs no ring, the pointer is already there."""
    return event.reason() in KEYBOARD_REASONS


def draw_rounded(painter: QPainter, rect: QRectF, colour: QColor | str, *, radius: float) -> None:
    """Fill a rounded rectangle; the radius gives way where the rectangle is smaller."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    radius = min(radius, rect.width() / 2, rect.height() / 2)
    painter.drawRoundedRect(rect, radius, radius)


def draw_focus_ring(painter: QPainter, rect: QRectF, *, radius: float, role: str = "focus") -> None:
    """A 2 px ring just inside ``rect``."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colour(role), 2))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius - 1, radius - 1)


def wrapped(text: str, *, metrics: QFontMetrics, width: int, max_lines: int) -> list[str]:
    """``text`` broken at its spaces into lines of ``width``; what is left over ends the last line in an ellipsis."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < max_lines - 1:
        line = words.pop(0)
        while words and metrics.horizontalAdvance(f"{line} {words[0]}") <= width:
            line += " " + words.pop(0)
        lines.append(line)
    rest = " ".join(words)
    return [*lines, metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)] if rest else lines
