"""One text laid out as the tokens that a model reads: where each is, whatever its script, and how it is painted."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from modellab.text.direction import isolated, left_to_right
from ui.lab.tokens import PADDING, UNKNOWN, Spelled, spelled
from ui.theme import mix, theme
from ui.widgets.missing_letters import told_by_number
from ui.widgets.painting import draw_rounded

Kind = Literal["even", "odd", "unknown", "padding"]
LINE = 20
ARROW = "→"
_LINE_BREAK = "\u2028"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One token, or all the padding: its place in the shown text as Qt counts, and its index among the tokens.

    cuts: what of its first letter is before it and what of its last one behind it, where other tokens are parts of
    these; letters: how long those are in the shown text.
    """

    first: int
    last: int
    kind: Kind
    token: int
    cuts: tuple[float, float] = (0.0, 0.0)
    letters: tuple[int, int] = (0, 0)


class TokenText:
    """A text of tokens in so many pixels and lines; `height` is what it takes."""

    def __init__(
        self,
        ids: Sequence[int],
        shown: Sequence[str],
        *,
        tokenizer: str,
        font: QFont,
        width: int,
        most_lines: int,
        keeps_lines: bool = False,
        written: str | None = None,
    ) -> None:
        """keeps_lines: a line of the text begins a line here too. written: what is to be written of it, which stands
        behind it."""
        num_tokens = len(ids)
        while num_tokens and ids[num_tokens - 1] == PADDING:
            num_tokens -= 1
        text, self._chips = _displayed(ids[:num_tokens], shown[:num_tokens], tokenizer, keeps_lines=keeps_lines)
        if num_tokens < len(ids):
            padding = left_to_right(f"∅ × {len(ids) - num_tokens:,}")
            first = _units(text) + 2
            self._chips.append(Chip(first=first, last=first + len(padding), kind="padding", token=num_tokens))
            text += f"  {padding}"
        end = _units(text)
        if written is not None:
            text += f"  {left_to_right(ARROW)} {isolated(''.join(_visible(x, keeps_lines=False) for x in written))}"
        self._is_mixed = _has_right_to_left(text)
        font = QFont(font)
        if self._is_mixed or any("\u0900" <= letter < "\u1100" for letter in text):
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0)  # would tear joined letters apart
        self._inset = font.letterSpacing() / 2  # Qt's spacing stands behind a letter; half of it belongs before
        self._layout = QTextLayout(text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        if written is not None:
            self._layout.setFormats([_close_together(end, _units(text))])
        self._lines: list[QTextLine] = []
        self.is_cut = self._lay_out(width, most_lines)
        self.height = len(self._lines) * LINE
        self._rects: list[list[QRectF]] | None = None

    def rects(self, number: int) -> list[QRectF]:
        """Where a chip is: a rectangle for each line it stands in, from the text's corner."""
        if self._rects is None:
            self._rects = [self._find(chip) for chip in self._chips]
        return self._rects[number]

    def chip_at(self, point: QPointF) -> int:
        """The chip at a point from the text's corner; -1: none."""
        for number in range(len(self._chips)):
            if any(rect.contains(point) for rect in self.rects(number)):
                return number
        return -1

    def chip_of(self, token: int) -> int:
        """The chip of a token by its index; -1: none."""
        return next((number for number, chip in enumerate(self._chips) if chip.token == token), -1)

    def token(self, number: int) -> int:
        """The index of a chip's token; of the padding, of its first."""
        return self._chips[number].token

    def is_padding(self, number: int) -> bool:
        """Whether a chip is the padding."""
        return self._chips[number].kind == "padding"

    def num_chips(self) -> int:
        """Tokens, and the padding as one."""
        return len(self._chips)

    def paint(self, painter: QPainter, corner: QPointF, *, pointed: int = -1) -> None:
        """Chips, then the text over them; the pointed one with a ring."""
        palette = theme().palette
        fills = {
            "even": palette.raised,
            "odd": mix(palette.raised, palette.text, amount=0.09),
            "unknown": palette.warn_tint,
        }
        for number, chip in enumerate(self._chips):
            for rect in self.rects(number):
                place = rect.translated(corner)
                if chip.kind == "padding":
                    _hatch(painter, place)
                else:
                    draw_rounded(painter, place, fills[chip.kind], radius=3)
        painter.setPen(QColor(palette.text))
        self._draw_text(painter, corner)
        if 0 <= pointed < len(self._chips):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.accent), 1.5))
            for rect in self.rects(pointed):
                painter.drawRoundedRect(rect.translated(corner), 3, 3)

    def _lay_out(self, width: int, most_lines: int) -> bool:
        """Whether some of it has no room."""
        self._layout.beginLayout()
        while len(self._lines) < most_lines:
            line = self._layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            line.setPosition(QPointF(0, len(self._lines) * LINE + (LINE - line.height()) / 2))
            self._lines.append(line)
        self._layout.endLayout()
        last = self._lines[-1] if self._lines else None
        return last is not None and last.textStart() + last.textLength() < len(self._layout.text())

    def _draw_text(self, painter: QPainter, corner: QPointF) -> None:
        marks = []
        for chip in self._chips:
            if chip.kind in ("unknown", "padding"):
                mark = QTextLayout.FormatRange()
                mark.start, mark.length = chip.first, chip.last - chip.first
                mark.format = QTextCharFormat()
                mark.format.setForeground(theme().colour("warn" if chip.kind == "unknown" else "muted"))
                marks.append(mark)
        self._layout.draw(painter, corner + QPointF(self._inset, 0), marks)

    def _find(self, chip: Chip) -> list[QRectF]:
        found = []
        for number, line in enumerate(self._lines):
            first, last = max(chip.first, line.textStart()), min(chip.last, line.textStart() + line.textLength())
            if first < last:
                left, right = self._cut(chip, line, self._extent(line, first, last))
                least = 0.0 if any(chip.cuts) else 3.0
                found.append(QRectF(left, number * LINE + 1.5, max(least, right - left), LINE - 3))
        return found

    def _cut(self, chip: Chip, line: QTextLine, extent: tuple[float, float]) -> tuple[float, float]:
        """Of letters that other tokens are parts of, only its own share."""
        left, right = extent
        places = chip.first, chip.last - chip.letters[1]
        for place, size, share, is_front in zip(places, chip.letters, chip.cuts, (True, False), strict=True):
            if share and line.textStart() <= place < line.textStart() + line.textLength():
                near, far = self._extent(line, place, place + size)
                is_leftward = _has_right_to_left(self._layout.text()[place : place + size])
                if is_front != is_leftward:
                    left += share * (far - near)
                else:
                    right -= share * (far - near)
        return left, right

    def _extent(self, line: QTextLine, first: int, last: int) -> tuple[float, float]:
        if self._is_mixed:
            boxes = [run.boundingRect() for run in line.glyphRuns(first, last - first)]
            if boxes:
                return min(box.left() for box in boxes), max(box.right() for box in boxes)
        # Trailing: else a mark at the end of a line would be as wide as the line.
        sides = _x(line, first, QTextLine.Edge.Leading), _x(line, last - 1, QTextLine.Edge.Trailing)
        return min(sides), max(sides)


def _x(line: QTextLine, position: int, edge: QTextLine.Edge) -> float:
    found: Any = line.cursorToX(position, edge)  # PySide gives the position that was asked for too
    return float(found[0])


def _displayed(
    ids: Sequence[int], shown: Sequence[str], tokenizer: str, *, keeps_lines: bool
) -> tuple[str, list[Chip]]:
    """The text for the eye, and its chips."""
    found = spelled(shown, tokenizer=tokenizer)
    pieces = [_visible(letter, keeps_lines=keeps_lines) for letter in found.text]
    starts, length = [], 0
    for piece in pieces:
        starts.append(length)
        length += len(piece) + sum(letter > "\uffff" for letter in piece)
    starts.append(length)
    sharing = _sharing(found)
    chips = []
    for index, (token, (first, last)) in enumerate(zip(ids, found.spans, strict=True)):
        kind: Kind = "unknown" if token == UNKNOWN else "odd" if index % 2 else "even"
        end = starts[last] - (1 if keeps_lines and found.text[last - 1 : last] == "\n" else 0)
        cuts, letters = (0.0, 0.0), (0, 0)
        if first < last and (first in sharing or last - 1 in sharing):
            before, behind = sharing.get(first, [index]), sharing.get(last - 1, [index])
            cuts = before.index(index) / len(before), 1 - (behind.index(index) + 1) / len(behind)
            letters = starts[first + 1] - starts[first], starts[last] - starts[last - 1]
        chips.append(Chip(first=starts[first], last=end, kind=kind, token=index, cuts=cuts, letters=letters))
    return "".join(pieces), chips


def _sharing(found: Spelled) -> dict[int, list[int]]:
    """The tokens of each letter that has more than one."""
    tokens: dict[int, list[int]] = {}
    for index, ((_, last), (following, _)) in enumerate(itertools.pairwise(found.spans)):
        if following < last:
            tokens.setdefault(last - 1, [index]).append(index + 1)
    return tokens


def _units(text: str) -> int:
    """How long it is as Qt counts."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _close_together(first: int, last: int) -> QTextLayout.FormatRange:
    """These letters are no tokens, which alone stand apart."""
    found = QTextLayout.FormatRange()
    found.start, found.length = first, last - first
    found.format = QTextCharFormat()
    found.format.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
    found.format.setFontLetterSpacing(0)
    return found


def _visible(letter: str, *, keeps_lines: bool) -> str:
    if letter == "\n":
        return f"⏎{_LINE_BREAK}" if keeps_lines else "⏎"
    if letter == "\t":
        return "⇥"
    return chr(0x2400 + ord(letter)) if letter < " " else told_by_number(letter)


def _has_right_to_left(text: str) -> bool:
    return any(letter >= "\u0590" and unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text)


def _hatch(painter: QPainter, place: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(theme().colour("line"), Qt.BrushStyle.BDiagPattern))
    painter.drawRoundedRect(place, 3, 3)
