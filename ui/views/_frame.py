"""The frame of a view that has pages: what is said above them, the page, and below it the legend and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QSizePolicy,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui.lab.reading_words import reading_words
from ui.lab.run_model import RunModel
from ui.views._export import ExportButton, Table, keep_out
from ui.views._legend import MapLegend
from ui.views.base import Lab
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import FewLines, TextLabel
from ui.widgets.spinner import Spinner

_MOST_NOTES = 2  # lines
_SENTENCE_PX = 380  # a sentence with less room than this has a line of its own
_SENTENCE_LINES = 2  # beside the legend; over it there is room for it in one
_BETWEEN = 12


class PagedFrame:
    """Makes what every such view has, and stacks it; which pages and pickers there are is the view's own."""

    def __init__(
        self,
        view: QWidget,
        lab: Lab,
        pages: Sequence[QWidget],
        *,
        icon: str,
        empty_title: str,
        table: Callable[[], Table | None],
        file_name: Callable[[], str],
    ) -> None:
        self.legend = MapLegend()
        self.readout = FewLines(most=_SENTENCE_LINES, role="text", keeps_room=True)
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.step = TextLabel(style="small", role="muted")
        self.spinner = Spinner()
        self.spinner.hide()
        self._notes = FewLines(most=_MOST_NOTES)
        self._notes.hide()
        self._pages = QStackedWidget()
        for page in pages:
            self._pages.addWidget(page)
        # A page that would like more height than there is gives way before the legend does.
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._pages.setMinimumWidth(1)  # nor does the widest page hold up the one that is shown
        self._picture = self._made_picture()
        self._behind = _Behind(view.tr("Still from before the last change…"), self._picture)
        self.export = ExportButton(picture=self._picture, table=table, file_name=file_name, say=lab.session.say)
        self._empty = EmptyState(icon, "", title=empty_title, parent=view)
        self._awaited: RunModel | None = None  # nothing is there of it yet
        self._usual = ""
        self._view = view
        self._stack = QStackedLayout()

    def arrange(self, *above: QLayout | QWidget) -> None:
        """Put it in the view, under rows of pickers."""
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for row in above:
            if isinstance(row, QWidget):
                column.addWidget(row)
            else:
                column.addLayout(row)
        column.addWidget(self._notes)
        column.addWidget(self._picture, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(content)
        outer = QVBoxLayout(self._view)
        outer.setContentsMargins(12, 8, 12, 6)
        outer.addLayout(self._stack)

    def show_content(self) -> None:
        """There is something to see."""
        self._await(None)
        self._show(1)

    def show_empty(self, sentence: str, *, run: RunModel | None = None) -> None:
        """There is nothing to see, and why; of a run that is still being read, that it is."""
        self._usual = sentence
        self._await(run)
        self._say_empty()
        self._show(0)

    def _await(self, run: RunModel | None) -> None:
        before, self._awaited = self._awaited, run
        if before is not run and before is not None and isValid(before):
            before.advanced.disconnect(self._say_empty)
            before.status_changed.disconnect(self._say_empty)
        if run is not None and run is not before:
            run.advanced.connect(self._say_empty)
            run.status_changed.connect(self._say_empty)

    def _say_empty(self, *_: object) -> None:
        self._empty.set_sentence(reading_words(self._awaited) or self._usual)

    def _show(self, index: int) -> None:
        """Qt would hand the keyboard of what goes to any field of what comes: it stays with the view."""
        focused = self._view.focusWidget()
        had_keyboard = index != self._stack.currentIndex() and focused is not None and focused.hasFocus()
        self._stack.setCurrentIndex(index)
        if had_keyboard and self._view.isAncestorOf(focused):
            self._view.setFocus()

    def show_waiting(self, is_waiting: bool, is_behind: bool) -> None:
        """Whether an answer is overdue, and whether the picture is of what was asked before."""
        self.spinner.setVisible(is_waiting)
        self._behind.setVisible(is_behind)

    def say_notes(self, text: str, *, is_problem: bool = False) -> None:
        """What was done to the text, or what went wrong."""
        self._notes.set_role("bad" if is_problem else "muted")
        self._notes.setText(text)
        self._notes.setVisible(bool(text))

    def _made_picture(self) -> QWidget:
        """What is exported: the page, its legend and its sentence."""
        picture = QWidget()
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._pages, 1)
        column.addWidget(_Foot(self.legend, self.readout, self.step))
        return picture


class _Behind(QFrame):
    """Lies over the top of a picture that is no longer of what is asked: nothing moves for it."""

    def __init__(self, words: str, picture: QWidget) -> None:
        super().__init__(picture)
        self._picture = picture
        self.setProperty("severity", "warn")
        keep_out(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(TextLabel(words, style="small"))
        self.hide()
        picture.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._find_place()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._find_place()

    def _find_place(self) -> None:
        self.adjustSize()
        self.move((self._picture.width() - self.width()) // 2, 0)
        self.raise_()


class _Foot(QWidget):
    """The legend, and at its right the sentence; above it where the legend leaves too little room.

    That depends on the legend alone, so that nothing jumps as the sentence changes.
    """

    def __init__(self, legend: MapLegend, readout: FewLines, step: TextLabel) -> None:
        super().__init__()
        self.setMinimumWidth(1)
        self._legend, self._readout = legend, readout
        sentence = QHBoxLayout()
        sentence.setSpacing(_BETWEEN)
        sentence.addWidget(readout, 1)
        sentence.addWidget(step)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_BETWEEN)
        self._row.addWidget(legend)
        self._row.addLayout(sentence, 1)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # another legend
            self._arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        taken = 0 if self._legend.isHidden() else self._legend.sizeHint().width()
        is_low = taken > 0 and self.width() - taken < _SENTENCE_PX
        wanted = QBoxLayout.Direction.BottomToTop if is_low else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != wanted:
            self._row.setDirection(wanted)
            # Only on a change: each of these asks for the layout again, which comes here.
            self._row.setSpacing(2 if is_low else _BETWEEN)
            side = Qt.AlignmentFlag.AlignLeft if is_low else Qt.AlignmentFlag.AlignRight
            self._readout.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self._readout.set_most(1 if is_low else _SENTENCE_LINES)
