"""The editor of a field that may be off: a switch that enables the field's own editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from ui.forms.editor import Editor, Phase
from ui.forms.switch import Switch
from ui.forms.values import starting_value
from ui.widgets.labels import TextLabel


class OptionalEditor(Editor):
    """Off is None; on again takes the last value up."""

    def __init__(self, inner: Editor) -> None:
        super().__init__(inner.spec)
        self._inner = inner
        self._last: Any = None
        self._is_locked = False
        self._switch = Switch()
        self._name(self._switch, self.tr("on or off"))
        self._off = TextLabel(self.tr("off"), role="muted")
        self._fill(self._switch, self._off, inner)
        self._switch.toggled.connect(self._on_toggled)
        inner.edited.connect(self._on_inner_edited)

    def show_value(self, value: Any) -> None:
        is_on = value is not None
        if is_on:
            self._last = value
            self._inner.show_value(value)
        self._switch.show_on(is_on)
        self._inner.setVisible(is_on)
        self._off.setVisible(not is_on)

    def tab_widgets(self) -> list[QWidget]:
        return [self._switch, *self._inner.tab_widgets()]

    def show_problems(self, problems: Mapping[str, str]) -> None:
        self._inner.show_problems(problems)

    def show_note(self, path: str, note: str) -> None:
        self._inner.show_note(path, note)
        self._off.setText(f"{self.tr('off')}  {note}" if note else self.tr("off"))

    def update_choices(self, key: str) -> None:
        self._inner.update_choices(key)

    def _on_toggled(self, is_on: bool) -> None:
        value = (starting_value(self.spec) if self._last is None else self._last) if is_on else None
        self.show_value(value)
        self.edited.emit("", value, Phase.FINISHED)

    def _on_inner_edited(self, path: str, value: Any, phase: Phase) -> None:
        # Leaving the field while it is being switched off must not switch it on again.
        if self._switch.isChecked():
            self._last = value
            self.edited.emit(path, value, phase)
