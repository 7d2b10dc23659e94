"""What is being fetched from the hub, on stderr: a line that moves on a terminal, one now and then in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from modellab.hub.telling import Fetching, telling

_LINE_SECONDS = 5.0
_CLEAR = "\r\x1b[K"


@contextmanager
def fetching_shown() -> Iterator[None]:
    """Within, say what is fetched and how far it is; Ctrl+C says what becomes of it."""
    shown = _Shown()
    try:
        with telling(shown.show):
            yield
    except KeyboardInterrupt:
        shown.end()
        if shown.last is not None and shown.last.done < shown.last.total:
            what, amount = shown.last.what, shown.last.amount()
            sys.stderr.write(f"Stopped at {amount} of {what}; what is here is kept, and it goes on from there.\n")
        raise
    finally:
        shown.end()


class _Shown:
    def __init__(self) -> None:
        self.last: Fetching | None = None
        self._is_moving = sys.stderr.isatty()
        self._is_open = False
        self._due = 0.0

    def show(self, fetching: Fetching) -> None:
        """Say it, unless that was said a moment ago."""
        is_whole = fetching.done >= fetching.total
        if fetching == self.last or not (self._is_moving or is_whole or time.monotonic() >= self._due):
            self.last = fetching
            return
        self.last, self._due = fetching, time.monotonic() + _LINE_SECONDS
        line = f"Fetching {fetching.what} from the hub: {fetching.amount()}"
        sys.stderr.write(f"{_CLEAR}{line}" if self._is_moving else f"{line}\n")
        sys.stderr.flush()
        self._is_open = self._is_moving

    def end(self) -> None:
        """What follows stands on a line of its own."""
        if self._is_open:
            sys.stderr.write("\n")
            self._is_open = False
