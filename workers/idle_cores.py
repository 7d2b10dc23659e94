"""How many cores nobody else uses just now: threads that wait for one another crawl when one of them has none."""

from __future__ import annotations

import contextlib
import time

import psutil

# A shorter look says little: systems count processor time in ticks of about 10 ms.
_LEAST_SECONDS = 0.2
# A core that is idle for this much of the time is worth a thread.
_WORTH = 0.75


class IdleCores:
    """Looks when it is asked: what counts is the time since it was last asked, what this process used left out.

    partner: a process whose use is left out too, as it works while this one waits for its questions.
    """

    def __init__(self, *, partner: int | None = None) -> None:
        self._partner = partner
        self._idle, self._at = self._unused(), time.perf_counter()
        self._cores = 1.0

    def count(self) -> int:
        """Whole cores that this process could have had, at least 1."""
        now = time.perf_counter()
        if now - self._at >= _LEAST_SECONDS:
            idle = self._unused()
            self._cores = (idle - self._idle) / (now - self._at)
            self._idle, self._at = idle, now
        return max(1, int(self._cores + 1 - _WORTH))

    def _unused(self) -> float:
        """Core seconds in which no other process ran."""
        used = time.process_time()
        if self._partner is not None:
            with contextlib.suppress(psutil.Error):
                times = psutil.Process(self._partner).cpu_times()
                used += times.user + times.system
        return float(psutil.cpu_times().idle) + used
