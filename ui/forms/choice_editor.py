"""Editors of a choice: one of a few, or one of those found at run time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from modellab.config import FieldSpec
from ui.forms.editor import Choices, Editor, Phase
from ui.forms.words import words
from ui.theme import theme

_BESIDE_TEXT_PX = 38  # padding at the left, and the arrow


class ChoiceBox(QComboBox):
    """A combo box the wheel moves only when it has the keyboard; its list is as wide as its longest entry."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._note = ""

    def set_note(self, note: str) -> None:
        self._note = note
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def showPopup(self) -> None:
        texts = [self.itemText(index) for index in range(self.count())]
        widest = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        self.view().setMinimumWidth(max(self.width(), widest + 44))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        # Qt cuts a long text in the middle of a letter.
        room = self.width() - _BESIDE_TEXT_PX - (self.fontMetrics().horizontalAdvance(self._note) if self._note else 0)
        option.currentText = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        if self._note:
            painter.setPen(theme().colour("warn"))
            place = self.rect().adjusted(0, 0, -24, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note)


class ChoiceEditor(Editor):
    """One of the values the config allows."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self._box = ChoiceBox()
        self._box.addItems([words(spec.label(choice)) for choice in spec.choices])
        self._name(self._box)
        self._fill(self._box)
        self._box.currentIndexChanged.connect(self._on_index_changed)

    def show_value(self, value: Any) -> None:
        blocked = self._box.blockSignals(True)
        self._box.setCurrentIndex(self.spec.choices.index(value) if value in self.spec.choices else -1)
        self._box.setPlaceholderText("" if value in self.spec.choices else str(value))
        self._box.blockSignals(blocked)

    def tab_widgets(self) -> list[QWidget]:
        return [self._box]

    def show_note(self, path: str, note: str) -> None:
        self._box.set_note(note)

    def _on_index_changed(self, index: int) -> None:
        if index >= 0:
            self.edited.emit("", self.spec.choices[index], Phase.FINISHED)


class OpenChoiceEditor(Editor):
    """One of the values found at run time, or any other that is typed."""

    def __init__(self, spec: FieldSpec, choices: Choices) -> None:
        super().__init__(spec)
        self._ask_choices = choices
        self._found: Sequence[tuple[str, str]] = ()
        self._value = ""
        self._box = ChoiceBox()
        self._box.setEditable(True)
        self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._name(self._box)
        self._fill(self._box)
        line = self._box.lineEdit()
        assert line is not None
        self._line = line
        self._name(line)
        line.setPlaceholderText(words(spec.label("")))
        line.installEventFilter(self)
        line.textEdited.connect(self._on_typed)
        line.editingFinished.connect(lambda: self.edited.emit("", self._value, Phase.FINISHED))
        self._box.activated.connect(self._on_activated)
        self.update_choices(spec.choices_from)

    def show_value(self, value: Any) -> None:
        self._value = str(value or "")
        label = next((label for found, label in self._found if found == self._value), self._value)
        if self._line.text() != label and self._read(self._line.text()) != self._value:
            self._box.setEditText(label)
            self._line.setCursorPosition(0)

    def tab_widgets(self) -> list[QWidget]:
        return [self._box]

    def update_choices(self, key: str) -> None:
        if key != self.spec.choices_from:
            return
        self._found = tuple(self._ask_choices(key))
        blocked = self._box.blockSignals(True)
        self._box.clear()
        self._box.addItems([label for _, label in self._found])
        self._box.setEditText("")
        self.show_value(self._value)
        self._box.blockSignals(blocked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click anywhere in an empty box opens its list; what stands in it can be edited."""
        if event.type() == QEvent.Type.MouseButtonRelease and not self._line.text() and self._found:
            self._box.showPopup()
        return super().eventFilter(watched, event)

    def _read(self, text: str) -> str:
        """The value meant by a text: a label stands for its value."""
        return next((value for value, label in self._found if label == text), text)

    def _on_typed(self, text: str) -> None:
        self._value = self._read(text)
        self.edited.emit("", self._value, Phase.TYPING)

    def _on_activated(self, index: int) -> None:
        self._value = self._found[index][0]
        self.edited.emit("", self._value, Phase.FINISHED)
