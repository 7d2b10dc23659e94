"""Language modelling: the next token, at every token of a text."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from modellab.errors import UserError
from modellab.tasks.base import Decoded, Evaluation, Loss, Task
from modellab.tasks.classification import sum_dtype
from modellab.text.tokenizer import PAD, UNKNOWN
from modellab.training.options import TrainingOptions

# exp of more than this means nothing to anyone, and overflows in the end.
_MOST_LOSS = 100.0
_MOST_DECODED = 100


class LanguageModelling(Task):
    """Logits [B, T, V] against the next tokens [B, T]; what is padding does not count."""

    name = "language_modelling"

    def loss(self, options: TrainingOptions) -> Loss:
        """Cross-entropy, the mean over all tokens; label smoothing as in classification."""
        if options.loss == "mean_squared_error":
            raise UserError("A language model learns by cross-entropy; set Loss to auto.", field="training.loss")
        return functools.partial(token_cross_entropy, smoothing=options.label_smoothing)

    def step_metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """accuracy: the share of tokens that are the likeliest by the model."""
        is_token = targets != PAD
        hits = (outputs.detach().argmax(2) == targets) & is_token
        return {"accuracy": hits.sum() / is_token.sum().clamp(min=1)}

    def evaluation(self, options: TrainingOptions) -> LanguageEvaluation:
        """Loss, perplexity and accuracy a token."""
        self.loss(options)  # a loss that does not suit is said here too
        return LanguageEvaluation(smoothing=options.label_smoothing)

    def decode(self, outputs: NDArray[Any]) -> Decoded:
        """The likeliest next tokens by their ids, of logits [V] or of the last of [T, V]; never padding or unknown.

        Who has the tokenizer puts the tokens in the place of the ids.
        """
        logits = (outputs[-1] if outputs.ndim == 2 else outputs).astype(np.float64)
        logits[[PAD, UNKNOWN]] = -np.inf
        exponentials = np.exp(logits - logits.max())
        probabilities = exponentials / exponentials.sum()
        order = np.argsort(-probabilities, kind="stable")[:_MOST_DECODED]
        order = order[order > UNKNOWN]
        return Decoded(
            task="language_modelling",
            classes=tuple(str(index) for index in order),
            probabilities=tuple(float(probabilities[index]) for index in order),
            target=self.sample.target or "next token",
        )


class LanguageEvaluation(Evaluation):
    """Sums over tokens, on the device."""

    def __init__(self, *, smoothing: float) -> None:
        self._smoothing = smoothing
        self._loss_sum: Tensor | None = None
        self._counts: Tensor | None = None

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Take in logits [B, T, V] and tokens int64 [B, T]."""
        if self._loss_sum is None or self._counts is None:
            self._loss_sum = torch.zeros((), dtype=sum_dtype(outputs.device), device=outputs.device)
            self._counts = torch.zeros(2, dtype=torch.int64, device=outputs.device)  # tokens, right ones
        is_token = targets != PAD
        num_tokens = is_token.sum()
        # A sum a batch in float32 is exact enough; the sum of all batches is not.
        loss = token_cross_entropy(outputs, targets, smoothing=self._smoothing, reduction="sum")
        self._loss_sum += loss.detach().to(self._loss_sum.dtype)
        hits = ((outputs.argmax(2) == targets) & is_token).sum()
        self._counts += torch.stack([num_tokens, hits])

    def metrics(self) -> dict[str, float]:
        """loss: nats a token; perplexity: its exponential; accuracy: share of tokens guessed first."""
        assert self._loss_sum is not None, "no batch was added"
        assert self._counts is not None, "no batch was added"
        total, hits = (int(count) for count in self._counts.tolist())
        loss = float(self._loss_sum) / max(total, 1)
        return {"loss": loss, "perplexity": math.exp(min(loss, _MOST_LOSS)), "accuracy": hits / max(total, 1)}


def token_cross_entropy(outputs: Tensor, targets: Tensor, *, smoothing: float, reduction: str = "mean") -> Tensor:
    """Of logits [B, T, V] and tokens [B, T]; what is padding does not count."""
    return F.cross_entropy(
        outputs.flatten(0, 1).float(),  # [B T, V]
        targets.flatten(),
        ignore_index=PAD,
        label_smoothing=smoothing,
        reduction=reduction,
    )
