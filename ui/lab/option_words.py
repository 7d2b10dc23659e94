"""A change of an option while a run trains, in words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from modellab.config import Config, field_specs
from modellab.recipe import Recipe


def change_words(recipe: Recipe, path: str, *, before: Any, after: Any) -> str:
    """As in "Learning rate 0.016 → 0.001", for the option of that dotted path."""
    return f"{_title(recipe, path)} {_value_words(before)} → {_value_words(after)}"


def value_at(recipe: Recipe, path: str) -> Any:
    """What the recipe says of the option of that dotted path; None where it has none, as one of a later version may."""
    value: Any = recipe
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _title(recipe: Recipe, path: str) -> str:
    owner, _, name = path.rpartition(".")
    config = value_at(recipe, owner)
    specs = field_specs(type(config)) if isinstance(config, Config) else ()
    return next((spec.title for spec in specs if spec.name == name), path)


def _value_words(value: Any) -> str:
    if value is None or value is False:
        return QCoreApplication.translate("option_words", "off")
    if value is True:
        return QCoreApplication.translate("option_words", "on")
    return f"{value:g}" if isinstance(value, float) else str(value)
