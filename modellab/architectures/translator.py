"""The encoder-decoder Transformer: reads one text and writes another (Vaswani et al. 2017)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from modellab.architectures._transformer import TransformerConfig
from modellab.config import meta
from modellab.data.base import InputKind, Sample, TaskName

if TYPE_CHECKING:
    from torch import nn


class TranslatorConfig(TransformerConfig, frozen=True, kw_only=True, tag="translator"):
    """Encoder blocks over the source, decoder blocks over the target, which look across at them."""

    title: ClassVar[str] = "Encoder-decoder Transformer"
    summary: ClassVar[str] = "Reads one text and writes another, looking back across at what it read, token by token."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"text"})
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"translation"})

    decoder_layers: (
        Annotated[
            int,
            meta(title="Decoder layers", help="Blocks of the decoder; off: as many as the encoder has.", ge=1, le=96),
        ]
        | None
    ) = None

    @property
    def num_decoder_layers(self) -> int:
        """Blocks of the decoder."""
        return self.num_layers if self.decoder_layers is None else self.decoder_layers

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`: source and target so far, int64 [B, T, 2], to logits [B, T', V] of the next
        token at each of the T' of the target."""
        self.check(sample)
        from modellab.nets.translator import Translator

        return Translator(self, sample)
