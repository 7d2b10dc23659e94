"""What the trainer of the current run says: its log, line by line as it comes."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QStackedLayout, QVBoxLayout, QWidget

from ui.lab.run_model import MAX_LOG_LINES, LogLine, RunModel
from ui.lab.session import Level
from ui.theme import font, theme
from ui.theme.icons import icon
from ui.views.base import Lab
from ui.widgets.buttons import IconButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import TextLabel
from ui.widgets.segmented import Segmented

_SHOW_MS = 60
_ERROR = re.compile(r"^\s*(error\b|fatal\b|failed\b|traceback \(|[\w.]*(error|exception)\b\s*:)", re.IGNORECASE)
_WARNING = re.compile(r"^\s*(warning\b|warn\b)|[\w.]*Warning:", re.IGNORECASE)
_TRACE = re.compile(r"^(  File \"|    )")
_RANK: dict[str, int] = {"info": 0, "warning": 1, "error": 2}
_ROLE: dict[Level, str] = {"info": "text", "warning": "warn", "error": "bad"}


def level_of(line: str, *, before: Level = "info") -> Level:
    """How serious a line reads. `before`: the level of the line above, which a traceback's lines go on with."""
    if _ERROR.search(line) or (before == "error" and _TRACE.search(line)):
        return "error"
    return "warning" if _WARNING.search(line) else "info"


class LogPanel(QWidget):
    """The log of the current run; the newest line stays in sight until one scrolls up."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunModel | None = None
        self._waiting: list[LogLine] = []
        self._last_level: Level = "info"
        self._num_shown = 0
        self._num_lines = 0
        self._text = _text_area(accessible_name=self.tr("Log"))
        self._empty = EmptyState("log", "", parent=self)
        self._body = QStackedLayout()
        self._body.addWidget(self._empty)
        self._body.addWidget(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 4)
        column.setSpacing(4)
        column.addLayout(self._tools())
        column.addLayout(self._body, 1)
        self._timer = QTimer(self, singleShot=True, interval=_SHOW_MS)
        self._timer.timeout.connect(self._show_waiting)
        self._text.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme().changed.connect(self._rebuild)
        lab.session.current_changed.connect(self.set_run)
        self.set_run(lab.session.current)

    def set_run(self, run: RunModel | None) -> None:
        """Show another run's log, or none."""
        if self._run is not None and self._run is not run:
            self._run.logged.disconnect(self._on_logged)
        if run is not None and run is not self._run:
            run.logged.connect(self._on_logged)
        self._run = run
        self._rebuild()

    def lines(self) -> list[str]:
        """The lines shown now."""
        return self._text.toPlainText().split("\n") if self._num_shown else []

    def _tools(self) -> QHBoxLayout:
        self._filter = QLineEdit(clearButtonEnabled=True)
        self._filter.setPlaceholderText(self.tr("Filter lines"))
        self._filter.setAccessibleName(self.tr("Filter the log"))
        self._filter.addAction(icon("filter", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._filter.setMaximumWidth(280)
        self._filter.textChanged.connect(self._rebuild)
        levels = (("info", self.tr("All")), ("warning", self.tr("Warnings")), ("error", self.tr("Errors")))
        self._levels = Segmented(levels, accessible_name=self.tr("Lines shown:"))
        self._levels.chosen.connect(self._rebuild)
        self._count = TextLabel(style="small", role="muted")
        self._follow = IconButton("skip-end", self.tr("Keep the newest line in sight (End)"), is_checkable=True)
        self._follow.setChecked(True)
        self._follow.toggled.connect(self._on_follow_toggled)
        self._wrap = IconButton("wrap", self.tr("Wrap long lines"), is_checkable=True)
        self._wrap.setChecked(True)
        self._wrap.toggled.connect(self._on_wrap_toggled)
        copy = IconButton("copy", self.tr("Copy the lines shown"))
        copy.clicked.connect(self._copy)
        end = QShortcut(QKeySequence(Qt.Key.Key_End), self._text, context=Qt.ShortcutContext.WidgetShortcut)
        end.activated.connect(lambda: self._follow.setChecked(True))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._filter, 1)
        row.addWidget(self._levels)
        row.addWidget(self._count)
        row.addStretch(1)
        for button in (self._follow, self._wrap, copy):
            row.addWidget(button)
        return row

    def _rebuild(self) -> None:
        """Show the run's last lines anew: another run, filter, level or theme."""
        self._text.clear()
        self._num_shown = self._num_lines = 0
        self._last_level = "info"
        self._waiting = list(self._run.log) if self._run else []
        self._show_waiting()

    def _show_waiting(self) -> None:
        lines, self._waiting = self._waiting[-MAX_LOG_LINES:], []
        wanted, least = self._filter.text().casefold(), _RANK[self._levels.value()]
        kept: list[tuple[str, Level]] = []
        for line, level in lines:
            self._last_level = level or level_of(line, before=self._last_level)
            if _RANK[self._last_level] >= least and wanted in line.casefold():
                kept.append((line, self._last_level))
        self._num_lines = min(MAX_LOG_LINES, self._num_lines + len(lines))
        self._append(kept)
        self._say_how_many()

    def _append(self, lines: list[tuple[str, Level]]) -> None:
        bar = self._text.verticalScrollBar()
        at = bar.value()
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for line, level in lines:
            look = QTextCharFormat()
            look.setForeground(theme().colour(_ROLE[level]))
            if self._num_shown:
                cursor.insertBlock()
            cursor.insertText(line, look)
            self._num_shown += 1
        cursor.endEditBlock()
        self._num_shown = min(self._num_shown, MAX_LOG_LINES)
        bar.setValue(bar.maximum() if self._follow.isChecked() else at)

    def _say_how_many(self) -> None:
        is_filtered = bool(self._filter.text()) or self._levels.value() != "info"
        if is_filtered:
            counted = self.tr("{shown:,} of {all:,} lines").format(shown=self._num_shown, all=self._num_lines)
        elif self._num_lines == MAX_LOG_LINES:
            counted = self.tr("the last {count:,} lines").format(count=MAX_LOG_LINES)
        elif self._num_lines == 1:
            counted = self.tr("1 line")
        else:
            counted = self.tr("{count:,} lines").format(count=self._num_lines) if self._num_lines else ""
        self._count.setText(counted)
        if self._run is None:
            sentence = self.tr("What the trainer says appears here, line by line, once a run starts.")
        elif self._num_lines and is_filtered:
            sentence = self.tr("No line matches; clear the filter to see all {count:,}.").format(count=self._num_lines)
        else:
            sentence = self.tr("The trainer has said nothing yet.")
        self._empty.set_sentence(sentence)
        self._body.setCurrentWidget(self._text if self._num_shown else self._empty)

    def _copy(self) -> None:
        chosen = self._text.textCursor().selectedText().replace("\u2029", "\n")
        QGuiApplication.clipboard().setText(chosen or self._text.toPlainText())

    def _on_logged(self, lines: list[LogLine]) -> None:
        self._waiting += lines
        if not self._timer.isActive():
            self._timer.start()

    def _on_scrolled(self, value: int) -> None:
        bar = self._text.verticalScrollBar()
        if bar.isSliderDown() or self._text.underMouse():
            self._follow.setChecked(value >= bar.maximum())

    def _on_follow_toggled(self, follows: bool) -> None:
        bar = self._text.verticalScrollBar()
        if follows and bar.value() < bar.maximum():
            bar.setValue(bar.maximum())

    def _on_wrap_toggled(self, wraps: bool) -> None:
        mode = QPlainTextEdit.LineWrapMode
        self._text.setLineWrapMode(mode.WidgetWidth if wraps else mode.NoWrap)


def _text_area(*, accessible_name: str) -> QPlainTextEdit:
    area = QPlainTextEdit(readOnly=True, undoRedoEnabled=False, maximumBlockCount=MAX_LOG_LINES)
    area.setFont(font("mono"))
    area.setAccessibleName(accessible_name)
    area.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return area
