"""The colours of decision surfaces: arrays of probabilities, values and activations to images, within a millisecond."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from ui.theme import Palette, theme
from ui.theme.colour_maps import class_colours, colour_map

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

# How far the surest surface goes from the panel's colour to the class's own: points on it must stay plain to see.
_SURFACE_STRENGTH = 0.5
_CLASS_STRENGTH = 0.4
_LEAST = np.float32(6e-8)  # of half precision, in which captures hold probabilities
_FEW_CLASSES = 6  # with more, interpolating them all would cost a frame its time


def probability_image(probabilities: Floats) -> QImage:
    """Blend [K, R, R] (row 0 at the bottom): an even guess is the panel's colour, a sure one its class's.

    Each class weighs by how much likelier it is than an even guess, so that the colour is continuous across borders.
    """
    if 1 < len(probabilities) <= _FEW_CLASSES and min(probabilities.shape[1:]) > 1:
        probabilities = _finer(probabilities)
    num_classes, height, width = probabilities.shape
    even = 1.0 / max(2, num_classes)
    panel, classes = _blends(num_classes, theme().palette)
    weights = np.maximum(probabilities.reshape(num_classes, -1) - even, 0)  # [K, R * R]
    rgb = panel + weights.T @ ((classes - panel) * np.float32(_SURFACE_STRENGTH / (1 - even)))
    return _image(rgb.reshape(height, width, 3))


def class_image(probabilities: Floats) -> QImage:
    """The likeliest class of [K, R, R], each in one flat colour."""
    panel, classes = _blends(len(probabilities), theme().palette)
    flat = np.rint(panel + (classes - panel) * _CLASS_STRENGTH).astype(np.uint8)  # [K, 3]
    logits = np.log(np.maximum(probabilities, _LEAST))
    fine = _doubled(_doubled(logits)) if len(probabilities) <= _FEW_CLASSES else _doubled(logits)
    return _image(flat[fine.argmax(axis=0)])


def value_image(values: Floats, *, middle: float, reach: float) -> QImage:
    """Values [R, R] from middle - reach to middle + reach through the diverging map."""
    return index_image(to_index(values, middle=middle, reach=reach))


def banded_image(values: Floats, *, middle: float, reach: float, num_bands: int = 8) -> QImage:
    """Values [R, R] in a few flat bands of the diverging map."""
    share = (_doubled(_doubled(values)) - middle) / (2 * reach) + 0.5
    band = np.clip(np.floor(share * num_bands), 0, num_bands - 1)
    return index_image(np.rint((band + 0.5) / num_bands * 255).astype(np.uint8))


def sign_image(values: Floats) -> QImage:
    """Where a unit's [R, R] values are above and below 0."""
    return index_image(np.where(_doubled(_doubled(values)) > 0, 208, 47).astype(np.uint8))


def index_image(index: Bytes) -> QImage:
    """A picture [R, C] of entries of the diverging map, row 0 at the bottom."""
    rgba = _diverging_words(theme().palette)[index[::-1]]
    height, width = rgba.shape
    return QImage(rgba.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def to_index(values: Floats, *, middle: float, reach: float) -> Bytes:
    """Entries of a map of 256 for values middle - reach .. middle + reach."""
    scaled = (values - middle) * (127.5 / max(reach, 1e-12)) + 127.5
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def target_colours(targets: NDArray[np.generic], *, middle: float, reach: float) -> Bytes:
    """RGBA of regression targets [N] on the same scale as the surface."""
    index = to_index(targets.astype(np.float32), middle=middle, reach=reach)
    return np.asarray(colour_map("diverging")[index], dtype=np.uint8)


def class_strip(index: int, num_classes: int) -> QImage:
    """One class's colours from an even guess to certainty, 64 × 1."""
    probabilities = np.zeros((num_classes, 1, 64), dtype=np.float32)
    probabilities[index, 0] = np.linspace(1.0 / max(2, num_classes), 1, 64)
    return probability_image(probabilities)


def class_flat(index: int, num_classes: int) -> QColor:
    """One class's colour where the surface is cut into classes."""
    panel, classes = _blends(num_classes, theme().palette)
    red, green, blue = np.rint(panel + (classes[index] - panel) * _CLASS_STRENGTH).astype(int)
    return QColor(int(red), int(green), int(blue))


def diverging_strip() -> QImage:
    """The diverging map, 256 × 1."""
    return index_image(np.arange(256, dtype=np.uint8)[None])


@functools.lru_cache(maxsize=8)
def _blends(num_classes: int, palette: Palette) -> tuple[Floats, Floats]:
    panel = np.array([*bytes.fromhex(palette.panel[1:])], dtype=np.float32)
    return panel, class_colours(num_classes, palette=palette)[:, :3].astype(np.float32)


@functools.lru_cache(maxsize=4)
def _diverging_words(palette: Palette) -> NDArray[np.uint32]:
    """The map as 0xAARRGGBB, as QImage holds a pixel."""
    table = colour_map("diverging", palette=palette).astype(np.uint32)
    return np.asarray(0xFF000000 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2], dtype=np.uint32)


def _doubled(maps: Floats) -> Floats:
    """[..., R, C] to [..., 2 R - 1, 2 C - 1] by linear interpolation: a few slices, which no thread pool slows down."""
    *more, height, width = maps.shape
    tall = np.empty((*more, 2 * height - 1, width), dtype=np.float32)
    tall[..., ::2, :] = maps
    tall[..., 1::2, :] = (maps[..., 1:, :] + maps[..., :-1, :]) / 2
    wide = np.empty((*more, 2 * height - 1, 2 * width - 1), dtype=np.float32)
    wide[..., ::2] = tall
    wide[..., 1::2] = (tall[..., 1:] + tall[..., :-1]) / 2
    return wide


def _finer(probabilities: Floats) -> Floats:
    """[K, R, R] interpolated as logits: a steep border stays a straight one, where probabilities would make beads."""
    logits = _doubled(np.log(np.maximum(probabilities, _LEAST)))
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=0)
    return logits


def _image(rgb: NDArray[np.generic]) -> QImage:
    """[R, C, 3] of 0..255, row 0 at the bottom."""
    height, width, _ = rgb.shape
    pixels = np.ascontiguousarray(rgb[::-1].astype(np.uint8))
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
