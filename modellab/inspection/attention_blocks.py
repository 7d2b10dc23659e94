"""What of attention is looked at: bytes for the eye, queries and keys for exact values, and what each head is like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modellab.inspection.attention import Layer, by_kind
from modellab.nets.attention import AttentionKind

# Head statistics, in the order in which they are offered.
STATISTICS = ("entropy", "distance", "first", "previous", "induction", "special")
_MOST_PICTURE_BYTES = 96_000_000  # all pictures of an answer; beyond it they are max-pooled
_MOST_SINGLE_BYTES = 80_000_000  # queries and keys in single precision up to here, in half beyond
_MOST_HALF = 65_504.0
_MOST_COMPARED = 20_000_000  # shares: 12 layers x 12 heads x 370 tokens


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Layers of one kind for one input, and arrays by name.

    "picture" uint8 [L, H, Nq, Nk]: round(255 sqrt(a)), so that small shares keep their digits; pooled: each side of the
    picture is max-pooled by so much. "queries" [L, H, Nq, d] and "keys" [L, G, Nk, d]: float32, or float16 where that
    would be too much. "mean" float16 [L, Nq, Nk]: over the heads, absent where it would be too much.
    "mask" bool [M, Nq, Nk] and mask_of: by layer, its mask's index or -1; "bias" float32 [M, H, Nq, Nk] and bias_of.
    statistics: by name [L][H]; None where a head has none, such as an induction score of a text that repeats nothing.
    """

    kind: AttentionKind
    names: tuple[str, ...]
    num_heads: int
    num_queries: int
    num_keys: int
    scales: tuple[float, ...]
    softcap: float | None
    pooled: int
    mask_of: tuple[int, ...]
    bias_of: tuple[int, ...]
    statistics: dict[str, tuple[tuple[float | None, ...], ...]]
    arrays: dict[str, NDArray[Any]]


def blocks_of(
    layers: Sequence[Layer],
    *,
    row: int = 0,
    ids: Mapping[AttentionKind, Sequence[int]] | None = None,
    special: Mapping[AttentionKind, Sequence[int]] | None = None,
) -> list[Block]:
    """Encoder, decoder and cross attention of one input of the batch: all that is answered at once.

    ids: by kind, of the tokens, for the induction score; across two texts it is not asked for.
    special: by kind, places of keys that stand for nothing in the text, such as [CLS] and [SEP].
    """
    ids, special = ids or {}, special or {}
    groups = by_kind(layers)
    areas = [len(group) * group[0].num_heads * group[0].query.shape[2] * group[0].key.shape[2] for group in groups]
    pooled = 1
    while sum(areas) > _MOST_PICTURE_BYTES * pooled**2:
        pooled *= 2
    return [
        _block(group, row=row, ids=ids.get(kind, ()), special=special.get(kind, ()), pooled=pooled)
        for group, kind in ((group, group[0].kind) for group in groups)
    ]


def _block(group: list[Layer], *, row: int, ids: Sequence[int], special: Sequence[int], pooled: int) -> Block:
    first = group[0]
    num_heads, num_queries, num_keys = first.num_heads, first.query.shape[2], first.key.shape[2]
    is_own_text = first.kind != "cross"
    own_ids = list(ids) if is_own_text and len(ids) == num_queries == num_keys else []
    own_special = [place for place in special if place < num_keys]
    sides = -(-num_queries // pooled), -(-num_keys // pooled)
    picture = np.empty((len(group), num_heads, *sides), dtype=np.uint8)
    mean = np.empty((len(group), num_queries, num_keys), dtype=np.float16) if pooled == 1 else None
    found: dict[str, list[tuple[float | None, ...]]] = {name: [] for name in STATISTICS}
    for number, layer in enumerate(group):
        weights = layer.weights(row)  # [H, Nq, Nk]
        picture[number] = _bytes(weights, pooled).cpu().numpy()
        if mean is not None:
            mean[number] = weights.mean(0).half().cpu().numpy()
        for name, values in statistics(weights, ids=own_ids, special=own_special, is_own_text=is_own_text).items():
            found[name].append(values)
    arrays: dict[str, NDArray[Any]] = {"picture": picture, **_queries_and_keys(group, row)}
    if mean is not None:
        arrays["mean"] = mean
    mask_of, masks = _kept_once([layer.allowed(row) for layer in group])
    bias_of, biases = _kept_once([_bias(layer, row) for layer in group])
    if masks:
        arrays["mask"] = np.stack([(mask if mask.dim() == 2 else mask.any(0)).cpu().numpy() for mask in masks])
    if biases:
        arrays["bias"] = np.stack([bias.cpu().numpy() for bias in biases])
    return Block(
        kind=first.kind,
        names=tuple(layer.name for layer in group),
        num_heads=num_heads,
        num_queries=num_queries,
        num_keys=num_keys,
        scales=tuple(layer.scale for layer in group),
        softcap=first.softcap,
        pooled=pooled,
        mask_of=mask_of,
        bias_of=bias_of,
        statistics={name: tuple(values) for name, values in found.items()},
        arrays=arrays,
    )


def statistics(
    weights: Tensor, *, ids: Sequence[int] = (), special: Sequence[int] = (), is_own_text: bool = True
) -> dict[str, tuple[float | None, ...]]:
    """What each head of shares [H, Nq, Nk] is like, a number a head; None where it cannot be told.

    entropy: nats, mean over the queries. distance: tokens between query and what it looks at, mean. first: share of the
    first token. previous: share of the token before. induction: share of the tokens that followed earlier ones like
    the query, over the queries that have some (Olsson et al. 2022). special: share of special tokens.
    """
    num_heads, num_queries, num_keys = weights.shape
    nothing: tuple[float | None, ...] = (None,) * num_heads
    entropy = torch.special.entr(weights).sum(-1).mean(-1)  # [H]
    found = dict.fromkeys(STATISTICS, nothing)
    found["entropy"] = _told(entropy)
    found["first"] = _told(weights[:, :, 0].mean(-1))
    if special:
        found["special"] = _told(weights[:, :, list(special)].sum(-1).mean(-1))
    if not is_own_text or num_queries != num_keys:
        return found
    places = torch.arange(num_keys, device=weights.device)
    distances = (places[:, None] - places).abs().to(weights.dtype)  # [Nq, Nk]
    found["distance"] = _told((weights * distances).sum(-1).mean(-1))
    if num_keys > 1:
        found["previous"] = _told(weights.diagonal(-1, dim1=1, dim2=2).mean(-1))
    if len(ids) == num_keys:
        found["induction"] = _induction(weights, torch.tensor(list(ids), device=weights.device), special) or nothing
    return found


def can_be_compared(layers: Sequence[Layer]) -> bool:
    """Whether it is quick to run the model once more for the same input and to compute all of its shares again."""
    return sum(one.num_heads * one.query.shape[2] * one.key.shape[2] for one in layers) <= _MOST_COMPARED


def changes_of(now: Sequence[Layer], before: Sequence[Layer], *, row: int = 0) -> dict[str, tuple[float, ...]]:
    """How far each head's shares of one input have moved, by the layer's name: the total variation distance
    sum |a - b| / 2 of each query's shares, 0 to 1, mean over the queries. Layers of other sizes are left out."""
    found = {}
    earlier = {layer.name: layer for layer in before}
    for layer in now:
        other = earlier.get(layer.name)
        if other is None or (layer.query.shape[2], layer.key.shape[2]) != (other.query.shape[2], other.key.shape[2]):
            continue
        if _looks_alike(layer, other, row):  # as below a head that is switched off
            found[layer.name] = (0.0,) * layer.num_heads
            continue
        moved = layer.weights(row).sub_(other.weights(row)).abs_().sum(-1).mean(-1) / 2  # [H]
        found[layer.name] = tuple(round(float(value), 6) for value in moved)
    return found


def _looks_alike(one: Layer, other: Layer, row: int) -> bool:
    """Whether all that the shares follow from is the same, so that they need not be computed."""
    allowed, before = one.allowed(row), other.allowed(row)
    return (
        torch.equal(one.query[row], other.query[row])
        and torch.equal(one.key[row], other.key[row])
        and (allowed is before or (allowed is not None and before is not None and torch.equal(allowed, before)))
        and one.bias is None
        and other.bias is None
        and (one.scale, one.softcap) == (other.scale, other.softcap)
    )


def _induction(weights: Tensor, ids: Tensor, special: Sequence[int]) -> tuple[float | None, ...] | None:
    """The share of what followed earlier occurrences of the same token; None: no token comes twice."""
    is_same = (ids[:, None] == ids).tril(-1)  # [Nq, Nk]: key j has the query's token, before it
    is_same[:, list(special)] = False
    followed = torch.zeros_like(is_same)
    followed[:, 1:] = is_same[:, :-1]
    has_some = followed.any(1)
    if not has_some.any():
        return None
    return _told((weights * followed).sum(-1)[:, has_some].mean(-1))


def _told(values: Tensor) -> tuple[float | None, ...]:
    return tuple(round(float(value), 6) for value in values)


def _bytes(weights: Tensor, pooled: int) -> Tensor:
    """Shares [H, Nq, Nk] as uint8 of their square root, max-pooled."""
    if pooled > 1:
        weights = torch.nn.functional.max_pool2d(weights[None], pooled, ceil_mode=True)[0]
    return weights.sqrt().mul_(255).round_().to(torch.uint8)


def _queries_and_keys(group: list[Layer], row: int) -> dict[str, NDArray[Any]]:
    size = 4 * len(group) * (group[0].query[row].numel() + group[0].key[row].numel())
    kind = torch.float32 if size <= _MOST_SINGLE_BYTES else torch.float16

    def stacked(parts: list[Tensor]) -> NDArray[Any]:
        limited = [part.float().clamp(-_MOST_HALF, _MOST_HALF) if kind == torch.float16 else part for part in parts]
        return np.stack([part.to(kind).cpu().numpy() for part in limited])

    return {
        "queries": stacked([layer.query[row] for layer in group]),
        "keys": stacked([layer.key[row] for layer in group]),
    }


def _bias(layer: Layer, row: int) -> Tensor | None:
    """What is added to the scores, float32 [H, Nq, Nk]; None: nothing."""
    if layer.bias is None:
        return None
    bias = layer.bias[min(row, len(layer.bias) - 1)].float()
    if not bias.any():
        return None
    return bias.expand(layer.num_heads, layer.query.shape[2], layer.key.shape[2])


def _kept_once(tensors: list[Tensor | None]) -> tuple[tuple[int, ...], list[Tensor]]:
    """The different ones of them, and which one each is; -1: none."""
    kept: list[Tensor] = []
    places = []
    for tensor in tensors:
        if tensor is None:
            places.append(-1)
            continue
        place = next((k for k, other in enumerate(kept) if torch.equal(other, tensor)), len(kept))
        if place == len(kept):
            kept.append(tensor)
        places.append(place)
    return tuple(places), kept
