"""Append-only files of lines: one writer (or one `O_APPEND` write a line), any number of readers."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def append_line(path: Path, line: bytes) -> None:
    """Append one whole line in a single write, so that writers in several processes do not mix.

    Raises:
        OSError: there is no room for it; nothing of it stays.
    """
    data = line + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    try:
        written = os.write(descriptor, data)
        if written < len(data):
            end = os.lseek(descriptor, 0, os.SEEK_CUR)
            if os.fstat(descriptor).st_size == end:  # else somebody has written behind it
                os.ftruncate(descriptor, end - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


class LineTail:
    """Reads the whole lines that were added since the last time; a torn last line is left until it is whole."""

    def __init__(self, path: Path, *, offset: int = 0) -> None:
        self.path = path
        self.offset = offset

    def read(self, *, most: int = 1 << 22) -> list[bytes]:
        """New lines without their newline, at most about `most` bytes of them; empty when there are none."""
        try:
            if os.stat(self.path).st_size <= self.offset:
                return []
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                block = file.read(most)
                end = block.rfind(b"\n")
                while end < 0 and len(block) % most == 0:  # one line longer than `most`
                    more = file.read(most)
                    if not more:
                        return []
                    block += more
                    end = block.rfind(b"\n")
        except FileNotFoundError:
            return []
        if end < 0:
            return []
        self.offset += end + 1
        return block[:end].split(b"\n")
