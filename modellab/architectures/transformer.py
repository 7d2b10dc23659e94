"""The Transformer encoder: every token looks at every other (Vaswani et al. 2017)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from modellab.architectures._transformer import TransformerConfig
from modellab.config import meta
from modellab.data.base import InputKind, Sample

if TYPE_CHECKING:
    from torch import nn


class EncoderConfig(TransformerConfig, frozen=True, kw_only=True, tag="transformer"):
    """Encoder blocks over token embeddings, and a dense layer that reads what they say together."""

    title: ClassVar[str] = "Transformer"
    summary: ClassVar[str] = "Every token of a text looks at every other, with several heads, to tell its class."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"text"})

    pooling: Annotated[
        Literal["mean", "max", "first"],
        meta(
            title="Pooling",
            help="What a class is told from: the mean or maximum over all tokens, or the state of the first.",
            labels={"max": "maximum", "first": "first token"},
        ),
    ] = "mean"

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`: ids int64 [B, T], 0 pads on the right, to [B, K]."""
        self.check(sample)
        from modellab.nets.encoder import Encoder

        return Encoder(self, sample)
