"""A field for one number of the data: any size, empty while it is not known."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget


class NumberField(QLineEdit):
    """Marks what is no number; Up and Down go to the neighbouring field."""

    valued = Signal()  # another number, or none
    row_pasted = Signal(str)  # several numbers were pasted here
    moved = Signal(int)  # -1: to the field above, 1: below

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(56)
        self.textEdited.connect(self._on_edited)

    def value(self) -> float | None:
        """The number; None while there is none."""
        text = self.text().strip().replace("−", "-").replace(",", ".")
        try:
            number = float(text)
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def set_value(self, value: float) -> None:
        """Show a number, with the digits a float32 has."""
        self.setText(f"{value:.6g}")
        self.setCursorPosition(0)
        self._mark()

    def set_text(self, text: str) -> None:
        """Show again what a person typed, be it a number or not."""
        self.setText(text)
        self._mark()

    def set_example(self, text: str) -> None:
        """What stands in the field while it is empty."""
        self.setPlaceholderText(text)

    def is_wrong(self) -> bool:
        """Whether something is typed that is no number."""
        return bool(self.text().strip()) and self.value() is None

    def _on_edited(self) -> None:
        self._mark()
        self.valued.emit()

    def _mark(self) -> None:
        if bool(self.property("invalid")) != self.is_wrong():
            self.setProperty("invalid", self.is_wrong())
            self.style().unpolish(self)
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        # Before the window's own shortcuts: a field pastes first.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Paste):
                text = QGuiApplication.clipboard().text()
                if len(split_row(text)) > 1:
                    self.row_pasted.emit(text)
                    return True
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None:
                self.moved.emit(step)
                return True
        return super().event(event)


def split_row(text: str) -> list[str]:
    """The cells of a pasted row: by tabs, else semicolons, commas or lines."""
    text = text.strip("\r\n ")
    for mark in ("\t", ";", "\n"):
        if mark in text:
            return [cell.strip() for cell in text.split(mark)]
    parts = [cell.strip() for cell in text.split(",")]
    return parts if len(parts) > 2 else text.split()
