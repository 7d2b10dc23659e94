"""TensorBoard's smoothing: an exponential moving average with its bias removed, extended as points come."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.plots.columns import Column, Floats
from ui.plots.pyramid import Pyramid
from ui.plots.series import Series

_BLOCK = 64
MAX_FACTOR = 0.999


def ema_scan(values: Floats, *, factor: float, initial: float = 0.0) -> Floats:
    """s_k = factor * s_{k-1} + (1 - factor) * v_k with s_{-1} = initial, for all k.

    Blocks of 64 are scanned by one matrix product; what a block hands to the next is the same recurrence over 64 times
    fewer values, so the function calls itself for it.
    """
    num_blocks = -(-len(values) // _BLOCK)
    if num_blocks == 0:
        return np.empty(0)
    padded = np.zeros(num_blocks * _BLOCK)
    padded[: len(values)] = values
    inside = padded.reshape(num_blocks, _BLOCK) @ _toeplitz(factor)
    decay = factor ** np.arange(1, _BLOCK + 1)
    carried = np.full(num_blocks, initial)
    if num_blocks > 1:
        # The recurrence between blocks has no factor (1 - factor) of its own: divide it out.
        between = factor**_BLOCK
        carried[1:] = ema_scan(inside[:-1, -1] / (1 - between), factor=between, initial=initial)
    inside += carried[:, None] * decay
    return inside.reshape(-1)[: len(values)]


class Smoothed:
    """The debiased moving average of a series' finite points: s_k / (1 - factor^(k + 1)), as float32.

    Nothing is computed until somebody looks, so a hidden plot costs nothing.
    """

    def __init__(self, series: Series, *, factor: float) -> None:
        self._series = series
        self._factor = min(max(factor, 0.0), MAX_FACTOR)
        self._values = Column(np.float32)
        self._means = Pyramid(self._values, reduction="mean")
        self._last = 0.0  # biased
        self._num_truncations = series.num_truncations

    @property
    def nbytes(self) -> int:
        return self._values.nbytes + self._means.nbytes

    @property
    def values(self) -> NDArray[Any]:
        self._extend()
        return self._values.view

    @property
    def means(self) -> Pyramid:
        """The mean of any span: what is drawn where many points share a pixel."""
        self._extend()
        return self._means

    def _extend(self) -> None:
        if self._num_truncations != self._series.num_truncations:
            self._restart()
        done, values = len(self._values), self._series.values.view
        if done == len(values):
            return
        biased = ema_scan(values[done:].astype(np.float64), factor=self._factor, initial=self._last)
        self._last = float(biased[-1])
        biased_end = min(len(biased), max(0, self._num_biased() - done))
        exponents = np.arange(done + 1, done + biased_end + 1, dtype=np.float64)
        biased[:biased_end] /= 1.0 - np.power(self._factor, exponents)
        self._values.append(biased)

    def _num_biased(self) -> int:
        """How many first points have a bias that float64 can tell."""
        return 1 if self._factor == 0 else int(np.log(1e-17) / np.log(self._factor)) + 1

    def _restart(self) -> None:
        # Rare (a run went back to a checkpoint) and fast: 1 M points take some 20 ms.
        self._num_truncations = self._series.num_truncations
        self._values.truncate(0)
        self._means.truncate(0)
        self._last = 0.0


@lru_cache(maxsize=16)
def _toeplitz(factor: float) -> Floats:
    """M[j, k] = (1 - factor) * factor^(k - j) for j <= k, so that block @ M is the block's own average."""
    power = np.arange(_BLOCK)[None, :] - np.arange(_BLOCK)[:, None]
    return np.where(power >= 0, (1 - factor) * factor ** np.maximum(power, 0), 0.0)
