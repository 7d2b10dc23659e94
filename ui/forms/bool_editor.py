"""The editor of a yes or no: a switch."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from modellab.config import FieldSpec
from ui.forms.editor import Editor, Phase
from ui.forms.switch import Switch
from ui.widgets.labels import TextLabel


class BoolEditor(Editor):
    """A switch; beside it there is room for what a run uses."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._switch = Switch()
        self._name(self._switch)
        self._note = TextLabel(style="small", role="warn")
        self._fill(self._switch, self._note)
        self._switch.toggled.connect(lambda is_on: self.edited.emit("", is_on, Phase.FINISHED))

    def show_value(self, value: Any) -> None:
        self._switch.show_on(value is True)

    def tab_widgets(self) -> list[QWidget]:
        return [self._switch]

    def show_note(self, path: str, note: str) -> None:
        self._note.setText(note)
