"""Files that replace another are written beside it, fsynced and renamed: a full disk or a crash leaves the old one."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A path to write to; it takes the place of `path` when the block ends well, and is removed when it does not.

    durable: wait until the disk has it (fsync of the file and its folder).
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")  # two may write it at once
    try:
        yield beside
        if durable:
            fsync(beside)
        os.replace(beside, path)
        if durable:
            fsync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace a file's contents at once."""
    with replacing(path, durable=durable) as beside:
        beside.write_bytes(data)


def fsync(path: Path) -> None:
    """Wait until the disk has the file."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def fsync_folder(path: Path) -> None:
    """Wait until the disk has the folder's entries (a no-op on Windows, which cannot)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
