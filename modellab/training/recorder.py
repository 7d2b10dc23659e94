"""Collects what every step gives, without waiting for the device, and makes Progress events of it."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modellab.events import Progress
from modellab.tasks.base import Task
from modellab.training.devices import memory_in_use
from modellab.training.learner import Batch, Learner
from modellab.training.shares import HICCUP, Stride

# Of the training time: what accuracy and gradient norm may cost together.
_MEASURING_SHARE = 0.003
_SIGNIFICANT_DIGITS = 6
# Fewer numbers than this are rounded one by one: numpy's calls cost more.
_FEW = 64

Columns = dict[str, list[float | None]]


class Recorder:
    """The steps since the last flush. Losses of every step; accuracy and gradient norm of every k-th."""

    def __init__(self, learner: Learner, task: Task, *, step: int, seconds: float) -> None:
        self._learner = learner
        self._task = task
        self._stride = Stride(_MEASURING_SHARE)
        self._measuring_seconds = 0.0
        self._num_measured = 0
        self._shortest_seconds = math.inf
        self._memory_due = 0.0
        self._memory_bytes = 0
        self.rate = 0.0
        self.restart(step=step, seconds=seconds)

    def restart(self, *, step: int, seconds: float) -> None:
        """Forget what was collected: the next step is `step + 1`, and training has taken `seconds`."""
        self.step = step
        self.seconds = seconds
        self._clear()

    def take_step(self, batch: Batch) -> None:
        """Train on a batch and keep what comes of it."""
        if self.step % self._stride.steps == 0:
            self._take_measured_step(batch)
        else:
            self._losses.append(self._learner.step(batch)[0])
        self._rates.append(self.rate)
        self._num_examples += sum(len(targets) for _, targets in batch)
        self.step += 1

    def _take_measured_step(self, batch: Batch) -> None:
        loss, outputs, targets = self._learner.step(batch, measures_norm=True)
        start = time.perf_counter()
        measured = self._task.step_metrics(outputs, targets)
        if self._learner.gradient_norm is not None:
            measured["gradient_norm"] = self._learner.gradient_norm
        self._measured.append((len(self._losses), measured))
        self._losses.append(loss)
        # The norm is taken inside the step; it costs about what the metrics do.
        seconds = 1.7 * (time.perf_counter() - start)
        self._shortest_seconds = min(self._shortest_seconds, seconds)
        self._measuring_seconds += seconds
        self._num_measured += 1

    def flush(self, *, seconds: float) -> tuple[Progress | None, int | None]:
        """The Progress event of the finite steps, and the first step whose loss is not finite, if there is one.

        Waits for the device. `seconds`: of training so far.
        """
        if not self._losses:
            return None, None
        first = self.step - len(self._losses) + 1
        losses = _values(self._losses)
        finite = np.isfinite(losses)
        num_good = len(losses) if finite.all() else int(finite.argmin())
        bad = None if num_good == len(losses) else first + num_good
        elapsed = max(seconds - self.seconds, 1e-9)
        self._adapt(elapsed, len(losses))
        progress = None
        if num_good:
            progress = Progress(
                step=first + num_good - 1,
                time=time.time(),
                first=first,
                columns=self._columns(losses, num_good),
                times=(round(self.seconds, 6), round(seconds, 6)),
                samples_per_second=float(f"{self._num_examples / elapsed:.6g}"),
                memory_bytes=self._memory(),
            )
        self.seconds = seconds
        self._clear()
        return progress, bad

    def _columns(self, losses: NDArray[np.float64], count: int) -> Columns:
        columns: Columns = {"loss": rounded(losses[:count])}
        names = {name: None for _, measured in self._measured for name in measured}
        for name in names:
            places = [(index, measured[name]) for index, measured in self._measured if name in measured]
            values = rounded(_values([value for _, value in places]))
            column: list[float | None] = [None] * count
            for (index, _), value in zip(places, values, strict=True):
                if index < count:
                    column[index] = value
            columns[name] = column
        rates = self._rates[:count]
        is_constant = rates[0] == rates[-1] and rates.count(rates[0]) == count
        columns["learning_rate"] = (
            [float(f"{rates[0]:.{_SIGNIFICANT_DIGITS}g}")] * count if is_constant else rounded(np.asarray(rates))
        )
        return columns

    def _adapt(self, elapsed: float, num_steps: int) -> None:
        if self._num_measured:
            # A hiccup of the machine is not the price.
            cost = min(self._measuring_seconds / self._num_measured, HICCUP * self._shortest_seconds)
            step_seconds = max(elapsed - self._measuring_seconds, 1e-9) / num_steps
            # The first steps are slow for other reasons (caches, allocators): they tell nothing of the cost.
            if self.step > 8:
                self._stride.adapt(cost=cost, step_seconds=step_seconds)

    def _memory(self) -> int:
        now = time.perf_counter()
        if now >= self._memory_due:
            self._memory_bytes = memory_in_use(self._learner.device)
            self._memory_due = now + 1.0
        return self._memory_bytes

    def _clear(self) -> None:
        self._losses: list[Tensor] = []
        self._measured: list[tuple[int, dict[str, Tensor]]] = []
        self._rates: list[float] = []
        self._num_examples = 0
        self._measuring_seconds = 0.0
        self._num_measured = 0


def _values(tensors: list[Tensor]) -> NDArray[np.float64]:
    """Many 0-d tensors as one array: one transfer."""
    stacked = torch.stack(tensors).float().cpu().numpy()
    return np.asarray(stacked, dtype=np.float64)


def rounded(values: NDArray[Any]) -> list[float | None]:
    """Six significant digits, which a line of JSON can spare; what is not finite becomes None."""
    values = np.asarray(values, dtype=np.float64)
    if len(values) < _FEW:
        return [float(f"{v:.{_SIGNIFICANT_DIGITS}g}") if math.isfinite(v) else None for v in values.tolist()]
    is_finite = np.isfinite(values)
    safe = np.where(is_finite, values, 0.0)
    with np.errstate(divide="ignore"):
        exponent = np.where(safe != 0, np.floor(np.log10(np.abs(safe))), 0.0)
    scale = 10.0 ** np.clip(_SIGNIFICANT_DIGITS - 1 - exponent, 0, 300)
    short: list[float | None] = (np.round(safe * scale) / scale).tolist()
    return short if is_finite.all() else [v if ok else None for v, ok in zip(short, is_finite, strict=True)]
