"""Which preset tells best how a pair of architecture and dataset is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modellab.presets import presets

if TYPE_CHECKING:
    from modellab.recipe import Recipe


def nearest_recipe(architecture: str, dataset: str) -> Recipe | None:
    """The first preset of this very pair; for texts, where the architecture does one thing only, one of its own.

    None where the presets say nothing of it, so that the defaults are as good as anything.
    """
    from modellab.data import datasets

    found = [preset.recipe for preset in presets().values() if preset.architecture == architecture]
    same = next((recipe for recipe in found if recipe.dataset.name() == dataset), None)
    if same is not None or not found:
        return same
    does_one_thing = len(found[0].architecture.tasks) == 1
    return found[0] if does_one_thing and datasets()[dataset].kind == "text" else None
