"""Room for a few lines of a coloured text; the rest is scrolled to, by whole lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from ui.views._coloured_text import LINE_GAP, MARGIN, ColouredText


class TextScroll(QScrollArea):
    """Room for a few lines of a coloured text, and for the rest of it on scrolling, by whole lines."""

    def __init__(self, text: ColouredText, *, most_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._most_lines = most_lines
        self._token: int | None = None  # shown last
        self._turned = 0.0  # of the wheel, in lines, less than one
        self.setWidget(text)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self.verticalScrollBar().valueChanged.connect(self._snap)
        text.replaced.connect(self._on_text_replaced)
        self.setMaximumHeight(self._most_height())  # or a layout holds it to the size that it would like at first

    def set_most_lines(self, lines: int) -> None:
        """Of more than that the rest is scrolled to."""
        if lines != self._most_lines:
            self._most_lines = lines
            self.setMaximumHeight(self._most_height())
            self.updateGeometry()

    def lines_height(self, lines: int) -> int:
        """What so many lines take."""
        line = QFontMetrics(self._text.font()).height() + LINE_GAP
        return lines * line

    def show_token(self, token: int) -> None:
        """Scroll to it; a text that has just grown is laid out later, and scrolled then."""
        self._token = token
        rect, bar = self._text.token_rect(token), self.verticalScrollBar()
        top, room = int(rect.top()) - MARGIN, self.viewport().height()
        if top < bar.value():
            bar.setValue(top)
        elif rect.bottom() > bar.value() + room:
            bar.setValue(next((line for line in self._text.line_tops() if line + room >= rect.bottom()), top))

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.verticalScrollBar()
        if bar.maximum() <= 0:
            event.ignore()
            return
        self._turned -= event.angleDelta().y() / 120 * self._most_lines
        lines = int(self._turned)
        self._turned -= lines
        tops = self._text.line_tops()
        at = tops.index(self._nearest_top(bar.value())) + lines
        bar.setValue(tops[min(len(tops) - 1, max(0, at))])
        event.accept()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return min(self.whole_height(width), self._most_height())

    def whole_height(self, width: int) -> int:
        """With all lines of the text."""
        return self._text.heightForWidth(width - 10) + 2

    def _on_range_changed(self, _low: int, _high: int) -> None:
        if self._token is not None and self._text.has_token(self._token):
            self.show_token(self._token)
        self._snap(self.verticalScrollBar().value())

    def _on_text_replaced(self) -> None:
        """Another text is read from its beginning."""
        if not self._text.is_on():
            self._token = None
            self.verticalScrollBar().setValue(0)
        self.updateGeometry()

    def _nearest_top(self, value: int) -> int:
        return min(self._text.line_tops() or [0], key=lambda top: abs(top - value))

    def _snap(self, value: int) -> None:
        """No line is cut."""
        bar = self.verticalScrollBar()
        if (top := min(self._nearest_top(value), bar.maximum())) != value:
            bar.setValue(top)

    def _most_height(self) -> int:
        return self.lines_height(self._most_lines)
