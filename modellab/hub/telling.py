"""What is being fetched from the hub: told to whoever listens, who may stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from modellab.runs.full_disk import megabytes


class Fetching(msgspec.Struct, frozen=True, kw_only=True):
    """So many bytes of what a repository has to be fetched are here."""

    what: str
    done: int
    total: int

    def amount(self) -> str:
        """3.1 of 10.5 MB"""
        done, total = megabytes(self.done) if self.done else "0 MB", megabytes(self.total)
        return f"{done.removesuffix(total[-3:])} of {total}"


class FetchingStoppedError(Exception):
    """Raised by who is told: no more is to be fetched. What is here is kept."""


Listener = Callable[[Fetching], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def telling(listener: Listener) -> Iterator[None]:
    """Within, in this thread, tell of what is fetched."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def tell(fetching: Fetching) -> None:
    """Say how far it is.

    Raises:
        FetchingStoppedError: who listens wants no more.
    """
    listener = _listener.get()
    if listener is not None:
        listener(fetching)
