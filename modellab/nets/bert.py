"""The torch module of BERT."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from modellab.architectures.bert import BERTConfig
from modellab.data.base import Sample
from modellab.nets.layers import TiedOutput, activation
from modellab.nets.transformer import Block, Positions, final_norm, initialise, token_mask


class BERTOutputs(NamedTuple):
    """tokens: logits [B, T, V]. follows: logits [B, 2], class 0 that the second text follows the first."""

    tokens: Tensor
    follows: Tensor


class BERT(nn.Module):
    """h^0 = norm(E[ids] + p + S[segments]), h^l = block_l(h^{l-1}), tokens = E norm(f(W h^L)) + b,
    follows = U tanh(V h^L of the first token) (Devlin et al. 2019).

    context_length: the most tokens it reads at once. blocks: from the embeddings up. norm: after the last block, the
    identity where blocks normalise behind themselves, as the paper's do.
    """

    def __init__(self, config: BERTConfig, sample: Sample) -> None:
        super().__init__()
        width, eps = config.width, config.norm_epsilon
        self.context_length = config.context(sample)
        self.tokens = nn.Embedding(sample.num_tokens, width)
        self.segments = nn.Embedding(2, width)
        self.positions = Positions(config.positions, self.context_length, width=width, num_heads=config.num_heads)
        self.embedding_norm = nn.LayerNorm(width, eps=eps)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = final_norm(config)
        self.transform = nn.Sequential(
            nn.Linear(width, width), activation(config.activation), nn.LayerNorm(width, eps=eps)
        )
        self.pooler = nn.Linear(width, width)
        self.follows = nn.Linear(width, 2)
        initialise(self, num_residuals=2 * config.num_layers)
        self.output = TiedOutput(self.tokens, width=width)

    def forward(self, pairs: Tensor) -> BERTOutputs:
        """Tokens and their segments (0 or 1), int64 [B, T, 2]."""
        h = self.hidden(*pairs.unbind(2))  # [B, T, D]
        pooled = torch.tanh(self.pooler(h[:, 0]))  # [B, D]
        return BERTOutputs(tokens=self.output(self.transform(h)), follows=self.follows(pooled))

    def hidden(self, ids: Tensor, segments: Tensor) -> Tensor:
        """The states above the last block, [B, T, D], of tokens and segments [B, T]."""
        mask = token_mask(ids)
        rotation = self.positions.rotation(ids.shape[1])
        x = self.positions(self.tokens(ids) + self.segments(segments))  # [B, T, D]
        x = self.dropout(self.embedding_norm(x))
        for block in self.blocks:
            x = block(x, mask=mask, rotation=rotation)
        return cast(Tensor, self.norm(x))
