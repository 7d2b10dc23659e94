"""One row of a form: label, editor, the way back to where it was started from, and what is wrong, right beneath."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QMenu, QSizePolicy, QToolTip, QWidget

from ui.forms.editor import GUTTER_PX, ROW_PX, SPACING_PX, Editor, Phase
from ui.forms.problem_line import ProblemLine
from ui.forms.row_label import FIELD_SHARE, LABEL_SHARE, RowLabel
from ui.forms.values import default_value
from ui.forms.words import help_tooltip, shown_value, words
from ui.widgets.buttons import IconButton, QuietButton


class FieldRow(QWidget):
    """The row of one field; an editor that brings its own heading stands here without label."""

    edited = Signal(str, object, Phase)
    reset_asked = Signal()
    reset_all_asked = Signal()
    remedy_asked = Signal()
    rows_made = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self.spec, self.editor = editor.spec, editor
        self._back = self._value = default_value(editor.spec)
        self._is_live = False
        self._problem: ProblemLine | None = None
        self._remedy: QuietButton | None = None
        self._reset: IconButton | None = None
        self._is_changed = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(SPACING_PX)
        if editor.heading:
            self._grid.addWidget(editor, 0, 0, 1, 3)
        else:
            self._lay_out()
        editor.edited.connect(self.edited)
        editor.rows_made.connect(self.rows_made)

    def show_value(self, value: Any) -> None:
        """Show a value, and whether it is another than the one that the way back leads to."""
        self.editor.show_value(value)
        self._value = value
        self._is_changed = value != self._back
        if not self.editor.heading:
            self._refresh_reset()

    def set_way_back(self, value: Any) -> None:
        """Where the way back leads: of a run that trains, to what it was started with."""
        self._back = value
        self._is_changed = self._value != value
        self.editor.set_way_back(value)
        if not self.editor.heading:
            self._refresh_reset()

    def way_back(self) -> Any:
        """The value that is put back."""
        return self._back

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Sentences by path below the field."""
        self.editor.show_problems(problems)
        own = "" if self.editor.heading and "" not in problems else next(iter(problems.values()), "")
        if own and self._problem is None:
            self._problem = ProblemLine(self, self._grid, at=1)
        if self._problem is not None:
            self._problem.show(own)
            for widget in self.editor.tab_widgets()[:1]:
                widget.setAccessibleDescription(own or words(self.spec.help))

    def show_remedy(self, text: str) -> None:
        """Offer below the problem to do what would help; empty: there is nothing."""
        if text and self._remedy is None:
            self._remedy = QuietButton(text)
            self._remedy.clicked.connect(self.remedy_asked)
            self._grid.addWidget(self._remedy, 3, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
        if text and self._problem is not None:
            self._problem.show(self._problem.text(), at_once=True)
        if self._remedy is not None:
            if self._remedy.hasFocus() and not text:
                self.editor.tab_widgets()[-1].setFocus()  # or the keyboard is handed to whatever comes next
            self._remedy.setText(text)
            self._remedy.setVisible(bool(text))

    def set_live(self, is_live: bool) -> None:
        """Allow only what may be changed while a run trains."""
        self._is_live = is_live
        self.editor.set_live(is_live)
        if not self.editor.heading:
            self._label.setEnabled(self.editor.isEnabled())
            self._refresh_reset()

    def _lay_out(self) -> None:
        self._label = RowLabel(words(self.spec.title))
        self._label.setBuddy(self.editor.tab_widgets()[0])
        self.editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._grid.addWidget(self._label, 0, 0)
        self._grid.addWidget(self.editor, 0, 1)
        self._grid.setRowMinimumHeight(0, ROW_PX)
        self._grid.setColumnStretch(0, LABEL_SHARE)
        self._grid.setColumnStretch(1, FIELD_SHARE)
        self._grid.setColumnMinimumWidth(2, GUTTER_PX)
        if self.editor.below is not None:
            self._grid.addWidget(self.editor.below, 2, 0, 1, 2)
        for widget in self.editor.tab_widgets():
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            widget.customContextMenuRequested.connect(lambda at, widget=widget: self._show_menu(widget, at))

    def _refresh_reset(self) -> None:
        is_offered = self._is_changed and self.editor.isEnabled()
        if is_offered and self._reset is None:
            self._reset = IconButton("undo", "")
            self._reset.setIconSize(QSize(12, 12))
            self._reset.setFixedSize(GUTTER_PX, GUTTER_PX)
            self._reset.setStyleSheet("QToolButton { padding: 0; }")
            self._reset.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard has the menu, and Undo
            self._reset.clicked.connect(lambda: self.reset_asked.emit())
            self._grid.addWidget(self._reset, 0, 2, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        if self._reset is not None:
            shown = shown_value(self.spec, self._back)
            text = self.tr("Back to {0}").format(shown) if shown else self.tr("Clear")
            self._reset.setToolTip(text)
            self._reset.setAccessibleName(text)
            self._reset.setVisible(is_offered)

    def _show_menu(self, widget: QWidget, at: QPoint) -> None:
        menu = widget.createStandardContextMenu() if isinstance(widget, QLineEdit) else QMenu(self)
        if menu.actions():
            menu.addSeparator()
        text = self.tr("Back to what the run began with") if self._is_live else self.tr("Back to the default")
        one = menu.addAction(text, lambda: self.reset_asked.emit())
        one.setEnabled(self._is_changed and self.editor.isEnabled())
        menu.addAction(self.tr("Reset all"), self.reset_all_asked.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(widget.mapToGlobal(at))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.editor.heading:
            event.ignore()
        else:
            self._show_menu(self, event.pos())

    def event(self, event: QEvent) -> bool:
        # Made only when asked for: a form has dozens of rows and few are ever hovered.
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and not self.editor.heading:
            QToolTip.showText(event.globalPos(), help_tooltip(self.spec), self)
            return True
        return super().event(event)
