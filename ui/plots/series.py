"""One curve's numbers: an append-only (x, y) column that any window of is read in well under a millisecond."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ui.plots.columns import Column, Floats, Indices, StepColumn
from ui.plots.pyramid import Pyramid


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """The measured points of a window, one entry for each pixel column that has any.

    ``place``: number of the column, 0 at the left; ``starts``, ``stops``: its points; ``lows``, ``highs``: extremes.
    """

    place: Indices
    starts: Indices
    stops: Indices
    lows: Floats
    highs: Floats


class Series:
    """x float64, non-decreasing; y float64. NaN is "not measured at this step": such a point is left out.

    An infinite value stands apart from the finite ones (``infinities``), so it neither spoils a range nor gets lost.
    """

    def __init__(self, x: ArrayLike = (), y: ArrayLike = ()) -> None:
        self._x = StepColumn()
        self._y = Column()
        self._low = Pyramid(self._y, reduction="min")
        self._high = Pyramid(self._y, reduction="max")
        self._infinite_x, self._infinite_y = Column(), Column()
        self.version = 0  # counts changes; whoever draws compares it
        self.num_truncations = 0
        self.append(x, y)

    def __len__(self) -> int:
        return len(self._y)

    @property
    def nbytes(self) -> int:
        columns = (self._x, self._y, self._low, self._high, self._infinite_x, self._infinite_y)
        return sum(column.nbytes for column in columns)

    @property
    def values(self) -> Column:
        """The finite y column itself, for whoever derives another from it; not to be written."""
        return self._y

    @property
    def infinities(self) -> tuple[Floats, Floats]:
        """(x, +inf or -inf) of every infinite value."""
        return self._infinite_x.view, self._infinite_y.view

    @property
    def extent(self) -> tuple[float, float] | None:
        """First and last x, infinite values too; None while there is no point."""
        ends = [(self._x.at(0), self._x.at(len(self) - 1))] if len(self) else []
        if len(self._infinite_x):
            ends.append((float(self._infinite_x.view[0]), float(self._infinite_x.view[-1])))
        return (min(first for first, _ in ends), max(last for _, last in ends)) if ends else None

    def append(self, x: ArrayLike, y: ArrayLike) -> None:
        """Add points after the last one; ValueError where x decreases or the lengths differ."""
        xs, ys = np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(y, dtype=np.float64))
        if xs.shape != ys.shape or xs.ndim != 1:
            raise ValueError(f"x and y must be columns of one length, not {xs.shape} and {ys.shape}")
        is_finite = np.isfinite(ys)
        if not is_finite.all():
            is_infinite = np.isinf(ys)
            self._infinite_x.append(xs[is_infinite])
            self._infinite_y.append(ys[is_infinite])
            xs, ys = xs[is_finite], ys[is_finite]
        self._x.append(xs)
        self._y.append(ys)
        self.version += 1

    def truncate_from(self, x: float) -> None:
        """Drop every point at or after x: a resumed run goes back to its checkpoint."""
        length = int(self._x.search(np.array([x]))[0])
        self._x.truncate(length)
        for column in (self._y, self._low, self._high):
            column.truncate(length)
        num_infinite = int(np.searchsorted(self._infinite_x.view, x))
        self._infinite_x.truncate(num_infinite)
        self._infinite_y.truncate(num_infinite)
        self.version += 1
        self.num_truncations += 1

    def search(self, x: Floats) -> Indices:
        """Index of the first point that is not before each x."""
        return self._x.search(x)

    def slice(self, start: int, stop: int) -> tuple[Floats, Floats]:
        """The finite points [start, stop), exactly."""
        return self._x.slice(start, stop), self._y.view[start:stop].astype(np.float64)

    def bins(self, edges: Floats) -> Bins:
        """Extremes of the points between each two of the ascending edges; columns without a point are left out."""
        index = self._x.search(edges)
        place = np.flatnonzero(index[1:] > index[:-1])
        starts, stops = index[place], index[place + 1]
        if not len(place):
            return Bins(place=place, starts=starts, stops=stops, lows=np.empty(0), highs=np.empty(0))
        lows, highs = self._low.reduce(starts, stops), self._high.reduce(starts, stops)
        return Bins(place=place, starts=starts, stops=stops, lows=lows, highs=highs)

    def x_at(self, indices: Indices) -> Floats:
        """The x of some finite points."""
        return self._x.take(indices)

    def window(self, x0: float, x1: float, pixels: int) -> tuple[Floats, Floats, Floats]:
        """(xs, lows, highs) to draw x0..x1 on so many pixels: at most two points a pixel.

        Few points come as they are (lows equal highs) with the neighbour on either side, so that a line reaches the
        border; many come as one (low, high) for each pixel, x at the pixel's middle.
        """
        start, stop = (int(i) for i in self._x.search(np.array([x0, np.nextafter(x1, np.inf)])))
        if stop - start <= 2 * pixels:
            xs, ys = self.slice(max(0, start - 1), min(len(self), stop + 1))
            return xs, ys, ys
        edges = np.linspace(x0, np.nextafter(x1, np.inf), pixels + 1)
        bins = self.bins(edges)
        return (edges[bins.place] + edges[bins.place + 1]) / 2, bins.lows, bins.highs

    def nearest(self, x: float) -> tuple[float, float] | None:
        """The measured (x, y) closest to x, exactly, infinite values too; None while there is no point."""
        found: list[tuple[float, float]] = []
        index = int(self._x.search(np.array([x]))[0])
        for i in (index - 1, index):
            if 0 <= i < len(self):
                found.append((self._x.at(i), float(self._y.view[i])))
        index = int(np.searchsorted(self._infinite_x.view, x))
        for i in (index - 1, index):
            if 0 <= i < len(self._infinite_x):
                found.append((float(self._infinite_x.view[i]), float(self._infinite_y.view[i])))
        return min(found, key=lambda point: abs(point[0] - x), default=None)

    def nearest_index(self, x: float) -> int:
        """Index of the finite point closest to x; the series must have one."""
        index = int(self._x.search(np.array([x]))[0])
        near = [i for i in (index - 1, index) if 0 <= i < len(self)]
        return min(near, key=lambda i: abs(self._x.at(i) - x))

    def latest(self) -> tuple[float, float] | None:
        extent = self.extent
        return None if extent is None else self.nearest(extent[1])
