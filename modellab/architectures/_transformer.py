"""Options that all Transformers have, and what they ask of a dataset."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from modellab.architectures.base import ArchitectureConfig
from modellab.config import meta
from modellab.data.base import Sample
from modellab.errors import UserError

FeedForwardName = Literal["gelu", "gelu_tanh", "relu", "silu"]
PositionsName = Literal["learned", "sinusoidal", "rotary"]
NormName = Literal["before", "after"]


class TransformerConfig(ArchitectureConfig, frozen=True, kw_only=True):
    """Blocks of attention and a feed-forward net, one above the other."""

    shows: ClassVar[frozenset[str]] = frozenset({"attention"})

    num_layers: Annotated[int, meta(title="Layers", help="Blocks, one above the other.", ge=1, le=96)] = 4
    num_heads: Annotated[
        int,
        meta(
            title="Heads",
            help="Attention heads of a block, which share its width; the width is a multiple of their number.",
            ge=1,
            le=128,
        ),
    ] = 4
    width: Annotated[
        int, meta(title="Width", help="Numbers that stand for each token between blocks.", ge=1, le=8192, log=True)
    ] = 128
    feed_forward: (
        Annotated[
            int,
            meta(
                title="Feed-forward units",
                help="Hidden units of each block's feed-forward net; off: four times the width.",
                unit="units",
                ge=1,
                le=65_536,
                log=True,
            ),
        ]
        | None
    ) = None
    activation: Annotated[
        FeedForwardName,
        meta(
            title="Activation",
            help="The function between the two layers of a feed-forward net.",
            labels={"gelu": "GELU", "gelu_tanh": "GELU, by tanh", "relu": "ReLU", "silu": "SiLU"},
        ),
    ] = "gelu"
    dropout: Annotated[
        float,
        meta(title="Dropout", help="Share of numbers left out of embeddings and of what each block adds.", ge=0, lt=1),
    ] = 0.0
    attention_dropout: Annotated[
        float,
        meta(
            title="Dropout, attention",
            help="Share of attention left out; on a processor it makes attention slower.",
            ge=0,
            lt=1,
            advanced=True,
        ),
    ] = 0.0
    norm: Annotated[
        NormName,
        meta(
            title="Normalisation",
            help="Before each part of a block, which trains steadily, or after it, as in 2017.",
            labels={"before": "before (pre-norm)", "after": "after (post-norm)"},
        ),
    ] = "before"
    norm_epsilon: Annotated[
        float,
        meta(title="Norm epsilon", help="Added to the variance.", gt=0, le=0.1, log=True, advanced=True),
    ] = 1e-5
    biases: Annotated[
        bool,
        meta(
            title="Biases",
            help="In the linear layers and norms of the blocks; small GPTs learn as well, and faster, without.",
            advanced=True,
        ),
    ] = True
    positions: Annotated[
        PositionsName,
        meta(
            title="Positions",
            help="How a token knows its place: a learned vector or a wave is added, or queries and keys are turned.",
        ),
    ] = "learned"

    @property
    def feed_forward_width(self) -> int:
        """Hidden units of a feed-forward net."""
        return 4 * self.width if self.feed_forward is None else self.feed_forward

    def check(self, sample: Sample) -> None:
        """Whether the sizes work out.

        Raises:
            UserError: the width is no multiple of the heads, or rotary positions have an odd number to turn.
        """
        if self.width % self.num_heads:
            share = self.num_heads * (2 if self.positions == "rotary" else 1)
            below = max(1, self.width // share) * share
            raise UserError(
                f"Width (architecture.width) is {self.width}, which {self.num_heads} heads cannot share; make it a "
                f"multiple of {share}, such as {below} or {below + share}.",
                field="architecture.width",
            )
        if self.positions == "rotary" and (self.width // self.num_heads) % 2:
            raise UserError(
                f"Rotary positions turn pairs of numbers, and a head has {self.width // self.num_heads}; make the "
                f"width (architecture.width) a multiple of {2 * self.num_heads}.",
                field="architecture.width",
            )


class ContextConfig(TransformerConfig, frozen=True, kw_only=True):
    """A Transformer that has a context of its own."""

    context_length: (
        Annotated[
            int,
            meta(
                title="Context",
                help="The most tokens it reads at once; off: as many as the dataset gives it.",
                unit="tokens",
                ge=1,
                le=65_536,
                log=True,
            ),
        ]
        | None
    ) = None

    def check(self, sample: Sample) -> None:
        """As `TransformerConfig.check`; also when the dataset gives more tokens than it reads."""
        super().check(sample)
        self.context(sample)

    def context(self, sample: Sample) -> int:
        """The most tokens it reads at once: its own context, or what the dataset gives.

        Raises:
            UserError: the dataset gives more.
        """
        length = sample.shape[0]
        if self.context_length is not None and self.context_length < length:
            what = "longest text" if sample.task in ("classification", "regression") else "window"
            raise UserError(
                f"Context (architecture.context_length) is {self.context_length:,} tokens, and the dataset gives "
                f"{length:,} at once; make it at least {length:,}, or shorten the dataset's {what}.",
                field="architecture.context_length",
            )
        return length if self.context_length is None else self.context_length
