"""Decoded images in the cache: pixels, labels and the sums from which the mean of any stretch follows at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data._cache import mapped, new_array
from modellab.data._splits import safe_std
from modellab.data.base import Split

SCALE = 1 / 255


class ImageArrays(msgspec.Struct, frozen=True, kw_only=True):
    """images uint8 [N, C, H, W], labels int64 [N], sums int64 [N, 2, C]: of the pixel values and of their squares."""

    images: NDArray[Any]
    labels: NDArray[Any]
    sums: NDArray[Any]

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, start: int, stop: int) -> ImageArrays:
        """Examples start..stop as views."""
        return ImageArrays(images=self.images[start:stop], labels=self.labels[start:stop], sums=self.sums[start:stop])

    def split(self, sources: tuple[str, ...] = ()) -> Split:
        """As a dataset holds them."""
        return Split(inputs=self.images, targets=np.array(self.labels, dtype=np.int64), sources=sources)

    def statistics(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each channel, of values scaled to 0..1."""
        pixels = len(self) * self.images.shape[2] * self.images.shape[3]
        total, squares = self.sums.sum(axis=0, dtype=np.float64) / max(1, pixels)
        std = np.sqrt(np.maximum(squares - total**2, 0.0)) * SCALE
        return tuple((total * SCALE).tolist()), safe_std(std)


class ImageWriter:
    """Fills the arrays of one split, example by example, in a cache folder that is being built."""

    def __init__(self, folder: Path, name: str, *, count: int, shape: tuple[int, int, int]) -> None:
        self.count = 0
        self._images = new_array(folder, f"{name}-images", (count, *shape), "uint8")
        self._labels = new_array(folder, f"{name}-labels", (count,), "int64")
        self._sums = new_array(folder, f"{name}-sums", (count, 2, shape[0]), "int64")

    def add(self, images: NDArray[Any], labels: NDArray[Any]) -> None:
        """Append a block [B, C, H, W]."""
        stop = self.count + len(labels)
        self._images[self.count : stop] = images
        self._labels[self.count : stop] = labels
        # 255² times a whole 8-bit picture of 66,000 pixels passes 2³², hence 64 bits; float64 is exact up to 2⁵³.
        values = images.reshape(*images.shape[:2], -1).astype(np.float64)
        self._sums[self.count : stop, 0] = values.sum(axis=2)
        self._sums[self.count : stop, 1] = np.einsum("bcp,bcp->bc", values, values)
        self.count = stop


def cached_images(folder: Path, name: str, *, count: int) -> ImageArrays:
    """The first `count` examples of a split that an `ImageWriter` has filled."""
    images, labels, sums = (mapped(folder, f"{name}-{part}")[:count] for part in ("images", "labels", "sums"))
    return ImageArrays(images=images, labels=labels, sums=sums)
