"""The small sheet in which one writes a note about a run."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.theme import font, theme
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.painting import draw_rounded


class NotePopover(QWidget):
    """Keeps what was written when it closes; Esc leaves the note as it was."""

    written = Signal(str)

    def __init__(self, title: str, *, note: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._before = note
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
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(key), self).activated.connect(self.close)
        self.resize(320, 176)

    def popup(self, at: QPoint) -> None:
        """Open with its lower left corner there, the cursor behind the text."""
        screen = self.screen().availableGeometry()
        top = at.y() - self.height() if at.y() - self.height() > screen.top() else at.y()
        self.move(max(screen.left(), min(at.x(), screen.right() - self.width())), top)
        self.show()
        self._text.setFocus()
        self._text.moveCursor(self._text.textCursor().MoveOperation.End)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._is_given_up = True
            self.close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._keep()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().toRectF()
        draw_rounded(painter, rect, theme().palette.line, radius=8)
        draw_rounded(painter, rect.adjusted(1, 1, -1, -1), theme().palette.raised, radius=7)

    def _keep(self) -> None:
        note = self._text.toPlainText().strip()
        if not self._is_given_up and note != self._before:
            self._before = note
            self.written.emit(note)
