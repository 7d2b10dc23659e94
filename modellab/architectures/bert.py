"""BERT: an encoder that guesses masked tokens and whether two texts follow one another (Devlin et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from modellab.architectures._transformer import ContextConfig
from modellab.data.base import InputKind, Sample, TaskName

if TYPE_CHECKING:
    from torch import nn


class BERTConfig(ContextConfig, frozen=True, kw_only=True, tag="bert"):
    """Encoder blocks over token, place and segment embeddings, and two heads."""

    title: ClassVar[str] = "BERT"
    summary: ClassVar[str] = "Reads in both directions: guesses hidden tokens, and whether one text follows another."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"text"})
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"masked_language_modelling"})

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`: tokens and their segments int64 [B, T, 2] to logits [B, T, V] of every token
        and [B, 2] of whether the second text follows the first (class 0) or not."""
        self.check(sample)
        from modellab.nets.bert import BERT

        return BERT(self, sample)
