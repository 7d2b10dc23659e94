"""Asks a language model to write on, and tells what comes: a few times a second all of it, or at a reading pace."""

from __future__ import annotations

import time
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from ui.inspector import Inspector
from ui.lab.clamps import Clamps
from ui.panels.inference_text_settings import WritingOptions
from workers.protocol import Generate, Generated, Model, Problem

Pace = Literal["all", "slow", "step"]
_SLOT = "try-generate"
_FLUSH_MS = 33
_SLOW_MS = 200


class Writer(QObject):
    """One text at a time. Tokens come faster than a screen can show them, so they are told in bunches; or one by one,
    at the pace that is asked for, while the model writes ahead."""

    wrote = Signal(object)  # tuple[Generated, ...], the newest
    ended = Signal(str)  # why, where it was not the last token: one sentence

    def __init__(self, inspector: Inspector, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._is_writing = False
        self._number = 0
        self._waiting: list[Generated] = []
        self._started_at = self._newest_at = 0.0
        self._num_tokens = 0
        self._pace: Pace = "all"
        self._is_whole, self._is_step_due = False, False
        self._timer = QTimer(self, interval=_FLUSH_MS, singleShot=True)
        self._timer.timeout.connect(self._on_due)

    @property
    def is_writing(self) -> bool:
        """Whether more is to come."""
        return self._is_writing

    @property
    def is_stepping(self) -> bool:
        """Whether more is to come, a token for each `step`."""
        return self._is_writing and self._pace == "step"

    def set_pace(self, pace: Pace) -> None:
        """How fast it is told from now on."""
        self._pace = pace
        self._timer.setInterval(_FLUSH_MS if pace == "all" else _SLOW_MS)
        if self._is_writing and pace == "all" and self._is_whole:
            self._end("")
        elif self._is_writing and pace != "step" and not self._timer.isActive():
            self._timer.start()

    def step(self) -> None:
        """Tell one more token, as soon as it has come."""
        self._is_step_due = not self._waiting
        if self._waiting:
            self._tell_one()

    def tokens_a_second(self) -> float | None:
        """Measured from the first token to the newest; None before there are two."""
        seconds = self._newest_at - self._started_at
        return (self._num_tokens - 1) / seconds if self._num_tokens > 1 and seconds > 0 else None

    def write(self, model: Model, text: str, *, options: WritingOptions, clamps: Clamps = ()) -> None:
        """Continue the text; what was being written is dropped."""
        self._number += 1
        self._is_writing, self._num_tokens = True, 0
        self._timer.stop()
        self._waiting, self._is_whole, self._is_step_due = [], False, True
        number = self._number

        def take(answer: Any, _arrays: dict[str, Any]) -> None:
            if number == self._number and isinstance(answer, Generated):
                self._take(answer)

        def fail(problem: Problem) -> None:
            if number == self._number:
                self._end(problem.message)

        request = Generate(
            slot=_SLOT,
            model=model,
            text=text,
            num_tokens=options.num_tokens,
            temperature=options.temperature,
            top_k=options.top_k,
            top_p=options.top_p,
            repetition_penalty=options.repetition_penalty,
            seed=options.seed,
            stop=options.stop,
            clamps=clamps,
        )
        self._inspector.ask(request, take, on_problem=fail, owner=self)

    def stop(self) -> None:
        """Write no more; what has come stays."""
        if not self._is_writing:
            return
        self._number += 1
        if self._pace != "all":
            self._waiting = []  # what the model has written ahead
        # A newer question of the slot ends the one under way; of none there is nothing to write.
        nothing = Generate(slot=_SLOT, model=Model(run=""), text="", num_tokens=0)
        self._inspector.ask(nothing, lambda *_: None, owner=self)
        self._end("")

    def _take(self, answer: Generated) -> None:
        now = time.monotonic()
        self._started_at = self._started_at if self._num_tokens else now
        self._newest_at = now
        self._num_tokens += bool(answer.token)
        self._waiting.append(answer)
        self._is_whole = answer.is_last
        if self._pace == "step":
            if self._is_step_due:
                self.step()
        elif answer.is_last and self._pace == "all":
            self._end("")
        elif not self._timer.isActive():
            self._timer.start()

    def _on_due(self) -> None:
        if self._pace == "all":
            self._flush()
        elif self._pace == "slow" and self._waiting:
            self._tell_one()
            if self._waiting:
                self._timer.start()

    def _tell_one(self) -> None:
        """The next token, with what came before and after it that is none."""
        ends = [place for place, answer in enumerate(self._waiting) if answer.token]
        count = ends[1] if len(ends) > 1 else len(self._waiting)
        told, self._waiting = self._waiting[:count], self._waiting[count:]
        self.wrote.emit(tuple(told))
        if self._is_whole and not self._waiting:
            self._end("")

    def _end(self, sentence: str) -> None:
        self._is_writing = False
        self._flush()
        self.ended.emit(sentence)

    def _flush(self) -> None:
        self._timer.stop()
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.wrote.emit(tuple(waiting))
