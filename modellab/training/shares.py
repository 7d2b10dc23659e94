"""How what is done beside training keeps to its share of the time."""

from __future__ import annotations

import math

# Times the shortest seen; what takes longer was held up.
HICCUP = 4.0


class Share:
    """Says when something may be done again so that it takes at most `most` of the time.

    A hiccup of the machine is not the price: no time counts for more than a few times the shortest seen so far.

    Deterministic where it matters: nothing that a share decides changes a weight.

    second_within: seconds after which it may be done for the second time whatever the first cost, which pays for
        imports and new files too.
    """

    def __init__(self, most: float, *, least_seconds: float = 0.0, second_within: float = math.inf) -> None:
        self._most = most
        self._longest_wait = second_within
        self._least_seconds = least_seconds
        self._shortest = math.inf
        self.due = -math.inf

    def is_due(self, now: float) -> bool:
        """Whether it may be done."""
        return now >= self.due

    def charge(self, seconds: float, *, now: float) -> None:
        """It was done until `now` and took so long."""
        self._shortest = min(self._shortest, seconds)
        wait = min(min(seconds, HICCUP * self._shortest) / self._most, self._longest_wait)
        self._longest_wait = math.inf
        self.due = now + max(self._least_seconds, wait)


class Stride:
    """How many steps apart to measure something so that it costs at most `most` of the time."""

    def __init__(self, most: float) -> None:
        self._most = most
        self.steps = 1

    def adapt(self, *, cost: float, step_seconds: float) -> None:
        """Take in what measuring once costs, and what a step takes without it."""
        wanted = cost / max(self._most * step_seconds, 1e-12)
        self.steps = max(1, math.ceil(wanted))
