"""The small sheet in which one writes a note about a run."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.theme import font, theme
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.painting import draw_rounded

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NotePopover(QWidget):
    """Lies over the window it is given; keeps what was written when it closes, Esc leaves the note as it was.

    A press elsewhere closes it and does what it was meant for too: a popup of Qt's would swallow it.
    """

    written = Signal(str)

    def __init__(self, title: str, *, note: str, over: QWidget) -> None:
        super().__init__(over)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._over, self._before = over, note
        self._came_from: QWidget | None = None  # what had the keyboard
        self._is_given_up = False
        self._text = QPlainTextEdit(note)
        self._text.setFont(font("body"))
        self._text.setPlaceholderText(self.tr("What was tried, and what came of it"))
        self._text.setAccessibleName(self.tr("Note about {0}").format(title))
        self._text.setTabChangesFocus(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        column.addWidget(ElidedLabel(title, style="strong"))
        column.addWidget(self._text, 1)
        self._save = QuietButton(self.tr("Save"))
        self._save.setToolTip(self.tr("Keep the note (Ctrl+Enter)"))
        self._save.clicked.connect(self.close)
        below = QHBoxLayout()
        hint = TextLabel(self.tr("Esc leaves it as it was"), style="small", role="muted")
        below.addWidget(hint, 1)
        below.addWidget(self._save)
        column.addLayout(below)
        self.resize(320, 176)

    def popup(self, at: QPoint) -> None:
        """Open with its lower left corner there in the window, the cursor behind the text."""
        over = self._over
        self._came_from = QApplication.focusWidget()
        left, top = min(at.x(), over.width() - self.width()), at.y() - self.height()
        self.move(max(0, left), max(0, top if top > 0 else min(at.y(), over.height() - self.height())))
        self.show()
        self.raise_()
        self._text.setFocus()
        self._text.moveCursor(self._text.textCursor().MoveOperation.End)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget) and not self._holds(watched):
            self.close()  # and the press goes on to what it was meant for
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _closes(event):
            event.accept()  # or the window's own keys would have it
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _closes(event):
            self._is_given_up = event.key() == Qt.Key.Key_Escape
            self.close()
        else:
            event.accept()  # nothing that is typed here is a key of the table below

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes round in it."""
        (self._save if self._text.hasFocus() else self._text).setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        self._keep()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep()
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        if self._came_from is not None and isValid(self._came_from):
            self._came_from.setFocus()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().toRectF()
        draw_rounded(painter, rect, theme().palette.line, radius=8)
        draw_rounded(painter, rect.adjusted(1, 1, -1, -1), theme().palette.raised, radius=7)

    def _holds(self, widget: QWidget | None) -> bool:
        """Whether it is a part of the sheet, or of a menu that came out of it."""
        while widget is not None and widget is not self:
            widget = widget.parentWidget()
        return widget is self

    def _keep(self) -> None:
        note = self._text.toPlainText().strip()
        if not self._is_given_up and note != self._before:
            self._before = note
            self.written.emit(note)


def _closes(event: QKeyEvent) -> bool:
    is_enter = event.key() in _ENTER and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return is_enter or event.key() == Qt.Key.Key_Escape
