"""Metrics on whole splits, and when to take them."""

from __future__ import annotations

import math
import time

import torch
from torch import nn

from modellab.config import replaced
from modellab.data.base import LoadedDataset, Split
from modellab.events import Evaluated
from modellab.tasks.base import Task
from modellab.training.batches import AnyBatches, make_batches
from modellab.training.options import TrainingOptions
from modellab.training.shares import Share
from modellab.training.streams import other_stream

_EVALUATION_BATCH = 1024
_LEAST_EVALUATIONS = 20
_MOST_EVALUATIONS = 200  # in a run of known length, but no more than so many epochs apart
_MOST_EPOCHS = 10
_TIME_SHARE = 0.08
_LEAST_SECONDS = 0.04


class Evaluator:
    """Evaluates splits of a dataset. The loss is the training's without label smoothing, so that runs compare."""

    def __init__(self, data: LoadedDataset, task: Task, options: TrainingOptions, *, train: AnyBatches) -> None:
        self._data = data
        self._task = task
        self._options = replaced(options, label_smoothing=0.0)
        self._device = train.device
        self._is_shuffled = getattr(train, "is_shuffled", False)
        self._batches: dict[str, AnyBatches] = {"train": train}
        self._share = Share(_TIME_SHARE, least_seconds=_LEAST_SECONDS)
        self._seconds_per_example = 0.0
        # What depends on evaluations must not depend on how fast the machine is.
        is_relied_on = options.early_stopping is not None or options.schedule.kind == "reduce_on_plateau"
        self._is_relied_on = is_relied_on
        self._is_bounded = options.evaluate_every is None and not is_relied_on

    def every(self, *, steps_per_epoch: int, total_steps: int) -> int:
        """Steps between evaluations."""
        if self._options.evaluate_every is not None:
            return self._options.evaluate_every
        often = min(steps_per_epoch, total_steps // _LEAST_EVALUATIONS)
        if self._is_relied_on:
            return max(1, often)
        return max(1, often, min(total_steps // _MOST_EVALUATIONS, _MOST_EPOCHS * steps_per_epoch))

    def is_affordable(self, now: float) -> bool:
        """Whether evaluating now keeps to its share of the time."""
        return not self._is_bounded or self._share.is_due(now)

    def expected_seconds(self, split: str) -> float:
        """How long evaluating a split will take, by the last evaluation of another; 0 before the first."""
        return self._seconds_per_example * len(self._data.splits()[split])

    def evaluate(self, model: nn.Module, split: str, *, step: int) -> Evaluated:
        """The metrics of a split; one that is no finite number is left out, as JSON has none."""
        start = time.perf_counter()
        with torch.inference_mode():
            metrics = self._metrics(model, split)
        now = time.perf_counter()
        self._share.charge(now - start, now=now)
        self._seconds_per_example = (now - start) / max(1, len(self._data.splits()[split]))
        return Evaluated(step=step, time=time.time(), split=split, metrics=metrics, seconds=round(now - start, 6))

    def _metrics(self, model: nn.Module, split: str) -> dict[str, float]:
        evaluation = self._task.evaluation(self._options)
        was_training = model.training
        model.eval()
        try:
            with other_stream(model):
                for inputs, targets in self._whole(split).whole(_EVALUATION_BATCH):
                    evaluation.add(model(inputs), targets)
        finally:
            model.train(was_training)
        return {name: float(f"{value:.7g}") for name, value in evaluation.metrics().items() if math.isfinite(value)}

    def _whole(self, split: str) -> AnyBatches:
        if split not in self._batches:
            found: Split = self._data.splits()[split]
            self._batches[split] = make_batches(
                found, self._data.sample, self._device, _EVALUATION_BATCH, 0, is_shuffled=self._is_shuffled
            )
        return self._batches[split]
