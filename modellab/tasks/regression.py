"""Regression: one number."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.tasks.base import Decoded, Evaluation, Loss, Task
from modellab.tasks.classification import sum_dtype
from modellab.training.options import TrainingOptions


class Regression(Task):
    """Outputs [B, 1] against standardised targets [B, 1] (or [B]); metrics that have a unit are in the data's."""

    name = "regression"

    def loss(self, options: TrainingOptions) -> Loss:
        """Mean squared error of the standardised target."""
        if options.loss == "cross_entropy":
            raise UserError(
                "Cross-entropy needs classes, and this dataset asks for a number; set the loss to auto.",
                field="training.loss",
            )
        return _squared_error

    def step_metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """None: the loss says it all."""
        return {}

    def evaluation(self, options: TrainingOptions) -> RegressionEvaluation:
        """Loss, root mean squared error and R²."""
        self.loss(options)
        return RegressionEvaluation(self.sample)

    def decode(self, outputs: NDArray[Any]) -> Decoded:
        """The output [1] in the unit of the data."""
        value = float(outputs.reshape(-1)[0]) * self.sample.target_std + self.sample.target_mean
        return Decoded(task="regression", value=value, target=self.sample.target)


class RegressionEvaluation(Evaluation):
    """Sums of the squared error, the target and its square, on the device."""

    def __init__(self, sample: Sample) -> None:
        self._unit = sample.target_std
        self._sums: Tensor | None = None
        self._count = 0

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Take in outputs [B, 1] and standardised targets [B, 1] (or [B])."""
        dtype = sum_dtype(outputs.device)
        wanted = targets.reshape(-1).to(dtype)
        error = outputs.reshape(-1).to(dtype) - wanted
        # The targets are standardised, so the sum of squares loses nothing to cancellation.
        sums = torch.stack([error.square().sum(), wanted.sum(), wanted.square().sum()])
        self._sums = sums if self._sums is None else self._sums + sums
        self._count += len(targets)

    def metrics(self) -> dict[str, float]:
        """loss: standardised; rmse: in the data's unit; r2: 1 - squared error / variance (0 where that is 0)."""
        assert self._sums is not None, "no batch was added"
        squared_error, total, squares = (float(value) for value in self._sums.tolist())
        variation = squares - total**2 / self._count
        mean_squared_error = squared_error / self._count
        r2 = 1 - squared_error / variation if variation > 1e-12 * max(squares, 1e-300) else 0.0
        return {"loss": mean_squared_error, "rmse": mean_squared_error**0.5 * self._unit, "r2": r2}


def _squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    return F.mse_loss(outputs.float(), targets.reshape(outputs.shape))
