"""When to ask the inspector about the input: on every edit, on newer weights, on another step."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from modellab.recipe import recipe_to_builtins
from ui.inspector import Inspector
from ui.lab.clamps import Clamps
from ui.lab.run_model import RunModel
from ui.panels.inference_input import Given
from workers.protocol import Model, Predict, Prediction, Problem, SamplePage, ShowSamples

_EDIT_MS = 25
_LIVE_MS = 200
_NUM_EXAMPLES = 256
_FIRST_PAGE = 32


class Asking(QObject):
    """Asks for predictions and samples of one run; answers about a run no longer shown are dropped."""

    answered = Signal(object, object)  # Prediction, arrays
    freed = Signal(object)  # Prediction with nothing held | None: nothing is held
    failed = Signal(str)  # one sentence
    sampled = Signal(object, object)  # SamplePage of one example, arrays
    examples_came = Signal(object)  # arrays

    def __init__(
        self,
        inspector: Inspector,
        *,
        given: Callable[[], Given | None],
        clamps: Callable[[], Clamps],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._given = given
        self._clamps = clamps
        self._run: RunModel | None = None
        self._pretrained, self._is_ready = "", False
        self._step: int | None = None
        self._is_watched = False
        self._is_stale = True
        self._num_samples: dict[str, int] = {}
        self._edit_timer = QTimer(self, singleShot=True, interval=_EDIT_MS)
        self._edit_timer.timeout.connect(self._ask)
        self._live_timer = QTimer(self, singleShot=True, interval=_LIVE_MS)
        self._live_timer.timeout.connect(self._on_live_timeout)

    def set_run(self, run: RunModel | None) -> None:
        """Ask about another run's model from now on."""
        self._run = run
        self._num_samples = {}
        self.ask_soon()

    def set_pretrained(self, name: str, *, is_ready: bool) -> None:
        """Ask about the model in this folder, in place of the run's; "": about the run's. is_ready: it can be asked."""
        self._pretrained, self._is_ready = name, is_ready
        self.ask_soon()

    def model(self) -> Model | None:
        """Whose weights are asked about."""
        if self._pretrained:
            return Model(pretrained=self._pretrained)
        return Model(run=str(self._run.path), step=self._step) if self._run is not None else None

    def set_step(self, step: int | None) -> None:
        """Ask about the weights of this step; None is the newest."""
        if step != self._step:
            self._step = step
            self.ask_soon()

    def set_watched(self, is_watched: bool) -> None:
        """Nobody sees the answer: ask nothing until somebody does."""
        self._is_watched = is_watched
        if is_watched and self._is_stale:
            self.ask_soon()

    def has_weights(self) -> bool:
        """Whether there are any to ask about."""
        if self._pretrained:
            return self._is_ready
        run = self._run
        return run is not None and (run.published_step is not None or bool(run.checkpoint_steps))

    def ask_soon(self) -> None:
        """The input or the step is another."""
        self._is_stale = True
        if self._is_watched and not self._edit_timer.isActive():
            self._edit_timer.start()

    def note_newer_weights(self) -> None:
        """The run published; with the newest step in view, ask again, at most five times a second."""
        if self._step is not None or self._pretrained:
            return
        self._is_stale = True
        if self._is_watched and not self._live_timer.isActive():
            self._ask()
            self._live_timer.start()

    def ask_for_sample(self, index: int | None, *, split: str = "validation") -> None:
        """One example of the run's data; None: any."""
        run = self._run
        if self._pretrained:
            self.failed.emit(self.tr("A pretrained model comes without examples; give it one of your own."))
            return
        if run is None:
            return
        total = self._num_samples.get(split)
        count = 1
        if index is None and total:
            index = random.randrange(total)
        elif index is None:
            index, count = 0, _FIRST_PAGE

        def take(page: Any, arrays: dict[str, Any]) -> None:
            if isinstance(page, SamplePage) and run is self._run and page.indices:
                self._num_samples[split] = page.total
                self.sampled.emit(*_one_of(page, arrays))

        self._inspector.ask(
            self._samples(run, split=split, start=index, count=count, slot="try-sample"),
            take,
            on_problem=self._on_problem,
            owner=self,
        )

    def ask_for_examples(self) -> None:
        """Some validation examples, to stand behind the input."""
        run = self._run
        if run is None:
            return

        def take(_page: Any, arrays: dict[str, Any]) -> None:
            if run is self._run:
                self.examples_came.emit(arrays)

        request = self._samples(run, split="validation", start=0, count=_NUM_EXAMPLES, slot="try-examples")
        self._inspector.ask(request, take, on_problem=lambda problem: None, owner=self)

    def _samples(self, run: RunModel, *, split: str, start: int, count: int, slot: str) -> ShowSamples:
        recipe = recipe_to_builtins(run.recipe)
        return ShowSamples(slot=slot, recipe=recipe, split=split, start=start, count=count)

    def _ask(self) -> None:
        self._edit_timer.stop()
        model, given = self.model(), self._given()
        if model is None or given is None or not self._is_watched or not self.has_weights():
            return
        self._is_stale = False

        def take(answer: Any, arrays: dict[str, Any]) -> None:
            if isinstance(answer, Prediction) and model == self.model() and self._given() is not None:
                self.answered.emit(answer, arrays)

        def fail(problem: Problem) -> None:
            if model == self.model():
                self._on_problem(problem)

        self._ask_free(model, given)
        request = Predict(slot="predict", model=model, input=given.input, clamps=self._clamps())
        self._inspector.ask(request, take, arrays=given.arrays or None, on_problem=fail, owner=self)

    def _ask_free(self, model: Model, given: Given) -> None:
        """What it would say with nothing held, to compare with."""
        clamps = self._clamps()
        if not clamps:
            self.freed.emit(None)
            return

        def take(answer: Any, _arrays: dict[str, Any]) -> None:
            if isinstance(answer, Prediction) and model == self.model() and self._clamps():
                self.freed.emit(answer)

        request = Predict(slot="predict-free", model=model, input=given.input)
        # It is an extra: what is wrong is said of the other.
        self._inspector.ask(request, take, arrays=given.arrays or None, on_problem=lambda _problem: None, owner=self)

    def _on_live_timeout(self) -> None:
        if self._is_stale and self._is_watched:
            self._ask()
            self._live_timer.start()

    def _on_problem(self, problem: Problem) -> None:
        self.failed.emit(problem.message)


def _one_of(page: SamplePage, arrays: dict[str, Any]) -> tuple[SamplePage, dict[str, Any]]:
    """Any one example of a page, as a page of its own."""
    place = random.randrange(len(page.indices))
    if "offsets" in arrays:
        first, last = np.asarray(arrays["offsets"])[place : place + 2].tolist()
        tokens = np.asarray(arrays["tokens"])[first:last]
        is_stream = len(arrays["targets"]) == len(arrays["tokens"])
        targets = arrays["targets"][first:last] if is_stream else arrays["targets"][place : place + 1]
        one = {"tokens": tokens, "targets": targets}
    else:
        one = {name: np.asarray(array)[place : place + 1] for name, array in arrays.items()}
    sources = page.sources[place : place + 1] if page.sources else ()
    indices, written = page.indices[place : place + 1], page.written[place : place + 1]
    return msgspec.structs.replace(page, indices=indices, sources=sources, written=written), one
