"""The text itself, each token on the colour of a value: negative one way, positive the other (Karpathy 2015)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font, mix, theme
from ui.theme.colour_maps import colour_map
from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_order import Span
from ui.views._tokens import shown
from ui.widgets.missing_letters import told_by_number

STRENGTH = 0.6  # of the map's colours behind text, which must stay plain to read
LINE_GAP, MARGIN = 6, 2  # px between lines, and around all of them
_CLICK_PX = 4
_BREAK = "\u2028"


def behind_text(values: NDArray[np.float32], *, reach: float) -> list[QColor]:
    """The colour behind each token for its value in -reach..reach."""
    table = colour_map("diverging")
    entries = np.clip(np.rint((values / max(reach, 1e-9) + 1) * 127.5), 0, 255).astype(int)
    panel = theme().palette.panel
    colours = ["#" + bytes(table[entry][:3]).hex() for entry in entries]
    return [QColor(mix(panel, colour, amount=STRENGTH)) for colour in colours]


def text_reach(gates: Gates, place: Place, name: str = "") -> float:
    """The value in full colour: the largest of the unit's own memory, or of another signal of it; of a gate 1."""
    if place.unit is None or name in GATES:
        return 1.0
    return float(np.abs(gates.trace(place, name or gates.memory)).max(initial=0)) or 1.0


class ColouredText(QWidget):
    """Wraps as a page does; whatever the direction of the script, each place knows its token.

    Hover and click tell the token; with `is_brushable` a drag tells a span, and a click takes it away.
    """

    pointed = Signal(object)  # int | None
    chosen = Signal(int)
    brushed = Signal(object)  # Span | None
    menu_asked = Signal(int, QPoint)  # token, where on the screen
    replaced = Signal()  # by another text, which may want other room

    def __init__(self, *, is_brushable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: tuple[str, ...] = ()
        self._colours: list[QColor] = []
        self._layout = QTextLayout()
        self._rects: list[QRectF] = []
        self._heights: dict[int, int] = {}
        self._laid_out_width = -1
        self._is_on = False
        self._held: int | None = None
        self._span: Span | None = None
        self._struck: frozenset[int] = frozenset()
        self._faint: frozenset[int] = frozenset()
        self._places: list[tuple[int, int]] = []  # of each token in the text, as Qt counts
        self._is_brushable = is_brushable
        self._brush_start: int | None = None
        self._pressed = QPointF()
        self.setFont(font("body"))
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.IBeamCursor if is_brushable else Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def set_tokens(self, tokens: Sequence[str]) -> None:
        """Another text; empty: a token that is but the rest of the letter before, whose place they share."""
        if tuple(tokens) != self._tokens:
            before, self._tokens = self._tokens, tuple(tokens)
            common = min(len(before), len(self._tokens))
            # The last token reads otherwise when the rest of a letter comes.
            sure = max(1, common - 1)
            self._is_on = common > 0 and before[:sure] == self._tokens[:sure]
            self._colours = []
            self._laid_out_width = -1
            self._heights.clear()
            self.setAccessibleName("".join(tokens))
            self.updateGeometry()
            self.update()
            self.replaced.emit()

    def set_colours(self, colours: list[QColor]) -> None:
        """What lies behind each token; empty: nothing."""
        self._colours = colours
        self.update()

    def set_held(self, token: int | None) -> None:
        """The token looked at."""
        if token != self._held:
            self._held = token
            self.update()

    def set_struck(self, tokens: frozenset[int]) -> None:
        """Tokens that are hidden from the model: struck out."""
        if tokens != self._struck:
            self._struck = tokens
            self.update()

    def set_faint(self, tokens: frozenset[int]) -> None:
        """Tokens that the model does not know: what stands there is muted."""
        if tokens != self._faint:
            self._faint = tokens
            self.update()

    def set_span(self, span: Span | None) -> None:
        """The marked stretch."""
        if span != self._span:
            self._span = span
            self.update()

    def has_token(self, token: int) -> bool:
        """Whether the text is that long."""
        return token < len(self._tokens)

    def is_on(self) -> bool:
        """Whether the text goes on where the one before ended, or ends earlier: not another one."""
        return self._is_on

    def line_tops(self) -> list[int]:
        """Where the view of a line begins that has the line at its top."""
        self._lay_out(self.width())
        lines = (self._layout.lineAt(number) for number in range(self._layout.lineCount()))
        return [max(0, int(line.y()) - MARGIN) for line in lines]

    def token_rect(self, token: int) -> QRectF:
        """Where a token stands."""
        self._lay_out(self.width())
        return self._rects[token]

    def token_at(self, point: QPointF) -> int | None:
        """The token there."""
        self._lay_out(self.width())
        reach = LINE_GAP / 2
        found = [k for k, r in enumerate(self._rects) if r.adjusted(0, -reach, 0, reach).contains(point)]
        # Letters that are drawn as one, as of an emoji of several, share its place.
        return min(found, key=lambda k: abs(self._rects[k].center().x() - point.x()), default=None)

    def _broken(self, width: int) -> tuple[QTextLayout, float]:
        """The text in lines of that width, and the height they take."""
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setFlags(QTextOption.Flag.IncludeTrailingSpaces)
        layout = QTextLayout("".join(self._pieces()), self.font())
        layout.setTextOption(option)
        layout.beginLayout()
        top = float(MARGIN)
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(20, width - 2 * MARGIN))
            line.setPosition(QPointF(MARGIN, top))
            top += line.height() + LINE_GAP
        layout.endLayout()
        return layout, top - LINE_GAP + MARGIN

    def _pieces(self) -> list[str]:
        """The tokens as they are written; after the last line's end there is no other line."""
        pieces = [_written(token) if token else "" for token in self._tokens]
        return [*pieces[:-1], pieces[-1].removesuffix(_BREAK)] if pieces else []

    def _lay_out(self, width: int) -> None:
        if width == self._laid_out_width:
            return
        self._laid_out_width = width
        self._layout, _ = self._broken(width)
        pieces = self._pieces()
        ends = np.cumsum(sizes := [_units(piece) for piece in pieces], dtype=int).tolist()
        self._places = [(end - size, end) for size, end in zip(sizes, ends, strict=True)]
        self._rects = [self._rect_of(start, end) for start, end in self._places]
        owners = [number for number, piece in enumerate(pieces) if piece]
        for first, stop in itertools.pairwise([*owners, len(pieces)]):
            if stop - first > 1:
                self._divide(first, stop, units=_units(_written(self._tokens[first][-1])))

    def _divide(self, first: int, stop: int, *, units: int) -> None:
        """Give each of the tokens that make one letter its share of the letter's place, in the letter's direction."""
        end, whole = self._places[first][1], self._rects[first]
        letter = self._rect_of(end - units, end)
        runs = self._layout.glyphRuns(end - units, units)
        is_leftward = bool(runs) and runs[0].isRightToLeft()
        share = letter.width() / (stop - first)
        for number, token in enumerate(range(first, stop)):
            left = letter.right() - (number + 1) * share if is_leftward else letter.left() + number * share
            self._rects[token] = QRectF(left, letter.y(), share, letter.height())
        if whole.width() > letter.width():
            side = QRectF(whole)
            if is_leftward:
                side.setLeft(letter.right() - share)
            else:
                side.setRight(letter.left() + share)
            self._rects[first] = side

    def _rect_of(self, start: int, end: int) -> QRectF:
        line = self._layout.lineForTextPosition(start)
        if not line.isValid():
            return QRectF()
        stop = min(end, line.textStart() + line.textLength())
        # The glyphs know their places where directions change; the cursor, which has two there, does not.
        runs = [run.boundingRect() for run in line.glyphRuns(start, max(1, stop - start))]
        if not runs:
            found: Any = line.cursorToX(start)
            return QRectF(float(found[0] if isinstance(found, tuple) else found), line.y(), 3.0, line.height())
        left = min(rect.left() for rect in runs)
        right = max(rect.right() for rect in runs)
        return QRectF(left, line.y(), max(right - left, 3.0), line.height())

    def _formats(self) -> list[QTextLayout.FormatRange]:
        found = []
        for token in self._faint:
            if token < len(self._places):
                start, end = self._places[token]
                one = QTextLayout.FormatRange()
                one.start, one.length = start, end - start
                one.format = QTextCharFormat()
                one.format.setForeground(theme().colour("muted"))
                found.append(one)
        return found

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:  # layouts ask the same widths again and again
            self._heights[width] = int(self._broken(width)[1] + 1)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        return QSize(400, QFontMetrics(self.font()).height() + LINE_GAP)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position()
        self._brush_start = self.token_at(event.position()) if self._is_brushable else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position())
        is_far = (event.position() - self._pressed).manhattanLength() > _CLICK_PX
        if event.buttons() & Qt.MouseButton.LeftButton and self._brush_start is not None:
            if token is not None and is_far:
                self.set_span((min(self._brush_start, token), max(self._brush_start, token)))
        else:
            self.pointed.emit(token)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        is_click = (event.position() - self._pressed).manhattanLength() <= _CLICK_PX
        if self._brush_start is not None:
            if is_click:
                self.set_span(None)
            self.brushed.emit(self._span)
        token = self.token_at(event.position())
        if is_click and token is not None:
            self.chosen.emit(token)
        self._brush_start = None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        token = self.token_at(QPointF(event.pos()))
        if token is not None:
            self.menu_asked.emit(token, event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._lay_out(self.width())
        painter = QPainter(self)
        seen = QRectF(event.rect())
        for rect, colour in zip(self._rects, self._colours, strict=False):
            if rect.intersects(seen):
                painter.fillRect(rect.adjusted(0, -1, 0, 1), colour)
        if self._span is not None:
            for rect in self._rects[self._span[0] : self._span[1] + 1]:
                if not self._colours:
                    painter.fillRect(rect.adjusted(0, -1, 0, 1), theme().colour("selection"))
                painter.fillRect(QRectF(rect.left(), rect.bottom() + 1, rect.width(), 2), theme().colour("accent"))
        painter.setPen(theme().colour("text"))
        self._layout.draw(painter, QPointF(), self._formats())
        for token in self._struck:
            if token < len(self._rects):
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(theme().colour("warn"), 1.5))
                painter.drawLine(self._rects[token].bottomLeft(), self._rects[token].topRight())
        if self._held is not None and self._held < len(self._rects):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("text"), 1.5))
            painter.drawRoundedRect(self._rects[self._held].adjusted(-0.5, -1.5, 0.5, 1.5), 2, 2)


def _units(text: str) -> int:
    """How long it is as Qt counts, in UTF-16 units: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def _written(token: str) -> str:
    """A token as part of a running text: a space is one, a line's end ends the line."""
    if token in ("␣", " "):
        return " "
    if token in ("⏎", "\n"):
        return f"⏎{_BREAK}"
    return told_by_number(token).replace("\n", f"⏎{_BREAK}") or shown(token)
