"""A pyramid of reductions over a growing column: the extremes or the mean of any span in a handful of reads."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ui.plots.columns import Column, Indices

Reduction = Literal["min", "max", "mean"]

FACTOR_BITS = 3  # eight points of one level make one of the next: 1/7 more memory for each pyramid
_FACTOR = 1 << FACTOR_BITS
# A pixel's column is read from at least this many blocks, so a block's edge is never more than 1/4 pixel off.
_BLOCKS_PER_BIN = 4
_UFUNC = {"min": np.minimum, "max": np.maximum, "mean": np.add}


class Pyramid:
    """Levels over ``base``, extended lazily: appending to the base is free until somebody looks."""

    def __init__(self, base: Column, *, reduction: Reduction) -> None:
        self._base = base
        self._reduction = reduction
        self._ufunc = _UFUNC[reduction]
        self._levels: list[Column] = []
        self._covered = 0  # points of the base that the levels know
        self._is_truncated = False

    @property
    def nbytes(self) -> int:
        return sum(level.nbytes for level in self._levels)

    def truncate(self, length: int) -> None:
        self._covered = min(self._covered, length)
        self._is_truncated = True

    def reduce(self, starts: Indices, stops: Indices) -> NDArray[Any]:
        """The reduction over each [start, stop); starts ascend, no span is empty.

        A span of many points is widened to whole blocks, by at most a quarter of its length on either side: extremes
        can only be found in one pixel too many, never lost.
        """
        self._extend()
        counts = stops - starts
        lowest, highest = (self._level_for(int(count)) for count in (counts.min(), counts.max()))
        if lowest == highest:  # evenly spaced points, nearly always
            return self._reduce_at(lowest, starts, stops)
        levels = np.clip(np.log2(counts / _BLOCKS_PER_BIN) // FACTOR_BITS, 0, len(self._levels)).astype(np.int64)
        out = np.empty(len(starts), dtype=self._base.view.dtype)
        for level in range(lowest, highest + 1):
            chosen = levels == level
            if chosen.any():
                out[chosen] = self._reduce_at(level, starts[chosen], stops[chosen])
        return out

    def _level_for(self, count: int) -> int:
        """The coarsest level of which a span of so many points has at least four blocks."""
        return max(0, min(len(self._levels), ((count // _BLOCKS_PER_BIN).bit_length() - 1) // FACTOR_BITS))

    def _reduce_at(self, level: int, starts: Indices, stops: Indices) -> NDArray[Any]:
        source = self._base.view if level == 0 else self._levels[level - 1].view
        bits = FACTOR_BITS * level
        first, last = starts >> bits, -(-stops >> bits)
        pairs = np.empty(2 * len(first), dtype=np.int64)
        pairs[0::2], pairs[1::2] = first, last
        # reduceat takes no index past the end; leaving it out means "to the end", which is the same.
        reduced = self._ufunc.reduceat(source, pairs[:-1] if pairs[-1] == len(source) else pairs)[0::2]
        return reduced / (last - first) if self._reduction == "mean" else reduced

    def _extend(self) -> None:
        """Bring every level up to the base; a last, partial block is computed too, and again when it has grown."""
        if self._covered == len(self._base) and not self._is_truncated:
            return
        source, level = self._base, 0
        while len(source) > _FACTOR * _BLOCKS_PER_BIN:
            if level == len(self._levels):
                self._levels.append(Column(self._base.view.dtype))
            column = self._levels[level]
            level += 1
            column.truncate(self._covered >> (FACTOR_BITS * level))
            column.append(self._blocks(source.view[len(column) << FACTOR_BITS :]))
            source = column
        del self._levels[level:]
        self._covered, self._is_truncated = len(self._base), False

    def _blocks(self, values: NDArray[Any]) -> NDArray[Any]:
        whole = len(values) >> FACTOR_BITS << FACTOR_BITS
        body, tail = values[:whole], values[whole:]
        # Eight strided passes are three times faster than reduceat or reshape(-1, 8).
        blocks = body[0::_FACTOR].copy()
        for offset in range(1, _FACTOR):
            self._ufunc(blocks, body[offset::_FACTOR], out=blocks)
        if self._reduction == "mean":
            blocks /= _FACTOR
        if not len(tail):
            return blocks
        last = self._ufunc.reduce(tail)
        return np.append(blocks, last / len(tail) if self._reduction == "mean" else last)
