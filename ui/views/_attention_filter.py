"""Which heads are looked at: those whose statistic is at least, or at most, a bound; the others fade."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ui.views._attention_data import Block, Head
from ui.views._attention_words import statistic_number, statistic_text, statistic_title
from ui.widgets.jump_slider import JumpSlider
from ui.widgets.labels import TextLabel

_STEPS = 100
_SIDE_PX = 24
_SLIDER_PX, _WORDS_PX, _BETWEEN = 48, 108, 4


class HeadFilter(QWidget):
    """A bound from the least to the largest value that any head has, and the button that says which side of it is kept:
    ≥, from the left end on, where every head is kept, or ≤, from the right end. Where there is no room for words they
    are told on hover alone."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: dict[Head, float] = {}
        self._name, self._num_heads = "", 0
        self._is_at_least = True
        self._does = ""
        self.side = QToolButton()
        self.side.setText("≥")
        self.side.setFixedWidth(_SIDE_PX)
        self.side.clicked.connect(self._on_side_clicked)
        self._slider = JumpSlider()
        self._slider.setRange(0, _STEPS)
        self._slider.setFixedWidth(_SLIDER_PX)
        self._words = TextLabel(style="small", role="muted")
        self._words.setFixedWidth(_WORDS_PX)  # or what stands beside it would move as one drags
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_BETWEEN)
        row.addWidget(self.side)
        row.addWidget(self._slider, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words)
        row.addStretch(1)
        self.setMaximumWidth(self.least_width() + _BETWEEN + _WORDS_PX)
        self._slider.valueChanged.connect(self._on_moved)
        self.hide()

    def least_width(self) -> int:
        """Without words."""
        return _SIDE_PX + _BETWEEN + _SLIDER_PX

    def show_statistic(self, block: Block, name: str) -> None:
        """What the heads are sorted by; empty: their number, by which nothing is kept from sight."""
        if name != self._name:
            self._name = name
            self.reset()
        heads = [(layer, head) for layer in range(block.num_layers) for head in range(block.num_heads)]
        found = {head: block.statistic(name, *head) for head in heads} if name else {}
        self._values = {head: value for head, value in found.items() if value is not None}
        self._num_heads = len(heads)
        self._slider.setEnabled(len(set(self._values.values())) > 1)
        self._tell()

    def reset(self) -> None:
        """Keep every head."""
        self._slider.blockSignals(True)
        self._slider.setValue(0 if self._is_at_least else _STEPS)
        self._slider.blockSignals(False)
        self.side.setText("≥" if self._is_at_least else "≤")
        what = statistic_title(self._name) if self._name else ""
        told = self.tr("Fade the heads whose value is lower: {what}")
        if not self._is_at_least:
            told = self.tr("Fade the heads whose value is higher: {what}")
        self._does = told.format(what=what)
        self._slider.setAccessibleName(self._does)
        self._tell_on_hover()
        other = self.tr("Keep the heads with the largest values; a click: with the least")
        if not self._is_at_least:
            other = self.tr("Keep the heads with the least values; a click: with the largest")
        self.side.setToolTip(other)
        self.side.setAccessibleName(other)

    def kept(self) -> frozenset[Head] | None:
        """The heads on the side of the bound that is kept; None: all, whether they have a value or not."""
        bound = self._bound()
        if bound is None:
            return None
        is_at_least = self._is_at_least
        return frozenset(
            head for head, value in self._values.items() if (value >= bound if is_at_least else value <= bound)
        )

    def _bound(self) -> float | None:
        place = self._slider.value()
        if place == (0 if self._is_at_least else _STEPS) or not self._values:
            return None
        low, high = min(self._values.values()), max(self._values.values())
        return {0: low, _STEPS: high}.get(place, low + (high - low) * place / _STEPS)

    def _tell(self) -> None:
        kept = self.kept()
        if kept is None:
            self._words.setText(self.tr("all {n} heads").format(n=self._num_heads))
            self._words.setToolTip("")
            self._tell_on_hover()
            return
        values = [self._values[head] for head in kept]
        bound = min(values) if self._is_at_least else max(values)
        counted = self.tr("{n} of {all}").format(n=len(kept), all=self._num_heads)
        self._words.setText(f"{statistic_number(self._name, bound)}: {counted}")
        sign = "≥" if self._is_at_least else "≤"
        what = f"{statistic_title(self._name)} {sign} {statistic_text(self._name, bound)}"
        self._words.setToolTip(self.tr("{what}: {counted} heads").format(what=what, counted=counted))
        self._tell_on_hover()

    def _tell_on_hover(self) -> None:
        self._slider.setToolTip("\n".join(filter(None, (self._does, self._words.toolTip() or self._words.text()))))

    def _on_side_clicked(self) -> None:
        self._is_at_least = not self._is_at_least
        self.reset()
        self._on_moved()

    def _on_moved(self) -> None:
        self._tell()
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._words.setVisible(self.width() >= self.maximumWidth())
