"""Which options suit a pair of architecture and dataset, and which of those in the form nobody changed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modellab.architectures import ArchitectureConfig, architectures
from modellab.config import field_specs, from_builtins, to_builtins
from modellab.data import datasets
from modellab.errors import UserError
from modellab.presets import presets
from modellab.presets.nearest import nearest_recipe
from modellab.presets.size import options_for_size
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


def with_path(values: Mapping[str, Any], *, left: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset's values with the file or folder of the one chosen before, where it names none and reads such a one."""
    own, other = (
        next(((spec.name, spec.path) for spec in field_specs(datasets()[one["name"]]) if spec.path), None)
        for one in (values, left)
    )
    if own is None or own != other or values[own[0]]:
        return dict(values)
    return {**values, own[0]: left[own[0]]}


def suit(values: Mapping[str, Any], *, left: Mapping[str, Any]) -> dict[str, Any]:
    """These values of a setup after another dataset or architecture was chosen: what suits it, but for what a person
    changed. It is no preset any more.

    left: the architecture chosen before; what a person changed in it goes over to options of the same name and kind.
    """
    name = values["architecture"]["name"]
    given, suited = values["given"], _suited(name, values["dataset"]["name"])
    before = given[name] if name in given else default_values(architectures()[name])
    merged = _merged(values["architecture"], given=before, suited=suited[name])
    return {
        "dataset": values["dataset"],
        "architecture": _with_changes(merged, left, given=given, suited=suited[name]),
        "training": _merged(values["training"], given=given["training"], suited=suited["training"]),
        "preset": "",
        "given": {**given, **suited},
    }


def with_at_hand(
    values: Mapping[str, Any], options: Mapping[str, Any], *, own: Mapping[str, Any], given: Given
) -> dict[str, Any]:
    """These values after an architecture was chosen, with those options that say something and that nobody has changed.

    own: the architecture's values before it was chosen; given: what had been put into them.
    """
    name = values["architecture"]["name"]
    put = given.get(name) or default_values(architectures()[name])
    taken = {option: value for option, value in options.items() if value and own[option] == put[option]}
    return {
        **values,
        "architecture": {**values["architecture"], **taken},
        "given": {**values["given"], name: {**values["given"][name], **taken}},
    }


def suit_size(values: Mapping[str, Any], *, num_examples: int) -> dict[str, Any]:
    """These values for so many training examples of a table, but for what a person changed."""
    given, training = values["given"]["training"], values["training"]
    suited = options_for_size(num_examples)
    changes = {name: value for name, value in suited.items() if training[name] == given[name]}
    return {
        **values,
        "training": {**training, **changes},
        "given": {**values["given"], "training": {**given, **changes}},
    }


def _with_changes(
    values: dict[str, Any], left: Mapping[str, Any], *, given: Given, suited: Mapping[str, Any]
) -> dict[str, Any]:
    """The changed options of another architecture where this one allows them and nobody changed its own."""
    if left["name"] == values["name"]:
        return values
    kind, other = architectures()[values["name"]], architectures()[left["name"]]
    kinds = {spec.name: spec.kind for spec in field_specs(kind)}
    put = given.get(left["name"]) or default_values(other)
    for spec in field_specs(other):
        name = spec.name
        is_changed = left[name] != put.get(name)
        if is_changed and kinds.get(name) == spec.kind and values[name] == suited.get(name):
            taken = values | {name: left[name]}
            if _is_allowed(kind, taken):
                values = taken
    return values


def _is_allowed(kind: type[ArchitectureConfig], values: Mapping[str, Any]) -> bool:
    try:
        from_builtins(kind, values, at="architecture")
    except UserError:
        return False
    return True


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
