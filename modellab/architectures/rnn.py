"""The simple recurrent network (Elman 1990)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from modellab.architectures._recurrent import Cell, RecurrentConfig
from modellab.config import meta


class RNNConfig(RecurrentConfig, frozen=True, kw_only=True, tag="rnn"):
    """No gates: h_t = f(W x_t + U h_{t-1} + b)."""

    title: ClassVar[str] = "Simple RNN"
    summary: ClassVar[str] = "Reads token by token and squashes all it has read into one state; forgets quickly."
    cell: ClassVar[Cell] = "rnn"

    nonlinearity: Annotated[
        Literal["tanh", "relu"],
        meta(title="Activation", help="The function applied to every unit.", labels={"relu": "ReLU"}),
    ] = "tanh"
