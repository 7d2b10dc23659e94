"""Warming up: import what a trainer needs and take one step on nothing, so that the first real one is quick."""

from __future__ import annotations

from modellab.recipe import recipe_from_builtins
from modellab.training.waiting import spin_briefly

_RECIPE = {
    "architecture": {"name": "mlp", "hidden_layers": [8]},
    "dataset": {"name": "points", "count": 60},
    "training": {"max_steps": 3, "batch_size": 8, "device": "cpu"},
}


def warm_up() -> None:
    """Import the nets, tasks, data and the loop, and train a tiny model for a few steps."""
    spin_briefly()
    from modellab.architectures import architectures
    from modellab.inspection import surface
    from modellab.tasks import tasks
    from modellab.training.devices import devices
    from modellab.training.loop import train

    devices()
    tasks()
    architectures()
    assert surface
    for _ in train(recipe_from_builtins(_RECIPE)):
        pass
