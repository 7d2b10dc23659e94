"""The setup with, while a run trains, a switch between that run and the next one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.panels.setup import SetupPanel
from ui.widgets.segmented import Segmented


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
        self._strip = QWidget()
        strip = QVBoxLayout(self._strip)
        strip.setContentsMargins(12, 8, 12, 0)
        strip.addWidget(self._switch)
        self._strip.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._strip)
        column.addWidget(self.panel, 1)
        self._switch.chosen.connect(lambda key: self.run_chosen.emit(key == "run"))

    @property
    def shows_run(self) -> bool:
        """Whether the form is of the run that trains."""
        return not self._strip.isHidden() and self._switch.value() == "run"

    def offer_run(self, is_offered: bool) -> None:
        """Show or hide the switch; it begins at the run."""
        if is_offered and self._strip.isHidden():
            self._switch.choose("run")
        self._strip.setVisible(is_offered)
