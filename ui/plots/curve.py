"""One curve of a plot, and what of it falls on the pixel columns of a view."""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ui.plots.axis_map import AxisMap, XUnit
from ui.plots.columns import Flags, Floats, Indices
from ui.plots.series import Series
from ui.plots.smoothing import Smoothed

# With fewer points than this for each pixel they are drawn one by one, joined by lines.
_POINTS_PER_PIXEL = 2


class LineStyle(Enum):
    """How a reader tells curves of one colour apart."""

    TRAIN = "line"
    VALIDATION = "line with dots"  # few exact points: never smoothed
    TEST = "diamonds"  # as validation, told from it at a glance
    DASHED = "dashed"

    @property
    def is_exact(self) -> bool:
        """Few points, each measured on a whole split."""
        return self in (LineStyle.VALIDATION, LineStyle.TEST)


@dataclass(slots=True, kw_only=True)
class Curve:
    """``colour``: an index into the theme's series colours, or ``#rrggbb``; ``axis_maps``: of its run, shared;
    ``help``: what one should know of how it was measured; ``group``: of the curves of one run, which the legend tells
    in one line, empty where there is but one."""

    key: str
    label: str
    group: str = ""
    colour: int | str
    line: LineStyle = LineStyle.TRAIN
    series: Series = field(default_factory=Series)
    axis_maps: dict[XUnit, AxisMap] = field(default_factory=dict)
    is_visible: bool = True
    smoothed: Smoothed | None = None
    help: str = ""

    def has_unit(self, unit: XUnit) -> bool:
        return unit is XUnit.STEP or unit in self.axis_maps

    def to_axis(self, steps: Floats, *, unit: XUnit) -> Floats:
        return steps if unit is XUnit.STEP else self.axis_maps[unit].to_axis(steps)

    def to_step(self, values: Floats, *, unit: XUnit) -> Floats:
        return values if unit is XUnit.STEP else self.axis_maps[unit].to_step(values)

    def extent(self, unit: XUnit) -> tuple[float, float] | None:
        steps = self.series.extent
        if steps is None or not self.has_unit(unit):
            return None
        first, last = self.to_axis(np.array(steps), unit=unit)
        return float(first), float(last)

    def set_smoothing(self, factor: float) -> None:
        is_smooth = factor > 0 and not self.line.is_exact
        self.smoothed = Smoothed(self.series, factor=factor) if is_smooth else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A curve cut to a view, in data units: x along the axis, extremes, and the smoothed curve where there is one.

    ``is_dense``: one entry for each pixel column; else one for each point, lows and highs being the same array.
    ``skips``: between each entry and the next, whether there are steps at which nothing was measured.
    """

    curve: Curve
    x: Floats
    lows: Floats
    highs: Floats
    smooth: Floats | None
    is_dense: bool
    skips: Flags
    span: tuple[int, int]
    infinite_x: Floats
    infinite_y: Floats


def trace(curve: Curve, edges: Floats, *, unit: XUnit) -> Trace:
    """Cut the curve to the columns between the ascending edges (axis units)."""
    series = curve.series
    step_edges = curve.to_step(edges, unit=unit)
    start, stop = (int(i) for i in series.search(step_edges[[0, -1]]))
    infinite_x, infinite_y = _infinities(curve, float(step_edges[0]), float(step_edges[-1]), unit=unit)
    smooth: Floats | None = None
    if stop - start <= _POINTS_PER_PIXEL * (len(edges) - 1):
        start, stop = max(0, start - 1), min(len(series), stop + 1)
        steps, lows = series.slice(start, stop)
        highs, x = lows, curve.to_axis(steps, unit=unit)
        if curve.smoothed is not None:
            smooth = curve.smoothed.values[start:stop].astype(np.float64)
        is_dense, skips = False, np.diff(steps) > 1
    else:
        bins = series.bins(step_edges)
        skips = series.x_at(bins.starts[1:]) - series.x_at(bins.stops[:-1] - 1) > 1
        x, lows, highs, is_dense = (edges[bins.place] + edges[bins.place + 1]) / 2, bins.lows, bins.highs, True
        if curve.smoothed is not None:
            smooth = _smooth_means(curve.smoothed, bins.starts, bins.stops)
    return Trace(
        curve=curve,
        x=x,
        lows=lows,
        highs=highs,
        smooth=smooth,
        is_dense=is_dense,
        skips=skips,
        span=(start, stop),
        infinite_x=infinite_x,
        infinite_y=infinite_y,
    )


def _smooth_means(smoothed: Smoothed, starts: Indices, stops: Indices) -> Floats:
    return smoothed.means.reduce(starts, stops).astype(np.float64)


def _infinities(curve: Curve, first: float, last: float, *, unit: XUnit) -> tuple[Floats, Floats]:
    x, y = curve.series.infinities
    if not len(x):
        return np.empty(0), np.empty(0)
    begin, end = np.searchsorted(x, [first, last])
    # A diverged run has one at every step: as many marks as there are pixels are enough.
    every = max(1, (end - begin) // 500)
    return curve.to_axis(x[begin:end:every], unit=unit), y[begin:end:every]
