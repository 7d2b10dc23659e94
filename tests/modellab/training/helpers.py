"""Small recipes and what to read off a stream of events."""

from collections.abc import Iterable
from typing import Any, TypeVar

from modellab.events import AnyEvent, Event, Progress
from modellab.recipe import Recipe, recipe_from_builtins

E = TypeVar("E", bound=Event)


def recipe(
    *, architecture: dict[str, Any] | None = None, dataset: dict[str, Any] | None = None, **training: Any
) -> Recipe:
    """A small MLP on 80 training points, 5 steps of 16 an epoch, unless told otherwise."""
    return recipe_from_builtins(
        {
            "architecture": {"name": "mlp", "hidden_layers": [8]} | (architecture or {}),
            "dataset": {"name": "points", "shape": "moons", "count": 100, "validation_share": 0.2} | (dataset or {}),
            "training": {"epochs": 2, "batch_size": 16, "learning_rate": 0.01, "device": "cpu"} | training,
        }
    )


def column(events: Iterable[AnyEvent], name: str) -> dict[int, float]:
    """Step to value of one column, as a reader of the stream would have it after every going back."""
    found: dict[int, float] = {}
    for event in events:
        if type(event).__name__ in ("Started", "Resumed"):
            found = {step: value for step, value in found.items() if step <= event.step}
        if isinstance(event, Progress):
            for offset, value in enumerate(event.columns.get(name, [])):
                if value is not None:
                    found[event.first + offset] = value
    return found


def only(events: Iterable[AnyEvent], kind: type[E]) -> list[E]:
    """The events of one kind."""
    return [event for event in events if isinstance(event, kind)]
