"""Giving a text: type it, paste it, or take a validation sample; it tells how many tokens the model reads of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from modellab.data.base import Sample
from ui.forms.line_field import LineField
from ui.panels.inference_hidden import asks
from ui.panels.inference_input import Given, InputEditor
from ui.panels.inference_text_field import TextField
from ui.widgets.buttons import IconButton
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.missing_letters import advice_on_boxes
from ui.widgets.segmented import Segmented
from workers.protocol import TextInput

_SHORT = 64  # tokens: a model that reads no more is given words, not sentences
_LETTERS_A_TOKEN, _MOST_LETTERS = 16, 50_000  # Qt lays out a line of 100,000 letters without a space in a second
_MOST_BEGUN = 4_000  # characters before what a language model is to write: it reads no more than 4,096 tokens


class TextEditor(InputEditor):
    """The field; under it what the model reads of it, where it comes from, and the ways to another."""

    typed = Signal(str)  # what a person made of it
    entered = Signal()  # a person asks for what the model would write on

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sample: Sample | None = None
        self.field = TextField()
        self.field.typed.connect(self._on_typed)
        self.field.shortened.connect(self._on_shortened)
        self.field.cleaned.connect(self._on_cleaned)
        self.field.entered.connect(self._on_entered)
        self.second = LineField()
        self.second.setPlaceholderText(self.tr("Second text (optional): does it follow?"))
        self.second.setAccessibleName(self.tr("Second text"))
        self.second.typed.connect(self._on_second_typed)
        self.search = Segmented(
            [("1", self.tr("Greedy")), ("4", self.tr("Beam of 4"))], accessible_name=self.tr("Translations by:")
        )
        self.search.set_tooltip(
            "1",
            wrapped_tooltip(
                self.tr("The likeliest token each time: one translation, the one that Attention and Logit lens look at")
            ),
        )
        self.search.set_tooltip(
            "4",
            self.tr("Beam search: the four best translations that it comes upon; click one to look at its attention"),
        )
        self.search.chosen.connect(lambda _key: self.changed.emit())
        self.count = ElidedLabel(style="small", role="muted")
        self.count.set_help(
            self.tr("Tokens that the model makes of the text, and how many it takes; what is longer is cut.")
        )
        self._caption = ElidedLabel(style="small", role="muted")
        self._caption.hide()
        self._note = TextLabel(style="small", role="warn")
        self._note.setWordWrap(True)
        self._note.hide()
        self._boxes = TextLabel(style="small", role="muted")
        self._boxes.setWordWrap(True)
        self._boxes.hide()
        self.field.textChanged.connect(self._tell_boxes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addWidget(self.second)
        column.addWidget(self.search)
        column.addWidget(self._note)
        column.addWidget(self._boxes)
        column.addLayout(self._foot())
        column.addWidget(self._caption)
        self._carries_state = False
        self.set_sample(None)

    def set_carries_state(self, carries: bool) -> None:
        """Whether the model reads token by token and keeps what it has read in its state, so that no text is too
        long."""
        self._carries_state = carries

    def set_sample(self, sample: Sample | None) -> None:
        self._sample = sample
        task = sample.task if sample is not None else ""
        self.second.setVisible(task == "masked_language_modelling")
        self.search.setVisible(task == "translation")
        is_model = self.writes_on()
        reads = sample.shape[0] if sample is not None else 0
        most = _MOST_BEGUN if is_model else min(_MOST_LETTERS, reads * _LETTERS_A_TOKEN)
        self.field.set_most(most, keeps_end=is_model)
        is_short = 0 < reads <= _SHORT and not is_model
        least_lines, most_lines = (1, 2) if is_short else (3, 7)
        self.field.set_lines(least_lines, most_lines)
        if is_model:
            hint = self.tr("Begin a text: the likeliest next tokens change with every key.")
        elif task == "translation":
            hint = self.tr("Type what to translate")
        elif task == "masked_language_modelling":
            hint = self.tr("Type a text with [MASK] in it: its guesses change with every key.")
        elif is_short:
            hint = self.tr("Type a word or a few")
        else:
            hint = self.tr("Type or paste a text: the answer changes with every key.")
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(hint)
        self._show_count(None)
        self.changed.emit()

    def writes_on(self) -> bool:
        """Whether the model is one of language, which continues the text."""
        return self._sample is not None and self._sample.task == "language_modelling"

    def text(self) -> str:
        """What the model is given."""
        return self.field.text()

    def pair(self) -> str:
        """The second text, whether or not the model takes one."""
        return self.second.text()

    def set_text(self, text: str, *, pair: str | None = None, caption: str = "") -> None:
        """Give a text that nobody typed here; pair: the second one, None as it is."""
        if pair is not None and pair != self.second.text():
            self.second.show_text(pair)
            self.changed.emit()
        if text != self.text():
            self._say("")
            self.field.set_text(text)
            self._show_count(None)
            self.changed.emit()
        self._tell_source(caption)

    def append(self, text: str) -> None:
        """Write something at the end, as if typed."""
        self.field.append(text)

    def given(self) -> Given | None:
        text = self.text()
        is_empty = not text if self.writes_on() else not text.strip()
        pair = "" if self.second.isHidden() else self.second.text().strip()
        is_hiding = self._sample is not None and self._sample.task == "masked_language_modelling"
        if is_empty or (is_hiding and not asks(text, pair)):
            return None
        return Given(input=TextInput(text=text, pair=pair, num_beams=int(self.search.value())))

    def show_seen(self, seen: NDArray[Any]) -> None:
        self._show_count(int(np.count_nonzero(seen)))

    def show_num_tokens(self, num_tokens: int) -> None:
        """How many tokens the whole text has, of which the model may read fewer."""
        if num_tokens:
            self._show_count(num_tokens)

    def clear(self) -> None:
        """Nothing given."""
        self.field.selectAll()
        self.field.insertPlainText("")

    def _foot(self) -> QHBoxLayout:
        dice = IconButton("dice", self.tr("Take a validation sample (Ctrl+R)"))
        dice.clicked.connect(self.sample_asked)
        self._clear = IconButton("trash", self.tr("Clear"))
        self._clear.clicked.connect(self.clear)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.count)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addLayout(words, 1)
        row.addWidget(dice)
        row.addWidget(self._clear)
        return row

    def _show_count(self, num_tokens: int | None) -> None:
        """What the model made of the text, or while nobody has asked it, what it can take."""
        reads = self._sample.shape[0] if self._sample is not None else 0
        parts = []
        if num_tokens is not None and self.given() is not None:  # not an answer that comes too late
            parts.append(self.tr("1 token") if num_tokens == 1 else self.tr("{0:,} tokens").format(num_tokens))
        if self._carries_state and self.writes_on():
            parts += [] if parts else [self.tr("any length")]
        elif reads and self.writes_on():
            parts.append(self.tr("context {0:,}").format(reads))
        elif reads and parts and num_tokens is not None and num_tokens > reads:
            parts.append(self.tr("{0:,} read").format(reads))
        elif reads:
            most = self.tr("at most {0:,}") if parts else self.tr("at most {0:,} tokens")
            parts.append(most.format(reads))
        self.count.setText(" · ".join(parts))
        self._clear.setEnabled(bool(self.text()))

    def _tell_source(self, caption: str) -> None:
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))

    def _say(self, sentence: str) -> None:
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))

    def _tell_boxes(self) -> None:
        """Letters that nothing here can draw stand in the field as boxes: which they are."""
        sentence = advice_on_boxes(self.text())
        self._boxes.setText(sentence)
        self._boxes.setVisible(bool(sentence))

    def _on_second_typed(self) -> None:
        self.changed.emit()
        self.typed.emit(self.text())

    def _on_entered(self) -> None:
        if not self.writes_on():  # views may have gone on to another text; one that writes goes on by itself
            self.typed.emit(self.text())
        self.entered.emit()

    def _on_typed(self) -> None:
        self._say("")
        self._tell_source("")
        if self.given() is None:  # nobody will be asked
            self._show_count(None)
        self._clear.setEnabled(bool(self.text()))
        self.changed.emit()
        self.typed.emit(self.text())

    def _on_shortened(self, given: int) -> None:
        kept = len(self.text())
        sentence = (
            self.tr("{0:,} characters were given, of which the last {1:,} are kept.")
            if self.writes_on()
            else self.tr("{0:,} characters were given, of which the first {1:,} are kept.")
        )
        self._say(sentence.format(given, kept))

    def _on_cleaned(self) -> None:
        self._say(self.tr("NUL characters were given, which are read as spaces."))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_R and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.sample_asked.emit()
        else:
            super().keyPressEvent(event)
