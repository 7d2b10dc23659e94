"""Which tokens a model has laid close to one: the cosine between rows of its embedding matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from modellab.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Tokens by falling cosine to the one asked for, itself left out. norm: the Euclidean length of its own vector,
    mean_norm: of all tokens' on average."""

    tokens: tuple[int, ...]
    cosines: tuple[float, ...]
    norm: float
    mean_norm: float


def token_embedding(model: nn.Module, *, num_tokens: int) -> Tensor:
    """The matrix of token embeddings, float32 [V, D]: the first that has a row a token.

    Raises:
        UserError: the model has none.
    """
    own = getattr(model, "get_input_embeddings", None)
    found = own() if callable(own) else None
    if not isinstance(found, nn.Embedding):
        tables = (module for module in model.modules() if isinstance(module, nn.Embedding))
        found = next((table for table in tables if table.num_embeddings == num_tokens), None)
    if found is None:
        raise UserError(f"A {type(model).__name__} has no embeddings of tokens; choose a model that reads text.")
    return found.weight.detach().float()


@torch.inference_mode()
def neighbours(embedding: Tensor, token: int, *, most: int = 20, never: Sequence[int] = ()) -> Neighbours:
    """The nearest tokens of one by the cosine of their embeddings [V, D]; never: tokens that are left out.

    Raises:
        UserError: there is no such token.
    """
    if not 0 <= token < len(embedding):
        raise UserError(f"There is no token {token}; the model has tokens 0 to {len(embedding) - 1}.")
    lengths = embedding.norm(dim=1)  # [V]
    own = embedding[token]
    cosines = embedding @ own / (lengths * lengths[token]).clamp(min=torch.finfo(torch.float32).tiny)
    cosines[[token, *never]] = -torch.inf
    best = cosines.topk(min(most, len(cosines)))
    kept = [(k, value) for k, value in zip(best.indices.tolist(), best.values.tolist(), strict=True) if value > -2]
    return Neighbours(
        tokens=tuple(k for k, _ in kept),
        cosines=tuple(value for _, value in kept),
        norm=float(lengths[token]),
        mean_norm=float(lengths.mean()),
    )
