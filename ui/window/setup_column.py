"""The setup with, while a run trains, a switch between that run and the next one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ui.panels.setup import SetupPanel
from ui.widgets.labels import SectionLabel
from ui.widgets.segmented import Segmented

_ABOVE_PX = 8


class SetupColumn(QWidget):
    """What stands in the setup dock."""

    run_chosen = Signal(bool)  # whether the form is to show the run that trains

    def __init__(self, *, undo_stack: QUndoStack) -> None:
        super().__init__()
        self.panel = SetupPanel(undo_stack=undo_stack)
        self._switch = Segmented(
            [("run", self.tr("This run")), ("draft", self.tr("Next run"))], accessible_name=self.tr("Setup of")
        )
        self._switch.set_tooltip("run", self.tr("The run that trains: what can be changed while it does"))
        self._switch.set_tooltip("draft", self.tr("What Queue will train next"))
        alone = SectionLabel(self.tr("Next run"))
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
    row.addWidget(widget)
    row.addStretch(1)
    return page
