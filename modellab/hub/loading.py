"""Something read in a thread of its own, perhaps fetched from the hub first: how far that is, and a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from modellab.hub.telling import Fetching, FetchingStoppedError, telling


class Load:
    """Under way from the beginning. told: what is being fetched, None until something is."""

    def __init__(self, load: Callable[[], object]) -> None:
        self.told: Fetching | None = None
        self.problem: BaseException | None = None
        self.is_stopping = False
        self._load = load
        self._is_done = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether it is over, waiting so long for it."""
        return self._is_done.wait(seconds)

    def stop(self) -> None:
        """Fetch no more; what has to be read goes on being read."""
        self.is_stopping = True

    def check(self) -> None:
        """Raise what went wrong."""
        if self.problem is not None:
            raise self.problem

    def _run(self) -> None:
        try:
            with telling(self._take):
                self._load()
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            self.problem = error
        finally:
            self._is_done.set()

    def _take(self, fetching: Fetching) -> None:
        self.told = fetching
        if self.is_stopping:
            raise FetchingStoppedError
