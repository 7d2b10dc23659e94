"""Which of several questions that an input asks is answered below: hidden token 2 of 3, with the ways to the others."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel
from workers.protocol import Prediction


class PartPicker(QWidget):
    """A line with the title between two arrows; out of sight where an answer has no parts."""

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles: tuple[str, ...] = ()
        self._chosen = 0
        self._title = ElidedLabel(style="small", role="muted")
        self.before = IconButton("chevron-left", self.tr("The answer before"))
        self.after = IconButton("chevron-right", self.tr("The next answer"))
        self.before.clicked.connect(lambda: self._go(-1))
        self.after.clicked.connect(lambda: self._go(1))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._title, 1)
        row.addWidget(self.before)
        row.addWidget(self.after)
        self.hide()

    def offer(self, answer: Prediction | None) -> None:
        """The parts of this answer; the one that was chosen stays so where there are as many."""
        titles = () if answer is None else tuple(part.title for part in answer.parts)
        if titles != self._titles:
            self._titles, self._chosen = titles, min(self._chosen, max(0, len(titles) - 1))
        self._show()

    def rows_of(self, answer: Prediction) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Classes and probabilities of the part in sight, the likeliest first."""
        if self._chosen < len(answer.parts):
            part = answer.parts[self._chosen]
            return part.classes, part.probabilities
        return answer.classes, answer.probabilities

    def _go(self, step: int) -> None:
        self._chosen = (self._chosen + step) % len(self._titles)
        self._show()
        self.moved.emit()

    def _show(self) -> None:
        self.setVisible(bool(self._titles))
        self._title.setText(self._titles[self._chosen] if self._titles else "")
