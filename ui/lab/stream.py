"""The events of a run as the window takes them: Progress as arrays, neighbours joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.events import AnyEvent, Progress, decode_event

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What was measured at the steps first..last; each column [last - first + 1], NaN where not measured.

    seconds: training time at each of these steps (pauses do not count), [last - first + 1].
    """

    first: int
    last: int
    columns: dict[str, Floats]
    seconds: Floats
    samples_per_second: float
    memory_bytes: int


Item: TypeAlias = AnyEvent | Steps


def read_items(lines: list[bytes]) -> list[Item]:
    """Decode lines, Progress events as Steps with neighbours joined; a line of another version is passed over."""
    items: list[Item] = []
    waiting: list[Progress] = []
    for line in lines:
        try:
            event = decode_event(line)
        except msgspec.DecodeError:
            continue
        if isinstance(event, Progress):
            if waiting and (event.first != waiting[-1].step + 1 or event.columns.keys() != waiting[-1].columns.keys()):
                items.append(_join(waiting))
                waiting = []
            waiting.append(event)
            continue
        if waiting:
            items.append(_join(waiting))
            waiting = []
        items.append(event)
    if waiting:
        items.append(_join(waiting))
    return items


def _join(events: list[Progress]) -> Steps:
    columns = {
        name: np.concatenate([np.array(event.columns[name], dtype=np.float64) for event in events])
        for name in events[0].columns
    }
    seconds = [np.linspace(event.times[0], event.times[1], event.step - event.first + 2)[1:] for event in events]
    return Steps(
        first=events[0].first,
        last=events[-1].step,
        columns=columns,
        seconds=np.concatenate(seconds),
        samples_per_second=events[-1].samples_per_second,
        memory_bytes=events[-1].memory_bytes,
    )
