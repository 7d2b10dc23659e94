"""Classification: one of K classes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from modellab.tasks.base import Decoded, Evaluation, Loss, Task
from modellab.training.options import TrainingOptions

# Above this the K x K matrix would be larger than what it is good for; the counts per class still give every metric.
MAX_CONFUSION_CLASSES = 2048


class Classification(Task):
    """Logits [B, K] against class indices [B]."""

    name = "classification"

    def loss(self, options: TrainingOptions) -> Loss:
        """Cross-entropy; or the mean squared error between the probabilities and the one-hot target (Brier 1950).

        Label smoothing e replaces the one-hot target t by (1 - e) t + e / K (Szegedy et al. 2016, section 7).
        """
        if options.loss == "mean_squared_error":
            return functools.partial(_squared_error, smoothing=options.label_smoothing)
        return functools.partial(_cross_entropy, smoothing=options.label_smoothing)

    def step_metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """accuracy: the share of the batch whose largest logit is the target's."""
        return {"accuracy": (outputs.detach().argmax(1) == targets).float().mean()}

    def evaluation(self, options: TrainingOptions) -> ClassificationEvaluation:
        """Loss, accuracy, macro F1 and the confusion matrix."""
        return ClassificationEvaluation(num_classes=len(self.sample.classes), loss=self.loss(options))

    def decode(self, outputs: NDArray[Any]) -> Decoded:
        """Softmax of the logits [K], classes by falling probability; ties keep the order of the classes."""
        logits = outputs.astype(np.float64)
        exponentials = np.exp(logits - logits.max())
        probabilities = exponentials / exponentials.sum()
        order = np.argsort(-probabilities, kind="stable")
        return Decoded(
            task="classification",
            classes=tuple(self.sample.classes[index] for index in order),
            probabilities=tuple(float(probabilities[index]) for index in order),
            target=self.sample.target,
        )


class ClassificationEvaluation(Evaluation):
    """Counts of true and predicted classes, on the device."""

    def __init__(self, *, num_classes: int, loss: Loss) -> None:
        self._loss = loss
        self._num_classes = num_classes
        self._keeps_matrix = num_classes <= MAX_CONFUSION_CLASSES
        self._loss_sum: Tensor | None = None
        self._counts: Tensor | None = None

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Take in logits [B, K] and classes int64 [B]."""
        num_classes = self._num_classes
        predicted = outputs.argmax(1)  # [B]
        if self._counts is None or self._loss_sum is None:
            # With the matrix: row = true class. Without: three rows, true, predicted and both.
            rows = num_classes if self._keeps_matrix else 3
            self._counts = torch.zeros(rows * num_classes, dtype=torch.int64, device=outputs.device)
            self._loss_sum = torch.zeros((), dtype=sum_dtype(outputs.device), device=outputs.device)
        self._loss_sum += self._loss(outputs, targets).detach().to(self._loss_sum.dtype) * len(targets)
        # index_add_ rather than bincount: bincount waits for the GPU to learn the length of its result.
        if self._keeps_matrix:
            self._counts.index_add_(0, targets * num_classes + predicted, torch.ones_like(targets))
        else:
            hits = (predicted == targets).to(torch.int64)
            self._counts.index_add_(0, targets, torch.ones_like(targets))
            self._counts.index_add_(0, predicted + num_classes, torch.ones_like(targets))
            self._counts.index_add_(0, targets + 2 * num_classes, hits)

    def metrics(self) -> dict[str, float]:
        """loss; accuracy; f1: mean over the classes that occur, true or predicted, of 2 TP / (2 TP + FP + FN)."""
        assert self._loss_sum is not None, "no batch was added"
        true, predicted, hits = self._by_class()
        occurs = (true + predicted) > 0
        f1 = 2 * hits[occurs] / (true + predicted)[occurs]
        total = int(true.sum())
        return {
            "loss": float(self._loss_sum) / total,
            "accuracy": float(hits.sum() / total),
            "f1": float(f1.mean()),
        }

    def confusion_matrix(self) -> NDArray[np.int64] | None:
        """int64 [K, K], row = true class; None before the first batch and for more than MAX_CONFUSION_CLASSES."""
        if self._counts is None or not self._keeps_matrix:
            return None
        return np.asarray(self._counts.cpu().numpy()).reshape(self._num_classes, self._num_classes)

    def _by_class(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """How often each class is true, predicted, and both; int64 [K] each."""
        assert self._counts is not None, "no batch was added"
        counts = self._counts.cpu().numpy().reshape(-1, self._num_classes)
        if self._keeps_matrix:
            return counts.sum(1), counts.sum(0), counts.diagonal()
        return counts[0], counts[1], counts[2]


def sum_dtype(device: torch.device) -> torch.dtype:
    """Float64 for sums over a split; Metal has none."""
    return torch.float32 if device.type == "mps" else torch.float64


def _cross_entropy(outputs: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
    return F.cross_entropy(outputs.float(), targets, label_smoothing=smoothing)


def _squared_error(outputs: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
    num_classes = outputs.shape[1]
    wanted = F.one_hot(targets, num_classes).float() * (1 - smoothing) + smoothing / num_classes  # [B, K]
    return F.mse_loss(outputs.float().softmax(1), wanted)
