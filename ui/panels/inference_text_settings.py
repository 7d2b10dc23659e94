"""How a language model writes on: temperature, what it may draw from, the seed, and where it ends."""

from __future__ import annotations

import random

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from ui.forms.fold import FoldHeading
from ui.widgets.buttons import IconButton
from ui.widgets.help_dot import rich_tooltip
from ui.widgets.labels import ElidedLabel
from ui.widgets.number_fields import IntegerField, NumberField
from ui.widgets.segmented import Segmented

_MOST_TOKENS, _MOST_SEED = 10_000, 2**31 - 1
_COLUMNS = 2


class WritingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """As `Generate` has them."""

    num_tokens: int
    temperature: float
    top_k: int
    top_p: float
    repetition_penalty: float
    seed: int
    stop: str


class WritingSettings(QWidget):
    """Fields under a heading that folds them away and tells what is set."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = FoldHeading(self.tr("Settings"), key="generation", is_open=False, is_quiet=True)
        self.temperature = NumberField(0.8, minimum=0.0, maximum=10.0, num_decimals=3)
        self.num_tokens = IntegerField(200, minimum=1, maximum=_MOST_TOKENS)
        self.top_k = IntegerField(0, minimum=0, maximum=1_000_000)
        self.top_k.setSpecialValueText(self.tr("off"))
        self.top_p = NumberField(1.0, minimum=0.001, maximum=1.0, num_decimals=3)
        self.repetition_penalty = NumberField(1.0, minimum=0.1, maximum=10.0, num_decimals=3)
        self.seed = IntegerField(_any_seed(), minimum=0, maximum=_MOST_SEED)
        self.stop = QLineEdit()
        self.stop.setPlaceholderText(self.tr("never"))
        self.dice = IconButton("dice", self.tr("A new seed each time"), is_checkable=True)
        self.dice.setChecked(True)
        self.pace = Segmented(
            [("all", self.tr("At once")), ("slow", self.tr("Slow")), ("step", self.tr("By step"))],
            accessible_name=self.tr("Pace:"),
        )
        self.pace.set_tooltip("all", self.tr("As fast as the model writes"))
        self.pace.set_tooltip("slow", self.tr("Five tokens a second, so that the views can be watched meanwhile"))
        self.pace.set_tooltip(
            "step", self.tr("A token for each press of Next token (Ctrl+Enter; Space in what is written)")
        )
        self._form = QWidget()
        self._fill(QGridLayout(self._form))
        self._form.setVisible(self.heading.is_open())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.pace)
        column.addWidget(self.heading)
        column.addWidget(self._form)
        self.heading.folded.connect(self._form.setHidden)
        for field in (self.temperature, self.top_p, self.repetition_penalty):
            field.valueChanged.connect(self._on_changed)
        for number in (self.num_tokens, self.top_k):
            number.valueChanged.connect(self._on_changed)
        self.stop.textEdited.connect(self._on_changed)
        self.seed.lineEdit().textEdited.connect(self._on_seed_typed)
        self._on_changed()

    def options(self) -> WritingOptions:
        """What is set now."""
        return WritingOptions(
            num_tokens=self.num_tokens.value(),
            temperature=self.temperature.value(),
            top_k=self.top_k.value(),
            top_p=self.top_p.value(),
            repetition_penalty=self.repetition_penalty.value(),
            seed=self.seed.value(),
            stop=self.stop.text().replace("\\n", "\n"),
        )

    def draw_seed(self) -> None:
        """Another seed, unless the one that stands there is to be used again."""
        if self.dice.isChecked():
            self.seed.setValue(_any_seed())

    def _fill(self, grid: QGridLayout) -> None:
        grid.setContentsMargins(0, 0, 0, 4)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        seed = QWidget()
        row = QHBoxLayout(seed)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.seed, 1)
        row.addWidget(self.dice)
        tr = self.tr
        cells = (
            (self.temperature, self.temperature, tr("Temperature"),
             tr("Logits are divided by it: below 1 the likely gets likelier, 0 always takes the likeliest.")),
            (self.top_k, self.top_k, tr("Top-k"), tr("Draw only from the k likeliest tokens.")),
            (self.top_p, self.top_p, tr("Top-p"),
             tr("Draw only from the likeliest tokens that together have this probability; 1 is off.")),
            (self.num_tokens, self.num_tokens, tr("Tokens"), tr("How many tokens are written at most.")),
            (self.repetition_penalty, self.repetition_penalty, tr("Repetition penalty"),
             tr("Logits of tokens that are there already are divided by it where positive, multiplied where negative; "
                "1 is off.")),
            (self.stop, self.stop, tr("Stop at"),
             tr("Stops as soon as this text was written; \\n stands for the end of a line.")),
            (seed, self.seed, tr("Seed"),
             tr("The same seed, text, settings and weights write the same. With the dice held down it is another "
                "each time.")),
        )  # fmt: skip
        for place, (cell, field, title, sentence) in enumerate(cells):
            label = ElidedLabel(title, style="small", role="muted")
            label.setMinimumWidth(0)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            label.setBuddy(field)
            field.setAccessibleName(title)
            for part in (label, field):
                part.setToolTip(rich_tooltip(title, sentence))
            field.setMinimumWidth(50)
            line, column = divmod(place, _COLUMNS)
            width = 2 if cell is seed else 1
            grid.addWidget(label, 2 * line, column, 1, width)
            grid.addWidget(cell, 2 * line + 1, column, 1, width)
            grid.setColumnStretch(column, 1)

    def _on_changed(self, *_: object) -> None:
        parts = [self.tr("temperature {0:g}").format(self.temperature.value())]
        parts += [self.tr("top-k {0}").format(self.top_k.value())] if self.top_k.value() else []
        parts += [self.tr("top-p {0:g}").format(self.top_p.value())] if self.top_p.value() < 1 else []
        penalty = self.repetition_penalty.value()
        parts += [self.tr("repetition penalty {0:g}").format(penalty)] if penalty != 1 else []
        parts += [self.tr("{0:,} tokens").format(self.num_tokens.value())]
        self.heading.set_summary(" · ".join(parts))
        self.heading.setToolTip(" · ".join(parts))
        self.changed.emit()

    def _on_seed_typed(self, _text: str) -> None:
        self.dice.setChecked(False)


def _any_seed() -> int:
    return random.randrange(100_000)
