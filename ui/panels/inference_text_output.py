"""A text as a model wrote it: its beginning quiet, each token after it told apart and to be pointed at."""

from __future__ import annotations

import bisect
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from ui.theme import font, theme

_MOST_BEGUN = 240  # characters of the beginning
LEAST_HEIGHT, _GOOD_HEIGHT = 160, 200


class WrittenText(QPlainTextEdit):
    """Shows what is added and follows it; a token under the pointer is told, and one that was chosen until another is.

    A click chooses, or the arrow keys do; Esc, or a click where no token is, lets go.
    """

    pointed = Signal(int)  # which token, the one under the pointer before the chosen; -1: none
    chosen = Signal(int)  # by a person; -1: none any more
    next_asked = Signal()  # by the space bar

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._begun = ""
        self._written = ""
        self._texts: list[str] = []  # all that was written after each token
        self._ends: list[int] = []  # of each token, where Qt counts
        self._pointed, self._chosen = -1, -1
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFont(font("body"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName(self.tr("Generated text"))
        theme().changed.connect(self._on_theme_changed)

    def begin(self, text: str) -> None:
        """A new text, of which this is given."""
        self.choose(-1)
        self._begun = text
        self._texts = []
        self._show_all()

    def add(self, texts: Iterable[str]) -> None:
        """More of it, token by token: all that is written after each. A token may mend the end of the one before."""
        bar = self.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - 2
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        letters = self._format(is_written=True)
        for text in texts:
            if not text.startswith(self._written):
                self._cut_to(_common(text, self._written))
                cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(_plain(text[len(self._written) :]), letters)
            self._texts.append(text)
            self._ends.append(cursor.position())
            self._written = text
        if is_at_end:
            bar.setValue(bar.maximum())

    def written(self) -> str:
        """All that was added."""
        return self._written

    def begun(self) -> str:
        """What was given."""
        return self._begun

    def num_tokens(self) -> int:
        """How many were added."""
        return len(self._texts)

    def looked_at(self) -> int:
        """The token under the pointer, or else the chosen one; -1: none."""
        return self._pointed if self._pointed >= 0 else self._chosen

    def choose(self, token: int) -> None:
        """Look at this token until another is chosen; -1: at none."""
        before, self._chosen = self.looked_at(), token
        self._mark()
        if self.looked_at() != before:
            self.pointed.emit(self.looked_at())

    def token_at(self, point: QPoint) -> int:
        """The token under a place of the viewport; -1: none."""
        cursor = self.cursorForPosition(point)
        caret = self.cursorRect(cursor)
        if not caret.adjusted(-40, -2, 40, 2).contains(point):
            return -1
        # The cursor is at the nearer side of the letter: left of it the letter begins, right of it it ended.
        is_before = point.x() < caret.left() and not self._is_right_to_left(cursor)
        return self._token_of(cursor.position() - 1 if is_before else cursor.position())

    def _is_right_to_left(self, cursor: QTextCursor) -> bool:
        return cursor.block().textDirection() == Qt.LayoutDirection.RightToLeft

    def _token_of(self, position: int) -> int:
        first = self._first()
        if position < first or not self._ends or position >= self._ends[-1]:
            return -1
        return bisect.bisect_right(self._ends, position)

    def _first(self) -> int:
        """Where the first token begins."""
        return _length(self._shown_beginning())

    def _cut_to(self, kept: str) -> None:
        """Take back what is not the beginning of what comes."""
        position = self._first() + _length(kept)
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self._ends = [min(end, position) for end in self._ends]
        self._written = kept

    def _shown_beginning(self) -> str:
        return self._begun if len(self._begun) <= _MOST_BEGUN else "…" + self._begun[-_MOST_BEGUN:]

    def _show_all(self) -> None:
        self._point(-1)
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.insertText(_plain(self._shown_beginning()), self._format(is_written=False))
        texts, self._texts, self._ends, self._written = self._texts, [], [], ""
        self.add(texts)
        self._mark()

    def _format(self, *, is_written: bool) -> QTextCharFormat:
        letters = QTextCharFormat()
        letters.setForeground(theme().colour("text" if is_written else "muted"))
        if is_written:
            letters.setBackground(theme().colour("info_tint"))
        return letters

    def _point(self, token: int) -> None:
        if token == self._pointed:
            return
        before, self._pointed = self.looked_at(), token
        self._mark()
        if self.looked_at() != before:
            self.pointed.emit(self.looked_at())

    def _mark(self) -> None:
        marks = [
            self._highlight(token, is_chosen=token == self._chosen)
            for token in {self._chosen, self._pointed}
            if 0 <= token < len(self._ends)
        ]
        self.setExtraSelections(marks)

    def _highlight(self, token: int, *, is_chosen: bool) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._ends[token - 1] if token else self._first())
        cursor.setPosition(self._ends[token], QTextCursor.MoveMode.KeepAnchor)
        letters = QTextCharFormat()
        letters.setBackground(theme().colour("accent_fill" if is_chosen else "selection"))
        letters.setForeground(QColor(theme().palette.on_accent) if is_chosen else theme().colour("text"))
        mark.cursor, mark.format = cursor, letters
        return mark

    def _choose_by_hand(self, token: int) -> None:
        self.choose(token)
        self.chosen.emit(token)

    def _on_theme_changed(self) -> None:
        self._show_all()

    def sizeHint(self) -> QSize:
        return QSize(200, _GOOD_HEIGHT)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._point(self.token_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self._choose_by_hand(self.token_at(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._choose_by_hand(-1)
            event.ignore()  # others let go of what they hold too
            return
        if event.key() == Qt.Key.Key_Space:
            self.next_asked.emit()
            return
        before = self.textCursor().position()
        super().keyPressEvent(event)
        if self.textCursor().position() != before and not self.textCursor().hasSelection():
            self._choose_by_hand(self._token_of(self.textCursor().position()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point(-1)
        return super().viewportEvent(event)


def _plain(text: str) -> str:
    """As Qt keeps it: one letter for one letter."""
    return text.replace("\r", "␍").replace("\0", "\ufffd")


def _common(text: str, other: str) -> str:
    """What both begin with."""
    for place, (letter, its) in enumerate(zip(text, other, strict=False)):
        if letter != its:
            return text[:place]
    return min(text, other, key=len)


def _length(text: str) -> int:
    """Letters as Qt counts them: two for those beyond U+FFFF."""
    return len(_plain(text).encode("utf-16-le", "surrogatepass")) // 2
