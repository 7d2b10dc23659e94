"""The long short-term memory (Hochreiter, Schmidhuber 1997)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from modellab.architectures._recurrent import Cell, RecurrentConfig
from modellab.config import meta


class LSTMConfig(RecurrentConfig, frozen=True, kw_only=True, tag="lstm"):
    """A memory cell behind gates that open and shut: c_t = f * c_{t-1} + i * g, h_t = o * tanh(c_t)."""

    title: ClassVar[str] = "LSTM"
    summary: ClassVar[str] = "Reads token by token; gates decide what its memory forgets, takes in and shows."
    cell: ClassVar[Cell] = "lstm"

    forget_bias: Annotated[
        float,
        meta(
            title="Forget-gate bias",
            help="Where the forget gate starts; above 0 a cell remembers at first (Jozefowicz et al. 2015).",
            ge=-10,
            le=10,
            advanced=True,
        ),
    ] = 1.0
