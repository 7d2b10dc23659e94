"""The pictures of attention: bytes to colours through one table, at no more cells than there are pixels."""

from __future__ import annotations

import functools
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from ui.theme import Palette, theme
from ui.views._attention_data import SHARES, Bytes, Floats
from ui.views._gates_colours import map_words

Scale = Literal["sqrt", "linear", "log"]
LOG_LOW = 1e-4
_NICE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


def positions(shares: Floats, scale: Scale, high: float) -> Floats:
    """Where in the map, 0..1, each share lies; high: the share in full colour."""
    if scale == "linear":
        found = shares / high
    elif scale == "log":
        with np.errstate(divide="ignore"):
            found = (np.log10(shares) - np.log10(LOG_LOW)) / (np.log10(high) - np.log10(LOG_LOW))
    else:
        found = np.sqrt(shares / high)
    return np.clip(np.nan_to_num(found, neginf=0.0), 0, 1).astype(np.float32)


@functools.lru_cache(maxsize=24)
def words(scale: Scale, high: float, palette: Palette) -> NDArray[np.uint32]:
    """A pixel 0xAARRGGBB for each byte of a picture."""
    index = np.rint(positions(SHARES, scale, high) * 255).astype(np.intp)
    return np.asarray(map_words("attention", palette)[index])


def share_image(shares: Bytes, *, scale: Scale, high: float, seen: NDArray[np.bool_] | None = None) -> QImage:
    """An image of [rows, columns]; what is not `seen` is clear, so that what lies beneath shows through."""
    pixels = words(scale, high, theme().palette)[shares]
    if seen is not None:
        pixels = np.where(seen, pixels, np.uint32(0))
    return image_of(pixels)


def pooled_image(
    shares: Bytes, seen: NDArray[np.bool_] | None, *, rows: int, columns: int, scale: Scale, high: float
) -> QImage:
    """As `share_image`, at no more than so many rows and columns; what is not seen takes no part in what falls
    together."""
    if seen is not None:
        shares = np.where(seen, shares, np.uint8(0))
        seen = pooled(seen.astype(np.uint8), rows=rows, columns=columns) > 0
    return share_image(pooled(shares, rows=rows, columns=columns), scale=scale, high=high, seen=seen)


def difference_image(
    first: Bytes, second: Bytes, *, scale: Scale, reach: float, seen: NDArray[np.bool_] | None = None
) -> QImage:
    """First minus second on the diverging map, symmetric about 0; how far from 0 by the scale, as of shares."""
    differences = SHARES[first] - SHARES[second]
    values = np.sign(differences) * positions(np.abs(differences), scale, reach)
    index = np.clip(np.rint((values + 1) * 127.5), 0, 255).astype(np.intp)
    pixels = map_words("diverging", theme().palette)[index]
    if seen is not None:
        pixels = np.where(seen, pixels, np.uint32(0))
    return image_of(pixels)


def image_of(pixels: NDArray[np.uint32]) -> QImage:
    """Pixels 0xAARRGGBB [rows, columns] as an image of its own."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32).copy()


def pooled(values: NDArray[np.uint8], *, rows: int, columns: int) -> NDArray[np.uint8]:
    """The last two axes at most so long; of what falls together the largest stays: never an average."""
    values = _pooled(values, most=rows, axis=values.ndim - 2)
    return _pooled(values, most=columns, axis=values.ndim - 1)


def full_share(shares: Floats) -> float:
    """The share in full colour of one row: its largest, but of a row that is all but even twice the even share."""
    return max(float(shares.max(initial=0)), 2 / max(1, len(shares)))


def nice_high(largest: float) -> float:
    """The next round share."""
    return next((nice for nice in _NICE if nice >= largest * 0.98), 1.0)


def high_of(shares: NDArray[np.uint8], hidden: tuple[int, ...]) -> float:
    """The share in full colour of roots as bytes [Nq, Nk] of which some keys are left out."""
    rest = shares.copy()
    rest[:, list(hidden)] = 0
    return nice_high(float(SHARES[rest.max()]))


def without_keys(
    seen: NDArray[np.bool_] | None, hidden: tuple[int, ...], shape: tuple[int, ...]
) -> NDArray[np.bool_] | None:
    """What is drawn, bool [Nq, Nk]: what may be looked at but those keys; None: everything."""
    if not hidden:
        return seen
    drawn = np.ones(shape, dtype=bool) if seen is None else seen.copy()
    drawn[:, list(hidden)] = False
    return drawn


def _pooled(values: NDArray[np.uint8], *, most: int, axis: int) -> NDArray[np.uint8]:
    length = values.shape[axis]
    together = -(-length // max(1, most))
    if together <= 1:
        return values
    whole = length // together * together
    front = _part(values, axis, 0, whole)
    shape = (*front.shape[:axis], whole // together, together, *front.shape[axis + 1 :])
    found = front.reshape(shape).max(axis=axis + 1)
    if whole < length:
        rest = _part(values, axis, whole, length).max(axis=axis, keepdims=True)
        found = np.concatenate([found, rest], axis=axis)
    return np.asarray(found)


def _part(values: NDArray[np.uint8], axis: int, start: int, stop: int) -> NDArray[np.uint8]:
    index: list[slice] = [slice(None)] * values.ndim
    index[axis] = slice(start, stop)
    return values[tuple(index)]
