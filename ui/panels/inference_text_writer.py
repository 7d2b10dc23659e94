"""Asks a language model to write on, and gathers what comes, a few times a second."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ui.inspector import Inspector
from ui.lab.clamps import Clamps
from ui.panels.inference_text_settings import WritingOptions
from workers.protocol import Generate, Generated, Model, Problem

_SLOT = "try-generate"
_FLUSH_MS = 33


class Writer(QObject):
    """One text at a time. Tokens come faster than a screen can show them, so they are told in bunches."""

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
        self._timer = QTimer(self, interval=_FLUSH_MS, singleShot=True)
        self._timer.timeout.connect(self._flush)

    @property
    def is_writing(self) -> bool:
        """Whether more is to come."""
        return self._is_writing

    @property
    def num_tokens(self) -> int:
        """How many have come."""
        return self._num_tokens

    def tokens_a_second(self) -> float | None:
        """Measured from the first token to the newest; None before there are two."""
        seconds = self._newest_at - self._started_at
        return (self._num_tokens - 1) / seconds if self._num_tokens > 1 and seconds > 0 else None

    def write(self, model: Model, text: str, *, options: WritingOptions, clamps: Clamps = ()) -> None:
        """Continue the text; what was being written is dropped."""
        self._number += 1
        self._is_writing, self._num_tokens = True, 0
        self._waiting = []
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
        if answer.is_last:
            self._end("")
        elif not self._timer.isActive():
            self._timer.start()

    def _end(self, sentence: str) -> None:
        self._is_writing = False
        self._flush()
        self.ended.emit(sentence)

    def _flush(self) -> None:
        self._timer.stop()
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.wrote.emit(tuple(waiting))
