"""Which options suit a pair of architecture and dataset, and which of those in the form nobody changed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modellab.architectures import architectures
from modellab.config import to_builtins
from modellab.presets import presets
from modellab.presets.nearest import nearest_recipe
from modellab.recipe import Recipe
from modellab.training.options import TrainingOptions
from ui.forms.values import default_values, plain

# What was put into the fields of the training options ("training") and of each architecture (by its name): what
# differs from it was changed by hand.
Given = Mapping[str, Mapping[str, Any]]


def given_with(values: Mapping[str, Any]) -> Given:
    """What was put into the fields of a loaded recipe: its preset's values, else the defaults."""
    preset = presets().get(values["preset"])
    return _given_by(preset.recipe) if preset is not None else _defaults(values["architecture"]["name"])


def suit(values: Mapping[str, Any]) -> dict[str, Any]:
    """These values of a setup after another dataset or architecture was chosen: what suits it, but for what a person
    changed. It is no preset any more.
    """
    name = values["architecture"]["name"]
    given, suited = values["given"], _suited(name, values["dataset"]["name"])
    before = given[name] if name in given else default_values(architectures()[name])
    return {
        "dataset": values["dataset"],
        "architecture": _merged(values["architecture"], given=before, suited=suited[name]),
        "training": _merged(values["training"], given=given["training"], suited=suited["training"]),
        "preset": "",
        "given": {**given, **suited},
    }


def _suited(architecture: str, dataset: str) -> Given:
    """The options of the nearest preset, else the defaults."""
    recipe = nearest_recipe(architecture, dataset)
    return _given_by(recipe) if recipe is not None else _defaults(architecture)


def _defaults(architecture: str) -> Given:
    return {
        architecture: default_values(architectures()[architecture]),
        "training": default_values(TrainingOptions),
    }


def _given_by(recipe: Recipe) -> Given:
    return {
        recipe.architecture.name(): plain(to_builtins(recipe.architecture)),
        "training": plain(to_builtins(recipe.training)),
    }


def _merged(now: Any, *, given: Any, suited: Any) -> Any:
    if isinstance(now, dict) and isinstance(given, Mapping) and isinstance(suited, Mapping):
        return {
            name: _merged(value, given=given.get(name), suited=suited[name]) if name in suited else value
            for name, value in now.items()
        }
    return suited if now == given else now
