"""What the x axis counts: steps, or what a step is worth in epochs or seconds."""

from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from ui.plots.columns import Column, Floats


class XUnit(Enum):
    """The quantity along x; series are always kept by step."""

    STEP = "step"
    EPOCH = "epoch"
    WALL_TIME = "wall time"  # seconds of training


class AxisMap:
    """A rising, piecewise straight map from step to epoch or seconds; one is shared by all curves of a run.

    Knots need not be at every step: two make the epochs of a run, one a progress report makes its wall time. Only the
    edges of the pixel columns are mapped, so changing the unit costs the same whatever the number of points.
    """

    def __init__(self, steps: ArrayLike = (), values: ArrayLike = ()) -> None:
        self._steps, self._values = Column(), Column()
        self.append(steps, values)

    def __len__(self) -> int:
        return len(self._steps)

    def append(self, steps: ArrayLike, values: ArrayLike) -> None:
        """Add knots after the last one; ValueError where a step or value decreases."""
        new_steps, new_values = np.atleast_1d(np.asarray(steps, float)), np.atleast_1d(np.asarray(values, float))
        if new_steps.shape != new_values.shape:
            raise ValueError(f"steps and values differ in length: {len(new_steps)} and {len(new_values)}")
        for column, new in ((self._steps, new_steps), (self._values, new_values)):
            if np.any(np.diff(np.concatenate((column.view[-1:], new))) < 0):
                raise ValueError("knots must not decrease: truncate_from first when a run rewinds")
        self._steps.append(new_steps)
        self._values.append(new_values)

    def truncate_from(self, step: float) -> None:
        """Drop the knots at or after the step."""
        length = int(np.searchsorted(self._steps.view, step))
        self._steps.truncate(length)
        self._values.truncate(length)

    def to_axis(self, steps: Floats) -> Floats:
        return _interpolate(steps, self._steps.view.astype(np.float64), self._values.view.astype(np.float64))

    def to_step(self, values: Floats) -> Floats:
        return _interpolate(values, self._values.view.astype(np.float64), self._steps.view.astype(np.float64))


def _interpolate(at: Floats, xs: Floats, ys: Floats) -> Floats:
    """np.interp that goes on straight beyond the ends, and is the identity without two knots."""
    if len(xs) < 2:
        return np.asarray(at, dtype=np.float64) + (ys[0] - xs[0] if len(xs) else 0.0)
    result = np.interp(at, xs, ys)
    for beyond, origin, inner in ((at < xs[0], 0, 1), (at > xs[-1], -1, -2)):
        # A pause gives two knots of one step or of one value: no slope can be told from them, the end stays flat.
        run = xs[inner] - xs[origin]
        slope = (ys[inner] - ys[origin]) / run if run else 0.0
        result = np.where(beyond, ys[origin] + slope * (at - xs[origin]), result)
    return np.asarray(result, dtype=np.float64)
