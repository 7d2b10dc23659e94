"""The setup with, while a run trains, a switch between that run and the next one."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ui.panels.setup import SetupPanel
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import ElidedLabel, SectionLabel
from ui.widgets.segmented import Segmented

_ABOVE_PX = 8
Relation = Literal["", "same", "began", "ended", "other", "folder", "tunes"]


class SetupColumn(QWidget):
    """What stands in the setup dock."""

    run_chosen = Signal(bool)  # whether the form is to show the run that trains
    copy_asked = Signal()  # the form is to hold what the run that is shown was trained with

    def __init__(self, *, undo_stack: QUndoStack) -> None:
        super().__init__()
        self.panel = SetupPanel(undo_stack=undo_stack)
        self._switch = Segmented(
            [("run", self.tr("This run")), ("draft", self.tr("Next run"))], accessible_name=self.tr("Setup of")
        )
        self._switch.set_tooltip("run", self.tr("The run that trains: what can be changed while it does"))
        self._switch.set_tooltip("draft", self.tr("What Queue will train next"))
        alone = self._draft_line()
        strip = QWidget()  # as high with the switch as without: nothing below it moves when a run starts or ends
        strip.setFixedHeight(self._switch.sizeHint().height() + _ABOVE_PX)
        self._strip = QStackedLayout(strip)
        for widget in (alone, self._switch):
            self._strip.addWidget(_at_left(widget))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(strip)
        column.addWidget(self.panel, 1)
        self._switch.chosen.connect(lambda key: self.run_chosen.emit(key == "run"))

    def _draft_line(self) -> QWidget:
        """What the form is of while no run trains, and how it differs from the run that is shown."""
        line = QWidget()
        self._relation = ElidedLabel(style="small", role="muted")
        self._relation.setContentsMargins(0, 4, 0, 0)  # on one line with the heading
        self._copy = QuietButton(self.tr("Copy it"), variant="link")
        self._copy.clicked.connect(self.copy_asked)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(SectionLabel(self.tr("Next run")))
        row.addWidget(self._relation, 1)
        row.addWidget(self._copy)
        self.tell_relation("", title="")
        return line

    def tell_relation(self, relation: Relation, *, title: str, ending: str = "") -> None:
        """How the setup stands to the run or open folder of that title, which the views show; "" where they show none.

        `ending`: what was changed while that run trained, where it ended on other options than it began with.
        """
        words = {
            "same": self.tr("as {0}"),
            "began": self.tr("as {0} began"),
            "ended": self.tr("as {0} ended"),
            "other": self.tr("unlike {0}"),
            "folder": self.tr("not of the open folder {0}"),
            "tunes": self.tr("fine-tunes the open folder {0}"),
        }
        self._relation.setText(words[relation].format(title) if relation else "")
        self._copy.setVisible(relation in ("began", "other"))
        if relation == "began":
            self._copy.setText(self.tr("As it ended"))
            tip = self.tr("{0} was changed while it trained ({1}). Put here what it ended with.").format(title, ending)
        else:
            self._copy.setText(self.tr("Copy it"))
            tip = self.tr("Start trains this setup; the views show {0}, which was trained with another. Put that here.")
            tip = tip.format(title)
        self._copy.setToolTip(tip)

    def show_draft(self) -> None:
        """Show what will train next, though a run trains."""
        if self._is_offered:
            self._switch.choose("draft")

    @property
    def shows_run(self) -> bool:
        """Whether the form is of the run that trains."""
        return self._is_offered and self._switch.value() == "run"

    @property
    def _is_offered(self) -> bool:
        return self._strip.currentIndex() == 1

    def offer_run(self, is_offered: bool) -> None:
        """Show or hide the switch; it begins at the run."""
        if is_offered and not self._is_offered:
            self._switch.choose("run")
            focused = QApplication.focusWidget()
            if focused is not None and self.isAncestorOf(focused):
                self._switch.setFocus()  # not on a field that a stray key would change
        self._strip.setCurrentIndex(1 if is_offered else 0)


def _at_left(widget: QWidget) -> QWidget:
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(12, _ABOVE_PX, 12, 0)
    row.addWidget(widget, 0 if isinstance(widget, Segmented) else 1)
    if isinstance(widget, Segmented):
        row.addStretch(1)
    return page
