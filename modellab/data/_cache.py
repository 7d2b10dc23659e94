"""Arrays decoded once: kept as .npy files in the cache folder and memory-mapped on every later load."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from modellab.data._files import reason
from modellab.errors import UserError
from modellab.paths import cache_folder
from modellab.runs.atomic import fsync

Info = TypeVar("Info", bound=msgspec.Struct)
_INFO = "info.json"
_SPARE_BYTES = 64 * 2**20


def digest(*parts: object) -> str:
    """A short name for anything with a faithful `repr`."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()


def cached(
    source: object, fingerprint: object, kind: type[Info], build: Callable[[Path], Info], *, field: str = ""
) -> tuple[Info, Path]:
    """The info and folder of arrays that `build(folder)` has written, now or in an earlier process.

    source: what the arrays are made of and how (path, size of the images...). fingerprint: the state of the source
    (names, sizes, times); when it changes, the arrays are built anew and the stale ones removed. Two processes that ask
    at once build once. A folder appears under its name only when it is whole.

    Raises:
        UserError: the cache folder cannot be written; or whatever `build` raises.
    """
    home = cache_folder() / "datasets"
    prefix = digest(source)
    folder = home / f"{prefix}-{digest(fingerprint)}"
    if (info := _read(folder, kind)) is not None:
        return info, folder
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / f"{prefix}.lock"):
            if (info := _read(folder, kind)) is not None:
                return info, folder
            shutil.rmtree(folder, ignore_errors=True)  # damaged, or it would have been read
            info = _built(folder, build)
            for stale in home.glob(f"{prefix}-*"):
                if stale != folder:
                    shutil.rmtree(stale, ignore_errors=True)
            return info, folder
    except OSError as error:
        raise UserError(
            f"The decoded data cannot be written to the cache {home}: {reason(error)}; free some space or set "
            "MODELLAB_HOME to another disk.",
            field=field,
        ) from error


def check_space(num_bytes: int, *, field: str) -> None:
    """Refuse what the disk of the cache cannot hold.

    Raises:
        UserError: there is too little room.
    """
    home = cache_folder()
    free = shutil.disk_usage(home).free - _SPARE_BYTES
    if num_bytes > free:
        raise UserError(
            f"The decoded images need {num_bytes / 1e9:.1f} GB in the cache {home}, which has "
            f"{max(0, free) / 1e9:.1f} GB free; free some space or make the images smaller.",
            field=field,
        )


def new_array(folder: Path, name: str, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    """An array to fill in a folder that is being built."""
    return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=np.dtype(dtype), shape=shape)


def mapped(folder: Path, name: str) -> NDArray[Any]:
    """An array of a cached folder, memory-mapped and read-only; an empty one is read whole."""
    path = folder / f"{name}.npy"
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        return np.load(path, allow_pickle=False)


def _built(folder: Path, build: Callable[[Path], Info]) -> Info:
    """Build beside the folder and rename. Called under the lock, so what lies there is left of a process that died."""
    place = folder.with_name(f"building-{folder.name.split('-')[0]}")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        info = build(place)
        sizes = {path.name: path.stat().st_size for path in place.glob("*.npy")}
        (place / _INFO).write_bytes(msgspec.json.encode({"sizes": sizes, "info": info}))
        for path in place.iterdir():
            fsync(path)
        place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return info


def _read(folder: Path, kind: type[Info]) -> Info | None:
    """The info of a whole folder; None when it is missing or damaged, which is mended by building it again."""
    try:
        found = msgspec.json.decode((folder / _INFO).read_bytes())
        whole = all((folder / name).stat().st_size == size for name, size in found["sizes"].items())
        return msgspec.convert(found["info"], kind) if whole else None
    except (OSError, msgspec.MsgspecError, KeyError, TypeError, AttributeError):
        return None
