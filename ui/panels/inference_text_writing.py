"""Letting a language model write: a button, its settings, the text as it comes, what each token was drawn from."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from modellab.text.clean import shown
from ui.inspector import Inspector
from ui.lab.clamp_words import clamp_text, interventions_text
from ui.lab.clamps import Clamps
from ui.panels.inference_candidates import Candidates, candidates_of
from ui.panels.inference_text_output import LEAST_HEIGHT, WrittenText
from ui.panels.inference_text_settings import WritingSettings
from ui.panels.inference_text_writer import Writer
from ui.theme.icons import icon
from ui.widgets.buttons import IconButton, QuietButton
from ui.widgets.labels import ElidedLabel
from workers.protocol import Generated, Model

_FOLLOW_MS = 150
_FEW_LINES = 66  # px
_MOST_NAMED = 12  # interventions


class WritingPanel(QWidget):
    """Asks by `asked`; whoever knows the model and the text then calls `write`."""

    asked = Signal()  # a person wants the text continued
    candidates_shown = Signal(object)  # Candidates | None
    followed = Signal(object, int)  # the numbers of the tokens read and written so far; the newest of the written
    pointed = Signal(object, int)  # as `followed`, of the one pointed at; no tokens: none is any more
    chosen = Signal(object, int)  # as `followed`, of one that was clicked
    output_wanted = Signal()  # writing begins: bring the text into sight
    kept = Signal(str)  # what was written is to become part of the text
    failed = Signal(str)  # one sentence

    def __init__(self, inspector: Inspector, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: list[Generated] = []
        self._clamps: Clamps = ()  # what was held when they were written
        self._can_write = False
        # The views read all of the text anew each time, where the model reads one token more.
        self._follow_timer = QTimer(self, singleShot=True, interval=_FOLLOW_MS)
        self._follow_timer.timeout.connect(self._tell_followed)
        self.writer = Writer(inspector, self)
        self.settings = WritingSettings()
        self.output = WrittenText()
        self.output.setPlaceholderText(self.tr("What the model writes on appears here, token by token."))
        self._status = ElidedLabel(style="small", role="muted")
        self._status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._options = self.settings.options()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._head())
        column.addWidget(self.settings)
        column.addWidget(self.output, 1)
        column.addWidget(self._status)
        self.writer.wrote.connect(self._on_wrote)
        self.writer.ended.connect(self._on_ended)
        self.settings.heading.folded.connect(self._on_settings_folded)
        self._on_settings_folded(not self.settings.heading.is_open())
        self.output.pointed.connect(self._on_pointed)
        self.output.chosen.connect(self._on_chosen)
        self.output.next_asked.connect(lambda: self.writer.step() if self.writer.is_stepping else None)
        self.settings.pace.chosen.connect(self._on_pace_chosen)
        self._show_state()

    def set_can_write(self, can_write: bool) -> None:
        """Whether there is a model and a text to continue."""
        if can_write != self._can_write:
            self._can_write = can_write
            self._show_state()

    def write(self, model: Model, text: str, *, clamps: Clamps = ()) -> None:
        """Continue the text with the settings as they are."""
        self.settings.draw_seed()
        self._tokens, self._clamps = [], clamps
        self.output.begin(text)
        self._status.setText("")
        self._options = self.settings.options()
        self.writer.write(model, text, options=self._options, clamps=clamps)
        self._show_state()
        self.output_wanted.emit()

    def tokens(self) -> tuple[Generated, ...]:
        """What was written, token by token."""
        return tuple(self._tokens)

    def toggle(self) -> None:
        """As a click on the button: write, or stop; step by step, the next token."""
        if self.writer.is_stepping:
            self.writer.step()
        elif self.writer.is_writing:
            self.writer.stop()
        elif self._can_write:
            self.asked.emit()

    def reset(self) -> None:
        """Another model: nothing of what was written stays."""
        self.writer.stop()
        self._follow_timer.stop()
        self._tokens = []
        self.output.begin("")
        self._status.setText("")
        self._show_state()

    def _head(self) -> QHBoxLayout:
        self.button = QuietButton(self.tr("Generate"))
        self.button.clicked.connect(self.toggle)
        self.copy = IconButton("copy", self.tr("Copy the text with what was written"))
        self.copy.clicked.connect(self._on_copy_clicked)
        self.keep = IconButton("arrow-up", self.tr("Take what was written into the text above"))
        self.keep.clicked.connect(self._on_keep_clicked)
        row = QHBoxLayout()
        row.setSpacing(4)
        self.halt = IconButton("stop", self.tr("Stop writing; what has come stays."))
        self.halt.clicked.connect(self.writer.stop)
        row.addWidget(self.button)
        row.addWidget(self.halt)
        row.addStretch(1)
        row.addWidget(self.keep)
        row.addWidget(self.copy)
        return row

    def _show_state(self) -> None:
        is_writing, is_stepping = self.writer.is_writing, self.writer.is_stepping
        words = self.tr("Next token") if is_stepping else self.tr("Stop") if is_writing else self.tr("Generate")
        self.button.setText(words)
        self.button.setIcon(icon("stop" if is_writing and not is_stepping else "play", "text"))
        self.button.setAccessibleName(words)
        self.button.setEnabled(is_writing or self._can_write)
        told = self.tr("Let the model continue the text, token by token (Ctrl+Enter).")
        if is_stepping:
            told = self.tr("Write one more token (Ctrl+Enter; Space in what is written)")
        elif is_writing:
            told = self.tr("Stop writing; what has come stays.")
        self.button.setToolTip(told)
        self.halt.setVisible(is_stepping)
        has_text = bool(self._tokens)
        self.copy.setEnabled(has_text)
        self.keep.setEnabled(has_text and not is_writing)

    def _show_status(self) -> None:
        count = len(self._tokens)
        told = self.tr("1 token") if count == 1 else self.tr("{0:,} tokens").format(count)
        is_short = bool(count) and self._tokens[-1].is_last and count < self._options.num_tokens
        if is_short and self._options.stop:
            told = self.tr("{tokens}, stopped at “{text}”").format(tokens=told, text=shown(self._options.stop))
        if self._clamps:
            told = self.tr("{tokens}, with {interventions} on").format(
                tokens=told, interventions=interventions_text(len(self._clamps))
            )
        self._status.setText(told)
        speed = self.writer.tokens_a_second()
        lines = [self.tr("{0:,.0f} tokens a second, as the model writes").format(speed)] if speed is not None else []
        lines += [clamp_text(clamp, tells_layer=True) for clamp in self._clamps[:_MOST_NAMED]]
        self._status.set_help("\n".join(lines))

    def _candidates(self, token: int) -> Candidates:
        written = self._tokens[token]
        return candidates_of(written, place=token, total=len(self._tokens), options=self._options, clamps=self._clamps)

    def _on_wrote(self, answers: tuple[Generated, ...]) -> None:
        new = [answer for answer in answers if answer.token or answer.text]
        self._tokens += new
        self.output.add(answer.text for answer in new)
        self._show_status()
        self._show_state()
        if self._tokens:
            looked_at = self.output.looked_at()
            self.candidates_shown.emit(self._candidates(looked_at if looked_at >= 0 else len(self._tokens) - 1))
            if not self._follow_timer.isActive():
                self._follow_timer.start()

    def _on_ended(self, sentence: str) -> None:
        self._show_state()
        if self._follow_timer.isActive():
            self._tell_followed()
        if not self._tokens or sentence:
            self.candidates_shown.emit(None)
        if sentence:
            self.failed.emit(sentence)

    def _on_settings_folded(self, is_folded: bool) -> None:
        """With the settings folded what was begun with, the candidates and some lines of the text are in sight
        together in a small window; with them open one scrolls anyway."""
        self.output.setMinimumHeight(_FEW_LINES if is_folded else LEAST_HEIGHT)

    def _on_pointed(self, token: int) -> None:
        if 0 <= token < len(self._tokens):
            self.candidates_shown.emit(self._candidates(token))
            if not self.writer.is_writing and (numbers := self._numbers()):
                self.pointed.emit(numbers, token)
        elif self._tokens:
            self.candidates_shown.emit(self._candidates(len(self._tokens) - 1) if self.writer.is_writing else None)
            if not self.writer.is_writing:
                self.pointed.emit((), -1)

    def _on_chosen(self, token: int) -> None:
        if 0 <= token < len(self._tokens) and (numbers := self._numbers()):
            self.chosen.emit(numbers, token)
        elif token < 0 and self.writer.is_writing:
            self.chosen.emit((), -1)

    def _on_pace_chosen(self, pace: str) -> None:
        self.writer.set_pace(pace)  # type: ignore[arg-type]
        self._show_state()

    def _tell_followed(self) -> None:
        self._follow_timer.stop()
        if self._tokens and (numbers := self._numbers()):
            self.followed.emit(numbers, len(self._tokens) - 1)

    def _numbers(self) -> tuple[int, ...]:
        """Of all tokens that were read and written; () where they are not told."""
        prompt = self._tokens[0].prompt
        return (*prompt, *(token.number for token in self._tokens)) if prompt else ()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.output.begun() + self.output.written())

    def _on_keep_clicked(self) -> None:
        self.kept.emit(self.output.written())
