"""What Transformers are made of beside attention: blocks, positions and first weights."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from modellab.architectures._transformer import PositionsName, TransformerConfig
from modellab.nets.attention import Attention, AttentionKind, KeyValueCache, rotations
from modellab.nets.layers import Dropout, activation
from modellab.text.tokenizer import PAD


class BlockCache:
    """What the attentions of one block have seen so far."""

    def __init__(self) -> None:
        self.attention = KeyValueCache()
        self.cross = KeyValueCache()


class FeedForward(nn.Module):
    """W2 f(W1 x), for each token by itself."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.widen = nn.Linear(config.width, config.feed_forward_width, bias=config.biases)
        self.activation = activation(config.activation)
        self.narrow = nn.Linear(config.feed_forward_width, config.width, bias=config.biases)

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, D] to [B, T, D]."""
        return cast(Tensor, self.narrow(self.activation(self.widen(x))))


class Block(nn.Module):
    """One layer: attention, of a decoder over an encoder cross attention, and a feed-forward net, each beside a
    residual connection.

    Before: x + f(norm(x)) (Xiong et al. 2020). After: norm(x + f(x)) (Vaswani et al. 2017).
    """

    def __init__(self, config: TransformerConfig, *, kind: AttentionKind = "encoder", has_cross: bool = False) -> None:
        super().__init__()
        self.is_norm_first = config.norm == "before"

        def attention(kind: AttentionKind) -> Attention:
            dropout, biases = config.attention_dropout, config.biases
            return Attention(config.width, config.num_heads, kind=kind, dropout=dropout, biases=biases)

        self.attention_norm = layer_norm(config)
        self.attention = attention(kind)
        if has_cross:
            self.cross_norm = layer_norm(config)
            self.cross = attention("cross")
        self.has_cross = has_cross
        self.feed_forward_norm = layer_norm(config)
        self.feed_forward = FeedForward(config)
        self.dropout = Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None = None,
        rotation: Tensor | None = None,
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
        cache: BlockCache | None = None,
    ) -> Tensor:
        """[B, T, D] to [B, T, D]; the rest as `Attention.forward` has it."""
        own, across = (None, None) if cache is None else (cache.attention, cache.cross)
        read = self._before(x, self.attention_norm)
        x = self._beside(x, self.attention(read, mask=mask, rotation=rotation, cache=own), self.attention_norm)
        if self.has_cross:
            read = self._before(x, self.cross_norm)
            x = self._beside(x, self.cross(read, memory=memory, mask=memory_mask, cache=across), self.cross_norm)
        read = self._before(x, self.feed_forward_norm)
        return self._beside(x, self.feed_forward(read), self.feed_forward_norm)

    def _before(self, x: Tensor, norm: nn.LayerNorm) -> Tensor:
        return norm(x) if self.is_norm_first else x

    def _beside(self, x: Tensor, found: Tensor, norm: nn.LayerNorm) -> Tensor:
        """The residual connection."""
        x = x + self.dropout(found)
        return x if self.is_norm_first else norm(x)


def final_norm(config: TransformerConfig) -> nn.Module:
    """What stands behind the last block: a norm; the identity where blocks normalise behind themselves."""
    return layer_norm(config) if config.norm == "before" else nn.Identity()


def layer_norm(config: TransformerConfig) -> nn.LayerNorm:
    """A norm of the blocks' width."""
    return nn.LayerNorm(config.width, eps=config.norm_epsilon, bias=config.biases)


class Positions(nn.Module):
    """Tells tokens their places: learned or sinusoidal vectors are added, rotary ones turn queries and keys.

    weight: [N, D], learned (a parameter) or sinusoidal (a buffer, saved with no weights); absent where rotary.
    """

    def __init__(self, kind: PositionsName, length: int, *, width: int, num_heads: int) -> None:
        super().__init__()
        self.kind = kind
        self.length = length
        if kind == "learned":
            self.weight = nn.Parameter(torch.randn(length, width) * 0.02)
        elif kind == "sinusoidal":
            self.register_buffer("weight", sinusoids(length, width), persistent=False)
        else:
            self.register_buffer("_rotations", rotations(length, width // num_heads), persistent=False)

    def forward(self, x: Tensor, *, start: int = 0) -> Tensor:
        """Embeddings [B, T, D] of the tokens from place `start` on, with their places added where they are added."""
        return x if self.kind == "rotary" else x + self.weight[start : start + x.shape[1]]

    def rotation(self, length: int, *, start: int = 0) -> Tensor | None:
        """What `Attention.forward` turns queries and keys by, [2, T, d]; None where places are added."""
        if self.kind != "rotary":
            return None
        return cast(Tensor, self._rotations)[:, start : start + length]


class TokenEmbedding(nn.Module):
    """E[ids] + p, a part left out in training; with sinusoidal positions sqrt(D) E[ids] + p (Vaswani et al. 2017)."""

    def __init__(self, config: TransformerConfig, *, num_tokens: int, length: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(num_tokens, config.width)
        self.positions = Positions(config.positions, length, width=config.width, num_heads=config.num_heads)
        self.dropout = Dropout(config.dropout)
        self.scale = config.width**0.5 if config.positions == "sinusoidal" else 1.0

    def forward(self, ids: Tensor, *, start: int = 0) -> Tensor:
        """Token ids [B, T], the first of them at place `start`, to [B, T, D]."""
        x = self.tokens(ids)  # [B, T, D]
        return cast(Tensor, self.dropout(self.positions(x if self.scale == 1.0 else x * self.scale, start=start)))

    def initialise(self) -> None:
        """Draw the embeddings anew: of length 1 where they are scaled, else small."""
        nn.init.normal_(self.tokens.weight, std=0.02 if self.scale == 1.0 else 1 / self.scale)


def token_mask(ids: Tensor) -> Tensor:
    """Which tokens [B, T] may be looked at: those that are no padding; of a text without any, its first."""
    mask = ids != PAD
    mask[:, 0] = True
    return mask


def sinusoids(length: int, width: int) -> Tensor:
    """sin and cos of place / 10000^(2 j / D), interleaved, float32 [N, D] (Vaswani et al. 2017, section 3.5)."""
    places = torch.arange(length, dtype=torch.float32)[:, None]
    rates = torch.exp(torch.arange(0, width, 2, dtype=torch.float32) * (-math.log(10_000.0) / width))  # [D / 2]
    angles = places * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :width]


def initialise(model: nn.Module, *, num_residuals: int, std: float = 0.02) -> None:
    """Weights normal with this standard deviation, biases 0; what ends a residual branch by 1 / sqrt(their number)
    less, so that their sum keeps its size (Radford et al. 2019)."""
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Embedding)):
            is_end = name.endswith((".attention.output", ".cross.output", ".feed_forward.narrow"))
            nn.init.normal_(module.weight, std=std * (num_residuals**-0.5 if is_end else 1.0))
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
