"""Which heads are looked at: those whose statistic reaches a bound; the others fade."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.views._attention_data import Block, Head
from ui.views._attention_words import statistic_text, statistic_title
from ui.widgets.jump_slider import JumpSlider
from ui.widgets.labels import TextLabel

_STEPS = 100
_SLIDER_PX, _WORDS_PX = 72, 168


class HeadFilter(QWidget):
    """A bound from the least to the largest value that any head has; at the left end every head is kept."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: dict[Head, float] = {}
        self._name, self._num_heads = "", 0
        self._slider = JumpSlider()
        self._slider.setRange(0, _STEPS)
        self._slider.setFixedWidth(_SLIDER_PX)
        self._words = TextLabel(style="small", role="muted")
        self._words.setFixedWidth(_WORDS_PX)  # or what stands beside it would move as one drags
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._slider, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words)
        self._slider.valueChanged.connect(self._on_moved)
        self.hide()

    def show_statistic(self, block: Block, name: str) -> None:
        """What the heads are sorted by; empty: their number, by which nothing is kept from sight."""
        if name != self._name:
            self._name = name
            self._slider.blockSignals(True)
            self._slider.setValue(0)
            self._slider.blockSignals(False)
            if name:
                told = self.tr("Fade the heads whose value is lower: {what}").format(what=statistic_title(name))
                self._slider.setToolTip(told)
                self._slider.setAccessibleName(told)
        heads = [(layer, head) for layer in range(block.num_layers) for head in range(block.num_heads)]
        found = {head: block.statistic(name, *head) for head in heads} if name else {}
        self._values = {head: value for head, value in found.items() if value is not None}
        self._num_heads = len(heads)
        self._slider.setEnabled(len(set(self._values.values())) > 1)
        self._tell()

    def kept(self) -> frozenset[Head] | None:
        """The heads that reach the bound; None: all, whether they have a value or not."""
        bound = self._bound()
        return None if bound is None else frozenset(head for head, value in self._values.items() if value >= bound)

    def _bound(self) -> float | None:
        if self._slider.value() == 0 or not self._values:
            return None
        low, high = min(self._values.values()), max(self._values.values())
        if self._slider.value() == _STEPS:
            return high
        return low + (high - low) * self._slider.value() / _STEPS

    def _tell(self) -> None:
        kept = self.kept()
        if kept is None:
            self._words.setText(self.tr("all {n} heads").format(n=self._num_heads))
            return
        least = statistic_text(self._name, min(self._values[head] for head in kept))
        self._words.setText(self.tr("≥ {least}: {n} of {all}").format(least=least, n=len(kept), all=self._num_heads))

    def _on_moved(self) -> None:
        self._tell()
        self.changed.emit()
