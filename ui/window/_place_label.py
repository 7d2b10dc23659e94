"""Where a run is, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from ui.widgets.labels import TextLabel

_SPARE = 4  # px


class PlaceLabel(TextLabel):
    """Shows the longest of some forms that fits at its widest, so that no form comes and goes with a digit."""

    tip = ""

    def __init__(self) -> None:
        super().__init__("", role="muted")
        self._forms: list[tuple[str, str]] = [("", "")]

    def set_forms(self, forms: Sequence[tuple[str, str]]) -> None:
        """Texts from the longest to the shortest, each with the widest that it will ever be."""
        if list(forms) != self._forms:
            before = self.sizeHint(), self.minimumSizeHint()
            self._forms = list(forms)
            self.setToolTip(f"{self.text()}\n{self.tip}" if self.text() else self.tip)
            self.setAccessibleName(self.text())
            if (self.sizeHint(), self.minimumSizeHint()) != before:
                self.updateGeometry()
            self.update()

    def text(self) -> str:
        """The longest form."""
        return self._forms[0][0]

    def shown(self) -> str:
        """The form that there is room for."""
        fitting = (text for text, widest in self._forms if self._room(text, widest) <= self.width())
        return next(fitting, self._forms[-1][0])

    def sizeHint(self) -> QSize:
        return QSize(self._room(*self._forms[0]), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._room(*self._forms[-1]), super().minimumSizeHint().height())

    def _room(self, text: str, widest: str) -> int:
        if not text:
            return 0
        return max(self.fontMetrics().horizontalAdvance(each) for each in (text, widest)) + _SPARE

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.shown())


def short_number(number: int) -> str:
    """13,998 as 14.0k, 60,000 as 60k; below ten thousand as it is."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= max(size, 10_000):
            return f"{number / size:.{0 if number % size == 0 else 1}f}{letter}"
    return f"{number:,}"
