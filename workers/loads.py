"""What questions about recipes wait for: data that are read or fetched, each in a thread of its own.

So a large download holds up no other question. It ends when nobody waits for it any more, or when a person stops it;
what came of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from modellab.errors import UserError
from modellab.hub.loading import Load
from workers.protocol import Answer, FetchingTold
from workers.wire import Arrays

Answered = tuple[Answer, Arrays]

_AT_ONCE_SECONDS = 0.25  # what is there sooner is answered without a turn for others
_LOOK_SECONDS = 0.05


class Loads:
    """The loads under way, by what they are of."""

    def __init__(self) -> None:
        self._under_way: dict[object, Load] = {}
        self._num_waiting: dict[Load, int] = {}
        self._stopped: dict[object, BaseException] = {}

    def answer(
        self, key: object, load: Callable[[], object], compute: Callable[[], Answered]
    ) -> Answered | Iterator[Answered | None]:
        """Load, telling how far it is, then answer; questions of the same key wait for the same load.

        Raises:
            UserError: as `load` and `compute`; or a person has stopped it.
        """
        if key in self._stopped:
            raise self._stopped[key]
        under_way = self._under_way.get(key)
        if under_way is None or under_way.is_stopping:
            under_way = self._under_way[key] = Load(load)
        if under_way.wait(_AT_ONCE_SECONDS):
            self._under_way.pop(key, None)
            under_way.check()
            return compute()
        self._num_waiting[under_way] = self._num_waiting.get(under_way, 0) + 1
        return self._when_there(key, under_way, compute)

    def stop(self) -> None:
        """A person wants nothing more of what is being fetched, until `go_on`."""
        for key, load in self._under_way.items():
            if load.told is not None:
                load.stop()
                self._stopped[key] = UserError(
                    "Fetching was stopped; go on with it in the setup, and it goes on from there."
                )

    def go_on(self) -> None:
        """What was stopped may be asked for again."""
        self._stopped.clear()

    def _when_there(self, key: object, load: Load, compute: Callable[[], Answered]) -> Iterator[Answered | None]:
        told = None
        try:
            while not load.wait(_LOOK_SECONDS):
                if load.told in (told, None):
                    yield None
                elif (told := load.told) is not None:
                    yield FetchingTold(is_last=False, fetching=told), {}
            load.check()
            yield compute()
        finally:
            self._let_go(key, load)

    def _let_go(self, key: object, load: Load) -> None:
        """One question less waits; the last one's going ends it."""
        self._num_waiting[load] -= 1
        if not self._num_waiting[load]:
            del self._num_waiting[load]
            load.stop()
            if self._under_way.get(key) is load:
                del self._under_way[key]
