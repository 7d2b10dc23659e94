"""Before a run trains: what it needs of the hub is fetched, told in the run's log, and stopped when the run is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from modellab.events import AnyEvent, Logged
from modellab.hub.loading import Load
from modellab.recipe import Recipe

_LOOK_SECONDS = 0.2
_LINE_SECONDS = 10.0


def fetched(recipe: Recipe, *, step: int, gives_up: Callable[[], bool]) -> Iterator[AnyEvent]:
    """Read the data once, from where the trainer will read them at once; nothing where neither they nor the model could
    come from the hub. gives_up: whether the run is to stop.

    Raises:
        UserError: as `DatasetConfig.load`; or it was stopped.
    """
    if not (hasattr(recipe.dataset, "hub_id") or recipe.architecture.brings):
        return
    load = Load(lambda: recipe.data().load())
    due = 0.0
    while not load.wait(_LOOK_SECONDS):
        if gives_up():
            load.stop()
        if load.told is not None and time.monotonic() >= due:
            due = time.monotonic() + _LINE_SECONDS
            message = f"Fetching {load.told.what} from the hub: {load.told.amount()}"
            yield Logged(step=step, time=time.time(), level="info", message=message)
    load.check()
