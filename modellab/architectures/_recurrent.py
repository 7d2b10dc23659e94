"""Options that all recurrent networks have, and what they ask of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from modellab.architectures.base import ArchitectureConfig
from modellab.config import meta
from modellab.data.base import InputKind, Sample, TaskName
from modellab.errors import UserError

if TYPE_CHECKING:
    from torch import nn

Cell = Literal["rnn", "gru", "lstm"]
Pooling = Literal["last", "mean", "max"]


class RecurrentConfig(ArchitectureConfig, frozen=True, kw_only=True):
    """Token embeddings, recurrent layers one above the other, and a dense layer that reads the topmost.

    cell: what a layer is made of.
    """

    shows: ClassVar[frozenset[str]] = frozenset({"gates"})
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"text"})
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"classification", "regression", "language_modelling"})
    cell: ClassVar[Cell]

    embedding_size: Annotated[
        int, meta(title="Embedding", help="Numbers that stand for each token.", unit="numbers", ge=1, le=4096, log=True)
    ] = 64
    hidden_size: Annotated[
        int,
        meta(
            title="Hidden units",
            help="Units of each layer, and of each direction where it reads both ways.",
            unit="units",
            ge=1,
            le=4096,
            log=True,
        ),
    ] = 128
    num_layers: Annotated[
        int, meta(title="Layers", help="Recurrent layers; each reads what the one below it says.", ge=1, le=12)
    ] = 1
    bidirectional: Annotated[
        bool,
        meta(title="Both directions", help="Read backwards too, with layers of their own; not for language models."),
    ] = False
    pooling: Annotated[
        Pooling,
        meta(
            title="Pooling",
            help="What a class is told from: the state at the last token, or the mean or maximum over all of them.",
            labels={"last": "last state", "max": "maximum"},
        ),
    ] = "last"
    dropout: Annotated[
        float,
        meta(title="Dropout", help="Share of units left out between layers and before the output.", ge=0, lt=1),
    ] = 0.0
    embedding_dropout: Annotated[
        float, meta(title="Dropout, embedding", help="Share of the embedding's numbers left out.", ge=0, lt=1)
    ] = 0.0
    token_dropout: Annotated[
        float,
        meta(
            title="Dropout, tokens",
            help="Share of the tokens read as unknown while it trains (word dropout, Bowman et al. 2016).",
            ge=0,
            lt=1,
            advanced=True,
        ),
    ] = 0.0
    tie_weights: Annotated[
        bool,
        meta(
            title="Tie weights",
            help="Language models: the output weighs tokens by their embeddings (Press, Wolf 2017); "
            "layers of another width than the embedding are projected to it first.",
        ),
    ] = False
    carry_state: Annotated[
        bool,
        meta(
            title="Carry state",
            help="Language models: each window of a text begins with the state that the one before it ended with; "
            "the gradient stops there.",
            advanced=True,
        ),
    ] = True

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`: ids int64 [B, T], 0 pads on the right, to [B, K]; or to [B, T, V]."""
        self.check(sample)
        from modellab.nets.recurrent import Recurrent

        return Recurrent(self, sample)

    def check(self, sample: Sample) -> None:
        """Whether it may read as it is told to.

        Raises:
            UserError: a language model is to read in both directions.
        """
        if sample.task == "language_modelling" and self.bidirectional:
            raise UserError(
                "A language model cannot read in both directions, as it would see the token that it is to predict; "
                "turn off Both directions (architecture.bidirectional).",
                field="architecture.bidirectional",
                remedy={"architecture.bidirectional": False},
            )
