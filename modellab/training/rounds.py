"""What the training loop does beside its steps, about 20 times a second."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator
from typing import Literal

from modellab.events import AnyEvent, Checkpointed, Evaluated, Finished, Logged
from modellab.runs.folder import RunFolder
from modellab.runs.full_disk import is_disk_full
from modellab.training.checkpointing import Checkpointer, Snapshot
from modellab.training.evaluation import Evaluator
from modellab.training.publishing import Captures, Publisher
from modellab.training.recorder import Recorder
from modellab.training.schedules import Patience, Plateau, fraction_of
from modellab.training.setup import Setup
from modellab.training.shares import Share
from modellab.training.state import copied
from modellab.training.steering import Commands, Slot, Steering

__all__ = ["Commands", "Rounds", "Slot"]

Ending = Literal["completed", "stopped", "early_stopping"]

_REWIND_SHARE = 0.002
_REWIND_SECONDS = 0.2
# At the end the training split is evaluated whole unless that takes more than this share of the training time.
_TRAIN_EVALUATION_SHARE = 0.2
_TRAIN_EVALUATION_SECONDS = 3.0


class Clock:
    """Seconds of training: stands still while a run is paused."""

    def __init__(self) -> None:
        self._before = 0.0
        self._since: float | None = None

    def start(self, *, at: float | None = None) -> None:
        """Go on, from `at` seconds if given."""
        if at is not None:
            self._before = at
        self._since = time.perf_counter()

    def stop(self) -> None:
        """Stand still."""
        self._before, self._since = self.seconds(), None

    def set(self, seconds: float) -> None:
        """Stand at so many seconds."""
        self._before = seconds

    def seconds(self) -> float:
        """Training time so far."""
        return self._before + (time.perf_counter() - self._since if self._since is not None else 0.0)


class Rounds:
    """The state of a training between its steps. `ending` says how it ends, once it does.

    resumed_at: the step of the checkpoint that it goes on from; what there is of later ones is broken.
    """

    def __init__(
        self,
        setup: Setup,
        run: RunFolder | None,
        *,
        commands: Commands,
        is_interactive: bool,
        slot: Slot | None,
        notes: list[str],
        resumed_at: int | None = None,
    ) -> None:
        self.setup = setup
        self.run = run
        self.ending: Ending | None = None
        self.is_rewound = False
        self.due = 0.0
        self.clock = Clock()
        self.recorder = Recorder(setup.learner, setup.task, step=0, seconds=0.0)
        self.evaluator = Evaluator(setup.data, setup.task, setup.options, train=setup.batches)
        self.steering = Steering(self, commands=commands, slot=slot, is_interactive=is_interactive)
        self.notes = notes
        self.applied: dict[str, object] = {}
        self._plateau = Plateau(setup.options.schedule)
        stopping = setup.options.early_stopping
        self._patience = Patience(patience=stopping.patience, min_delta=stopping.min_delta) if stopping else None
        self._best = math.inf
        self._metrics: dict[str, float] = {}
        self._metrics_step = -1
        self._is_best = False
        self._every = self.evaluator.every(steps_per_epoch=setup.steps_per_epoch, total_steps=setup.total_steps)
        self._fraction = fraction_of(
            setup.options.schedule, steps_per_epoch=setup.steps_per_epoch, total_steps=setup.total_steps
        )
        self._rewind_share = Share(_REWIND_SHARE, least_seconds=_REWIND_SECONDS)
        self._publisher = Publisher(run) if run is not None else None
        self._captures = Captures(run, setup.data, setup.model) if run is not None else None
        budget = setup.options.checkpoint_budget_mb
        self.checkpointer = Checkpointer(run, budget_mb=budget, last_step=resumed_at) if run is not None else None
        # The newest state that is known to be good, and a later one whose next loss is not seen yet.
        self._good = self._candidate = self.snapshot(copies=True)
        self._first = self._good if run is not None else None
        self._next_evaluation()
        self.set_rate()

    @property
    def step(self) -> int:
        """Optimiser steps taken."""
        return self.recorder.step

    # -- the learning rate

    def set_rate(self) -> None:
        """The learning rate of the next step."""
        rate = self.setup.options.learning_rate * self._plateau.fraction
        if self._fraction is not None:
            rate *= self._fraction(self.recorder.step)
        if rate != self.recorder.rate:
            self.recorder.rate = rate
            self.setup.learner.set_rate(rate)

    # -- once a round

    def round(self) -> Iterator[AnyEvent]:
        """Hand out what the steps gave, look for what was asked, and do what is due."""
        progress, bad = self.recorder.flush(seconds=self.clock.seconds())
        if progress is not None:
            yield progress
        yield from self.take_notes()
        if bad is not None:
            yield from self.steering.pause_at_bad_loss(bad)
            return
        self._keep_good_state()
        yield from self.steering.obey()
        if self.ending is not None or self.is_rewound:
            return
        is_last = self.step >= self.setup.total_steps
        if self.step >= self.next_stop and not is_last:
            yield from self._evaluate()
        yield from self.guarded(self._side_work)
        if is_last and self.ending is None:
            self.ending = "completed"

    def take_notes(self) -> Iterator[Logged]:
        """Warnings that came up since."""
        while self.notes:
            yield Logged(step=self.step, time=time.time(), level="warning", message=self.notes.pop(0))

    def guarded(self, work: Callable[[], Iterator[AnyEvent]]) -> Iterator[AnyEvent]:
        """Do something that writes; while the disk is full, wait for room and do it again, unless told to stop."""
        while True:
            try:
                yield from work()
            except Exception as error:
                if not is_disk_full(error):
                    raise
                if not self.steering.gives_up:
                    yield from self.steering.wait_for_room()
                if self.steering.gives_up:
                    return
            else:
                return

    def _side_work(self) -> Iterator[AnyEvent]:
        """Live weights, captures and checkpoints, each within its share of the time."""
        if self.checkpointer is None or self._publisher is None or self._captures is None:
            return
        if event := self.checkpointer.finished():
            yield event
        now = time.perf_counter()
        yield from self._publisher.publish(self.setup.model, step=self.step, now=now)
        yield from self._captures.capture(self.setup.model, step=self.step)
        now = time.perf_counter()
        if self._first is not None:
            # Time travel begins at the beginning; the first plotted point need not wait for it.
            first, self._first = self._first, None
            self.checkpointer.take(first)
        elif self.checkpointer.is_due(self.step, now=now, is_best=self._is_best and self._metrics_step == self.step):
            self.checkpointer.take(self.snapshot())

    # -- evaluations

    def _next_evaluation(self) -> None:
        self.next_stop = min(self.setup.total_steps, (self.step // self._every + 1) * self._every)

    def stops_here(self, now: float) -> bool:
        """Whether the step at `next_stop` needs a round: the last one does, an evaluation if it can be afforded."""
        if self.step >= self.setup.total_steps or self.evaluator.is_affordable(now):
            return True
        self._next_evaluation()
        return False

    def _evaluate(self) -> Iterator[AnyEvent]:
        """The validation split, and what hangs on its loss."""
        self._next_evaluation()
        if not self.evaluator.is_affordable(time.perf_counter()):
            return
        evaluated = self.evaluator.evaluate(self.setup.model, "validation", step=self.step)
        self._see(evaluated)
        yield evaluated
        gc.collect(0)
        self.recorder.seconds = self.clock.seconds()

    def _see(self, evaluated: Evaluated) -> None:
        loss = evaluated.metrics.get("loss", math.nan)
        self._metrics, self._metrics_step = evaluated.metrics, self.step
        self._is_best = loss < self._best
        self._best = min(self._best, loss) if loss == loss else self._best
        if self._plateau.see(loss):
            self.set_rate()
        if self._patience is not None and self._patience.see(loss):
            self.ending = "early_stopping"

    # -- the end

    def end(self) -> Iterator[AnyEvent]:
        """The last evaluations, weights, capture and checkpoint; then Finished."""
        assert self.ending is not None
        self.clock.stop()
        splits = self.setup.data.splits()
        if self.ending != "stopped" and self._metrics_step != self.step:
            evaluated = self.evaluator.evaluate(self.setup.model, "validation", step=self.step)
            ending, self.ending = self.ending, None
            self._see(evaluated)
            self.ending = ending
            yield evaluated
        yield from self.guarded(self.show_state)
        if self.ending != "stopped":
            if "test" in splits:
                yield self.evaluator.evaluate(self.setup.model, "test", step=self.step)
            yield from self._evaluate_train()
        yield from self.take_notes()
        yield Finished(step=self.step, time=time.time(), reason=self.ending, seconds=round(self.clock.seconds(), 6))

    def _evaluate_train(self) -> Iterator[AnyEvent]:
        expected = self.evaluator.expected_seconds("train")
        if expected > max(_TRAIN_EVALUATION_SECONDS, _TRAIN_EVALUATION_SHARE * self.clock.seconds()):
            message = f"The training split was not evaluated at the end: it would take about {expected:.0f} s."
            yield Logged(step=self.step, time=time.time(), level="info", message=message)
            return
        yield self.evaluator.evaluate(self.setup.model, "train", step=self.step)

    def show_state(self) -> Iterator[AnyEvent]:
        """Weights, capture and checkpoint of this very step: what one looks at while it pauses, and afterwards."""
        if self.checkpointer is None or self._publisher is None or self._captures is None:
            return
        now = time.perf_counter()
        yield from self._publisher.publish(self.setup.model, step=self.step, now=now, is_last=True)
        yield from self._captures.capture(self.setup.model, step=self.step, is_last=True)
        yield from self.checkpoint_now()

    def checkpoint_now(self) -> Iterator[Checkpointed]:
        """Take a checkpoint and wait until the disk has it."""
        if self.checkpointer is None:
            return
        if event := self.checkpointer.finished(waits=True):
            yield event
        if self._first is not None:
            first, self._first = self._first, None
            self.checkpointer.take(first)
            if event := self.checkpointer.finished(waits=True):
                yield event
        if self.checkpointer.last_step != self.step:
            self.checkpointer.take(self.snapshot())
            if event := self.checkpointer.finished(waits=True):
                yield event

    def close(self) -> None:
        """Wait for what is being written."""
        if self.checkpointer is not None:
            self.checkpointer.close()

    # -- going back

    def snapshot(self, *, copies: bool = False) -> Snapshot:
        """The whole state; its tensors are the live ones unless `copies`."""
        state = {
            "learner": self.setup.learner.state(),
            "plateau": [self._plateau.fraction, _jsonable(self._plateau.best), self._plateau.num_worse],
            "patience": [_jsonable(self._patience.best), self._patience.num_worse] if self._patience else None,
            "best": _jsonable(self._best),
            "applied": dict(self.applied),
        }
        weights = dict(self.setup.model.state_dict())
        is_current = self._metrics_step == self.step
        return Snapshot(
            step=self.step,
            seconds=self.clock.seconds(),
            weights=copied(weights) if copies else weights,
            state=copied(state) if copies else state,
            metrics=self._metrics if is_current else {},
            is_best=is_current and self._is_best,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a state: a checkpoint's, or the last good one. Changed options stay as they are."""
        self.setup.learner.load(snapshot.weights, snapshot.state["learner"])
        self.setup.learner.apply(self.setup.options)
        fraction, best, worse = snapshot.state["plateau"]
        self._plateau.fraction, self._plateau.best, self._plateau.num_worse = fraction, _number(best), worse
        if self._patience is not None and snapshot.state["patience"] is not None:
            best, self._patience.num_worse = snapshot.state["patience"]
            self._patience.best = _number(best)
        self._best = _number(snapshot.state["best"])
        self._metrics_step = -1
        self.clock.set(snapshot.seconds)
        self.recorder.restart(step=snapshot.step, seconds=snapshot.seconds)
        self.recorder.rate = -1.0
        self.set_rate()
        self._next_evaluation()
        self._first = None
        self.is_rewound = True
        self._good = self._candidate = self.snapshot(copies=True)

    def rewind(self) -> int:
        """Go back to the newest state that is known to be good; gives its step."""
        self.restore(self._good)
        return self.step

    def _keep_good_state(self) -> None:
        """Losses up to here are finite, so the candidate's weights were; these may not be until the next loss."""
        now = time.perf_counter()
        if not self._rewind_share.is_due(now):
            return
        self._good, self._candidate = self._candidate, self.snapshot(copies=True)
        done = time.perf_counter()
        self._rewind_share.charge(done - now, now=done)


def _jsonable(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.inf if value is None else value
