"""A field for a text of any length: it grows with what is typed and keeps no more than a model can read."""

from __future__ import annotations

import math

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from ui.theme import font, theme

# What a QTextDocument writes for the end of a paragraph and of a line, and its two marks for internal use.
_LINE_ENDS = str.maketrans({"\u2029": "\n", "\u2028": "\n", "\ufdd0": "\n", "\ufdd1": "\n"})
_FRAME = 8  # px of border and padding above and below the document's own margin
_LEAST = 2_000  # characters


class TextField(QPlainTextEdit):
    """`text` is what a model is given. Return ends a line only where there may be several (`set_lines`)."""

    typed = Signal()  # a person changed the text
    shortened = Signal(int)  # so many characters were given, more than are kept
    cleaned = Signal()  # NUL characters were given, which no model reads
    entered = Signal()  # Ctrl+Return; where there is one line only, Return too

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = _LEAST
        self._keeps_end = False
        self._least_lines, self._most_lines = 1, 1
        self._is_told = True
        self.setFont(font("body"))
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.document().setDocumentMargin(4)
        self.textChanged.connect(self._on_text_changed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        theme().changed.connect(self._on_theme_changed)

    def text(self) -> str:
        """What stands in the field, at most `most` characters of it."""
        # Not toPlainText, which makes ordinary spaces of those that do not break.
        text = self.document().toRawText().translate(_LINE_ENDS).replace("\0", " ")
        return limited(text, most=self._most, keeps_end=self._keeps_end)

    def set_text(self, text: str) -> None:
        """Put a text in place of what there is; nobody is told that a person typed it."""
        if text != self.text():
            self._is_told = False
            self.selectAll()
            self._insert(text)  # as typed, so that it can be undone
            self.moveCursor(QTextCursor.MoveOperation.End)
            self._is_told = True

    def append(self, text: str) -> None:
        """Write something at the end, as a person would."""
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.insertPlainText(text)
        self.ensureCursorVisible()

    def set_most(self, characters: int, *, keeps_end: bool) -> None:
        """Keep no more than this of what is pasted, from its beginning or of its end."""
        self._most, self._keeps_end = max(_LEAST, characters), keeps_end

    def set_lines(self, least: int, most: int) -> None:
        """Between how many lines it grows."""
        self._least_lines, self._most_lines = least, most
        self._fit()

    def _insert(self, text: str) -> None:
        has_nul = "\0" in text
        text = text.replace("\r\n", "\n").replace("\0", " ")
        room = self._most - len(self.text()) + len(self.textCursor().selectedText())
        kept = limited(text, most=max(0, room), keeps_end=self._keeps_end)
        self.insertPlainText(kept)
        if len(kept) < len(text):
            self.shortened.emit(len(text))
        elif has_nul:
            self.cleaned.emit()

    def _fit(self) -> None:
        """As high as its lines, within its limits; where room is short as few as it may have."""
        wanted = int(self.document().size().height())
        height = self._height_of(min(self._most_lines, max(self._least_lines, wanted)))
        is_cut = wanted > self._most_lines or (self.isVisible() and self.height() < height)
        policies = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policies.ScrollBarAsNeeded if is_cut else policies.ScrollBarAlwaysOff)
        least = self._height_of(self._least_lines)
        if (least, height) != (self.minimumHeight(), self.maximumHeight()):
            self.setMinimumHeight(least)
            self.setMaximumHeight(height)
            self.updateGeometry()
        if not is_cut:  # it scrolled while it was still too low for the line that was typed
            self.verticalScrollBar().setValue(0)

    def _height_of(self, lines: int) -> int:
        return math.ceil(lines * self.fontMetrics().lineSpacing() + 2 * self.document().documentMargin()) + _FRAME

    def _on_text_changed(self) -> None:
        if self._is_told:
            self.typed.emit()

    def _on_theme_changed(self) -> None:
        # A new stylesheet takes back every font that is not the application's own.
        self.setFont(font("body"))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.maximumHeight())

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self._insert(source.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            is_asked = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if is_asked or self._most_lines <= 2:
                self.entered.emit()
                return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def limited(text: str, *, most: int, keeps_end: bool) -> str:
    """At most so many characters of a text."""
    if len(text) <= most:
        return text
    return text[len(text) - most :] if keeps_end else text[:most]
