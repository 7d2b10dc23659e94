"""Tokens for the eye: what cannot be seen gets a sign, what cannot stand alone gets a place, and labels thin out."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from modellab.text.direction import isolated
from ui.lab.tokens import has_parts, letter_around, token_number
from ui.theme import font, theme
from ui.views._token_axis import Axis
from ui.widgets.missing_letters import told_by_number

HEIGHT = 17
_SIGNS = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥", "\u00a0": "⍽"}
_MOST_LETTERS = 14
_LETTERS_FROM_PX = 4.5  # narrower cells get numbers, every so many pixels
_NUMBER_PX = 44.0
_LEAST_FONT_PX = 8  # letters shrink so far to stand beside one another before numbers take their place
_FEW_LETTERS = 2  # longer labels are thinned out, as words are known by a few of them
_AROUND = 6


def shown(token: str) -> str:
    """A token as a label: a space as ␣, a lone accent on a dotted circle, what has no shape as a small ring.

    A letter that no font of this machine has is told by its number, ‹1F44D›, not by an empty box.
    """
    text = "".join(_SIGNS.get(letter, letter) for letter in token)
    if not text:
        return "∅"
    categories = {unicodedata.category(letter) for letter in text}
    if categories <= {"Mn", "Mc", "Me"}:
        told = told_by_number(text)
        return f"◌{text}" if told == text else told
    if categories <= {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}:
        return "◦"
    return told_by_number(text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…")


def quoted(token: str, *, letter: str = "") -> str:
    """A token inside a sentence: in quotation marks, and of whatever direction without turning the sentence.

    Of a part of a letter it is said that it is one; letter: of which.
    """
    text = shown(token)
    if text == "◦" and token:
        text = " ".join(f"U+{ord(sign):04X}" for sign in token)
    if not has_parts(token):
        return f"“{isolated(text)}”"
    of = f"“{isolated(shown(letter))}”" if letter else _tr("a letter")
    return _tr("“{token}” (part of {letter})").format(token=isolated(text), letter=of)


def quoted_in(tokens: Sequence[str], place: int) -> str:
    """A token of a text inside a sentence."""
    return quoted(tokens[place], letter=letter_around(tokens, place) if has_parts(tokens[place]) else "")


def phrase(tokens: Sequence[str], *, most: int = 24) -> str:
    """A few tokens as one quotation; empty ones are no more than the rest of a letter."""
    text = "".join(shown(token) for token in tokens if token)
    return f"“{isolated(text if len(text) <= most else text[: most - 1] + '…')}”"


class TokenLabels:
    """The labels of one text under a raster; measured once.

    Letters stand there all or none: in narrow cells they are smaller, in narrower ones the tokens' numbers take their
    place. Longer tokens are thinned out, with a tick at those that are named. unknown: tokens that the model does not
    know, of another colour.
    """

    def __init__(self, tokens: Sequence[str], *, unknown: frozenset[int] = frozenset()) -> None:
        self.font = font("small")
        self._metrics = QFontMetrics(self.font)
        self._texts = [shown(token) for token in tokens]
        self._unknown = unknown
        self._widths = [self._metrics.horizontalAdvance(text) for text in self._texts]
        letters = [len(text) <= _FEW_LETTERS for text in self._texts]
        self._is_letters = 2 * sum(letters) > len(letters)
        pairs = itertools.pairwise(zip(self._widths, letters, strict=True))
        # The narrowest cell in which no two letters touch.
        self._room = max(((one + other) / 2 for (one, short), (other, too) in pairs if short and too), default=0.0)

    @property
    def is_letters(self) -> bool:
        """Whether most tokens are as short as letters, so that some of them alone would read as another text."""
        return self._is_letters

    def font_px(self, cell: float) -> int:
        """The size of labels over cells of that width; 0: numbers stand there instead."""
        full = self.font.pixelSize()
        if cell < _LETTERS_FROM_PX:
            return 0
        if not self._is_letters or cell >= self._room:
            return full
        smaller = int(full * cell / self._room)
        return smaller if smaller >= _LEAST_FONT_PX else 0

    def visible(self, axis: Axis, *, left: float, width: float) -> list[tuple[int, float, str]]:
        """What has room, from the left: the token, the middle of its cell in pixels, and its label."""
        cell = width / axis.length
        first, last = max(0, int(axis.first)), min(len(self._texts), int(axis.last) + 1)
        size = self.font_px(cell)
        step = 1 if size else round_step(_NUMBER_PX / cell)
        share = size / self.font.pixelSize()
        found, free = [], left - 1.0
        numbered = round_places(last, step=step) if step > 1 else range(first, last)
        for token in (place for place in numbered if first <= place < last):
            text = self._texts[token] if size else str(token_number(token))
            reach = (share * self._widths[token] if size else self._metrics.horizontalAdvance(text)) / 2
            middle = left + (token + 0.5 - axis.first) * cell
            if not size:
                middle = max(left + reach, middle)
            if middle - reach >= free - 0.75 and middle + reach <= left + width + 6:
                found.append((token, middle, text))
                free = middle + reach + (0 if size and self._is_letters else 4)
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
        size = self.font_px(cell)
        letters = QFont(self.font)
        letters.setPixelSize(size or self.font.pixelSize())
        before, after = ("", "") if held is None or size else self._around(held)
        taken = QRectF()
        if pill is not None:
            # All of it stays between the sides.
            left, right = pill.left() - self._advance(before), pill.right() + self._advance(after)
            pill.translate(max(0.0, rect.left() - 4 - left) - max(0.0, right - rect.right() - 4), 0)
            gap = 4 if before or after else 0
            taken = pill.adjusted(-self._advance(before) - gap, 0, self._advance(after) + gap, 0)
        painter.setFont(letters)
        labels = self.visible(axis, left=rect.left(), width=rect.width())
        is_thin = len(labels) < min(len(self._texts), int(axis.last)) - max(0, int(axis.first))
        for token, middle, text in labels:
            reach = painter.fontMetrics().horizontalAdvance(text) / 2
            if pill is None or middle + reach <= taken.left() + 1 or middle - reach >= taken.right() - 1:
                place = QRectF(middle - reach - 2, rect.top(), 2 * reach + 4, rect.height())
                painter.setPen(theme().colour("warn" if size and token in self._unknown else "muted"))
                self._draw(painter, text, place)
                if is_thin and (token or size):
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
        cell = rect.width() / axis.length
        size = self.font_px(cell) or self.font.pixelSize()
        # Beside small letters it is small too, or it would hide them.
        width = max(min(14.0, max(8.0, cell)), self._widths[held] * size / self.font.pixelSize() + min(6.0, cell / 4))
        left = min(max(rect.left() - 4, middle - width / 2), rect.right() + 4 - width)
        return QRectF(left, rect.top() + 1, width, rect.height() - 2)

    def _advance(self, text: str) -> int:
        return self._metrics.horizontalAdvance(text) if text else 0

    def _draw(self, painter: QPainter, text: str, rect: QRectF) -> None:
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)


def round_places(count: int, *, step: int) -> list[int]:
    """Places whose numbers are round, and the first one."""
    return [0, *range(step - 1, count, step)]


def round_step(wanted: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50 ..."""
    power = int(10 ** math.floor(math.log10(max(1.0, wanted))))
    return next(nice * power for nice in (1, 2, 5, 10) if nice * power >= wanted or nice == 10)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TokenLabels", text)
