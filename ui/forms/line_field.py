"""The line one types in: a unit or a note at its right end, and steps by key, wheel and small arrows."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit

from ui.theme import theme
from ui.theme.icons import icon_pixmap

_ARROWS_PX, _PADDING_PX = 16, 8
_BIG_STEP = 10


class LineField(QLineEdit):
    """A line edit; `stepped` counts steps up, negative down. Without `has_steps` keys and wheel are left alone.

    `typed` is emitted for what a person types, never for `show_text`; `finished` on Enter and on leaving. has_way_back:
    Escape puts back what stood there before somebody typed what is wrong or not entered yet.
    """

    typed = Signal(str)
    stepped = Signal(int)
    finished = Signal()

    def __init__(self, *, has_steps: bool = False, has_arrows: bool | None = None, has_way_back: bool = False) -> None:
        super().__init__()
        self._has_steps = has_steps
        self._has_arrows = has_steps if has_arrows is None else has_arrows
        self._has_way_back = has_way_back
        self._entered = ""
        self._unit = self._note = ""
        self._shows_end = False
        self._is_hovered = False
        self._pressed_steps = 0
        self._wheel_degrees = 0
        self._repeat = QTimer(self, interval=60)
        self._repeat.timeout.connect(self._on_repeat_due)
        self.textEdited.connect(self.typed)
        self.textChanged.connect(self._make_room)
        self.editingFinished.connect(self.finished)
        self.editingFinished.connect(self._keep)

    def show_text(self, text: str) -> None:
        """Show a text; the caret stays where it was if it is the same."""
        if text != self.text():
            self.setText(text)
            self._keep()
            self.setCursorPosition(len(text) if self.hasFocus() or self._shows_end else 0)

    def show_end(self) -> None:
        """Of a text that is too long show its end while nobody types: the name of a path."""
        self._shows_end = True

    def set_unit(self, unit: str) -> None:
        """What is shown quietly behind the text."""
        self._unit = unit
        self._make_room()

    def set_note(self, note: str) -> None:
        """Takes the unit's place while there is something to say."""
        if note != self._note:
            self._note = note
            self.setToolTip(
                self.tr("Asked for this; the run has {0} until its next step.").format(note) if note else ""
            )
            self._make_room()
            self.update()

    def suffix(self) -> str:
        """The note or unit, as far as there is room for it beside the text."""
        suffix = self._note or self._unit
        room = self.width() - 2 * _PADDING_PX - self._arrows_px()
        measure = self.fontMetrics().horizontalAdvance
        return suffix if suffix and measure(suffix) + 6 + max(measure(self.text()), 24) <= room else ""

    def _arrows_px(self) -> int:
        """Where a pointer or the keyboard is; elsewhere, and beside a note, the text has the room."""
        is_used = self.isEnabled() and (self._is_hovered or self.hasFocus())
        return _ARROWS_PX if self._has_arrows and is_used and not self._note else 0

    def _make_room(self) -> None:
        suffix = self.suffix()
        room = self.fontMetrics().horizontalAdvance(suffix) + 6 if suffix else 0
        margin = room + self._arrows_px()
        if self.textMargins().right() != margin:
            self.setTextMargins(0, 0, margin, 0)

    def _keep(self) -> None:
        """What Escape will put back, unless it is marked as wrong."""
        if not self.property("invalid"):
            self._entered = self.text()

    def _can_go_back(self) -> bool:
        return self._has_way_back and not self.isReadOnly() and self.text() != self._entered

    def _go_back(self) -> None:
        self.setText(self._entered)
        self.typed.emit(self._entered)
        self.finished.emit()

    def _steps_at(self, event: QMouseEvent) -> int:
        if not self._has_arrows or self.isReadOnly() or event.position().x() < self.width() - _ARROWS_PX - 4:
            return 0
        return 1 if event.position().y() < self.height() / 2 else -1

    def _on_repeat_due(self) -> None:
        self._repeat.setInterval(60)
        self.stepped.emit(self._pressed_steps)

    def event(self, event: QEvent) -> bool:
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and cast("QKeyEvent", event).key() == Qt.Key.Key_Escape and self._can_go_back():
            event.accept()  # else it would be the window's, which then goes back to the newest step
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._can_go_back():
            self._go_back()
            return
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: _BIG_STEP,
            Qt.Key.Key_PageDown: -_BIG_STEP,
        }.get(Qt.Key(event.key()), 0)
        if self._has_steps and steps and not self.isReadOnly():
            self.stepped.emit(steps)
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._has_steps or not self.hasFocus():
            event.ignore()  # the panel scrolls instead: a wheel in passing must not change anything
            return
        self._wheel_degrees += event.angleDelta().y()
        steps = int(self._wheel_degrees / 120)
        if steps:
            self._wheel_degrees -= steps * 120
            self.stepped.emit(steps)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_steps = self._steps_at(event) if event.button() == Qt.MouseButton.LeftButton else 0
        if self._pressed_steps:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.stepped.emit(self._pressed_steps)
            self._repeat.start(400)
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._repeat.stop()
        if self._pressed_steps:
            self._pressed_steps = 0
            return
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_on_arrows = self._steps_at(event) != 0
        self.setCursor(Qt.CursorShape.ArrowCursor if is_on_arrows else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._keep()
        self._make_room()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._repeat.stop()
        super().focusOutEvent(event)
        if self._shows_end:
            self.end(False)
        self._wheel_degrees = 0
        self._make_room()

    def enterEvent(self, event: object) -> None:
        self._is_hovered = True
        self._make_room()
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._is_hovered = False
        self._make_room()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        right = self.width() - _PADDING_PX
        shows_arrows = self._arrows_px() > 0
        if shows_arrows:
            ratio = self.devicePixelRatioF()
            for name, top in (("chevron-up", self.height() // 2 - 10), ("chevron-down", self.height() // 2)):
                painter.drawPixmap(self.width() - _ARROWS_PX - 2, top, icon_pixmap(name, "muted", size=10, ratio=ratio))
        suffix = self.suffix()
        if suffix:
            painter.setPen(theme().colour("warn" if self._note else "muted"))
            painter.setFont(self.font())
            end = right - (self._arrows_px() - 4 if shows_arrows else 0)
            painter.drawText(
                QRect(0, 0, end, self.height()), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, suffix
            )
