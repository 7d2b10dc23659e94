"""The learning rate as a plain function of the step."""

from __future__ import annotations

import math
from collections.abc import Callable

from modellab.training.options import Schedule

Fraction = Callable[[int], float]

# One-cycle as in Smith and Topin 2018 with the customary divisors: from 1/25 of the peak, down to 1/250000 of it.
_ONE_CYCLE_START = 1 / 25
_ONE_CYCLE_END = 1 / 250_000


def fraction_of(schedule: Schedule, *, steps_per_epoch: int, total_steps: int) -> Fraction | None:
    """The share of the learning rate to use for step number `step` (0 is the first); None when it is always all of it.

    Reduce-on-plateau depends on evaluations and is kept by `Plateau`; here it is constant.
    """
    rest = _after_warmup(schedule, steps_per_epoch=steps_per_epoch, total_steps=total_steps)
    warmup = 0 if schedule.kind == "one_cycle" else schedule.warmup_steps
    if not warmup:
        return rest
    full = rest if rest is not None else _one
    return lambda step: (step + 1) / warmup if step < warmup else full(step)


def _after_warmup(schedule: Schedule, *, steps_per_epoch: int, total_steps: int) -> Fraction | None:
    factor, first = schedule.factor, schedule.warmup_steps
    span = max(1, total_steps - first)
    final = schedule.final_fraction
    match schedule.kind:
        case "step":
            every = schedule.step_epochs * steps_per_epoch
            return lambda step: factor ** (max(0, step - first) // every)
        case "exponential":
            return lambda step: factor ** (max(0, step - first) // steps_per_epoch)
        case "cosine":
            return lambda step: final + (1 - final) * (1 + math.cos(math.pi * min(1, (step - first) / span))) / 2
        case "linear":
            return lambda step: 1 - (1 - final) * min(1, (step - first) / span)
        case "one_cycle":
            return _one_cycle(schedule.peak_at, total_steps)
        case _:
            return None


def _one_cycle(peak_at: float, total_steps: int) -> Fraction:
    peak = max(1.0, peak_at * total_steps - 1)
    fall = max(1.0, total_steps - 1 - peak)

    def fraction(step: int) -> float:
        if step <= peak:
            return _cosine(_ONE_CYCLE_START, 1.0, step / peak)
        return _cosine(1.0, _ONE_CYCLE_END, min(1.0, (step - peak) / fall))

    return fraction


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def _one(step: int) -> float:
    return 1.0


class Plateau:
    """Drops the learning rate after `patience` evaluations without a lower validation loss."""

    def __init__(self, schedule: Schedule) -> None:
        self._is_on = schedule.kind == "reduce_on_plateau"
        self._patience = schedule.plateau_epochs
        self._factor = schedule.factor
        self.fraction = 1.0
        self.best = math.inf
        self.num_worse = 0

    def see(self, loss: float) -> bool:
        """Take in a validation loss; whether the learning rate drops for it."""
        if not self._is_on:
            return False
        if loss < self.best:
            self.best, self.num_worse = loss, 0
            return False
        self.num_worse += 1
        if self.num_worse < self._patience:
            return False
        self.num_worse = 0
        self.fraction *= self._factor
        return True


class Patience:
    """Early stopping: counts evaluations without improvement."""

    def __init__(self, *, patience: int, min_delta: float) -> None:
        self._patience = patience
        self._min_delta = min_delta
        self.best = math.inf
        self.num_worse = 0

    def see(self, loss: float) -> bool:
        """Take in a validation loss; whether it is time to stop."""
        if loss < self.best - self._min_delta:
            self.best, self.num_worse = loss, 0
        else:
            self.num_worse += 1
        return self.num_worse >= self._patience
