"""A person's own images: a folder with one subfolder a class."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.config import meta
from modellab.data._cache import cached, check_space
from modellab.data._files import checked_folder
from modellab.data._folders import IMAGES, Found, find_files
from modellab.data._images import SCALE, ImageArrays, ImageWriter, cached_images
from modellab.data._pixels import BadImageError, Fit, read_pixels
from modellab.data._splits import stratified_order, validation_count
from modellab.data._table_fields import BAD_LABELS
from modellab.data.base import DatasetConfig, LoadedDataset, Sample, Split
from modellab.errors import UserError

_FIELD = "dataset.folder"
_LEAVE_OUT = {"dataset.bad_files": "drop"}
_BLOCK = 256


class FolderInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was decoded: the files of each split in stored order, and the bad files with their reasons."""

    files: dict[str, list[str]]
    bad: list[tuple[str, str]]


class ImageFolderConfig(DatasetConfig, frozen=True, kw_only=True, tag="image_folder"):
    """Images sorted into one subfolder a class, below train/, val/ and test/ or not."""

    title = "Image folder"
    summary = (
        "Your own PNG, JPEG, BMP, GIF or WebP images: one subfolder a class, with or without train and val folders."
    )
    kind = "image"
    group = "Your own"

    folder: Annotated[
        str,
        meta(title="Folder", help="Has one subfolder a class, or train, val and test folders that do.", path="folder"),
    ] = ""
    side: Annotated[
        int, meta(title="Image size", help="Images are resized to this many pixels a side.", unit="px", ge=4, le=1024)
    ] = 64
    colour: Annotated[bool, meta(title="Colour", help="Off: one channel of grey.")] = True
    fit: Annotated[
        Fit,
        meta(
            title="Fit",
            help="How an image that is not square becomes so.",
            labels={"crop": "cut out the middle", "pad": "add black borders", "stretch": "stretch"},
        ),
    ] = "crop"
    validation_share: Annotated[
        float,
        meta(
            title="Validation share",
            help="Part of the images kept for validation where there is no val folder.",
            ge=0.01,
            le=0.9,
        ),
    ] = 0.2
    bad_files: Annotated[
        Literal["stop", "drop"],
        meta(
            title="Bad files",
            help="What to do with images that cannot be read and folders without images.",
            labels=BAD_LABELS,
        ),
    ] = "stop"

    def load(self) -> LoadedDataset:
        """Read, check and split the images."""
        folder = checked_folder(self.folder, field=_FIELD, what="image folder").resolve()
        found = find_files(folder, kind=IMAGES, field=_FIELD)
        shape = (3 if self.colour else 1, self.side, self.side)
        key = ("image folder", 1, str(folder), shape, self.fit)
        build = functools.partial(_decode, folder, found, shape, self.fit)
        info, place = cached(key, found.state, FolderInfo, build, field=_FIELD)
        notes = _notes(folder, found, info.bad, stop=self.bad_files == "stop")
        arrays = {name: cached_images(place, name, count=len(files)) for name, files in info.files.items()}
        main = "train" if "train" in arrays else "all"
        _check_counts(folder, found, arrays[main])
        whole, files = arrays[main], info.files[main]
        if "validation" in arrays and len(arrays["validation"]):
            cut, validation = len(whole), arrays["validation"].split(tuple(info.files["validation"]))
        else:
            cut = len(whole) - validation_count(len(whole), self.validation_share)
            validation = whole.part(cut, len(whole)).split(tuple(files[cut:]))
        train = whole.part(0, cut)
        mean, std = train.statistics()
        return LoadedDataset(
            sample=Sample(
                kind="image",
                task="classification",
                shape=shape,
                classes=found.classes,
                target="class",
                scale=SCALE,
                mean=mean,
                std=std,
            ),
            train=train.split(tuple(files[:cut])),
            validation=validation,
            test=_test_split(arrays, info),
            notes=notes,
        )


def _test_split(arrays: dict[str, ImageArrays], info: FolderInfo) -> Split | None:
    if not len(arrays.get("test", ())):
        return None
    return arrays["test"].split(tuple(info.files["test"]))


def _notes(folder: Path, found: Found, bad: list[tuple[str, str]], *, stop: bool) -> tuple[str, ...]:
    """What was left out, in sentences.

    Raises:
        UserError: there are bad files and the person chose to stop at them.
    """
    more = f" ({len(bad)} files like it)" if len(bad) > 1 else ""
    if bad and stop:
        raise UserError(
            f"The image {folder / bad[0][0]} cannot be read: {bad[0][1]}{more}; remove it, or choose to leave bad "
            "files out.",
            field=_FIELD,
            remedy=_LEAVE_OUT,
        )
    if found.empty and stop:
        raise UserError(
            f"The class folder {folder / found.empty[0]} has no images; add some, remove it, or choose to leave bad "
            "files out.",
            field=_FIELD,
            remedy=_LEAVE_OUT,
        )
    notes = []
    if bad:
        notes.append(f"Left out {_files(len(bad))} that cannot be read, such as {bad[0][0]}: {bad[0][1]}.")
    if found.empty:
        notes.append(f"Left out {_folders(len(found.empty))} without images, such as {found.empty[0]}.")
    if found.others:
        only_one = len(found.others) == 1
        what = "that is not an image" if only_one else "that are not images"
        notes.append(f"Skipped {_files(len(found.others))} {what}{':' if only_one else ', such as'} {found.others[0]}.")
    return tuple(notes)


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _folders(count: int) -> str:
    return f"{count:,} folder{'' if count == 1 else 's'}"


def _check_counts(folder: Path, found: Found, arrays: ImageArrays) -> None:
    counts = np.bincount(arrays.labels, minlength=len(found.classes))
    for name, count in zip(found.classes, counts, strict=True):
        if count < 1:
            raise UserError(f"{folder}: no image of the class {name} can be read; mend or remove it.", field=_FIELD)
    if len(arrays) < 4:
        raise UserError(f"{folder} has {len(arrays)} images; at least 4 are needed.", field=_FIELD)


def _decode(folder: Path, found: Found, shape: tuple[int, int, int], fit: Fit, place: Path) -> FolderInfo:
    """Decode every file into arrays, those to be split in stratified order, so that a split is a view."""
    check_space(len(found.state) * int(np.prod(shape)), field=_FIELD)
    info = FolderInfo(files={}, bad=[])
    for split, classes in found.files.items():
        names = np.array([name for files in classes.values() for name in files], dtype=object)
        labels = np.array(
            [found.classes.index(label) for label, files in classes.items() for _ in files], dtype=np.int64
        )
        order = stratified_order(labels, seed=0)
        writer = ImageWriter(place, split, count=max(1, len(order)), shape=shape)
        kept = info.files.setdefault(split, [])
        for block in _blocks(order):
            good: list[NDArray[np.uint8]] = []
            rows: list[int] = []
            for row, pixels in zip(block, _read_all(folder, names[block], shape, fit), strict=True):
                if isinstance(pixels, BadImageError):
                    info.bad.append((names[row], str(pixels)))
                    continue
                good.append(pixels)
                rows.append(row)
                kept.append(names[row])
            if good:
                writer.add(np.stack(good), labels[rows])
    info.bad.sort()
    return info


def _blocks(order: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(order), _BLOCK):
        yield order[start : start + _BLOCK]


def _read_all(
    folder: Path, names: NDArray[np.object_], shape: tuple[int, int, int], fit: Fit
) -> list[NDArray[np.uint8] | BadImageError]:
    """Decode in parallel (Pillow lets go of the interpreter lock); a failure is kept in its place."""

    def read(name: str) -> NDArray[np.uint8] | BadImageError:
        try:
            return read_pixels(folder / name, channels=shape[0], size=shape[1:], fit=fit)
        except BadImageError as error:
            return error

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1), thread_name_prefix="decode") as pool:
        return list(pool.map(read, names))
