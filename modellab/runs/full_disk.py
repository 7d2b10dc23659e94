"""A disk without room: how it shows, and what a person is told."""

from __future__ import annotations

import errno
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT)


def is_disk_full(error: BaseException) -> bool:
    """Whether a write failed for want of room (safetensors says so only in words)."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    text = str(error)
    return "No space left" in text or any(f"os error {number}" in text for number in _FULL)


def disk_full_message(folder: Path, *, needed: int, free: int) -> str:
    """What a person can do about it. needed, free: bytes."""
    return (
        f"The disk that holds {folder} is full: {megabytes(needed)} are needed and {megabytes(free)} are free. "
        "Training goes on by itself when there is room."
    )


def megabytes(num_bytes: float) -> str:
    """A size for a person."""
    return f"{num_bytes / 1e9:.1f} GB" if num_bytes >= 1e9 else f"{max(num_bytes, 1e5) / 1e6:.1f} MB"
