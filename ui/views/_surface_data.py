"""A "surface" capture as the view holds it, and what it says at a place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What a model says over the plane at a step; see `modellab.inspection.surface`. Row 0 is the lowest y.

    low, high: the outer pixels' middles. output: probabilities [K, R, R], or values [1, R, R]. units: activations
    [U, r, r] of each hidden layer; num_units: how many units each layer really has.
    """

    step: int
    low: tuple[float, float]
    high: tuple[float, float]
    output: Floats
    units: tuple[Floats, ...]
    num_units: tuple[int, ...]

    def unit(self, layer: int | None, unit: int | None) -> Floats | None:
        """One unit's activations [r, r]; None where there is no such unit."""
        if layer is None or unit is None or not 0 <= layer < len(self.units):
            return None
        maps = self.units[layer]
        return maps[unit] if 0 <= unit < len(maps) else None

    def cell(self, x: float, y: float, *, size: int) -> tuple[int, int]:
        """Row and column of the measured place nearest to (x, y) in a map of this size."""
        column = round((x - self.low[0]) / (self.high[0] - self.low[0]) * (size - 1))
        row = round((y - self.low[1]) / (self.high[1] - self.low[1]) * (size - 1))
        return min(size - 1, max(0, row)), min(size - 1, max(0, column))

    def place(self, row: int, column: int, *, size: int) -> tuple[float, float]:
        """The x and y at which that cell was measured."""
        x = self.low[0] + (self.high[0] - self.low[0]) * column / max(1, size - 1)
        return x, self.low[1] + (self.high[1] - self.low[1]) * row / max(1, size - 1)


def surface_from(arrays: dict[str, NDArray[Any]], *, step: int, widths: tuple[int, ...] = ()) -> Surface | None:
    """Read a capture's arrays; widths: units of each hidden layer where they are known. None: it is no surface."""
    if "output" not in arrays or "bounds" not in arrays:
        return None
    bounds = [float(bound) for bound in arrays["bounds"]]
    units: list[Floats] = []
    while (name := f"unit/{len(units) + 1}") in arrays:
        units.append(arrays[name].astype(np.float32))
    known = widths if len(widths) == len(units) else tuple(len(maps) for maps in units)
    return Surface(
        step=step,
        low=(bounds[0], bounds[2]),
        high=(bounds[1], bounds[3]),
        output=arrays["output"].astype(np.float32),
        units=tuple(units),
        num_units=tuple(max(width, len(maps)) for width, maps in zip(known, units, strict=True)),
    )


def load_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """Read a capture's file; called from a thread.

    Raises:
        OSError: it is gone or half there.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(file))
    except SafetensorError as error:
        raise OSError(f"{file} cannot be read: {error}") from None


def unit_reaches(maps: Floats) -> Floats:
    """The activation in full colour for each unit [U]: its own largest, but for units nearly dead beside the rest."""
    largest = np.abs(maps).reshape(len(maps), -1).max(axis=1, initial=0)
    return np.maximum(largest, 0.1 * largest.max(initial=0)).astype(np.float32) + np.float32(1e-9)
