"""What the public image sets share: decode once, memory-map afterwards, keep the official test set for testing."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.config import meta
from modellab.data._cache import cached, check_space
from modellab.data._hub import PublicSource
from modellab.data._images import SCALE, ImageWriter, cached_images
from modellab.data._pixels import BadImageError, read_pixels
from modellab.data._splits import stratified_order, validation_count
from modellab.data.base import DatasetConfig, LoadedDataset, Sample
from modellab.errors import UserError

_BLOCK = 1024


class ImageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How many examples each split of the cached arrays has."""

    counts: dict[str, int]


class PublicImages(DatasetConfig, frozen=True, kw_only=True):
    """A public image set with a train and a test split.

    hub_id: its name on the hub. columns: of image and label. image_shape: (C, H, W). class_names: by label.
    num_train: examples of the whole official train split.
    """

    kind = "image"
    group = "Public"
    hub_id: ClassVar[str]
    columns: ClassVar[tuple[str, str]] = ("image", "label")
    image_shape: ClassVar[tuple[int, int, int]]
    class_names: ClassVar[tuple[str, ...]]
    num_train: ClassVar[int]

    validation_share: Annotated[
        float,
        meta(
            title="Validation share",
            help="Part of the official training set kept for validation; always the same images.",
            ge=0.01,
            le=0.5,
        ),
    ] = 0.1
    train_limit: (
        Annotated[
            int,
            meta(
                title="Training limit",
                help="Use at most this many training examples, every class in its proportion.",
                unit="examples",
                ge=10,
                le=1_000_000,
                log=True,
            ),
        ]
        | None
    ) = None

    def load(self) -> LoadedDataset:
        """Read, check and split the data."""
        source = PublicSource(self.hub_id, title=self.title)
        key = ("public images", 1, self.hub_id, self.image_shape)
        build = functools.partial(_decode, self, source)
        info, folder = cached(key, source.fingerprint, ImageInfo, build, field="dataset")
        arrays = {name: cached_images(folder, name, count=count) for name, count in info.counts.items()}
        whole = arrays["train"]
        cut = len(whole) - validation_count(len(whole), self.validation_share)
        train = whole.part(0, min(cut, self.train_limit or cut))
        mean, std = train.statistics()
        few = f"These files of {self.title} hold {len(whole):,} of the {self.num_train:,} official training images."
        return LoadedDataset(
            sample=Sample(
                kind="image",
                task="classification",
                shape=self.image_shape,
                classes=self.class_names,
                target=self.columns[1],
                scale=SCALE,
                mean=mean,
                std=std,
            ),
            train=train.split(),
            validation=whole.part(cut, len(whole)).split(),
            test=arrays["test"].split() if "test" in arrays else None,
            notes=(few,) if len(whole) < self.num_train else (),
        )


def _decode(config: PublicImages, source: PublicSource, folder: Path) -> ImageInfo:
    tables = {name: table for name, table in source.tables().items() if name in ("train", "test")}
    if "train" not in tables or not all(len(table) > 1 for table in tables.values()):
        raise UserError(f"{config.title} has no train split in its files; copy them again.", field="dataset")
    check_space(sum(len(table) for table in tables.values()) * int(np.prod(config.image_shape)), field="dataset")
    counts = {}
    for name, table in tables.items():
        pictures, labels = _columns(config, table)
        order = stratified_order(labels, seed=0) if name == "train" else np.arange(len(labels))
        writer = ImageWriter(folder, name, count=len(labels), shape=config.image_shape)
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            pixels = [_pixels(config, pictures[index], f"{name} image {index}") for index in block]
            writer.add(np.stack(pixels), labels[block])
        counts[name] = writer.count
    return ImageInfo(counts=counts)


def _columns(config: PublicImages, table: Any) -> tuple[list[bytes | None], NDArray[Any]]:
    image, label = config.columns
    if not {image, label} <= set(table.column_names):
        names = ", ".join(table.column_names)
        raise UserError(
            f"{config.title} should have columns {image} and {label}; its files have {names}.", field="dataset"
        )
    pictures = [encoded["bytes"] if isinstance(encoded, dict) else encoded for encoded in table[image].to_pylist()]
    labels = table[label].to_numpy().astype(np.int64)
    if labels.min() < 0 or labels.max() >= len(config.class_names):
        raise UserError(f"{config.title} has a label outside 0..{len(config.class_names) - 1}.", field="dataset")
    return pictures, labels


def _pixels(config: PublicImages, encoded: bytes | None, what: str) -> NDArray[np.uint8]:
    try:
        pixels = read_pixels(encoded or b"", channels=config.image_shape[0])
    except BadImageError as error:
        raise UserError(
            f"{config.title}: {what} cannot be read: {error}; copy the files again.", field="dataset"
        ) from None
    if pixels.shape != config.image_shape:
        raise UserError(f"{config.title}: {what} has shape {pixels.shape}, not {config.image_shape}.", field="dataset")
    return pixels
