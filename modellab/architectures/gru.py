"""The gated recurrent unit (Cho et al. 2014)."""

from __future__ import annotations

from typing import ClassVar

from modellab.architectures._recurrent import Cell, RecurrentConfig


class GRUConfig(RecurrentConfig, frozen=True, kw_only=True, tag="gru"):
    """Two gates and no cell of its own: h_t = (1 - z) * n + z * h_{t-1}."""

    title: ClassVar[str] = "GRU"
    summary: ClassVar[str] = "Reads token by token; two gates decide what to keep of the last state: a leaner LSTM."
    cell: ClassVar[Cell] = "gru"
