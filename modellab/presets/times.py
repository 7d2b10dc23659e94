"""How long presets train on this machine, as it was measured when they stood in the setup; one home for what the
gallery's cards and the setup say."""

from __future__ import annotations

import functools
import json
import os
import zlib
from typing import TYPE_CHECKING, Any

from modellab.paths import home
from modellab.presets import presets, recipe_values

if TYPE_CHECKING:
    from pathlib import Path

    from modellab.recipe import Recipe

_ALIKE = 1.25  # times as long or short is the same: one number that stays says more than one that trembles


def kept_seconds() -> dict[str, float]:
    """What was measured, by the preset's name; of presets as they are now, and of this machine alone."""
    try:
        found = json.loads(_file().read_bytes())
        if found["machine"] != _machine():
            return {}
        return {
            name: float(kept["seconds"]) for name, kept in found["presets"].items() if kept["recipe"] == _mark_of(name)
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):  # none yet, or another version's
        return {}


def agreed_seconds(recipe: Recipe, measured: float | None) -> float | None:
    """How long a recipe is said to train; measured: just now, None where it was not. Of a preset as it comes along it
    is what was kept, until a measurement says something quite different, which is kept from then on."""
    if not _is_preset(recipe):
        return measured
    kept = kept_seconds()
    before = kept.get(recipe.preset)
    if measured is None or (before is not None and before / _ALIKE <= measured <= before * _ALIKE):
        return before
    found = round(measured, 3)
    _keep({**kept, recipe.preset: found})
    return found


def _is_preset(recipe: Recipe) -> bool:
    preset = presets().get(recipe.preset)
    return preset is not None and preset.recipe == recipe


def _keep(seconds: dict[str, float]) -> None:
    from modellab.runs.atomic import write_bytes

    kept = {name: {"recipe": _mark_of(name), "seconds": found} for name, found in seconds.items()}
    try:
        write_bytes(_file(), json.dumps({"machine": _machine(), "presets": kept}).encode())
    except OSError:  # a full disk: it is measured again another time
        return


def _file() -> Path:
    return home() / "preset_times.json"


@functools.cache
def _machine() -> list[Any]:
    import platform  # the gallery's first picture waits for every import

    return [platform.node(), os.cpu_count()]


@functools.cache
def _mark_of(name: str) -> int:
    """Another one when the preset's recipe is another."""
    return zlib.crc32(json.dumps(recipe_values(name), sort_keys=True).encode())
