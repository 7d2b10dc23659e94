"""Tokens for the eye: what cannot be seen gets a sign, what cannot stand alone gets a place, and labels thin out."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from ui.theme import font, theme
from ui.views._token_axis import Axis

HEIGHT = 17
_SIGNS = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥", "\u00a0": "⍽"}
_MOST_LETTERS = 14
_LETTERS_FROM_PX = 4.5  # narrower cells get numbers, every so many pixels
_NUMBER_PX = 44.0
_AROUND = 6
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
    """The labels of one text under a raster; measured once. Too dense for letters, they are the tokens' numbers."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.font = font("small")
        self._metrics = QFontMetrics(self.font)
        self._texts = [shown(token) for token in tokens]
        self._widths = [self._metrics.horizontalAdvance(text) for text in self._texts]

    def visible(self, axis: Axis, *, left: float, width: float) -> list[tuple[int, float, str]]:
        """What has room, from the left: the token, the middle of its cell in pixels, and its label."""
        cell = width / axis.length
        first, last = max(0, int(axis.first)), min(len(self._texts), int(axis.last) + 1)
        is_dense = cell < _LETTERS_FROM_PX
        step = _round_step(_NUMBER_PX / cell) if is_dense else 1
        found, free = [], left - 1.0
        for token in range(first + -first % step, last, step):
            text = str(token) if is_dense else self._texts[token]
            reach = (self._metrics.horizontalAdvance(text) if is_dense else self._widths[token]) / 2
            middle = left + (token + 0.5 - axis.first) * cell
            if is_dense:
                middle = max(left + reach, middle)
            if middle - reach >= free and middle + reach <= left + width + 6:
                found.append((token, middle, text))
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
                marked = QRectF(start, rect.top() + 1, end - start, rect.height() - 2)
                painter.fillRect(marked, theme().palette.selection)
                painter.fillRect(QRectF(start, rect.bottom() - 1, end - start, 2), theme().palette.accent)
        pill = self._pill(axis, rect, held)
        before, after = ("", "") if held is None or cell >= _LETTERS_FROM_PX else self._around(held)
        taken = QRectF()
        if pill is not None:
            # All of it stays between the sides.
            left, right = pill.left() - self._advance(before), pill.right() + self._advance(after)
            pill.translate(max(0.0, rect.left() - 4 - left) - max(0.0, right - rect.right() - 4), 0)
            gap = 4 if before or after else 0
            taken = pill.adjusted(-self._advance(before) - gap, 0, self._advance(after) + gap, 0)
        painter.setPen(theme().colour("muted"))
        for token, middle, text in self.visible(axis, left=rect.left(), width=rect.width()):
            reach = self._advance(text) / 2
            if pill is None or middle + reach < taken.left() or middle - reach > taken.right():
                place = QRectF(middle - reach - 2, rect.top(), 2 * reach + 4, rect.height())
                self._draw(painter, text, place)
                if token and cell < _LETTERS_FROM_PX:
                    painter.fillRect(QRectF(middle, rect.top(), 1, 2), theme().palette.muted)
        if pill is not None and held is not None:
            self._paint_pill(painter, pill, held, before=before, after=after)

    def _paint_pill(self, painter: QPainter, pill: QRectF, held: int, *, before: str, after: str) -> None:
        painter.setPen(theme().colour("text"))
        left, right = self._advance(before), self._advance(after)
        self._draw(painter, before, QRectF(pill.left() - left - 1, pill.top(), left, pill.height()))
        self._draw(painter, after, QRectF(pill.right() + 1, pill.top(), right, pill.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("accent_fill"))
        painter.drawRoundedRect(pill, 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(theme().colour("on_accent"))
        self._draw(painter, self._texts[held], pill)

    def _around(self, held: int) -> tuple[str, str]:
        """What is read before and after a token, where labels are too dense to tell."""
        before = "".join(self._texts[max(0, held - _AROUND) : held])
        return before[-_AROUND:], "".join(self._texts[held + 1 : held + 1 + _AROUND])[:_AROUND]

    def _pill(self, axis: Axis, rect: QRectF, held: int | None) -> QRectF | None:
        if held is None or not axis.first <= held + 0.5 <= axis.last or held >= len(self._texts):
            return None
        middle = rect.left() + (held + 0.5 - axis.first) * rect.width() / axis.length
        width = max(14.0, self._widths[held] + 6.0)
        left = min(max(rect.left() - 4, middle - width / 2), rect.right() + 4 - width)
        return QRectF(left, rect.top() + 1, width, rect.height() - 2)

    def _advance(self, text: str) -> int:
        return self._metrics.horizontalAdvance(text) if text else 0

    def _draw(self, painter: QPainter, text: str, rect: QRectF) -> None:
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)


def _round_step(wanted: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50 ..."""
    power = int(10 ** math.floor(math.log10(max(1.0, wanted))))
    return next(nice * power for nice in (1, 2, 5, 10) if nice * power >= wanted or nice == 10)
