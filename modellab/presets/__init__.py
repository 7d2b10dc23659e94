"""Presets: recipes that come along, one JSON file each, found by folder walk."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import msgspec

from modellab.errors import UserError
from modellab.recipe import Recipe, recipe_from_builtins


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe with a name for people.

    summary: one sentence on what there is to see. picture: a hint for its picture ("spirals", "digits"). seconds: about
    how long it trains on two cores of a plain processor.
    """

    title: str
    summary: str
    recipe: Recipe
    picture: str = ""
    seconds: float = 0.0


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    summary: str
    recipe: dict[str, Any]
    picture: str = ""
    seconds: float = 0.0
    order: int = 100


@functools.cache
def presets() -> dict[str, Preset]:
    """Every preset by name, the easiest first."""
    files = {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.json"))}
    ordered = sorted(files.items(), key=lambda item: (item[1].order, item[0]))
    return {name: _preset(name, file) for name, file in ordered}


def _read(path: Path) -> _File:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except msgspec.DecodeError as error:
        raise UserError(f"The preset {path.name} is broken: {error}.") from None


def _preset(name: str, file: _File) -> Preset:
    return Preset(
        title=file.title,
        summary=file.summary,
        recipe=recipe_from_builtins({**file.recipe, "preset": name}),
        picture=file.picture,
        seconds=file.seconds,
    )
