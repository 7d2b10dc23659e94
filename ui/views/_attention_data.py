"""Attention of one model on one text, as the view holds it: bytes for the eye, exact shares out of queries and keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ui.lab.tokens import with_whole_letters
from workers.protocol import AttentionBlock, AttentionHeader

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
# Whose attention: one head's, of a layer's heads, of those that a person chose (their mean), or through layers.
Over = Literal["head", "mean", "max", "chosen", "rollout"]
Head = tuple[int, int]  # layer, head

MOST_COMPARED = 24  # heads drawn beside each other
_MOST_EXACT = 2**18  # shares computed at once: 15 ms
# What a byte of the picture stands for: it is the root of the share.
SHARES = ((np.arange(256, dtype=np.float32) / 255) ** 2).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What of the attention is looked at; query and key None: none in particular. is_written: by a model."""

    block: int = 0
    layer: int = 0
    head: int = 0
    query: int | None = None
    key: int | None = None
    is_written: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Layers of one kind. picture: uint8 [L, H, Nq, Nk], pooled where that would be too much.

    writes: each query reads a token of what is written, and the one after it is written there.
    """

    header: AttentionBlock
    arrays: dict[str, NDArray[Any]]
    writes: bool = False
    _rollouts: dict[int, Floats] = field(default_factory=dict)
    _whole: dict[tuple[int, int, Over], Floats] = field(default_factory=dict)  # the last one: the pointer moves over it
    _chosen: list[Head] = field(default_factory=list)

    @property
    def num_layers(self) -> int:
        """Layers of this kind."""
        return len(self.header.names)

    @property
    def num_heads(self) -> int:
        """Heads of each layer."""
        return self.header.num_heads

    @property
    def chosen(self) -> tuple[Head, ...]:
        """The heads that a person chose."""
        return tuple(self._chosen)

    def choose(self, heads: Sequence[Head]) -> None:
        """Choose these, as far as there are such."""
        found = [head for head in heads if head[0] < self.num_layers and head[1] < self.num_heads]
        if found != self._chosen:
            self._chosen[:] = found
            self._whole.clear()

    @property
    def picture(self) -> Bytes:
        """Roots of the shares as bytes."""
        return self.arrays["picture"]

    def shares(self, layer: int, head: int, *, over: Over = "head") -> Bytes:
        """Roots of the shares as bytes, [Nq, Nk]."""
        is_whole = self.header.pooled == 1
        if over == "rollout":
            return to_bytes(self.rollout(layer))
        if over == "max" and is_whole:
            return np.asarray(self.picture[layer].max(axis=0))
        if over == "mean" and "mean" in self.arrays:
            return to_bytes(self.arrays["mean"][layer].astype(np.float32))
        if is_whole and over == "head":
            return self.picture[layer, head]
        return to_bytes(self.exact(layer, head, over=over))

    def all_shares(self, layer: int, head: int, *, over: Over = "head") -> Floats:
        """Shares of all queries, float32 [Nq, Nk]: exact where they are computed within a picture's time, else out of
        the bytes."""
        rows, columns = (len(names) for names in (self.header.queries, self.header.keys))
        num_heads = {"head": 1, "chosen": max(1, len(self._chosen))}.get(over, self.num_heads)
        if rows * columns * num_heads <= _MOST_EXACT:
            return self.exact(layer, head, over=over)
        return SHARES[self.shares(layer, head, over=over)]

    def exact(self, layer: int, head: int, *, over: Over = "head", query: int | None = None) -> Floats:
        """Shares out of queries and keys, float32: of one query [Nk], or of all [Nq, Nk]."""
        if over == "rollout":
            found = self.rollout(layer)
            return found if query is None else found[query]
        if query is not None:
            return self._over_heads(layer, head, over, slice(query, query + 1))[0]
        what = (layer, head if over in ("head", "chosen") else -1, over)
        if what not in self._whole:
            self._whole.clear()
            self._whole[what] = self._over_heads(layer, head, over, slice(None))
        return self._whole[what]

    def _over_heads(self, layer: int, head: int, over: Over, rows: slice) -> Floats:
        """Shares of some queries, [rows, Nk]."""
        every: Sequence[Head] = [(layer, one) for one in range(self.num_heads)]
        if over in ("head", "chosen"):
            every = (self._chosen if over == "chosen" else []) or [(layer, head)]
        parts = [self._softmax(*one, rows) for one in every]
        found = parts[0]
        for part in parts[1:]:
            found = np.maximum(found, part) if over == "max" else found + part
        if over in ("mean", "chosen"):
            found = found / np.float32(len(parts))
        return found

    def allowed(self, layer: int) -> NDArray[np.bool_] | None:
        """What each query may look at, bool [Nq, Nk]; None: everything."""
        number = self.header.mask_of[layer] if self.header.mask_of else -1
        return None if number < 0 else self.arrays["mask"][number].astype(bool)

    def pair(self, layer: int, head: int, query: int, key: int) -> tuple[Floats, Floats, float]:
        """The query's vector, the key's [d] each, and what their product is multiplied with."""
        q = self.arrays["queries"][layer, head, query].astype(np.float32)
        return q, self._keys(layer, head)[key].astype(np.float32), self.header.scales[layer]

    def rollout(self, layer: int) -> Floats:
        """Attention through the layers 0..layer, [Nq, Nk]: product of (A + I) / 2 (Abnar and Zuidema 2020).

        Of cross attention, whose queries are no keys, it is the layer's mean.
        """
        if layer not in self._rollouts:
            kept = self.arrays.get("mean")
            mean = self.exact(layer, 0, over="mean") if kept is None else kept[layer].astype(np.float32)
            if self.header.kind != "cross" and mean.shape[0] == mean.shape[1]:
                mean = (mean + np.eye(len(mean), dtype=np.float32)) / np.float32(2)
                mean = mean @ self.rollout(layer - 1) if layer > 0 else mean
            self._rollouts[layer] = mean
        return self._rollouts[layer]

    def statistic(self, name: str, layer: int, head: int) -> float | None:
        """What a head is like; None where it cannot be told."""
        rows = self.header.statistics.get(name, ())
        return rows[layer][head] if layer < len(rows) and head < len(rows[layer]) else None

    def _keys(self, layer: int, head: int) -> NDArray[Any]:
        keys = self.arrays["keys"]
        found: NDArray[Any] = keys[layer, head // (self.num_heads // keys.shape[1])]
        return found

    def _softmax(self, layer: int, head: int, rows: slice) -> Floats:
        queries = self.arrays["queries"][layer, head, rows].astype(np.float32)
        scores = queries @ self._keys(layer, head).astype(np.float32).T * np.float32(self.header.scales[layer])
        if self.header.softcap is not None:
            cap = np.float32(self.header.softcap)
            scores = cap * np.tanh(scores / cap)
        number = self.header.bias_of[layer] if self.header.bias_of else -1
        if number >= 0:
            scores = scores + self.arrays["bias"][number][head, rows]
        allowed = self.allowed(layer)
        if allowed is not None:
            scores = np.where(allowed[rows], scores, np.float32(np.finfo(np.float32).min))
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        if allowed is not None:
            scores *= allowed[rows].any(axis=-1, keepdims=True)  # what may look at nothing gathers nothing
        return np.asarray(scores, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attention:
    """All blocks of one answer: encoder, decoder, cross, as many as there are."""

    header: AttentionHeader
    blocks: tuple[Block, ...]

    def first_block(self) -> int:
        """Cross attention where there is some: what everyone wants to see first."""
        kinds = [block.header.kind for block in self.blocks]
        return kinds.index("cross") if "cross" in kinds else 0

    def settle(self, place: Place, *, is_growing: bool = False) -> Place:
        """The place as far as this model and this text have it.

        is_growing: the text is being written, and a query that came after this answer is the last one here.
        """
        number = place.block if 0 <= place.block < len(self.blocks) else 0
        block = self.blocks[number]
        num_queries, num_keys = len(block.header.queries), len(block.header.keys)
        query = min(place.query, num_queries - 1) if is_growing and place.query is not None else place.query
        return Place(
            block=number,
            layer=place.layer if 0 <= place.layer < block.num_layers else 0,
            head=place.head if 0 <= place.head < block.num_heads else 0,
            query=query if query is not None and 0 <= query < num_queries else None,
            key=place.key if place.key is not None and 0 <= place.key < num_keys else None,
            is_written=is_growing,
        )


def attention_from(header: AttentionHeader, arrays: dict[str, NDArray[Any]]) -> Attention | None:
    """Read an answer; None: there is nothing in it that can be shown."""
    blocks = []
    for number, described in enumerate(header.blocks):
        own = {name.partition("/")[2]: array for name, array in arrays.items() if name.startswith(f"{number}/")}
        if described.names and described.queries and described.keys and "picture" in own:
            writes = header.takes_target and described.kind != "encoder"
            blocks.append(Block(header=described, arrays=own, writes=writes))
    return Attention(header=header, blocks=tuple(blocks)) if blocks else None


def to_bytes(shares: Floats) -> Bytes:
    """Shares as the picture holds them."""
    return np.asarray(np.rint(np.sqrt(np.clip(shares, 0, 1)) * 255), dtype=np.uint8)


def running(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Tokens as a text that reads on, the space between two at the end of the first.

    Words of a WordPiece vocabulary stand apart and its pieces join; others say themselves where a space comes before.
    Parts of a letter are as `with_whole_letters` has them.
    """
    is_bert = "[CLS]" in tokens and "[SEP]" in tokens and not any("␣" in token for token in tokens)
    is_apart = is_bert or any(token.startswith("##") for token in tokens)
    found: list[str] = []
    for token in tokens:
        is_mark = len(token) == 1 and not token.isalnum()
        is_named = len(token) > 2 and token.startswith("[") and token.endswith("]")
        has_space = token.startswith("␣") and len(token) > 1
        if found and (
            has_space
            or is_named
            or found[-1].endswith("]")
            or (is_apart and not token.startswith("##") and not is_mark)
        ):
            found[-1] += " "
        found.append(token[2:] or token if token.startswith("##") else token[1:] if has_space else token)
    return with_whole_letters(found)
