"""The generative pre-trained Transformer: a decoder that predicts the next token (Radford et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from modellab.architectures._transformer import ContextConfig
from modellab.config import meta
from modellab.data.base import InputKind, Sample, TaskName

if TYPE_CHECKING:
    from torch import nn


class GPTConfig(ContextConfig, frozen=True, kw_only=True, tag="gpt"):
    """Decoder blocks over token embeddings."""

    title: ClassVar[str] = "GPT"
    summary: ClassVar[str] = "Every token looks back at those before it, with several heads, to predict the next one."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"text"})
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"classification", "regression", "language_modelling"})

    tie_weights: Annotated[
        bool,
        meta(
            title="Tie weights",
            help="Language models: the output weighs tokens by their embeddings (Press, Wolf 2017).",
        ),
    ] = True

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`: ids int64 [B, T] to [B, T, V]; classes or a value, [B, K], from the last
        token's state."""
        self.check(sample)
        from modellab.nets.gpt import GPT

        return GPT(self, sample)
