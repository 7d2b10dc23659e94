"""The editor of a list of numbers or texts: one line to type in, and for whole numbers a strip of layers to handle."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from modellab.config import FieldSpec
from ui.forms.editor import Choices, Editor, Phase, shrink
from ui.forms.layer_strip import LayerStrip
from ui.forms.line_field import LineField
from ui.forms.numbers import parsed, shown, stepped
from ui.forms.values import starting_value
from ui.widgets.buttons import IconButton


class ListEditor(Editor):
    """ "64, 32, 16": typed, stepped at the caret, made longer and shorter by two buttons."""

    def __init__(self, spec: FieldSpec, choices: Choices) -> None:
        super().__init__(spec)
        assert spec.item is not None
        self._choices = choices
        self._item: FieldSpec = spec.item
        self._values: list[Any] = []
        is_number = self._item.kind in ("int", "float")
        self._line = LineField(has_steps=is_number, has_arrows=False, has_way_back=True)
        self._line.setPlaceholderText(self.tr("none"))
        self._name(self._line)
        self._remove = IconButton("minus", self.tr("Remove the last"))
        self._add = IconButton("plus", self.tr("Add one"))
        self._name(self._remove, self.tr("remove the last"))
        self._name(self._add, self.tr("add one"))
        self._pick = IconButton("list", self.tr("Pick"))
        self._name(self._pick, self.tr("pick"))
        self._fill(self._line)
        layout = self.layout()
        assert layout is not None
        layout.setSpacing(0)
        self._strip: LayerStrip | None = None
        self._buttons: list[QWidget] = (
            [self._remove, self._add] if is_number else [self._pick] if spec.choices_from else []
        )
        for button in (self._remove, self._add, self._pick):
            shrink(button)
            if button in self._buttons:
                layout.addWidget(button)
        if self._item.kind == "int":
            self._strip = self.below = LayerStrip(self._item, most=spec.max_length, least=spec.min_length or 0)
            self._name(self._strip)
            self._strip.edited.connect(self._on_strip_edited)
        self._line.typed.connect(self._on_typed)
        self._line.stepped.connect(self._on_stepped)
        self._line.finished.connect(self._on_finished)
        self._remove.clicked.connect(lambda: self._change(self._values[:-1]))
        self._add.clicked.connect(self._on_add_clicked)
        self._pick.clicked.connect(self._on_pick_clicked)

    def show_value(self, value: Any) -> None:
        is_typed_now = self._line.hasFocus() and self._parsed(self._line.text()) == value
        self._values = list(value) if isinstance(value, (list, tuple)) else []
        if not is_typed_now:
            self._line.show_text(self._text())
        self._refresh()

    def tab_widgets(self) -> list[QWidget]:
        return [self._line, *self._buttons, *([self._strip] if self._strip else [])]

    def show_note(self, path: str, note: str) -> None:
        self._line.set_note(note)

    def set_live(self, is_live: bool) -> None:
        super().set_live(is_live)
        if self._strip:
            self._strip.setEnabled(self.isEnabled())

    def _parsed(self, text: str) -> list[Any]:
        entries = [entry.strip() for entry in text.replace(";", ",").split(",")]
        if self._item.kind not in ("int", "float"):
            return [entry for entry in entries if entry]
        if len(entries) == 1:  # "64 32 16"
            entries = entries[0].split()
        return [parsed(entry, whole=self._item.kind == "int") for entry in entries if entry]

    def _text(self) -> str:
        return ", ".join(shown(value) for value in self._values)

    def _refresh(self) -> None:
        most = self.spec.max_length
        self._remove.setEnabled(len(self._values) > (self.spec.min_length or 0))
        self._add.setEnabled(most is None or len(self._values) < most)
        if self._strip:
            self._strip.show_values(self._values)

    def _change(self, values: list[Any], phase: Phase = Phase.FINISHED) -> None:
        self._values = values
        self._line.show_text(self._text())
        self._refresh()
        self.edited.emit("", list(values), phase)

    def _on_typed(self, text: str) -> None:
        self._values = self._parsed(text)
        self._refresh()
        self.edited.emit("", list(self._values), Phase.TYPING)

    def _on_stepped(self, steps: int) -> None:
        if not self._values:
            return
        caret = self._line.cursorPosition()
        index = min(self._line.text()[:caret].count(","), len(self._values) - 1)
        self._on_strip_edited(
            [stepped(self._item, v, steps=steps) if i == index else v for i, v in enumerate(self._values)],
            Phase.STEPPED,
        )
        # Behind the number that was stepped, so that the next step meets the same one.
        self._line.setCursorPosition(len(", ".join(shown(value) for value in self._values[: index + 1])))

    def _on_strip_edited(self, values: list[Any], phase: Phase) -> None:
        self._change(values, phase)

    def _on_add_clicked(self) -> None:
        self._change([*self._values, self._values[-1] if self._values else starting_value(self._item)])

    def _on_pick_clicked(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for value, label in self._choices(self.spec.choices_from):
            action = menu.addAction(label)
            action.setCheckable(True)
            action.setChecked(value in self._values)
            action.toggled.connect(lambda is_on, value=value: self._on_picked(value, is_on))
        if not menu.actions():
            menu.addAction(self.tr("Nothing is known to pick from yet")).setEnabled(False)
        menu.popup(self._pick.mapToGlobal(self._pick.rect().bottomLeft()))

    def _on_picked(self, value: str, is_on: bool) -> None:
        self._change([*self._values, value] if is_on else [kept for kept in self._values if kept != value])

    def _on_finished(self) -> None:
        self._line.show_text(self._text())
        self.edited.emit("", list(self._values), Phase.FINISHED)
