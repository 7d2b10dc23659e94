"""Lines that are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from modellab.runs.lines import LineTail, append_line


def test_a_line_without_room_leaves_nothing_of_itself(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "commands.jsonl"
    append_line(path, b"first")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))  # the next write is cut short after 4 bytes
    try:
        with pytest.raises(OSError, match="No space left"):
            append_line(path, b"second")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    append_line(path, b"third")

    assert LineTail(path).read() == [b"first", b"third"]
