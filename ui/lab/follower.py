"""One thread that reads the events of every followed run, and says when a trainer died.

It looks 30 times a second while a run is new to it or may have just begun, then 10 times: each look may cost a training
that has every core a little. A run that no trainer holds and that has said nothing for a while is looked at three times
a second: a window that is left alone costs next to nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from modellab.runs.folder import RunFolder
from modellab.runs.lines import LineTail
from ui.lab.stream import read_items

_POLL_S = 1 / 30
_STEADY_POLL_S = 0.1
_STEADY_AFTER_S = 3.0
_LOCK_POLL_S = 0.3
_QUIET_POLL_S = 0.3
_QUIET_AFTER_S = 3.0
_BLOCK_BYTES = 1 << 21


@dataclass
class _Followed:
    run: RunFolder
    tail: LineTail
    log: LineTail
    is_locked: bool | None = None
    lock_checked: float = 0.0
    heard: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.monotonic)  # when it was followed, or a trainer took or left it

    def rest_s(self, now: float) -> float:
        """How long it may be left alone."""
        if self.is_locked is False and now - self.heard > _QUIET_AFTER_S:
            return _QUIET_POLL_S
        return _POLL_S if now - self.began < _STEADY_AFTER_S else _STEADY_POLL_S


class RunFollower(QObject):
    """Follows run folders; live, replayed or remote, the receiver cannot tell."""

    items_arrived = Signal(str, object)  # folder, list[Item]
    log_arrived = Signal(str, object)  # folder, list[str]
    lock_changed = Signal(str, bool)  # folder, whether a trainer holds it

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._followed: dict[str, _Followed] = {}
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="run-follower", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def follow(self, folder: Path) -> None:
        """Read a run from its first event on."""
        key = str(folder)
        run = RunFolder(folder)
        with self._guard:
            if key not in self._followed:
                self._followed[key] = _Followed(run, LineTail(run.events_file), LineTail(run.log_file))
        self._wake.set()

    def unfollow(self, folder: Path) -> None:
        """Read it no longer."""
        with self._guard:
            self._followed.pop(str(folder), None)

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _loop(self) -> None:
        while not self._stop.is_set():
            with self._guard:
                followed = dict(self._followed)
            has_more = False
            for key, one in followed.items():
                has_more = self._read(key, one) or has_more
            if not has_more:
                self._wake.wait(_rest_s(followed.values()))
                self._wake.clear()

    def _read(self, key: str, one: _Followed) -> bool:
        """Emit what is new; whether there may be more at once.

        The lock is asked before the events are read, so that the last words of a trainer that ends are never taken for
        silence; and again when one that was thought gone speaks, so that its first words are not taken for its last.
        """
        now = time.monotonic()
        is_locked = one.is_locked
        if now - one.lock_checked >= _LOCK_POLL_S:
            is_locked = self._ask_lock(one)
        lines = one.tail.read(most=_BLOCK_BYTES)
        if lines and is_locked is False:
            is_locked = self._ask_lock(one)
            lines += one.tail.read(most=_BLOCK_BYTES)
        if lines or is_locked:
            one.heard = now
        if is_locked and not one.is_locked:
            self._tell_lock(key, one, is_locked)
        items = read_items(lines) if lines else []
        if items and not self._stop.is_set():
            self.items_arrived.emit(key, items)
        log = one.log.read(most=1 << 16)
        if log:
            self.log_arrived.emit(key, [line.decode("utf-8", "replace") for line in log])
        if is_locked is not one.is_locked and is_locked is not None:
            self._tell_lock(key, one, is_locked)
        return bool(lines) and sum(map(len, lines)) > _BLOCK_BYTES // 2

    def _ask_lock(self, one: _Followed) -> bool:
        one.lock_checked = time.monotonic()
        return one.run.is_locked()

    def _tell_lock(self, key: str, one: _Followed, is_locked: bool) -> None:
        one.is_locked, one.began = is_locked, time.monotonic()
        self.lock_changed.emit(key, is_locked)


def _rest_s(followed: Collection[_Followed]) -> float:
    """How long to wait before the next look."""
    now = time.monotonic()
    return min((one.rest_s(now) for one in followed), default=1.0)
