"""The one writer of a run's events: whole lines, and patience with a full disk."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from modellab.events import TERMINAL, AnyEvent, Paused, Resumed, encode_event
from modellab.runs.full_disk import disk_full_message, is_disk_full

_POLL_SECONDS = 0.2
_LEAST_ROOM = 1_000_000
# Kept aside so that a full disk can still be told of.
_RESERVE_BYTES = 32_768


class EventWriter:
    """Appends events. A torn last line (of a killed trainer) is cut off first: readers never took it for whole.

    When the disk is full, `write` waits until there is room or `gives_up` says so, and training waits with it; a
    Paused event says so, out of room that was kept aside for that. The last word of a run takes that room itself, as
    nothing may follow it.
    """

    def __init__(self, path: Path, *, gives_up: Callable[[], bool] = lambda: False) -> None:
        self._path = path
        self._gives_up = gives_up
        self._reserve = path.with_name(".reserve")
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o644)
        self._end = _whole_length(self._descriptor)
        os.ftruncate(self._descriptor, self._end)
        self._keep_reserve()

    def write(self, event: AnyEvent) -> None:
        """Append an event, in one write where the system lets us."""
        line = encode_event(event) + b"\n"
        try:
            self._append(line)
        except OSError as error:
            if not is_disk_full(error):
                raise
            if isinstance(event, TERMINAL):
                self._insist_on(line)
            else:
                self._wait_with(line, step=event.step)

    def close(self) -> None:
        """Close the file; the reserve goes."""
        os.close(self._descriptor)
        self._reserve.unlink(missing_ok=True)

    @property
    def num_bytes(self) -> int:
        """How long the file is."""
        return self._end

    def _append(self, data: bytes) -> None:
        os.lseek(self._descriptor, self._end, os.SEEK_SET)
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._end += len(data)

    def _wait_with(self, line: bytes, *, step: int) -> None:
        """Keep the line until there is room for it."""
        self._reserve.unlink(missing_ok=True)
        free = shutil.disk_usage(self._path.parent).free
        message = disk_full_message(self._path.parent, needed=_LEAST_ROOM, free=free)
        paused = Paused(step=step, time=time.time(), reason="disk_full", message=message)
        waiting = [line, encode_event(paused) + b"\n"]
        waiting = self._append_what_fits(waiting)
        while shutil.disk_usage(self._path.parent).free < _LEAST_ROOM or waiting:
            if self._gives_up():
                return
            time.sleep(_POLL_SECONDS)
            waiting = self._append_what_fits(waiting)
        self._append_what_fits([encode_event(Resumed(step=step, time=time.time())) + b"\n"])
        self._keep_reserve()

    def _insist_on(self, line: bytes) -> None:
        """Write the line as soon as there is room for it."""
        self._reserve.unlink(missing_ok=True)
        while self._append_what_fits([line]) and not self._gives_up():
            time.sleep(_POLL_SECONDS)

    def _append_what_fits(self, lines: list[bytes]) -> list[bytes]:
        """Append lines in their order; gives those that there is no room for."""
        for index, line in enumerate(lines):
            try:
                self._append(line)
            except OSError as error:
                if not is_disk_full(error):
                    raise
                return lines[index:]
        return []

    def _keep_reserve(self) -> None:
        try:
            self._reserve.write_bytes(bytes(_RESERVE_BYTES))
        except OSError as error:
            if not is_disk_full(error):
                raise
            self._reserve.unlink(missing_ok=True)


def _whole_length(descriptor: int) -> int:
    """The length up to and with the last newline."""
    end = os.fstat(descriptor).st_size
    block = 1 << 16
    while end > 0:
        start = max(0, end - block)
        os.lseek(descriptor, start, os.SEEK_SET)
        found = os.read(descriptor, end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
