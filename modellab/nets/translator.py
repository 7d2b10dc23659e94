"""The torch module of the encoder-decoder Transformer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from modellab.architectures.translator import TranslatorConfig
from modellab.data.base import Sample
from modellab.nets.layers import TiedOutput
from modellab.nets.transformer import Block, BlockCache, TokenEmbedding, final_norm, initialise, token_mask
from modellab.text.tokenizer import PAD


class Translator(nn.Module):
    """memory = norm(encoder(E[source] + p)), logits = E norm(decoder(E[target] + p, memory)) (Vaswani et al. 2017).

    The embeddings of both texts and the output are one table. encoder_blocks, decoder_blocks: from the embeddings up;
    the decoder's have a cross attention. begin, end: the tokens before and after every target.
    """

    def __init__(self, config: TranslatorConfig, sample: Sample) -> None:
        super().__init__()
        self.begin, self.end = sample.special("[BEGIN]"), sample.special("[END]")
        self.max_length = sample.shape[0]
        self.embedding = TokenEmbedding(config, num_tokens=sample.num_tokens, length=self.max_length)
        self.encoder_blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.decoder_blocks = nn.ModuleList(
            Block(config, kind="decoder", has_cross=True) for _ in range(config.num_decoder_layers)
        )
        self.encoder_norm, self.decoder_norm = final_norm(config), final_norm(config)
        initialise(self, num_residuals=2 * config.num_layers + 3 * config.num_decoder_layers)
        self.embedding.initialise()
        self.output = TiedOutput(self.embedding.tokens, width=config.width, bias=False)

    def forward(self, pairs: Tensor) -> Tensor:
        """Source and target so far, int64 [B, T, 2], to logits [B, T', V]: T' is T, or where it costs nothing to know,
        the longest target's length."""
        source, target = pairs.unbind(2)  # [B, T]
        if pairs.device.type == "cpu":  # elsewhere one would have to wait to learn how long they are
            source, target = _cut(source), _cut(target)
        memory, mask = self.encode(source)
        return self.decode(target, memory, mask)

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens [B, S] to the memory [B, S, D] and which of it are tokens, bool [B, S]."""
        mask = token_mask(source)
        rotation = self.embedding.positions.rotation(source.shape[1])
        x = self.embedding(source)  # [B, S, D]
        for block in self.encoder_blocks:
            x = block(x, mask=mask, rotation=rotation)
        return cast(Tensor, self.encoder_norm(x)), mask

    def decode(
        self, target: Tensor, memory: Tensor, mask: Tensor, *, cache: Sequence[BlockCache] | None = None
    ) -> Tensor:
        """Tokens [B, T] that follow those of the cache to logits [B, T, V]; padding comes last, where none sees it."""
        start = 0 if cache is None else len(cache[0].attention)
        rotation = self.embedding.positions.rotation(target.shape[1], start=start)
        x = self.embedding(target, start=start)  # [B, T, D]
        for number, block in enumerate(self.decoder_blocks):
            own = None if cache is None else cache[number]
            x = block(x, rotation=rotation, memory=memory, memory_mask=mask, cache=own)
        return cast(Tensor, self.output(self.decoder_norm(x)))

    def new_cache(self) -> list[BlockCache]:
        """What `decode` fills when a target is written token by token."""
        return [BlockCache() for _ in self.decoder_blocks]


def _cut(ids: Tensor) -> Tensor:
    """Without the columns [B, T] that hold nothing but padding, which are the last; one column at least."""
    longest = int((ids != PAD).any(0).sum())
    return ids[:, : max(1, longest)]
