"""What a task is: a loss, metrics of a batch and of a split, and how outputs read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data.base import Sample, TaskName
from modellab.training.options import TrainingOptions

if TYPE_CHECKING:
    from torch import Tensor

Loss = Callable[["Tensor", "Tensor"], "Tensor"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one of several questions that an input asks: classes by falling probability.

    stays: it is told beside each of the others.
    """

    title: str
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    stays: bool = False


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """What the outputs for one input say: classes by falling probability, or a value in the unit of the data.

    parts: of an input that asks more than one thing, the whole answer to each; classes are then those of the first.
    """

    task: TaskName
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    value: float = 0.0
    target: str = ""
    parts: tuple[Part, ...] = ()


class Evaluation:
    """Sums over the batches of a split; everything stays on the device until `metrics` is asked for."""

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Take in a batch, outputs [B, K] and targets as the loss takes them. Does not synchronise."""
        raise NotImplementedError

    def metrics(self) -> dict[str, float]:
        """The metrics of all batches so far, by name; the one synchronisation with the device.

        Raises:
            AssertionError: no batch was added.
        """
        raise NotImplementedError

    def confusion_matrix(self) -> NDArray[np.int64] | None:
        """Examples by [true class, predicted class], int64 [K, K]; None where there are no classes or too many."""
        return None


class Task:
    """What a dataset asks of a model. A subclass is one file in this folder, with `name` as `Sample.task` has it."""

    name: ClassVar[Any]

    def __init__(self, sample: Sample) -> None:
        self.sample = sample

    def loss(self, options: TrainingOptions) -> Loss:
        """The function from outputs [B, K] and targets to the mean loss of the batch, a float32 scalar.

        Targets are classes int64 [B], or standardised values float32 [B, 1].

        Raises:
            UserError: `training.loss` does not suit the task.
        """
        raise NotImplementedError

    def step_metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Cheap metrics of a training batch, 0-d tensors on its device; the loss is not among them."""
        raise NotImplementedError

    def evaluation(self, options: TrainingOptions) -> Evaluation:
        """A fresh accumulator of the metrics of a split, with the loss of `options`.

        Raises:
            UserError: as `loss`.
        """
        raise NotImplementedError

    def decode(self, outputs: NDArray[Any]) -> Decoded:
        """What outputs [K] for one input say."""
        raise NotImplementedError
