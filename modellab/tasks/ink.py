"""Drawings: ink found, scaled and placed as a dataset's own digits were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# MNIST (LeCun et al. 1998): digits fit a 20 x 20 box and are placed by centre of mass in 28 x 28. Sets of 16 x 16 and
# less have no room for a margin: their digits fill the image and are placed by their box.
_BOX = 20 / 28
_SMALL = 16
# Of the brightest pixel: fainter is paper, not ink.
_FAINTEST_INK = 0.15
# NIST's form reader (Garris et al. 1994), which made the 8 x 8 digits: a digit is stretched to the whole height and
# 20/32 of the width, strokes are made thicker or thinner until so much of the image is ink, and the slant is taken out.
_UPRIGHT_BOX = 20 / 32
_UPRIGHT_INK = 0.306  # measured: the mean of its 1,797 digits, and of each class within 0.02
_MOST_STRETCH = 1.6  # a 1 stays narrow
_FINE = 16  # pixels of the drawing that is worked on for one of the image
_MOST_LEVELLING = 2 * _FINE  # pixels
_LEVELLINGS = 2  # strokes made thicker leave the box, and are thinner when they are back in it


def centred(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Light ink on black uint8 [H, W] to an image of this height and width with the ink scaled and centred.

    An image without ink stays black.
    """
    height, width = size
    ink = _cropped(pixels)
    canvas = np.zeros((height, width), dtype=np.uint8)
    if ink is None:
        return canvas
    is_small = min(height, width) <= _SMALL
    share = 1.0 if is_small else _BOX
    scale = min(height * share / ink.shape[0], width * share / ink.shape[1])
    ink = _scaled(ink, (max(1, round(ink.shape[0] * scale)), max(1, round(ink.shape[1] * scale))))
    # MNIST puts the centre of mass in the middle of pixel 14 of 28, half a pixel right of and below the image's middle
    # (measured: its test digits come back to within a grey level or two; without the half, 3 in 100 are misread).
    row, column = (ink.shape[0] / 2, ink.shape[1] / 2) if is_small else _centre_of_mass(ink, shift=-0.5)
    top = min(max(0, round(height / 2 - row)), height - ink.shape[0])
    left = min(max(0, round(width / 2 - column)), width - ink.shape[1])
    canvas[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return canvas


def upright(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Light ink on black uint8 [H, W] to an image of this height and width as NIST's form reader makes one.

    The whole height is filled, strokes have one width whatever pen drew them, and the leftmost ink of the first row
    stands above that of the last one.
    """
    height, width = size[0] * _FINE, size[1] * _FINE
    ink = _cropped(pixels)
    if ink is None:
        return np.zeros(size, dtype=np.uint8)
    box_width = round(width * _UPRIGHT_BOX)
    ink = _fitted(ink, height, most_width=box_width, stretch=_MOST_STRETCH)
    for _ in range(_LEVELLINGS):
        ink = _fitted(_levelled(ink, round(_UPRIGHT_INK * height * width)), height, most_width=box_width)
    # Room at both sides for what the slant's removal moves there.
    margin = height + (width - ink.shape[1]) // 2
    straight = _without_slant(np.pad(ink, ((0, 0), (margin, margin + width % 2))))
    canvas = straight[:, height : height + width]
    cells = canvas.reshape(size[0], _FINE, size[1], _FINE).mean((1, 3))
    return np.rint(cells).astype(np.uint8)


def has_light_background(pixels: NDArray[np.uint8]) -> bool:
    """Whether the border, uint8 [H, W], is mostly light: the median of its pixels above 60 %."""
    return float(np.median(_border(pixels))) > 0.6 * 255


def inverted(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Dark on light uint8 [H, W] to light on black, the paper's own grey made 0 and the darkest ink 255."""
    paper = float(np.percentile(_border(pixels), 25))
    darkest = float(pixels.min())
    if paper - darkest < 1:
        return np.zeros_like(pixels)
    return np.rint((paper - pixels.astype(np.float32)).clip(0) * (255 / (paper - darkest))).astype(np.uint8)


def is_drawing(pixels: NDArray[np.uint8]) -> bool:
    """Whether light on black uint8 [H, W] is strokes rather than a thing: less than half of its box is covered."""
    ink = _cropped(pixels)
    return ink is not None and float((ink > 127).mean()) < 0.5


def _border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _cropped(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The box that holds all ink; None where there is none."""
    brightest = int(pixels.max())
    if brightest < 16:
        return None
    is_ink = pixels > brightest * _FAINTEST_INK
    rows, columns = np.flatnonzero(is_ink.any(1)), np.flatnonzero(is_ink.any(0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _scaled(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    from PIL import Image

    if pixels.shape == size:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BILINEAR))


def _fitted(pixels: NDArray[np.uint8], height: int, *, most_width: int, stretch: float = 1.0) -> NDArray[np.uint8]:
    """Scaled to this height, `stretch` times wider than that makes it but `most_width` at most; ink 255 and paper 0."""
    width = round(pixels.shape[1] * height / pixels.shape[0] * stretch)
    return _in_two(_scaled(pixels, (height, max(1, min(most_width, width)))))


def _in_two(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    brightest = int(pixels.max())
    faintest = 127 if brightest > 127 else brightest // 2  # of a faint drawing, or of strokes that scaling made faint
    return np.where(pixels > faintest, np.uint8(255), np.uint8(0))


def _levelled(pixels: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    """Ink 255 on 0, its strokes made thicker or thinner a pixel at a time until `amount` pixels are ink; cropped."""
    from PIL import Image, ImageFilter

    inked = np.pad(pixels, _MOST_LEVELLING)
    count = np.count_nonzero(inked)
    change = ImageFilter.MaxFilter(3) if count < amount else ImageFilter.MinFilter(3)
    for _ in range(_MOST_LEVELLING):
        changed = np.asarray(Image.fromarray(inked).filter(change))
        next_count = np.count_nonzero(changed)
        if next_count == 0 or abs(next_count - amount) >= abs(count - amount):
            break
        inked, count = changed, next_count
    found = _cropped(inked)
    return pixels if found is None else found


def _without_slant(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows moved sideways about the middle one until the leftmost ink of the first and of the last row agree."""
    height, edge = pixels.shape[0], _FINE // 4
    if not (pixels[:edge].any() and pixels[-edge:].any()):  # a speck that stood there was lost on the way
        return pixels
    first, last = (np.flatnonzero(rows.any(0))[0] for rows in (pixels[:edge], pixels[-edge:]))
    moves = np.rint((int(first) - int(last)) * (np.arange(height) / (height - 1) - 0.5)).astype(int)
    return np.stack([np.roll(row, move) for row, move in zip(pixels, moves, strict=True)])


def _centre_of_mass(pixels: NDArray[np.uint8], *, shift: float) -> tuple[float, float]:
    """In pixels from the top and the left edge, where the middle of pixel k is k + 0.5; moved by `shift`."""
    weights = pixels.astype(np.float64)
    total = weights.sum()
    row = (weights.sum(1) * (np.arange(pixels.shape[0]) + 0.5)).sum() / total
    column = (weights.sum(0) * (np.arange(pixels.shape[1]) + 0.5)).sum() / total
    return float(row) + shift, float(column) + shift
