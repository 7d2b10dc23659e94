"""What each token of a text adds to the score of a class: integrated gradients (Sundararajan et al. 2017).

The score is the logit. Embeddings move on a straight line from those of as many padding tokens to those of the text;
a token's contribution is the gradient along the way, times the way. All contributions together are the score of the
text less that of the padding, which tells how good the sum that stands for the integral is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.inspection.clamps import Clamp, Intervention
from modellab.inspection.interventions import intervening
from modellab.nets.encoder import Encoder
from modellab.nets.pretrained import PretrainedClassifier
from modellab.nets.recurrent import Recurrent
from modellab.text.tokenizer import PAD
from modellab.training.streams import other_stream

_NUM_POINTS = (16, 64, 256)  # of the sum, until it is good enough
_GOOD = 0.01  # share of all that is added and taken away together
_MOST_AT_ONCE = 2048  # tokens in one pass forward and back
_MOST_WORK = 1e9  # of such a pass: tokens times weights, the embeddings apart; a second or less of one core


@dataclass(frozen=True, kw_only=True, eq=False)
class Attribution:
    """contributions: float32 [N], to the logit of class `target`; of tokens that the model puts around a text 0.

    score: that logit; baseline: where all tokens of the text are padding. residual: what the contributions leave
    unexplained of the difference. num_points: of the sum.
    """

    target: int
    contributions: NDArray[np.float32]
    score: float
    baseline: float
    residual: float
    num_points: int


def attribution(
    model: nn.Module,
    inputs: Tensor,
    *,
    target: int | None = None,
    places: Sequence[int],
    interventions: Sequence[Intervention] = (),
) -> Iterator[Attribution | None]:
    """Of one text, int64 [1, T]; None as often as others may have their turn, then the answer.

    target: None is the likeliest class. places: tokens of the text among those that are embedded. interventions: heads
    scaled and tokens hidden meanwhile.

    Raises:
        UserError: the model classifies no text, or signals are held in it.
    """
    embedding, padding = _embedding_of(model)
    if any(isinstance(one, Clamp) for one in interventions):
        raise UserError("While signals are held, what each token contributes cannot be told; let go of them.")
    path = _Path(model, embedding, padding, inputs, places=places, interventions=interventions)
    ends = path.logits(torch.tensor([0.0, 1.0]))  # [2, K]
    chosen = int(ends[1].argmax()) if target is None else target
    if not 0 <= chosen < ends.shape[1]:
        raise UserError(f"There is no class {chosen}; the model has classes 0 to {ends.shape[1] - 1}.")
    baseline, score = ends[:, chosen].tolist()
    yield None
    for num_points in _NUM_POINTS:
        total = np.zeros(path.length)
        for alphas, weights in _pieces(num_points, path.num_together):
            total += path.gradients(alphas, weights, chosen)
            yield None
        residual = score - baseline - float(total.sum())
        if abs(residual) <= _GOOD * float(np.abs(total).sum()):
            break
    yield Attribution(
        target=chosen,
        contributions=total.astype(np.float32),
        score=score,
        baseline=baseline,
        residual=residual,
        num_points=num_points,
    )


class _Path:
    """Embeddings between those of padding and those of a text. Between two calls nothing is left on the model.

    num_together: places on the way in one pass.
    """

    def __init__(
        self,
        model: nn.Module,
        embedding: nn.Embedding,
        padding: Tensor,
        inputs: Tensor,
        *,
        places: Sequence[int],
        interventions: Sequence[Intervention],
    ) -> None:
        self._model, self._embedding, self._inputs = model, embedding, inputs
        self._interventions = interventions
        found: list[Tensor] = []
        with self._running(), self._hooked(lambda embedded: found.append(embedded)), torch.no_grad():
            model(inputs)
        self._end = found[0][:1].detach()  # [1, N, D]
        self.length = self._end.shape[1]
        num_weights = sum(weight.numel() for weight in model.parameters()) - embedding.weight.numel()
        most = min(_MOST_AT_ONCE, _MOST_WORK / max(1, num_weights))
        self.num_together = max(1, int(most / max(1, self.length)))
        is_own = torch.zeros(self.length, dtype=torch.bool)
        is_own[list(places)] = True
        self._way = torch.where(is_own[:, None], self._end - padding, torch.zeros(()))  # [1, N, D]

    def logits(self, alphas: Tensor) -> Tensor:
        """At shares of the way [M], logits [M, K]."""
        with self._running(), self._hooked(lambda _embedded: self._at(alphas)), torch.no_grad():
            return self._said(len(alphas)).float()

    def gradients(self, alphas: Tensor, weights: Tensor, target: int) -> NDArray[np.float64]:
        """Weighted sum over shares of the way [M] of the gradient times the way, float64 [N]."""
        with torch.enable_grad():
            x = self._at(alphas).requires_grad_()  # [M, N, D]
            with self._running(), self._hooked(lambda _embedded: x):
                (gradient,) = torch.autograd.grad(self._said(len(alphas))[:, target].sum(), x)
        found = (gradient * self._way).sum(2).double() * weights[:, None]  # [M, N]
        return cast(NDArray[np.float64], found.sum(0).numpy())

    def _at(self, alphas: Tensor) -> Tensor:
        return self._end - (1 - alphas)[:, None, None] * self._way

    def _said(self, count: int) -> Tensor:
        return cast(Tensor, self._model(self._inputs.expand(count, -1)))

    @contextmanager
    def _running(self) -> Iterator[None]:
        was_training = self._model.training
        self._model.eval()
        try:
            with other_stream(self._model), intervening(self._model, self._interventions):
                yield
        finally:
            self._model.train(was_training)

    @contextmanager
    def _hooked(self, replace: Any) -> Iterator[None]:
        """What `replace` gives of the embeddings takes their place."""
        handle = self._embedding.register_forward_hook(lambda _module, _inputs, embedded: replace(embedded))
        try:
            yield
        finally:
            handle.remove()


def _embedding_of(model: nn.Module) -> tuple[nn.Embedding, Tensor]:
    """What embeds the model's tokens, and what it has for padding, [D]."""
    if isinstance(model, PretrainedClassifier):
        inner: Any = model.model
        if inner.config.is_encoder_decoder:
            raise UserError(
                f"{model.folder.title} reads a text twice, in its encoder and in its decoder, so what each token adds "
                "to a class is not told; look at Attention or the Logit lens."
            )
        embedding, padding = inner.get_input_embeddings(), model.vocabulary.pad
    elif isinstance(model, Encoder):
        embedding, padding = model.embedding.tokens, PAD
    elif isinstance(model, Recurrent) and not model.is_language_model:
        embedding, padding = model.embedding, PAD
    else:
        raise UserError(f"A {type(model).__name__} does not classify texts, so no token adds to the score of a class.")
    return embedding, embedding.weight[padding].detach()


def _pieces(num_points: int, num_together: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Shares of the way and their weights, by Gauss and Legendre, so many at a time."""
    points, weights = np.polynomial.legendre.leggauss(num_points)
    alphas, parts = torch.tensor((points + 1) / 2, dtype=torch.float32), torch.tensor(weights / 2)
    yield from zip(alphas.split(num_together), parts.split(num_together), strict=True)
