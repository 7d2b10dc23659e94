"""A recipe: architecture, dataset and training options, frozen; one JSON file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from modellab.architectures import ArchitectureConfig, architectures
from modellab.config import NamedConfig, from_builtins, to_builtins
from modellab.data import DatasetConfig, datasets
from modellab.errors import UserError
from modellab.registry import look_up
from modellab.training.options import TrainingOptions

SCHEMA = 1
Entry = TypeVar("Entry", bound=NamedConfig)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides a run. `preset` names the preset it was made from, if any."""

    architecture: ArchitectureConfig
    dataset: DatasetConfig
    training: TrainingOptions
    preset: str = ""
    schema: int = SCHEMA

    def title(self) -> str:
        """A short name for a new run: the preset's, else of the dataset, or of one's own file, and the architecture."""
        own = Path(str(getattr(self.dataset, "file", ""))).stem
        return self.preset or f"{own or self.dataset.name()}-{self.architecture.name()}"

    def data(self) -> DatasetConfig:
        """The dataset as the architecture reads it: a pretrained one brings its tokenizer.

        Raises:
            UserError: what the architecture brings is not there.
        """
        return self.architecture.suited(self.dataset)


def recipe_to_builtins(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON holds it."""
    return {
        "schema": recipe.schema,
        "preset": recipe.preset,
        "architecture": to_builtins(recipe.architecture),
        "dataset": to_builtins(recipe.dataset),
        "training": to_builtins(recipe.training),
    }


def recipe_from_builtins(values: Mapping[str, Any]) -> Recipe:
    """Build and check a recipe out of plain values.

    Raises:
        UserError: a part is missing, a name unknown, or a field unknown, mistyped or out of its limits.
    """
    if not isinstance(values, Mapping):
        raise UserError("A recipe is a JSON object with architecture, dataset and training.")
    unknown = sorted(set(values) - {"schema", "preset", "architecture", "dataset", "training"})
    if unknown:
        raise UserError(
            f"The recipe has no field {unknown[0]}; it has architecture, dataset, training, preset and schema.",
            field=unknown[0],
        )
    schema = values.get("schema", SCHEMA)
    if not isinstance(schema, int) or schema > SCHEMA or schema < 1:
        raise UserError(
            f"This recipe has schema {schema!r}; this Model Lab reads schema {SCHEMA}. Update Model Lab.",
            field="schema",
        )
    preset = values.get("preset", "")
    if not isinstance(preset, str):
        raise UserError(f"preset must be text; it is {preset!r}.", field="preset")
    return Recipe(
        architecture=_named(values, "architecture", architectures),
        dataset=_named(values, "dataset", datasets),
        training=from_builtins(TrainingOptions, _part(values, "training"), at="training"),
        preset=preset,
        schema=schema,
    )


def recipe_from_json(text: bytes | str, *, source: str = "The recipe") -> Recipe:
    """Read a recipe; `source` is how a sentence about broken JSON calls it.

    Raises:
        UserError: it is not JSON, or as `recipe_from_builtins`.
    """
    try:
        values = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{source} is not valid JSON: {error}.") from None
    return recipe_from_builtins(values)


def recipe_from_file(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        UserError: it cannot be read, or as `recipe_from_json`.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UserError(f"Cannot read the recipe {path}: {error.strerror or error}.") from None
    return recipe_from_json(text, source=str(path))


def recipe_to_json(recipe: Recipe) -> bytes:
    """The recipe as an indented JSON file."""
    return msgspec.json.format(msgspec.json.encode(recipe_to_builtins(recipe)), indent=2) + b"\n"


def with_values(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with some dotted fields changed, everything checked again ("training.epochs" to 3).

    Names come first, whatever their place: another architecture has options of its own, which the rest are about.

    Raises:
        UserError: a path leads nowhere, or a value does not fit.
    """
    values = recipe_to_builtins(recipe)
    for path, value in sorted(changes.items(), key=lambda change: not change[0].endswith(".name")):
        *parents, last = path.split(".")
        place: Any = values
        for part in parents:
            if isinstance(place, dict) and place.get(part, "") is None:
                place[part] = {}  # a group of options that was off
            place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            raise UserError(f"There is no option {path}.", field=path)
        if last == "name" and place.get("name") not in (None, value):
            place.clear()
        place[last] = value
    return recipe_from_builtins(values)


def _named(values: Mapping[str, Any], part: str, entries: Callable[[], dict[str, type[Entry]]]) -> Entry:
    chosen = _part(values, part)
    if "name" not in chosen:
        raise UserError(f"{part}.name is missing; it is one of {', '.join(sorted(entries()))}.", field=f"{part}.name")
    return from_builtins(look_up(entries(), chosen["name"], what=part), chosen, at=part)


def _part(values: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    found = values.get(part, {} if part == "training" else None)
    if not isinstance(found, Mapping):
        raise UserError(f"{part} is missing from the recipe; it is a JSON object.", field=part)
    return found
