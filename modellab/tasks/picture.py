"""Image files and arrays to plain pixels of a wanted size, safely."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modellab.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 64_000_000  # 256 MB once decoded
LIMIT = "an image has at least one pixel and at most 64 million."
# Not all that Pillow reads: EPS, for one, starts Ghostscript.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, OverflowError, struct.error, zlib.error)


def open_pixels(path: Path, *, enough: tuple[int, int]) -> NDArray[np.uint8]:
    """The pixels of a file, upright, uint8 [H, W], [H, W, 3] or [H, W, 4].

    enough: height and width that will do; a large JPEG is decoded at a half, a quarter or an eighth if that is more.

    Raises:
        UserError: it is missing, no image, damaged or too large; names the file.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path, formats=_FORMATS) as image:
            width, height = image.size
            if not 0 < width * height <= MAX_PIXELS:
                raise UserError(f"{path.name} is {width} x {height} pixels; {LIMIT}")
            if image.format == "JPEG":
                side = 2 * max(enough)  # either way up: the file may say to turn it
                image.draft(None, (side, side))
            image.load()
            return _plain(ImageOps.exif_transpose(image))
    except FileNotFoundError:
        raise UserError(f"There is no file {path}.") from None
    except UnidentifiedImageError:
        raise UserError(f"{path.name} is no PNG, JPEG, BMP, GIF, WebP, TIFF or PPM image, or is damaged.") from None
    except Image.DecompressionBombError:
        raise UserError(f"{path.name} is too large; {LIMIT}") from None
    except _BROKEN as error:
        raise UserError(f"{path.name} cannot be read, it may be cut short or damaged: {error}.") from None


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luminance uint8 [H, W]; what is transparent shows a background that what is not stands out from."""
    from PIL import Image

    if pixels.ndim == 2:
        return pixels
    luminance = np.asarray(Image.fromarray(np.ascontiguousarray(pixels[..., :3])).convert("L"))
    if pixels.shape[2] == 3:
        return luminance
    alpha = pixels[..., 3].astype(np.float32) / 255
    if not alpha.any():
        return np.zeros_like(luminance)
    is_dark = float((luminance * alpha).sum() / alpha.sum()) < 128
    background = 255 if is_dark else 0
    return np.rint(luminance * alpha + background * (1 - alpha)).astype(np.uint8)


def rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours uint8 [H, W, 3]; what is transparent shows white."""
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def resized(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The middle of the picture uint8 [H, W] or [H, W, 3] at this height and width; untouched if it has it already."""
    from PIL import Image

    height, width = size
    if pixels.shape[:2] == (height, width):
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    scale = max(width / image.width, height / image.height)
    left, top = (image.width - width / scale) / 2, (image.height - height / scale) / 2
    right, bottom = min(image.width, left + width / scale), min(image.height, top + height / scale)
    box = (max(0.0, left), max(0.0, top), right, bottom)
    # Pillow's bilinear filter widens with the reduction, so it is an area average: nothing is skipped over.
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR, box=box))


def _plain(image: Image.Image) -> NDArray[np.uint8]:
    """8 bits a channel: grey, RGB, or RGBA where anything is transparent."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image).astype(np.float64)
        # More than 8 bits means 16; floats and small integers have only their own range to go by.
        highest = 65535.0 if values.max(initial=0) > 255 and image.mode != "F" else max(255.0, values.max(initial=0))
        return np.rint(values.clip(0) * (255 / highest)).astype(np.uint8)
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image if image.mode == "L" else image.convert("L" if image.mode == "1" else "RGB"))
