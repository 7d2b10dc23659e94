"""Attention with several heads: of a text to itself, with or without a look ahead, and to another text."""

from __future__ import annotations

from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modellab.nets.tap import Tap

AttentionKind = Literal["encoder", "decoder", "cross"]


class KeyValueCache:
    """What one attention module has seen so far: keys (after rotation) and values, [B, H, N, d] each, None at first."""

    def __init__(self) -> None:
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def __len__(self) -> int:
        return 0 if self.keys is None else self.keys.shape[2]

    def extended(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Take in those of further tokens; gives all of them."""
        if self.keys is not None and self.values is not None:
            keys, values = torch.cat([self.keys, keys], dim=2), torch.cat([self.values, values], dim=2)
        self.keys, self.values = keys, values
        return keys, values


class Attention(nn.Module):
    """softmax(Q K^T / sqrt(d)) V in H heads of width d = D / H, and W_o over all of them (Vaswani et al. 2017).

    kind: "encoder" looks everywhere, "decoder" never ahead, "cross" at a memory: the outputs of an encoder.
    scale: 1 / sqrt(d). is_causal: whether query i sees only keys up to i, counted from the end of the keys.
    query, key: Taps of Q [B, H, Nq, d] and K [B, H, Nk, d], after rotation. mask: Tap of which keys may be looked at,
    bool [B, Nk], or None: all. heads: Tap of what each head says, [B, H, Nq, d], before W_o.
    """

    def __init__(
        self,
        width: int,
        num_heads: int,
        *,
        kind: AttentionKind = "encoder",
        dropout: float = 0.0,
        biases: bool = True,
    ) -> None:
        super().__init__()
        assert width % num_heads == 0, "heads share the width"
        self.kind = kind
        self.num_heads = num_heads
        self.head_width = width // num_heads
        self.scale = self.head_width**-0.5
        self.is_causal = kind == "decoder"
        self.dropout = dropout
        # One product for Q, K and V; across, the queries are of another text.
        self.project = nn.Linear(width, (1 if kind == "cross" else 3) * width, bias=biases)
        if kind == "cross":
            self.project_memory = nn.Linear(width, 2 * width, bias=biases)
        self.output = nn.Linear(width, width, bias=biases)
        self.query, self.key, self.mask, self.heads = Tap(), Tap(), Tap(), Tap()

    def forward(
        self,
        x: Tensor,
        *,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        rotation: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Texts [B, Nq, D] to what each of their tokens gathered [B, Nq, D].

        memory: [B, Nk, D], of a cross attention. mask: which keys are tokens, bool [B, Nk]. rotation: as `rotations`
        gives it, of the places of x. cache: what came before x, and takes x in; of a cross attention, the memory.
        """
        q, k, v = self._projected(x, memory, cache)  # [B, H, N, d] each
        if rotation is not None:
            q, k = rotated(q, rotation), rotated(k, rotation)
        if cache is not None and self.kind != "cross":
            k, v = cache.extended(k, v)
        q, k, mask = self.query(q), self.key(k), self.mask(mask)
        allowed, is_causal = self.allowed(q.shape[2], k.shape[2], mask, x.device)
        dropout = self.dropout if self.training else 0.0
        h = F.scaled_dot_product_attention(
            q, k, v, attn_mask=allowed, dropout_p=dropout, is_causal=is_causal, scale=self.scale
        )  # [B, H, Nq, d]
        return cast(Tensor, self.output(self.heads(h).transpose(1, 2).flatten(2)))  # [B, Nq, D]

    def _projected(
        self, x: Tensor, memory: Tensor | None, cache: KeyValueCache | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Q, K and V, [B, H, N, d] each."""
        if self.kind != "cross":
            q, k, v = self._split(self.project(x), 3)
            return q, k, v
        (q,) = self._split(self.project(x), 1)
        if cache is not None and cache.keys is not None and cache.values is not None:
            return q, cache.keys, cache.values
        assert memory is not None, "a cross attention looks at something"
        k, v = self._split(self.project_memory(memory), 2)
        if cache is not None:
            cache.extended(k, v)
        return q, k, v

    def _split(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """[B, N, parts D] to `parts` of [B, H, N, d]."""
        # Cut before the heads are: one copy less on the way back.
        heads = (self.num_heads, self.head_width)
        return tuple(part.unflatten(2, heads).transpose(1, 2) for part in x.chunk(parts, dim=2))

    def allowed(
        self, num_queries: int, num_keys: int, mask: Tensor | None, device: torch.device
    ) -> tuple[Tensor | None, bool]:
        """A mask of which keys may be looked at [B, Nk] as one that broadcasts to [B, H, Nq, Nk], None: all keys; and
        whether the triangle comes on top of it."""
        allowed = None if mask is None else mask[:, None, None, :]
        if not self.is_causal or num_queries == 1:
            return allowed, False
        if allowed is None and num_queries == num_keys:
            return None, True
        seen = triangle(num_queries, num_keys, device=device)[None, None]
        return seen if allowed is None else seen & allowed, False


def triangle(num_queries: int, num_keys: int, *, device: torch.device | None = None) -> Tensor:
    """What may be looked at with no look ahead, bool [Nq, Nk]: counted from the end, the last query sees all keys."""
    return torch.ones(num_queries, num_keys, dtype=torch.bool, device=device).tril(num_keys - num_queries)


def rotations(length: int, head_width: int, *, base: float = 10_000.0) -> Tensor:
    """cos and sin of place times frequency, float32 [2, length, d], for `rotated` (Su et al. 2021).

    Pair j of the d / 2 pairs turns by base^(-2 j / d) radians a token; the halves of a head are the pairs' ends.
    """
    pairs = torch.arange(0, head_width, 2, dtype=torch.float32) / head_width  # [d / 2]
    angles = torch.outer(torch.arange(length, dtype=torch.float32), base**-pairs)  # [N, d / 2]
    angles = torch.cat([angles, angles], dim=1)  # [N, d]
    return torch.stack([angles.cos(), angles.sin()])


def rotated(x: Tensor, rotation: Tensor) -> Tensor:
    """Queries or keys [B, H, N, d], each pair turned by its place's angle: rotation [2, N, d]."""
    cos, sin = rotation
    half = x.shape[-1] // 2
    signed = torch.cat([-sin[:, :half], sin[:, half:]], dim=1)  # as small as one text, where x is a batch
    return torch.addcmul(x * cos, x.roll(half, dims=-1), signed)
