"""The pictures of a raster: half-precision arrays to colours through tables, at no more cells than there are pixels."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from ui.theme import Palette, series_colour, theme
from ui.theme.colour_maps import ColourMapName, colour_map

Bytes = NDArray[np.uint8]

# Sky blue, orange, green, purple, vermillion, blue: one colour a signal wherever it is a line, a bar or a dot.
_SERIES = {"i": 0, "f": 1, "o": 2, "g": 4, "c": 3, "h": 5, "r": 0, "z": 1, "n": 4}
_NICE = (0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0)
_MOST_LOOKED_AT = 1 << 16
_SHARE_WITHIN = 0.9


def signal_colour(name: str) -> QColor:
    """The colour of a signal's lines, bars and dots."""
    return QColor(series_colour(_SERIES[name]))


def reach_of(lane: NDArray[Any]) -> float:
    """A round number that most of a signal's values are within: a few units that count must not pale the rest."""
    flat = lane.reshape(-1)
    some = np.abs(flat[:: max(1, flat.size // _MOST_LOOKED_AT)].astype(np.float32))
    if not some.size:
        return 1.0
    largest = float(np.nan_to_num(some, posinf=0.0).max())
    place = int(_SHARE_WITHIN * (some.size - 1))
    most = float(np.partition(some, place)[place])
    wanted = largest if most > 0.6 * largest else most
    return next((nice for nice in _NICE if nice >= 0.98 * wanted), float(np.ceil(wanted)))


def is_beyond(lane: NDArray[Any], reach: float) -> bool:
    """Whether any value lies beyond the map's ends."""
    if lane.dtype == np.float16:
        # Without their signs halves are in the order of their bits, which are compared far faster; NaN comes last.
        sizes = lane.view(np.uint16) & np.uint16(0x7FFF)
        return bool(((sizes > np.float16(reach).view(np.uint16)) & (sizes <= np.uint16(0x7C00))).any())
    return bool((np.abs(lane) > reach).any())


def to_index(lane: NDArray[Any], *, low: float, high: float) -> Bytes:
    """Entries 0..255 of a map from low to high, [units, T] of a lane [T, units]."""
    if lane.dtype == np.float16:
        # There are only 65,536 halves: looking each up is five times as fast as arithmetic on them.
        return np.ascontiguousarray(_half_table(low, high).take(lane.view(np.uint16)).T)
    return np.ascontiguousarray(_indices(lane.astype(np.float32), low=low, high=high).T)


def pooled(index: Bytes, *, num_rows: int, num_columns: int) -> Bytes:
    """At most so many rows and columns; of what falls together the value farthest from the map's middle stays."""
    for axis, most in ((0, num_rows), (1, num_columns)):
        together = -(-index.shape[axis] // max(1, most))
        if together > 1:
            index = _pooled(index, together, axis=axis)
    return index


def _pooled(index: Bytes, together: int, *, axis: int) -> Bytes:
    """Every `together` neighbours as one: a few whole-array operations, ten times as fast as `reduceat`."""
    missing = -index.shape[axis] % together
    if missing:
        last = index[-1:] if axis == 0 else index[:, -1:]
        index = np.concatenate([index, np.repeat(last, missing, axis=axis)], axis=axis)
    parts = [index[k::together] if axis == 0 else index[:, k::together] for k in range(together)]
    highest, lowest = parts[0].copy(), parts[0].copy()
    for part in parts[1:]:
        np.maximum(highest, part, out=highest)
        np.minimum(lowest, part, out=lowest)
    return np.where(highest >= 255 - lowest, highest, lowest)


def picture(index: Bytes, name: ColourMapName) -> QImage:
    """An image of entries [rows, columns] of a map, row 0 at the top."""
    words = np.ascontiguousarray(map_words(name, theme().palette)[index])
    height, width = words.shape
    return QImage(words.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def bar_image(lengths: NDArray[Any], *, width: int, colour: QColor) -> QImage:
    """A line a length, from the right, clear elsewhere."""
    is_inside = np.arange(width)[None] >= width - np.asarray(lengths)[:, None]
    words = np.ascontiguousarray(np.where(is_inside, np.uint32(colour.rgba()), np.uint32(0)))
    height = len(words)
    return QImage(words.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32).copy()


@functools.lru_cache(maxsize=8)
def map_words(name: ColourMapName, palette: Palette) -> NDArray[np.uint32]:
    """The map as 0xAARRGGBB, as QImage holds a pixel."""
    table = colour_map(name, palette=palette).astype(np.uint32)
    return np.asarray(0xFF000000 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2], dtype=np.uint32)


@functools.lru_cache(maxsize=16)
def _half_table(low: float, high: float) -> Bytes:
    with np.errstate(invalid="ignore"):
        halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
        return _indices(halves, low=low, high=high)


def _indices(values: NDArray[np.float32], *, low: float, high: float) -> Bytes:
    scaled = (np.nan_to_num(values, nan=(low + high) / 2, posinf=high, neginf=low) - low) * (255 / (high - low))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), dtype=np.uint8)
