"""Which units are on over a stretch of text."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_order import Span

USUAL = 0.3  # a unit is on above it, unless told otherwise
_LEAST_LEVEL = 0.02  # nearer to zero nothing is on


@dataclass(frozen=True, slots=True, kw_only=True)
class OnUnit:
    """A unit that is on over the span; sign -1: in its negative lobe. mean: of its values there."""

    unit: int
    sign: int
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """What the units listed are on over; span None: nothing is marked."""

    gates: Gates
    place: Place
    span: Span | None

    def is_of(self, gates: Gates, place: Place, span: Span | None) -> bool:
        """Whether it is of the same tokens, layer and span; perhaps of another step."""
        same = (gates.lanes, gates.tokens, place.layer, place.direction, span)
        own = self.gates, self.place
        return same == (own[0].lanes, own[0].tokens, own[1].layer, own[1].direction, self.span)

    def is_beside(self, place: Place, span: Span | None) -> bool:
        """Whether it is of the same units and the same stretch, perhaps of another text."""
        own = self.place
        return (own.layer, own.direction, self.span) == (place.layer, place.direction, span)

    @property
    def words(self) -> str:
        """The stretch that is marked, as it reads."""
        return "" if self.span is None else "".join(self.gates.running[self.span[0] : self.span[1] + 1])


def units_on(
    gates: Gates, place: Place, *, name: str, span: Span, threshold: float, takes_negative: bool, has_whiskers: bool
) -> list[OnUnit]:
    """Units above the threshold on every token of the span (below minus it, for negative lobes), the strongest first.

    has_whiskers: off just before and just after. LSTMVis (Strobelt et al. 2018) calls it selecting by hypothesis.
    """
    lane = np.asarray(gates.lane(place, name)[max(0, span[0] - 1) : span[1] + 2], dtype=np.float32)
    before = 1 if span[0] > 0 else 0
    inside = lane[before : before + span[1] - span[0] + 1]
    around = np.concatenate([lane[:before], lane[before + len(inside) :]])  # [0..2, units]
    found = []
    for sign in (1, -1) if takes_negative else (1,):
        is_on = (sign * inside > threshold).all(axis=0)
        if has_whiskers:
            is_on &= (sign * around <= threshold).all(axis=0)
        means = inside.mean(axis=0)
        found += [OnUnit(unit=int(k), sign=sign, mean=float(means[k])) for k in np.flatnonzero(is_on)]
    return sorted(found, key=lambda one: -abs(one.mean))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suited:
    """From where on, and on which sides, a unit is on over a span, so that there is something to search for.

    unit: the one looked at that this is for; None: for the strongest of all.
    """

    threshold: float
    takes_negative: bool
    unit: int | None


def suited(query: Query, *, name: str, usual: float) -> Suited:
    """By the unit looked at where it stays on one side of zero all through, else by the one that is farthest from it.

    usual: the threshold, lowered only where nothing would be on.
    """
    assert query.span is not None
    first, last = query.span
    inside = np.asarray(query.gates.lane(query.place, name)[first : last + 1], dtype=np.float32)
    highs, lows = inside.min(axis=0), -inside.max(axis=0)  # how far from zero all through, on each side
    levels = highs if name in GATES else np.maximum(highs, lows)
    wanted = query.place.unit
    unit = wanted if wanted is not None and levels[wanted] > _LEAST_LEVEL else None
    best = int(levels.argmax()) if unit is None else unit
    high, level = float((highs if unit is None else highs[unit : unit + 1]).max()), float(levels[best])
    # Two decimals, below the level: the unit is to be above it.
    threshold = usual if level > usual or level <= _LEAST_LEVEL else (math.ceil(100 * level) - 1) / 100
    return Suited(threshold=threshold, takes_negative=high <= threshold < level, unit=unit)
