"""Translation: write the target text, token by token."""

from __future__ import annotations

import functools
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from modellab.errors import UserError
from modellab.tasks.base import Decoded, Loss, Task
from modellab.tasks.language_modelling import LanguageEvaluation, token_cross_entropy
from modellab.text.tokenizer import PAD
from modellab.training.options import TrainingOptions


class Translation(Task):
    """Logits [B, T, V] against the next tokens of the target [B, T'], T' <= T; what is padding does not count."""

    name = "translation"

    def loss(self, options: TrainingOptions) -> Loss:
        """Cross-entropy, the mean over all tokens, the end token among them; label smoothing as in classification."""
        if options.loss == "mean_squared_error":
            raise UserError("A translator learns by cross-entropy; set Loss to auto.", field="training.loss")
        return functools.partial(_loss, smoothing=options.label_smoothing)

    def step_metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """accuracy: the share of tokens that are the likeliest by the model."""
        is_token = targets != PAD
        hits = (_said(outputs, targets).detach().argmax(2) == targets) & is_token
        return {"accuracy": hits.sum() / is_token.sum().clamp(min=1)}

    def evaluation(self, options: TrainingOptions) -> TranslationEvaluation:
        """Loss, perplexity and accuracy a token, and the share of targets written without a mistake."""
        self.loss(options)  # a loss that does not suit is said here too
        return TranslationEvaluation(smoothing=options.label_smoothing)

    def decode(self, outputs: NDArray[Any]) -> Decoded:
        """Outputs of one step say no translation: `modellab.inspection.translate` writes one."""
        raise UserError("A translation is written token by token; ask for it as a text.")


class TranslationEvaluation(LanguageEvaluation):
    """Sums over tokens and texts, on the device.

    A text counts as matched when each of its tokens is the likeliest after those before it: greedy decoding then
    writes that very text, and no other, so that nothing need be decoded.
    """

    def __init__(self, *, smoothing: float) -> None:
        super().__init__(smoothing=smoothing)
        self._texts: Tensor | None = None

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Take in logits [B, T, V] and tokens int64 [B, T']."""
        outputs = _said(outputs, targets)
        super().add(outputs, targets)
        if self._texts is None:
            self._texts = torch.zeros(2, dtype=torch.int64, device=outputs.device)  # texts, matched ones
        is_right = (outputs.argmax(2) == targets) | (targets == PAD)  # [B, T']
        self._texts += torch.stack([torch.full_like(self._texts[0], len(targets)), is_right.all(1).sum()])

    def metrics(self) -> dict[str, float]:
        """Those of a language model, and exact_match: the share of texts written without a mistake."""
        found = super().metrics()
        assert self._texts is not None, "no batch was added"
        count, matched = self._texts.tolist()
        return {**found, "exact_match": matched / max(1, count)}


def _said(outputs: Tensor, targets: Tensor) -> Tensor:
    """What was said of the targets' tokens: a model that cannot tell how long they are says more."""
    return outputs[:, : targets.shape[1]]


def _loss(outputs: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
    return token_cross_entropy(_said(outputs, targets), targets, smoothing=smoothing)
