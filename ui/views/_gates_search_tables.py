"""What a search found, for CSV."""

from __future__ import annotations

from collections.abc import Sequence

from ui.lab.tokens import token_number
from ui.views._export import Table
from ui.views._gates_matches import told_area
from workers.protocol import GateMatch, UnitRank


def ranks_table(ranks: Sequence[UnitRank]) -> Table | None:
    """A row a unit: whether it is higher or lower where the pattern is, and how well it tells it."""
    rows = [
        (one.layer + 1, one.direction, one.unit, "higher" if one.auc >= 0.5 else "lower", told_area(one.auc))
        for one in ranks
    ]
    return Table(columns=("layer", "direction", "unit", "there", "auc"), rows=rows) if rows else None


def places_table(found: Sequence[GateMatch]) -> Table | None:
    """A row a place."""
    places = [
        (one.example, one.label, token_number(one.token), one.before, one.match, one.after, one.score) for one in found
    ]
    columns = ("example", "label", "token", "before", "match", "after", "score")
    return Table(columns=columns, rows=places) if places else None
