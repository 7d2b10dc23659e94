"""How a head that is switched off or scaled looks, wherever it is drawn: hatched, and with the word."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from ui.lab.clamp_words import number
from ui.theme import theme

_VEIL = 215  # of 255: of what lies below, only a shade is left
_PAD = 3  # px


def factor_text(factor: float, *, is_long: bool = False) -> str:
    """off, or ×2; is_long: switched off, or scaled × 2."""
    if factor == 0:
        return _tr("switched off") if is_long else _tr("off")
    return _tr("scaled × {n}").format(n=number(factor)) if is_long else f"×{number(factor)}"


def paint_off(painter: QPainter, rect: QRectF) -> None:
    """Greyed and hatched, in a frame that no other head has: nothing that could be taken for small shares."""
    veil = theme().colour("raised")
    veil.setAlpha(_VEIL)
    painter.fillRect(rect, veil)
    painter.fillRect(rect, QBrush(theme().colour("warn"), Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(theme().colour("warn"), 1))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))


def paint_tag(painter: QPainter, rect: QRectF, text: str) -> None:
    """The word in the middle of the picture, where there is room for it."""
    metrics = painter.fontMetrics()
    tag = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * _PAD, metrics.height())
    if tag.width() > rect.width() or tag.height() > rect.height():
        return
    tag.moveCenter(rect.center())
    painter.fillRect(tag, theme().colour("panel"))
    painter.setPen(theme().colour("warn"))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("AttentionView", text)
