"""Of an input that asks several questions: which one is answered by the bars, with the ways to the others, and the
answer that stands beside all of them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.probability_bars import ProbabilityBars
from workers.protocol import Part, Prediction


class PartPicker(QWidget):
    """A line with the title, and two arrows where there are others; out of sight where an answer has no parts."""

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
        titles = () if answer is None else tuple(part.title for part in _in_turn(answer))
        if titles != self._titles:
            self._titles, self._chosen = titles, min(self._chosen, max(0, len(titles) - 1))
        self._show()

    def rows_of(self, answer: Prediction) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Classes and probabilities of the part in sight, the likeliest first."""
        parts = _in_turn(answer)
        if self._chosen < len(parts):
            part = parts[self._chosen]
            return part.classes, part.probabilities
        return answer.classes, answer.probabilities

    def _go(self, step: int) -> None:
        self._chosen = (self._chosen + step) % len(self._titles)
        self._show()
        self.moved.emit()

    def _show(self) -> None:
        self.setVisible(bool(self._titles))
        self._title.setText(self._titles[self._chosen] if self._titles else "")
        for button in (self.before, self.after):
            button.setVisible(len(self._titles) > 1)


class StandingPart(QWidget):
    """The answer that stays in sight whichever of the others is: a title, and a bar for each of its two classes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order: tuple[str, ...] = ()  # which stays, whichever is the likelier
        self._title = ElidedLabel(style="small", role="muted")
        self.bars = ProbabilityBars(num_rows=2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self.bars)
        self.hide()

    def height_of(self, answer: Prediction) -> int:
        """What it will take."""
        return self.sizeHint().height() if _standing(answer) is not None else 0

    def show_answer(self, answer: Prediction | None, free: Prediction | None) -> None:
        """That of this answer, where there is one; free: the same with nothing held, to compare with."""
        part, before = _standing(answer), _standing(free)
        self.setVisible(part is not None)
        if part is not None:
            self._title.setText(part.title)
            self.bars.set_before(dict(zip(before.classes, before.probabilities, strict=True)) if before else {})
            shares = dict(zip(part.classes, part.probabilities, strict=True))
            self._order = self._order if set(self._order) == set(shares) else part.classes
            self.bars.set_rows(self._order, [shares[name] for name in self._order])


def _in_turn(answer: Prediction) -> list[Part]:
    return [part for part in answer.parts if not part.stays]


def _standing(answer: Prediction | None) -> Part | None:
    return next((part for part in answer.parts if part.stays), None) if answer is not None else None
