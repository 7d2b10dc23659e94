"""Presets: recipes that come along, one JSON file each, found by folder walk.

Their cards, which the gallery shows, are there without any recipe read: that would load numpy and every spec.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.errors import UserError

if TYPE_CHECKING:
    from modellab.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a person is told of a preset.

    summary: one sentence on what there is to see. picture: a hint for its picture ("spirals", "digits"). seconds: about
    how long it trains on two cores of a plain processor; how long here, `times.kept_seconds` tells. kind: of its
    dataset's inputs. hub_id: of a public dataset, model_id: of a pretrained model.
    """

    name: str
    title: str
    summary: str
    architecture: str
    kind: str
    hub_id: str = ""
    model_id: str = ""
    picture: str = ""
    seconds: float = 0.0
    view: str = ""


@dataclass(frozen=True, kw_only=True)
class Preset(Card):
    """A recipe with a name for people."""

    recipe: Recipe


@dataclass(frozen=True, kw_only=True)
class _File:
    title: str
    summary: str
    kind: str
    recipe: dict[str, Any]
    hub_id: str = ""
    picture: str = ""
    seconds: float = 0.0
    view: str = ""
    order: int = 100


@functools.cache
def cards() -> dict[str, Card]:
    """Every preset's card by name, the easiest first."""
    return {name: Card(**_card(name, file)) for name, file in _files().items()}


@functools.cache
def presets() -> dict[str, Preset]:
    """Every preset by name, the easiest first."""
    from modellab.recipe import recipe_from_builtins

    return {
        name: Preset(**_card(name, file), recipe=recipe_from_builtins({**file.recipe, "preset": name}))
        for name, file in _files().items()
    }


def recipe_values(name: str) -> dict[str, Any]:
    """A preset's recipe as its file has it; empty where there is no such preset."""
    file = _files().get(name)
    return {} if file is None else file.recipe


@functools.cache
def _files() -> dict[str, _File]:
    files = {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.json"))}
    return dict(sorted(files.items(), key=lambda item: (item[1].order, item[0])))


def _read(path: Path) -> _File:
    try:
        return _File(**json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise UserError(f"The preset {path.name} is broken: {error}.") from None


def _card(name: str, file: _File) -> dict[str, Any]:
    return {
        "name": name,
        "title": file.title,
        "summary": file.summary,
        "architecture": file.recipe["architecture"]["name"],
        "kind": file.kind,
        "hub_id": file.hub_id,
        "model_id": file.recipe["architecture"].get("folder", ""),
        "picture": file.picture,
        "seconds": file.seconds,
        "view": file.view,
    }
