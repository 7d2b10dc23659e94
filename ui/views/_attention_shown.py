"""What a matrix draws, and where its parts and the tiles of the atlas lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from ui.views._attention_colours import Scale, high_of, nice_high
from ui.views._attention_data import SHARES, Block, Bytes, Head, Over, Place
from ui.views._attention_words import query_labels

ATLAS_GAP = 3  # px between tiles


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasGrid:
    """Where the tiles lie, in logical pixels. bar: below each tile, for what the heads are sorted by."""

    left: float
    top: float
    tile: int
    bar: int

    @property
    def pitch(self) -> int:
        """From one head to the next."""
        return self.tile + ATLAS_GAP

    @property
    def line(self) -> int:
        """From one layer to the next."""
        return self.tile + self.bar + ATLAS_GAP


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """What is drawn. shares: roots as bytes [Nq, Nk]; rival: of the head that is subtracted. seen: what may be looked
    at. hidden: keys that are left out. high: the share in full colour. rows: the queries' labels, if other.
    factor: what the head says is multiplied by; None: it is as it was trained."""

    shares: Bytes
    queries: tuple[str, ...]
    keys: tuple[str, ...]
    rival: Bytes | None = None
    seen: NDArray[np.bool_] | None = None
    hidden: tuple[int, ...] = ()
    scale: Scale = "sqrt"
    high: float = 1.0
    rows: tuple[str, ...] = ()
    factor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Where the parts of the matrix lie."""

    cells: QRectF
    top: QRectF
    left: QRectF
    right_strip: QRectF
    bottom_strip: QRectF


def shown_of(
    block: Block,
    place: Place,
    *,
    over: Over,
    scale: Scale,
    rival: Head | None,
    hidden: tuple[int, ...],
    factor: float | None,
) -> Shown:
    """The head looked at, less its rival where there is one; the colours spread over what is left of the shares."""
    shares = block.shares(place.layer, place.head, over=over)
    rivals = block.shares(*rival) if rival is not None else None
    high = 1.0
    if rivals is not None:
        high = nice_high(float(abs(SHARES[shares] - SHARES[rivals]).max()))
    elif hidden:
        high = high_of(shares, hidden)
    return Shown(
        shares=shares,
        queries=block.header.queries,
        keys=block.header.keys,
        rows=query_labels(block) if block.writes else (),
        rival=rivals,
        seen=block.allowed(place.layer),
        hidden=hidden,
        scale=scale,
        high=high,
        factor=factor,
    )
