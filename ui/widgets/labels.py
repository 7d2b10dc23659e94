"""Text: section headings, captions in a role's colour, one line that gives way when room is short."""

from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import font
from ui.theme.fonts import TextStyle
from ui.widgets.painting import wrapped

# Beside a text, for what its last letter leans over.
_SPARE = 2

TextRole = Literal["text", "muted", "link", "good", "warn", "bad"]


class TextLabel(QLabel):
    """A label in one of the text styles and one of the palette's text colours."""

    def __init__(
        self, text: str = "", *, style: TextStyle = "body", role: TextRole = "text", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setFont(font(style))
        self.setProperty("role", role)

    def set_role(self, role: TextRole) -> None:
        """Change the colour; cheap when it is the same."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)


class SteadyLabel(TextLabel):
    """Text that changes many times a second in a place that keeps its size, wider when a text needs it.

    A label that may change its size has the whole window laid out anew with every text.
    """

    def __init__(self, *, style: TextStyle = "body", role: TextRole = "muted", least_width: int = 0) -> None:
        super().__init__("", style=style, role=role)
        self._hold(least_width)

    def setText(self, text: str) -> None:
        self._hold(max(self.minimumWidth(), self._room(text)))
        super().setText(text)

    def set_narrow(self, text: str) -> None:
        """Another text, and no more room than it takes."""
        self._hold(self._room(text))
        super().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._hold(max(self.minimumWidth(), self._room(self.text())))

    def _hold(self, width: int) -> None:
        self.setFixedSize(width, self.fontMetrics().height())

    def _room(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + _SPARE


class SectionLabel(TextLabel):
    """The small spaced capitals over a group of things."""

    def __init__(self, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(text, style="section", role="muted", parent=parent)
        self.setContentsMargins(0, 4, 0, 0)


class FewLines(TextLabel):
    """At most so many lines; what does not fit ends in an ellipsis, and the whole is told on hover.

    keeps_room: as high with fewer lines, so that nothing below or above it moves. The text is kept here: QLabel has
    everything around it laid out anew with each one, though it takes no more room.
    """

    def __init__(
        self,
        *,
        most: int,
        style: TextStyle = "small",
        role: TextRole = "muted",
        keeps_room: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._most = most
        self._keeps_room = keeps_room
        self._told = ""
        super().__init__("", style=style, role=role, parent=parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._told

    def setText(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()
            self._settle()

    def set_most(self, most: int) -> None:
        """Another number of lines."""
        if most != self._most:
            self._most = most
            self.updateGeometry()

    def lines(self) -> list[str]:
        """What stands there."""
        return wrapped(self.text(), metrics=self.fontMetrics(), width=self.contentsRect().width(), max_lines=self._most)

    def sizeHint(self) -> QSize:
        count = self._most if self._keeps_room else max(1, len(self.lines()))
        return QSize(200, count * self.fontMetrics().lineSpacing() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        height, lines = self.fontMetrics().lineSpacing(), self.lines()
        flags = int(Qt.AlignmentFlag.AlignVCenter | (self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask))
        top = (self.height() - 2 - len(lines) * height) // 2 if self._keeps_room else 0
        for place, line in enumerate(lines):
            painter.drawText(0, top + place * height, self.width(), height, flags, line)

    def _settle(self) -> None:
        if self.height() != self.sizeHint().height():
            self.updateGeometry()


class ElidedLabel(TextLabel):
    """One line that ends in an ellipsis where it does not fit, and then tells the whole on hover."""

    def __init__(
        self,
        text: str = "",
        *,
        style: TextStyle = "body",
        role: TextRole = "text",
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        self._elide = elide
        self._help = ""
        super().__init__("", style=style, role=role, parent=parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)
            self._tell_whole_if_cut()

    def set_help(self, text: str) -> None:
        """What it tells, on hover."""
        self._help = text
        self._tell_whole_if_cut()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("M…"), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_whole_if_cut()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), self._elide, self.contentsRect().width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)

    def _tell_whole_if_cut(self) -> None:
        is_cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        self.setToolTip("\n".join(filter(None, (self.text() if is_cut else "", self._help))))
