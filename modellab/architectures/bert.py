"""BERT: an encoder that guesses masked tokens and whether two texts follow one another (Devlin et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from modellab.architectures._transformer import ContextConfig
from modellab.data.base import DatasetConfig, InputKind, Sample, TaskName

if TYPE_CHECKING:
    from torch import nn


class BERTConfig(ContextConfig, frozen=True, kw_only=True, tag="bert"):
    """Encoder blocks over token, place and segment embeddings, and two heads."""

    title: ClassVar[str] = "BERT"
    summary: ClassVar[str] = "Reads in both directions: guesses hidden tokens, and whether one text follows another."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"text"})
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"masked_language_modelling"})
    brings: ClassVar[frozenset[str]] = frozenset({"learn"})

    def suited(self, dataset: DatasetConfig) -> DatasetConfig:
        """The dataset, of which it guesses hidden tokens: the one thing it can."""
        if not hasattr(dataset, "learn"):
            return dataset
        changes = {"learn": "hidden_tokens"}
        found: DatasetConfig = msgspec.structs.replace(dataset, **changes)
        return found

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`: tokens and their segments int64 [B, T, 2] to logits [B, T, V] of every token
        and [B, 2] of whether the second text follows the first (class 0) or not."""
        self.check(sample)
        from modellab.nets.bert import BERT

        return BERT(self, sample)
