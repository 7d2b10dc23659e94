"""A person's own input in the stored form of a dataset: rows and images. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.tasks import ink, picture

# A dataset whose mean pixel is below (above) these has a dark (light) background; between them, none that one can tell.
_DARK, _LIGHT = 0.4, 0.6


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """One stored input, uint8 [C, H, W] or float32 [D], and sentences saying what was done to get there."""

    stored: NDArray[Any]
    notes: tuple[str, ...] = ()


def encode_row(values: Sequence[float], sample: Sample) -> Encoded:
    """Numbers in the unit of the data, one a column, to float32 [D].

    Raises:
        UserError: there are too many or too few, or one is not finite; names the column.
    """
    if sample.kind == "image":
        raise UserError("This model reads images; give it an image.")
    num_columns = math.prod(sample.shape)
    if len(values) != num_columns:
        raise UserError(f"This model reads {num_columns} numbers, and {len(values)} were given.")
    for index, value in enumerate(values):
        if not abs(value) <= float(np.finfo(np.float32).max):
            name = sample.features[index] if index < len(sample.features) else f"column {index + 1}"
            raise UserError(f"{name} must be a number that fits 32 bits; it is {value}.")
    return Encoded(stored=np.asarray(values, dtype=np.float32).reshape(sample.shape))


def encode_image(image: NDArray[np.uint8] | Path, sample: Sample, *, drawn: bool = False) -> Encoded:
    """Any image to the dataset's form, uint8 [C, H, W]: its size (the middle is cut out) and its channels.

    image: uint8 [H, W], [H, W, 3] or [H, W, 4], or a file. drawn: white ink on black, centred and scaled as the
    dataset's own digits are. A picture on a light background given to a greyscale dataset on a dark one is inverted,
    and when it is a drawing, treated as one.

    Raises:
        UserError: the file cannot be read or is too large, or the array is no image; or this model reads no images.
    """
    if sample.kind != "image":
        raise UserError(f"This model reads {sample.kind}s, not images.")
    channels, height, width = sample.shape
    if isinstance(image, Path):
        pixels, name = picture.open_pixels(image, enough=(height, width)), image.name
    else:
        pixels, name = image, "the image"
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        raise UserError(f"An image is uint8 [H, W], [H, W, 3] or [H, W, 4]; {name} is {pixels.dtype} {pixels.shape}.")
    if pixels.shape[0] * pixels.shape[1] == 0 or pixels.shape[0] * pixels.shape[1] > picture.MAX_PIXELS:
        raise UserError(f"{name} is {pixels.shape[1]} x {pixels.shape[0]} pixels; {picture.LIMIT}")
    if channels != 1:
        colours = picture.resized(picture.rgb(pixels), (height, width))
        return Encoded(stored=np.ascontiguousarray(colours.transpose(2, 0, 1)))
    grey = picture.grey(pixels)
    if drawn:
        stored = _placed(grey, sample)
        return Encoded(stored=255 - stored if sample.mean[0] > _LIGHT else stored)
    return _encode_grey(grey, sample)


def _encode_grey(grey: NDArray[np.uint8], sample: Sample) -> Encoded:
    """A greyscale picture [H, W] of any size, inverted if its background is not the dataset's."""
    _, height, width = sample.shape
    is_light = ink.has_light_background(grey)
    if sample.mean[0] < _DARK and is_light:
        levelled = ink.inverted(grey)
        if ink.is_drawing(levelled):
            note = "Dark on a light background: inverted, and centred as the dataset's own images are."
            return Encoded(stored=_placed(levelled, sample), notes=(note,))
        note = "Light background: inverted, as the dataset's own images are light on dark."
        return Encoded(stored=picture.resized(levelled, (height, width))[None], notes=(note,))
    if sample.mean[0] > _LIGHT and not is_light and ink.has_light_background(255 - grey):
        note = "Dark background: inverted, as the dataset's own images are dark on light."
        return Encoded(stored=picture.resized(255 - grey, (height, width))[None], notes=(note,))
    return Encoded(stored=picture.resized(grey, (height, width))[None])


def _placed(pixels: NDArray[np.uint8], sample: Sample) -> NDArray[np.uint8]:
    """Light ink on black [H, W] as the dataset's own digits are made, [1, height, width]."""
    place = ink.upright if sample.ink == "upright" else ink.centred
    return place(pixels, (sample.shape[1], sample.shape[2]))[None]
