"""Presets: each is a recipe whose parts fit."""

import pytest

from modellab.presets import cards, presets


@pytest.mark.parametrize("name", list(presets()))
def test_that_a_preset_says_what_it_is_and_its_name_is_in_its_recipe(name: str):
    preset = presets()[name]
    assert preset.title
    assert preset.summary.endswith(".")
    assert preset.seconds > 0
    assert preset.recipe.preset == name


@pytest.mark.parametrize("name", list(presets()))
def test_that_a_card_tells_what_the_recipe_says(name: str):
    card, recipe = cards()[name], presets()[name].recipe
    assert card.name == name
    assert card.architecture == recipe.architecture.name()
    assert card.kind == type(recipe.dataset).kind
    assert card.hub_id == getattr(type(recipe.dataset), "hub_id", "")
    assert card.model_id == getattr(recipe.architecture, "folder", "")


def test_that_the_first_preset_needs_no_download():
    assert next(iter(presets())) == "spiral-mlp"
