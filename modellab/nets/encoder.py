"""The torch module of the Transformer encoder."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from modellab.architectures.transformer import EncoderConfig
from modellab.data.base import Sample
from modellab.nets.layers import Dropout
from modellab.nets.transformer import Block, TokenEmbedding, final_norm, initialise, token_mask


class Encoder(nn.Module):
    """h^0 = E[ids] + p, h^l = block_l(h^{l-1}), logits = W pool(norm(h^L)) + b.

    blocks: from the embeddings up. norm: after the last block; the identity where blocks normalise behind themselves.
    """

    def __init__(self, config: EncoderConfig, sample: Sample) -> None:
        super().__init__()
        assert sample.num_tokens > 0, "a text sample has a vocabulary"
        self.pooling = config.pooling
        self.embedding = TokenEmbedding(config, num_tokens=sample.num_tokens, length=sample.shape[0])
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = final_norm(config)
        self.dropout = Dropout(config.dropout)
        self.output = nn.Linear(config.width, sample.num_outputs)
        initialise(self, num_residuals=2 * config.num_layers)
        self.embedding.initialise()

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids int64 [B, T] to logits or values [B, K]."""
        mask = token_mask(ids)  # [B, T]
        return cast(Tensor, self.output(self.dropout(pooled(self.hidden(ids, mask), mask, self.pooling))))

    def hidden(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The normalised states above the last block, [B, T, D]; mask: which are tokens, [B, T]."""
        x = self.embedding(ids)  # [B, T, D]
        rotation = self.embedding.positions.rotation(ids.shape[1])
        for block in self.blocks:
            x = block(x, mask=mask, rotation=rotation)
        return cast(Tensor, self.norm(x))


def pooled(h: Tensor, mask: Tensor, pooling: str) -> Tensor:
    """One state a text [B, D] of states [B, T, D], of its own tokens alone: mask [B, T]."""
    if pooling == "first":
        return h[:, 0]
    if pooling == "max":
        return h.masked_fill(~mask[:, :, None], -torch.inf).amax(1)
    kept = h * mask[:, :, None]  # [B, T, D]
    return kept.sum(1) / mask.sum(1, keepdim=True)
