"""Which preset tells best how a pair of architecture and dataset is trained, and which architecture a dataset wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modellab.presets import presets

if TYPE_CHECKING:
    from modellab.architectures import ArchitectureConfig
    from modellab.data.base import DatasetConfig
    from modellab.recipe import Recipe


_PLAINEST = "linear"


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


def suiting_architecture(dataset: str, *, chosen: str) -> str:
    """The architecture chosen, where it can read the dataset; else that of a preset with this or a similar dataset."""
    from modellab.architectures import architectures
    from modellab.data import datasets

    entries, wanted = architectures(), datasets()[dataset]
    found = [preset.recipe for preset in presets().values()]
    same = [recipe.architecture.name() for recipe in found if recipe.dataset.name() == dataset]
    like = [
        recipe.architecture.name()
        for recipe in found
        if (recipe.dataset.kind, recipe.dataset.tasks) == (wanted.kind, wanted.tasks)
    ]
    # The one that does several things first, as it is no specialist of another use; what draws straight lines last.
    for names in (same, like):
        names.sort(key=lambda name: (len(entries[name].tasks) == 1, name == _PLAINEST))
    candidates = [chosen, *same, *like, *(recipe.architecture.name() for recipe in found)]
    return next((name for name in candidates if _reads(entries[name], wanted)), chosen)


def _reads(architecture: type[ArchitectureConfig], dataset: type[DatasetConfig]) -> bool:
    """As far as can be told before the dataset is loaded."""
    is_asked = not dataset.tasks or bool(dataset.tasks & architecture.tasks)
    return dataset.kind in architecture.accepts and is_asked
