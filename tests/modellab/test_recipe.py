"""Recipes: there and back, and every mistake named with its field."""

import json

import pytest

from modellab.errors import UserError
from modellab.presets import presets
from modellab.recipe import (
    recipe_from_builtins,
    recipe_from_file,
    recipe_from_json,
    recipe_to_builtins,
    recipe_to_json,
    with_values,
)
from modellab.training.options import EarlyStopping
from tests.modellab.training.helpers import recipe


@pytest.mark.parametrize("name", list(presets()))
def test_that_a_recipe_comes_back_from_its_file(name: str, tmp_path):
    wanted = presets()[name].recipe
    path = tmp_path / "recipe.json"
    path.write_bytes(recipe_to_json(wanted))
    assert recipe_from_file(path) == wanted


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"training.epochs": 0}, "training.epochs", "at least 1|from 1 to"),
        ({"training.epochs": "many"}, "training.epochs", "many"),
        ({"training.epoch": 3}, "training.epoch", "did you mean epochs"),
        ({"training.optimizer": "adamm"}, "training.optimizer", "adamm"),
        ({"training.schedule.factor": 2.0}, "training.schedule.factor", "2.0"),
        ({"architecture.hidden_layers": [4, 0]}, "architecture.hidden_layers", "it is 0"),
        ({"architecture.name": "mpl"}, "architecture", "did you mean mlp"),
        ({"dataset.noise": 3.0}, "dataset.noise", "3.0"),
        ({"training.epochs": 0}, "training.epochs", "from 1 to 1,000,000; it is 0"),
        ({"trainnig.epochs": 3}, "trainnig.epochs", "no option"),
    ],
)
def test_that_a_mistake_names_its_field_and_says_what_would_do(changes, field: str, says: str):
    with pytest.raises(UserError, match=says) as caught:
        with_values(recipe(), changes)
    assert caught.value.field.startswith(field)
    assert "\n" not in caught.value.message


def test_that_an_option_of_a_group_that_is_off_turns_it_on():
    changed = with_values(recipe(), {"training.early_stopping.patience": 2}).training
    assert changed.early_stopping == EarlyStopping(patience=2)
    with pytest.raises(UserError, match="early_stopping has no option pacience; did you mean patience"):
        with_values(recipe(), {"training.early_stopping.pacience": 2})


def test_that_another_architecture_starts_from_its_own_defaults():
    changed = with_values(recipe(), {"architecture.name": "linear"})
    assert changed.architecture.name() == "linear"


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "{}", '{"schema": 99}', '{"schema": true}', "nan"])
def test_that_what_is_no_recipe_is_refused_in_one_sentence(text: str):
    with pytest.raises(UserError) as caught:
        recipe_from_json(text)
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message


def test_that_a_later_schema_asks_for_an_update():
    values = json.loads(recipe_to_json(recipe())) | {"schema": 2}
    with pytest.raises(UserError, match="Update Model Lab"):
        recipe_from_builtins(values)


def test_that_options_of_another_architecture_hold_wherever_its_name_is_written():
    changed = with_values(recipe(), {"architecture.dense_layers": [7], "architecture.name": "cnn"})
    assert recipe_to_builtins(changed)["architecture"]["dense_layers"] == (7,)
