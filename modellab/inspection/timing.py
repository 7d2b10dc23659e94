"""How long a training step takes on this machine, from a few that are really taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from modellab.architectures.base import ArchitectureConfig
from modellab.config import replaced
from modellab.data.base import LoadedDataset, num_examples
from modellab.inspection.inputs import to_model
from modellab.tasks import task_for
from modellab.training.batches import Batches, make_batches, stored_targets
from modellab.training.learner import Batch, Learner
from modellab.training.options import TrainingOptions

Clock = Callable[[], float]  # seconds

BUDGET_SECONDS = 0.3
_FEWEST_EXAMPLES = 2
_PROBE_EXAMPLES = 16
_MOST_STEPS = 30


def step_seconds(
    architecture: ArchitectureConfig,
    data: LoadedDataset,
    options: TrainingOptions,
    *,
    budget_seconds: float = BUDGET_SECONDS,
    is_wanted: Callable[[], bool] = lambda: True,
    clock: Clock = time.perf_counter,
) -> float | None:
    """Seconds of one optimiser step on the CPU, the median of up to 30 in about `budget_seconds`; None if interrupted.

    Uses torch's threads as they are set. clock: with one thread `time.thread_time` leaves out what others do meanwhile.
    Batches of 2, 16, 64, 256 ... examples are tried first; where one of them takes a quarter of the budget already (the
    first: half), the whole batch is judged by it, in proportion.
    Torch's generator is left as it was. `is_wanted` is asked between steps.

    Raises:
        UserError: the sizes do not work out, or the loss does not suit the task.
    """
    options = replaced(options, compile=False)  # compiling takes longer than all else here
    examples = options.examples_a_pass(num_examples(data.train, data.sample))
    with torch.random.fork_rng(devices=[]):
        model = architecture.build(data.sample).train()
        loss = task_for(data.sample).loss(options)
        learner = Learner(model, loss, options, device=torch.device("cpu"))
        size = min(_FEWEST_EXAMPLES, examples)
        learner.step([_batch(data, size)])  # makes the optimiser's state, starts the threads
        seconds = _timed(learner, [_batch(data, size)], clock)
        if seconds > budget_seconds / 2:  # a large model, of which more would keep others waiting
            return seconds * examples / size * options.accumulation
        size = min(_PROBE_EXAMPLES, examples)
        while size < examples:
            if not is_wanted():
                return None
            seconds = _timed(learner, [_batch(data, size)], clock)
            if seconds > budget_seconds / 4:
                return seconds * examples / size * options.accumulation
            size = min(4 * size, examples)
        return _median(learner, [_batch(data, examples)] * options.accumulation, budget_seconds, is_wanted, clock)


def _median(
    learner: Learner, batch: Batch, budget_seconds: float, is_wanted: Callable[[], bool], clock: Clock
) -> float | None:
    learner.step(batch)
    found: list[float] = []
    while sum(found) < budget_seconds and len(found) < _MOST_STEPS:
        if not is_wanted():
            return None
        found.append(_timed(learner, batch, clock))
    return statistics.median(found)


def _timed(learner: Learner, batch: Batch, clock: Clock) -> float:
    start = clock()
    learner.step(batch)
    return clock() - start


def _batch(data: LoadedDataset, examples: int) -> tuple[Tensor, Tensor]:
    """The first training examples, as the model and the loss take them; of texts a batch of middling length."""
    if data.sample.kind == "text":
        batches = make_batches(data.train, data.sample, torch.device("cpu"), examples, 0, budget_bytes=0)
        assert not isinstance(batches, Batches)
        return batches.typical()
    inputs = to_model(data.train.inputs[:examples], data.sample)
    return inputs, stored_targets(data.train.targets[:examples], data.sample)
