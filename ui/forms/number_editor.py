"""Editors of one number and of free text."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from modellab.config import FieldSpec
from ui.forms.editor import Editor, Phase
from ui.forms.line_field import LineField
from ui.forms.numbers import parsed, shown, stepped
from ui.forms.words import words


class NumberEditor(Editor):
    """A whole or real number, typed freely; what is no number stays as text and is marked by the form."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._value: Any = None
        self._line = LineField(has_steps=True, has_way_back=True)
        self._line.set_unit(words(spec.unit))
        self._name(self._line)
        self._fill(self._line)
        self._line.typed.connect(self._on_typed)
        self._line.stepped.connect(self._on_stepped)
        self._line.finished.connect(self._on_finished)

    def show_value(self, value: Any) -> None:
        is_typed_now = parsed(self._line.text(), whole=self.spec.kind == "int") == value and self._line.hasFocus()
        self._value = value
        if not is_typed_now:  # "1e-" and "0.10" stay as they are typed
            self._line.show_text(shown(value))

    def tab_widgets(self) -> list[QWidget]:
        return [self._line]

    def show_note(self, path: str, note: str) -> None:
        self._line.set_note(note)

    def _on_typed(self, text: str) -> None:
        self._value = parsed(text, whole=self.spec.kind == "int")
        self.edited.emit("", self._value, Phase.TYPING)

    def _on_stepped(self, steps: int) -> None:
        self._value = stepped(self.spec, self._value, steps=steps)
        self._line.show_text(shown(self._value))
        self.edited.emit("", self._value, Phase.STEPPED)

    def _on_finished(self) -> None:
        self._line.show_text(shown(self._value))
        self.edited.emit("", self._value, Phase.FINISHED)


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._line = LineField(has_way_back=True)
        self._line.set_unit(words(spec.unit))
        self._name(self._line)
        self._fill(self._line)
        self._line.typed.connect(lambda text: self.edited.emit("", text, Phase.TYPING))
        self._line.finished.connect(lambda: self.edited.emit("", self._line.text(), Phase.FINISHED))

    def show_value(self, value: Any) -> None:
        self._line.show_text(str(value or ""))

    def tab_widgets(self) -> list[QWidget]:
        return [self._line]

    def show_note(self, path: str, note: str) -> None:
        self._line.set_note(note)
