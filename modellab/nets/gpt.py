"""The torch module of the GPT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from modellab.architectures.gpt import GPTConfig
from modellab.data.base import Sample
from modellab.nets.layers import TiedOutput
from modellab.nets.transformer import Block, BlockCache, TokenEmbedding, final_norm, initialise
from modellab.text.tokenizer import PAD


class GPT(nn.Module):
    """h^0 = E[ids] + p, h^l = block_l(h^{l-1}), logits = E norm(h^L) (Radford et al. 2019).

    context_length: the most tokens it reads at once. blocks: from the embeddings up. norm: after the last block;
    the identity where blocks normalise behind themselves.
    """

    def __init__(self, config: GPTConfig, sample: Sample) -> None:
        super().__init__()
        assert sample.num_tokens > 0, "a text sample has a vocabulary"
        self.is_language_model = sample.task == "language_modelling"
        self.context_length = config.context(sample)
        self.embedding = TokenEmbedding(config, num_tokens=sample.num_tokens, length=self.context_length)
        self.blocks = nn.ModuleList(Block(config, kind="decoder") for _ in range(config.num_layers))
        self.norm = final_norm(config)
        self.output: nn.Module = nn.Linear(config.width, sample.num_outputs, bias=not self.is_language_model)
        initialise(self, num_residuals=2 * config.num_layers)
        self.embedding.initialise()
        if self.is_language_model and config.tie_weights:
            self.output = TiedOutput(self.embedding.tokens, width=config.width, bias=False)

    def forward(self, ids: Tensor, *, cache: Sequence[BlockCache] | None = None) -> Tensor:
        """Token ids int64 [B, T] to logits [B, T, V]; or to classes or values [B, K].

        cache: of each block, what came before the ids; takes them in. All of it together fits the context.
        """
        h = self.hidden(ids, cache=cache)  # [B, T, D]
        if not self.is_language_model:
            last = ((ids != PAD).sum(1) - 1).clamp(min=0)  # [B]
            h = h[torch.arange(len(h), device=h.device), last]  # [B, D]; padding comes after it, so none is seen
        return cast(Tensor, self.output(h))

    def hidden(self, ids: Tensor, *, cache: Sequence[BlockCache] | None = None) -> Tensor:
        """The normalised states above the last block, [B, T, D]."""
        start = 0 if cache is None else len(cache[0].attention)
        x = self.embedding(ids, start=start)  # [B, T, D]
        rotation = self.embedding.positions.rotation(ids.shape[1], start=start)
        for number, block in enumerate(self.blocks):
            x = block(x, rotation=rotation, cache=None if cache is None else cache[number])
        return cast(Tensor, self.norm(x))

    def new_cache(self) -> list[BlockCache]:
        """What `forward` fills when a text is read piece by piece."""
        return [BlockCache() for _ in self.blocks]
