"""Tokens along the sides of a matrix: labels at a slant above, upright at the left, thinner the denser they are."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from ui.theme import font, theme
from ui.views._token_axis import Axis
from ui.views._tokens import shown

_LINE, _SLANTED_LINE = 11.5, 12.8  # px of a cell that a label needs; at a slant they are closer to each other
_SLANT = -55.0
_MOST_REACH, _MOST_LABEL_REACH = 84, 132
_TICK = 3.0  # px, between a label and its row where others have none
_LETTER = 13  # px: labels no wider stand upright over their columns
_LEAST_FONT_PX = 9


class AxisLabels:
    """The labels of one side; measured once. labels: to be shown as they are in place of the tokens, if any."""

    def __init__(self, tokens: Sequence[str], *, labels: Sequence[str] = ()) -> None:
        self.font = font("small")
        self._struck_font = font("small")
        self._struck_font.setStrikeOut(True)
        metrics = QFontMetrics(self.font)
        texts = labels or [shown(token) for token in tokens]
        most = _MOST_LABEL_REACH if labels else _MOST_REACH
        self._texts = [metrics.elidedText(text, Qt.TextElideMode.ElideRight, most) for text in texts]
        self._widths = [metrics.horizontalAdvance(text) for text in self._texts]
        self.reach = min(most, max(self._widths, default=0))
        self._are_letters = self.reach <= _LETTER
        # The narrowest column in which no two letters touch, as in a word: a wide one mostly stands beside narrow ones.
        self._apart = max(((one + other) / 2 for one, other in itertools.pairwise(self._widths)), default=self.reach)

    def every(self, cell: float, *, is_top: bool) -> int:
        """With room for one of how many tokens a label is drawn; 1: for each."""
        line = self._line(cell, is_top=is_top)
        step = max(1, int(-(-line // max(cell, 1e-6))))
        return next((nice for nice in (1, 2, 5, 10, 20, 50, 100, 200, 500) if nice >= step), 1000)

    def visible(self, axis: Axis, *, cell: float, is_top: bool = False) -> list[int]:
        """The tokens that have room for a label."""
        step = self.every(cell, is_top=is_top)
        first, last = max(0, int(axis.first)), min(len(self._texts), int(axis.last) + 1)
        return list(range(first + -first % step, last, step))

    def paint_left(
        self,
        painter: QPainter,
        axis: Axis,
        rect: QRectF,
        *,
        held: int | None,
        chosen: set[int],
        struck: frozenset[int] = frozenset(),
    ) -> None:
        """Right-aligned in `rect`, beside the rows; struck out: tokens that are hidden."""
        cell = rect.height() / axis.length
        painter.setFont(self.font)
        is_thinned = self.every(cell, is_top=False) > 1
        for token in self._with({held, *chosen}, axis, cell, is_top=False):
            middle = rect.top() + (token + 0.5 - axis.first) * cell
            if rect.top() - 2 <= middle <= rect.bottom() + 2:
                if is_thinned:  # which of the rows it names
                    painter.fillRect(QRectF(rect.right() + 2, middle - 0.5, _TICK, 1), theme().colour("muted"))
                place = QRectF(rect.left(), middle - 8, rect.width(), 16)
                self._pen(painter, token, held, chosen, struck)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._texts[token])

    def paint_top(
        self,
        painter: QPainter,
        axis: Axis,
        rect: QRectF,
        *,
        held: int | None,
        chosen: set[int],
        struck: frozenset[int] = frozenset(),
    ) -> None:
        """Over the columns, beginning at the bottom of `rect`: at a slant, single letters upright."""
        cell = rect.width() / axis.length
        letters = QFont(self.font)
        letters.setPixelSize(self.letters_px(cell) or self.font.pixelSize())
        is_thinned = self.every(cell, is_top=True) > 1
        for token in self._with({held, *chosen}, axis, cell, is_top=True):
            middle = rect.left() + (token + 0.5 - axis.first) * cell
            if rect.left() - 2 <= middle <= rect.right() + 2:
                if is_thinned:
                    painter.fillRect(QRectF(middle - 0.5, rect.bottom() - _TICK, 1, _TICK), theme().colour("muted"))
                if self._are_letters:
                    self._pen(painter, token, held, chosen, struck)
                    painter.setFont(letters)
                    place = QRectF(middle - _LETTER, rect.bottom() - 17, 2 * _LETTER, 16)
                    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._texts[token])
                    continue
                painter.save()
                painter.translate(QPointF(middle + 3, rect.bottom() - 3))
                painter.rotate(_SLANT)
                self._pen(painter, token, held, chosen, struck)
                painter.drawText(QPointF(0, 4), self._texts[token])
                painter.restore()

    def letters_px(self, cell: float) -> int:
        """The size of letters that each have a column of that width: smaller in narrow ones; 0: they have no room."""
        full = self.font.pixelSize()
        size = full if cell >= self._apart else int(full * cell / self._apart)
        return size if self._are_letters and size >= _LEAST_FONT_PX else 0

    def _line(self, cell: float, *, is_top: bool) -> float:
        """px of cells that a label needs."""
        if not is_top:
            return _LINE
        if not self._are_letters:
            return _SLANTED_LINE
        return min(cell, self._apart) if self.letters_px(cell) else self.reach

    def _with(self, wanted: set[int | None], axis: Axis, cell: float, *, is_top: bool) -> list[int]:
        """What has room, and those wanted in place of their neighbours."""
        line = self._line(cell, is_top=is_top)
        found = self.visible(axis, cell=cell, is_top=is_top)
        kept: list[int] = []
        for one in sorted(token for token in wanted if token is not None and axis.first <= token + 0.5 <= axis.last):
            if not kept or (one - kept[-1]) * cell >= line - 1:
                kept.append(one)
        return kept + [token for token in found if all(abs(token - one) * cell >= line - 1 for one in kept)]

    def _pen(self, painter: QPainter, token: int, held: int | None, chosen: set[int], struck: frozenset[int]) -> None:
        role = "accent" if token in chosen else "text" if token == held else "muted"
        painter.setPen(theme().colour("warn" if token in struck else role))
        is_struck = token in struck and len(self._texts[token]) > 1  # a letter struck out reads as another
        painter.setFont(self._struck_font if is_struck else self.font)
