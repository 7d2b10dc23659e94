"""The card that names what is chosen and opens the picker."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolButton

from ui.theme import font, theme
from ui.theme.icons import draw_icon
from ui.widgets.focus_ring import FocusRing
from ui.widgets.help_dot import rich_tooltip
from ui.widgets.painting import draw_focus_ring, draw_rounded

_HEIGHT, _PADDING, _CHEVRON, _LINE = 46, 10, 14, 16


class EntryCard(FocusRing, QAbstractButton):
    """A title over one quiet line; Enter, Space, Down and a click ask for the picker.

    While something of it is fetched from the hub, the line says how far that is, beside a button that stops it.
    """

    steered = Signal(bool)  # a person wants what is fetched to go on, or to be stopped

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self._purpose = purpose
        self._sentence = self._facts = self._problem = ""
        self._share: float | None = None  # of what is fetched, is here
        self._is_stopped = False
        self._steer = QToolButton(self)
        self._steer.setProperty("compact", True)
        self._steer.setFont(_exact(font("small")))
        self._steer.setCursor(Qt.CursorShape.PointingHandCursor)
        self._steer.clicked.connect(lambda: self.steered.emit(self._is_stopped))
        self._steer.hide()
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self._tell)

    def show_entry(self, title: str, sentence: str) -> None:
        """Show another entry; what was known of the last one goes."""
        self.setText(title)
        self._sentence, self._facts, self._share = sentence, "", None
        self._steer.hide()
        self._tell()

    def set_facts(self, facts: str) -> None:
        """Measured facts take the sentence's place: "69 076 parameters · 0.3 MB"."""
        self._facts, self._share = facts, None
        self._steer.hide()
        self._tell()

    def set_fetching(self, facts: str, *, share: float, is_stopped: bool = False) -> None:
        """How much of what has to be fetched is here, 0 to 1, in words and as a line; until the next facts."""
        self._facts, self._share, self._is_stopped = facts, share, is_stopped
        again = self.tr("Go on") if share else self.tr("Try again")
        self._steer.setText(again if is_stopped else self.tr("Stop"))
        self._steer.setAccessibleName(self.tr("Go on fetching") if is_stopped else self.tr("Stop fetching"))
        self._steer.show()
        self._place_steer()
        self._tell()

    def set_problem(self, problem: str) -> None:
        """Why it cannot be used as things are; "" when it can."""
        if problem != self._problem:
            self._problem = problem
            self._tell()

    def line(self) -> str:
        """The line under the title."""
        return self._problem or self._facts or self._sentence

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._purpose}: {self.text()}")
        self.setAccessibleDescription(self.line())
        rest = " ".join(part for part in (self._problem, self._sentence) if part)
        self._take_room()
        self.setToolTip(rich_tooltip(self.text(), rest, limits="", default="") if self.text() else "")
        self.update()

    def _take_room(self) -> None:
        """A problem is read as a whole: the card grows for it."""
        height = _HEIGHT
        if self._problem:
            room = QRect(0, 0, self._text_width(), 200)
            metrics = QFontMetrics(_exact(font("small")))
            height += metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), self._problem).height() - _LINE
        if height != self.height():
            self.setFixedHeight(max(_HEIGHT, height))

    def _text_width(self) -> int:
        return self.width() - 2 * _PADDING - _CHEVRON - 4

    def _place_steer(self) -> None:
        size = self._steer.sizeHint()
        middle = 23 + _LINE // 2
        right = self.width() - _PADDING - _CHEVRON - 6
        self._steer.setGeometry(right - size.width(), middle - size.height() // 2, size.width(), size.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._take_room()
        self._place_steer()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_hot = self.isEnabled() and self.underMouse()
        back = colours.pressed if self.isDown() else colours.hover if is_hot else colours.raised
        draw_rounded(painter, QRectF(self.rect()), back, radius=8)
        width = self._text_width()
        for text, style, top in ((self.text(), "strong", 5), ("" if self._problem else self.line(), "small", 23)):
            painter.setFont(_exact(font("strong" if style == "strong" else "small")))
            painter.setPen(theme().colour("text" if style == "strong" else "muted"))
            room = width if style == "strong" or self._share is None else width - self._steer.width() - 6
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
            place = QRect(_PADDING, top, width, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if self._problem:
            painter.setPen(theme().colour("bad"))
            place = QRect(_PADDING, 24, width, self.height() - 26)
            painter.drawText(place, int(Qt.TextFlag.TextWordWrap), self._problem)
        if self._share is not None:
            track = QRectF(_PADDING, _HEIGHT - 3, self.width() - 2 * _PADDING, 2)
            draw_rounded(painter, track, colours.pressed, radius=1)
            draw_rounded(
                painter, QRectF(track.topLeft(), QSizeF(track.width() * self._share, 2)), colours.accent, radius=1
            )
        if self.isEnabled():
            at = QPoint(self.width() - _PADDING - _CHEVRON, (_HEIGHT - _CHEVRON) // 2)
            draw_icon(painter, "chevron-down", at, role="muted", size=_CHEVRON)
        if self._shows_ring:
            draw_focus_ring(painter, QRectF(self.rect()), radius=8)


def _exact(style: QFont) -> QFont:
    """The font with its weight said, so that the button's own does not show through."""
    style.setWeight(style.weight())
    return style
