"""The rectangle curves are drawn in: data to pixels and back, and the range of y that fits what is visible."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from ui.plots.columns import Floats
from ui.plots.curve import Trace

_MARGIN = 0.06
_QUANTILE = 0.02  # of the visible columns on either side
_OUTLIER_RATIO = 4.0
_MIN_FILL = 0.6
_LEAST_SHARE_SPAN = 0.05

YKind: TypeAlias = Literal["any", "share", "fall"]
"""What an axis of y is fitted as: a share of 1; a fall, whose beginning is shown however far down it ends; neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """Pixels ``left``.. and ``top``.. (logical); x in axis units; y in data units, or their log10 when ``is_log``."""

    left: float
    top: float
    width: float
    height: float
    x0: float
    x1: float
    y0: float
    y1: float
    is_log: bool

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x_to_px(self, x: Floats) -> Floats:
        return self.left + (x - self.x0) * (self.width / (self.x1 - self.x0))

    def px_to_x(self, px: float) -> float:
        return self.x0 + (px - self.left) * (self.x1 - self.x0) / self.width

    def y_to_px(self, y: Floats) -> Floats:
        """NaN where a logarithmic axis has no place for the value; far outside comes near: Qt counts in 1/64 px."""
        px = self.bottom - (scaled_y(y, is_log=self.is_log) - self.y0) * (self.height / (self.y1 - self.y0))
        return np.clip(px, self.top - 4000, self.bottom + 4000)

    def px_to_y(self, px: float) -> float:
        """In scaled units: log10 of the data on a logarithmic axis."""
        return self.y0 + (self.bottom - px) * (self.y1 - self.y0) / self.height

    def is_beyond(self, low: float, high: float) -> bool:
        """Whether values low..high reach over an edge."""
        if not self.is_log:
            return low < self.y0 or high > self.y1
        return low <= math.pow(10, max(self.y0, -300)) or high >= math.pow(10, min(self.y1, 300))

    def contains(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def column_edges(self, *, column_px: float) -> Floats:
        """Edges of columns so many logical pixels wide, in axis units, at multiples of that width.

        Anchored to the data and not to the view: while one pans a column keeps its points, so nothing shimmers.
        """
        num_columns = max(2, int(np.ceil(self.width / column_px)))
        column = (self.x1 - self.x0) * column_px / self.width
        return np.asarray((np.floor(self.x0 / column) + np.arange(num_columns + 2)) * column, dtype=np.float64)


def scaled_y(y: Floats, *, is_log: bool) -> Floats:
    if not is_log:
        return y
    return np.log10(y, out=np.full(len(y), np.nan), where=y > 0)


def fit_y(
    traces: Sequence[Trace], *, is_log: bool, current: tuple[float, float] | None, kind: YKind = "any"
) -> tuple[float, float]:
    """The range of y, scaled, for what is visible.

    The full range, unless a few columns would flatten all the rest (a first step or a spike more than four times as far
    out as the middle 96 % reach): then those are cut off, and the painter marks each at the edge. A share is never cut
    off, and spans a twentieth at least; of a fall the beginning is never cut off. A current range that still fits is
    kept, so that the axis does not tremble with every new point.
    """
    lows = [scaled_y(t.lows, is_log=is_log) for t in traces]
    highs = [scaled_y(t.highs, is_log=is_log) for t in traces]
    every_low = np.concatenate(lows) if lows else np.empty(0)
    every_high = np.concatenate(highs) if highs else np.empty(0)
    every_low, every_high = every_low[np.isfinite(every_low)], every_high[np.isfinite(every_high)]
    if not len(every_high):
        return current or (0.0, 1.0)
    every_low = every_low if len(every_low) else every_high
    low, high = float(every_low.min()), float(every_high.max())
    if kind == "share" and not is_log:
        low, high = _share_span(low, high)
    elif len(every_high) > 20:
        inner_low, inner_high = float(np.quantile(every_low, _QUANTILE)), float(np.quantile(every_high, 1 - _QUANTILE))
        reach = max(inner_high - inner_low, 1e-12)
        if high - inner_high > (_OUTLIER_RATIO - 1) * reach:
            high = inner_high + 0.5 * reach
        if inner_low - low > (_OUTLIER_RATIO - 1) * reach:
            low = inner_low - 0.5 * reach
        if kind == "fall":
            high = max([high, *(float(each[0]) for each in highs if len(each) and np.isfinite(each[0]))])
    span = high - low
    if span <= 0:
        span = abs(high) * 0.1 or 1.0
        return low - span / 2, high + span / 2
    fits = current is not None and current[0] <= low and high <= current[1]
    if current is not None and fits and span >= _MIN_FILL * (current[1] - current[0]):
        return current
    return low - _MARGIN * span, high + _MARGIN * span


def _share_span(low: float, high: float) -> tuple[float, float]:
    """At least a twentieth around what is there, inside of 0 to 1 where that is."""
    spare = _LEAST_SHARE_SPAN - (high - low)
    if spare <= 0:
        return low, high
    low, high = low - spare / 2, high + spare / 2
    shift = max(0.0, -low) - max(0.0, high - 1)
    return low + shift, high + shift
