"""Interventions: a signal of a recurrent layer held at a value. Plain data, no torch."""

from __future__ import annotations

import msgspec


class Clamp(msgspec.Struct, frozen=True, kw_only=True):
    """An intervention: a signal of a recurrent layer held at a value while the model runs.

    direction: 0 forward, 1 backward. signal: "i", "f", "g", "o", "c", "h" (LSTM), "r", "z", "n", "h" (GRU), "h" (RNN).
    unit None is every unit; first, last: tokens at which it is held, both counted, None for the ends.
    """

    layer: int
    signal: str
    value: float
    direction: int = 0
    unit: int | None = None
    first: int | None = None
    last: int | None = None
