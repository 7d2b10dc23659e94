"""Masked language modelling: guess hidden tokens, and whether two texts follow one another."""

from __future__ import annotations

import functools
from typing import Any, cast

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from modellab.errors import UserError
from modellab.nets.bert import LaterLogits
from modellab.tasks.base import Decoded, Evaluation, Loss, Task
from modellab.tasks.classification import sum_dtype
from modellab.tasks.language_modelling import LanguageEvaluation, token_cross_entropy
from modellab.text.tokenizer import PAD
from modellab.training.options import TrainingOptions

# What a model says: logits [B, T, V] of the tokens and [B, 2] of whether the second text follows the first.
Outputs = tuple[Tensor | LaterLogits, Tensor]


class MaskedLanguageModelling(Task):
    """Outputs of a BERT against int64 [B, 1 + T]: whether the second text is another (0 or 1), and the hidden tokens,
    0 where none is asked for."""

    name = "masked_language_modelling"

    def loss(self, options: TrainingOptions) -> Loss:
        """Cross-entropy of the hidden tokens plus that of the two classes (Devlin et al. 2019)."""
        if options.loss == "mean_squared_error":
            raise UserError("A BERT learns by cross-entropy; set Loss to auto.", field="training.loss")
        return functools.partial(_loss, smoothing=options.label_smoothing)

    def step_metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """accuracy: the share of hidden tokens that are guessed first. next_accuracy: of pairs told right."""
        said, follows = _parts(outputs)
        hidden, asked = _hidden(said, targets[:, 1:])
        is_hidden = asked != PAD
        hits = (hidden.detach().argmax(2) == asked) & is_hidden
        right = (follows.detach().argmax(1) == targets[:, 0]).float().mean()
        return {"accuracy": hits.sum() / is_hidden.sum().clamp(min=1), "next_accuracy": right}

    def evaluation(self, options: TrainingOptions) -> MaskedEvaluation:
        """Both losses and both accuracies."""
        self.loss(options)  # a loss that does not suit is said here too
        return MaskedEvaluation(smoothing=options.label_smoothing)

    def decode(self, outputs: NDArray[Any]) -> Decoded:
        """One step's outputs alone say nothing: `modellab.inspection.fill_mask` knows what was hidden."""
        raise UserError("Hide a token as [MASK] and ask for it as a text.")


class MaskedEvaluation(Evaluation):
    """Sums over hidden tokens and over pairs, on the device."""

    def __init__(self, *, smoothing: float) -> None:
        self._tokens = LanguageEvaluation(smoothing=smoothing)
        self._loss_sum: Tensor | None = None
        self._counts: Tensor | None = None

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Take in what the model says and int64 [B, 1 + T]."""
        said, follows = _parts(outputs)
        hidden, asked = _hidden(said, targets[:, 1:])
        self._tokens.add(hidden, asked)
        if self._loss_sum is None or self._counts is None:
            self._loss_sum = torch.zeros((), dtype=sum_dtype(follows.device), device=follows.device)
            self._counts = torch.zeros(2, dtype=torch.int64, device=follows.device)  # pairs, right ones
        loss = F.cross_entropy(follows.float(), targets[:, 0], reduction="sum")
        self._loss_sum += loss.detach().to(self._loss_sum.dtype)
        right = (follows.argmax(1) == targets[:, 0]).sum()
        self._counts += torch.stack([torch.full_like(right, len(targets)), right])

    def metrics(self) -> dict[str, float]:
        """loss: both together; of hidden tokens perplexity and accuracy; next_loss and next_accuracy of the pairs."""
        found = self._tokens.metrics()
        assert self._loss_sum is not None, "no batch was added"
        assert self._counts is not None, "no batch was added"
        count, right = self._counts.tolist()
        next_loss = float(self._loss_sum) / max(1, count)
        return {
            "loss": found["loss"] + next_loss,
            "perplexity": found["perplexity"],
            "accuracy": found["accuracy"],
            "next_loss": next_loss,
            "next_accuracy": right / max(1, count),
        }


def _parts(outputs: object) -> Outputs:
    """A BERT says two things; the rest of the program need not know."""
    return cast(Outputs, outputs)


def _hidden(said: Tensor | LaterLogits, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Logits and the tokens that are hidden, PAD elsewhere: [B, T, V] and [B, T], or of the hidden ones alone, in one
    row."""
    if not isinstance(said, LaterLogits):
        return said, targets
    places = targets != PAD
    return said.at(places)[None], targets[places][None]


def _loss(outputs: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
    said, follows = _parts(outputs)
    hidden, asked = _hidden(said, targets[:, 1:])
    num_hidden = (asked != PAD).sum().clamp(min=1)  # a batch of unknown tokens alone hides none
    guessed = token_cross_entropy(hidden, asked, smoothing=smoothing, reduction="sum") / num_hidden
    return guessed + F.cross_entropy(follows.float(), targets[:, 0], label_smoothing=smoothing)
