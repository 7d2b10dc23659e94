"""The torch module of BERT."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from modellab.architectures.bert import BERTConfig
from modellab.data.base import Sample
from modellab.nets.layers import Dropout, TiedOutput, activation
from modellab.nets.transformer import Block, Positions, final_norm, initialise, token_mask


class LaterLogits:
    """Logits of tokens that are computed where they are asked for, as learning asks for one of seven: with a large
    vocabulary all of them cost more than the blocks."""

    def __init__(self, states: Tensor, say: Callable[[Tensor], Tensor]) -> None:
        self._states = states
        self._say = say
        self._found: Tensor | None = None

    def at(self, places: Tensor) -> Tensor:
        """Logits [N, V] of the places that are True in bool [B, T]; asked again, for the same ones, the same."""
        if self._found is None:
            self._found = self._say(self._states[places])
        return self._found


class BERTOutputs(NamedTuple):
    """tokens: logits [B, T, V], `LaterLogits` while it trains on a CPU. follows: logits [B, 2], class 0 that the second
    text follows the first."""

    tokens: Tensor | LaterLogits
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
        self.dropout = Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = final_norm(config)
        self.transform = nn.Sequential(
            nn.Linear(width, width), activation(config.activation), nn.LayerNorm(width, eps=eps)
        )
        self.pooler = nn.Linear(width, width)
        self.follows = nn.Linear(width, 2)
        # The paper's 0.02 is for 768 numbers. In a narrow net what the first token gathers of the others would vanish
        # beside its own embedding, and whether they follow one another was not learned at all.
        std = width**-0.5
        initialise(self, num_residuals=1, std=std)
        if config.positions == "learned":
            nn.init.normal_(self.positions.weight, std=std)
        self.output = TiedOutput(self.tokens, width=width)

    def forward(self, pairs: Tensor) -> BERTOutputs:
        """Tokens and their segments (0 or 1), int64 [B, T, 2]."""
        h = self.hidden(*pairs.unbind(2))  # [B, T, D]
        pooled = torch.tanh(self.pooler(h[:, 0]))  # [B, D]
        # A GPU would wait to learn how many there are, and computes all of them as soon.
        is_later = self.training and h.device.type == "cpu"
        return BERTOutputs(tokens=LaterLogits(h, self.said) if is_later else self.said(h), follows=self.follows(pooled))

    def said(self, h: Tensor) -> Tensor:
        """Logits [..., V] of states [..., D]."""
        return cast(Tensor, self.output(self.transform(h)))

    def hidden(self, ids: Tensor, segments: Tensor) -> Tensor:
        """The states above the last block, [B, T, D], of tokens and segments [B, T]."""
        mask = token_mask(ids)
        rotation = self.positions.rotation(ids.shape[1])
        x = self.positions(self.tokens(ids) + self.segments(segments))  # [B, T, D]
        x = self.dropout(self.embedding_norm(x))
        for block in self.blocks:
            x = block(x, mask=mask, rotation=rotation)
        return cast(Tensor, self.norm(x))
