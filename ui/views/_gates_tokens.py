"""Tokens for the eye: what cannot be seen gets a sign, what cannot stand alone gets a place, and labels thin out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from ui.theme import font, theme
from ui.views._gates_window import Axis

HEIGHT = 17
_SIGNS = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥", "\u00a0": "⍽"}
_MOST_LETTERS = 14
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def shown(token: str) -> str:
    """A token as a label: a space as ␣, a lone accent on a dotted circle, what has no shape as a small ring."""
    text = "".join(_SIGNS.get(letter, letter) for letter in token)
    if not text:
        return "∅"
    categories = {unicodedata.category(letter) for letter in text}
    if categories <= {"Mn", "Mc", "Me"}:
        return f"◌{text}"
    if categories <= {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}:
        return "◦"
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"


def quoted(token: str) -> str:
    """A token inside a sentence: in quotation marks, and of whatever direction without turning the sentence."""
    text = shown(token)
    if text == "◦" and token:
        text = " ".join(f"U+{ord(letter):04X}" for letter in token)
    return f"“{_ISOLATE}{text}{_END_ISOLATE}”"


def phrase(tokens: Sequence[str], *, most: int = 24) -> str:
    """A few tokens as one quotation."""
    text = "".join(shown(token) for token in tokens)
    return f"“{_ISOLATE}{text if len(text) <= most else text[: most - 1] + '…'}{_END_ISOLATE}”"


class TokenLabels:
    """The labels of one text under a raster; measured once."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.font = font("small")
        self._texts = [shown(token) for token in tokens]
        metrics = QFontMetrics(self.font)
        self._widths = [metrics.horizontalAdvance(text) for text in self._texts]

    def visible(self, axis: Axis, *, left: float, width: float) -> list[tuple[int, float]]:
        """The tokens whose labels have room, from the left, and the middles of their cells in pixels."""
        cell = width / axis.length
        first, last = max(0, int(axis.first)), min(len(self._texts), int(axis.last) + 1)
        if cell < 2.5:
            # Too dense for letters to mean anything one by one: every so many, on round places.
            step = max(1, round(24 / cell / 5) * 5)
            first += -first % step
        else:
            step = 1
        found, free = [], left - 1.0
        for token in range(first, last, step):
            middle = left + (token + 0.5 - axis.first) * cell
            reach = self._widths[token] / 2
            if middle - reach >= free and middle + reach <= left + width + 6:
                found.append((token, middle))
                free = middle + reach + (1.5 if cell > 7 else 4)
        return found

    def paint(
        self, painter: QPainter, axis: Axis, *, rect: QRectF, held: int | None, span: tuple[int, int] | None
    ) -> None:
        """The labels in `rect`, under the cells between its sides; `held` stands out before all others."""
        painter.setFont(self.font)
        cell = rect.width() / axis.length
        if span is not None:
            start = max(rect.left(), rect.left() + (span[0] - axis.first) * cell)
            end = min(rect.right(), rect.left() + (span[1] + 1 - axis.first) * cell)
            if end > start:
                painter.fillRect(
                    QRectF(start, rect.top() + 1, end - start, rect.height() - 2), theme().palette.selection
                )
                painter.fillRect(QRectF(start, rect.bottom() - 1, end - start, 2), theme().palette.accent)
        pill = self._pill(axis, rect, held)
        painter.setPen(theme().colour("muted"))
        for token, middle in self.visible(axis, left=rect.left(), width=rect.width()):
            reach = self._widths[token] / 2
            if pill is None or middle + reach < pill.left() or middle - reach > pill.right():
                self._draw(painter, token, QRectF(middle - reach - 2, rect.top(), 2 * reach + 4, rect.height()))
        if pill is not None and held is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("accent_fill"))
            painter.drawRoundedRect(pill, 4, 4)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(theme().colour("on_accent"))
            self._draw(painter, held, pill)

    def _pill(self, axis: Axis, rect: QRectF, held: int | None) -> QRectF | None:
        if held is None or not axis.first <= held + 0.5 <= axis.last or held >= len(self._texts):
            return None
        middle = rect.left() + (held + 0.5 - axis.first) * rect.width() / axis.length
        width = max(14.0, self._widths[held] + 6.0)
        left = min(max(rect.left() - 4, middle - width / 2), rect.right() + 4 - width)
        return QRectF(left, rect.top() + 1, width, rect.height() - 2)

    def _draw(self, painter: QPainter, token: int, rect: QRectF) -> None:
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, self._texts[token])
