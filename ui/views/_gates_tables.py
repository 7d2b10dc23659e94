"""The numbers behind each page of the gates, for CSV."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ui.lab.tokens import token_number
from ui.views._export import Table
from ui.views._gates_data import Gates, Place, budget, half_life, shares


def raster_table(gates: Gates, place: Place) -> Table:
    """A row a unit and token, a column a signal."""
    lanes = [np.asarray(gates.lane(place, name), dtype=np.float32) for name in gates.lanes]

    def rows() -> Iterator[tuple[object, ...]]:
        for unit in range(gates.num_units):
            for token, text in enumerate(gates.tokens):
                yield (
                    place.layer + 1,
                    place.direction,
                    unit,
                    token_number(token),
                    text,
                    *(_told(lane[token, unit]) for lane in lanes),
                )

    return Table(columns=("layer", "direction", "unit", "token", "text", *gates.lanes), rows=rows())


def unit_table(gates: Gates, place: Place) -> Table:
    """A row a token: all signals of one unit and its budget."""
    columns = [gates.trace(place, name) for name in gates.lanes]
    parts = budget(gates, place)
    names = (*gates.lanes, "kept", "written") if parts is not None else gates.lanes
    columns += list(parts or ())
    rows = ((token_number(k), text, *(_told(one[k]) for one in columns)) for k, text in enumerate(gates.tokens))
    return Table(columns=("token", "text", *names), rows=rows)


def saturation_table(gates: Gates, place: Place) -> Table:
    """A row a unit: the shares of the time that each of its gates is open and shut, and its half-life."""
    found = [shares(gates.lane(place, name)) for name in gates.gate_names]
    names = [f"{name} {what}" for name in gates.gate_names for what in ("open", "shut")]
    lives = []
    if gates.keeps:
        means = gates.lane(place, gates.keeps).mean(axis=0, dtype=np.float32)
        lives = [half_life(float(mean)) for mean in means]
        names.append("half-life")

    def rows() -> Iterator[tuple[object, ...]]:
        for unit in range(gates.num_units):
            both = [_told(share[unit]) for pair in found for share in pair]
            yield (unit, *both, *([lives[unit]] if lives else []))

    return Table(columns=("unit", *names), rows=rows())


def _told(value: np.float32) -> float:
    return round(float(value), 6)
