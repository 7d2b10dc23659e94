"""Another dataset or architecture brings the options that suit it, and leaves alone what a person changed."""

from typing import Any

import pytest
from PySide6.QtGui import QUndoStack

from modellab.config import to_builtins
from modellab.presets import presets
from modellab.presets.nearest import nearest_recipe
from modellab.recipe import recipe_from_builtins
from ui.forms.values import plain
from ui.panels.setup import SetupPanel


@pytest.fixture
def stack(qapp) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def panel(qtbot, stack: QUndoStack) -> SetupPanel:
    made = SetupPanel(undo_stack=stack)
    qtbot.addWidget(made)
    made.set_recipe(presets()["spiral-mlp"].recipe, can_be_undone=False)
    return made


def training_of(preset: str) -> dict[str, Any]:
    return plain(to_builtins(presets()[preset].recipe.training))


def test_that_another_pair_has_the_options_of_its_preset(panel: SetupPanel):
    panel.dataset_part().choose("mnist")
    assert panel.values()["training"] == training_of("mnist-mlp")
    assert panel.values()["architecture"] == plain(to_builtins(presets()["mnist-mlp"].recipe.architecture))
    panel.architecture_part().choose("cnn")
    assert panel.values()["training"] == training_of("mnist-cnn")


def test_that_nothing_is_left_of_the_presets_that_were_loaded_before(panel: SetupPanel):
    for name in ("words-rnn", "words-gru"):
        panel.set_recipe(presets()[name].recipe)
    panel.dataset_part().choose("text_file")
    panel.architecture_part().choose("rnn")
    defaults = recipe_from_builtins({"architecture": {"name": "rnn"}, "dataset": {"name": "points"}})
    assert panel.values()["architecture"] == plain(to_builtins(defaults.architecture))


def test_that_a_pair_without_a_preset_has_the_defaults(panel: SetupPanel):
    panel.dataset_part().choose("table")
    defaults = recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "points"}})
    assert panel.values()["training"] == plain(to_builtins(defaults.training))


def test_that_the_file_of_one_kind_of_table_is_that_of_another(panel: SetupPanel):
    panel.dataset_part().choose("table")
    panel.dataset_part().form().set_value("file", "/tmp/reviews.csv")
    panel.dataset_part().choose("text_table")
    assert panel.values()["dataset"]["file"] == "/tmp/reviews.csv"
    assert panel.values()["dataset"]["tokenizer_file"] == ""
    panel.dataset_part().choose("text_folder")
    assert panel.values()["dataset"]["folder"] == "", "a folder is no file"
    panel.dataset_part().choose("table")
    panel.dataset_part().form().set_value("file", "/tmp/other.csv")
    panel.dataset_part().choose("text_table")
    assert panel.values()["dataset"]["file"] == "/tmp/reviews.csv", "as it was left"


def test_that_what_a_person_changed_stays(panel: SetupPanel):
    panel.training_form().set_value("schedule.kind", "linear")
    panel.architecture_part().form().set_value("hidden_layers", [7])
    panel.dataset_part().choose("mnist")
    assert panel.values()["training"] == training_of("mnist-mlp") | {
        "schedule": training_of("mnist-mlp")["schedule"] | {"kind": "linear"}
    }
    assert panel.values()["architecture"]["hidden_layers"] == [7]


def test_that_a_blank_setup_counts_as_changed_by_nobody(panel: SetupPanel):
    panel.set_recipe(recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "points"}}))
    panel.dataset_part().choose("digits")
    panel.architecture_part().choose("cnn")
    assert panel.values()["training"] == training_of("digits-cnn")


def test_that_a_choice_is_undone_as_one_thing_its_options_and_the_presets_name_with_it(
    panel: SetupPanel, stack: QUndoStack
):
    before = panel.values()
    panel.dataset_part().choose("digits")
    panel.architecture_part().choose("cnn")
    assert panel.values()["preset"] == ""
    for _ in range(2):
        stack.undo()
    assert panel.values() == before


def test_that_a_text_network_of_one_use_brings_the_options_of_its_preset_to_ones_own_text(panel: SetupPanel):
    panel.dataset_part().choose("text_file")
    panel.architecture_part().choose("bert")
    assert panel.values()["training"]["learning_rate"] == training_of("docs-bert")["learning_rate"]


def test_that_what_a_person_changed_goes_over_to_another_architecture_that_has_it_too(panel: SetupPanel):
    panel.set_recipe(presets()["words-lstm"].recipe, can_be_undone=False)
    form = panel.architecture_part().form()
    form.set_value("hidden_size", 32)
    panel.architecture_part().choose("gru")
    values = panel.values()["architecture"]
    panel.architecture_part().choose("rnn")
    assert (values["name"], values["hidden_size"]) == ("gru", 32)
    assert panel.values()["architecture"]["hidden_size"] == 32, "and on to a third"
    nearest = nearest_recipe("gru", "words")
    assert nearest is not None
    assert values == plain(to_builtins(nearest.architecture)) | {"hidden_size": 32}


@pytest.mark.parametrize(
    ("preset", "dataset", "wanted"),
    [
        ("dates-transformer", "text_file", "lstm"),
        ("dates-transformer", "words", "lstm"),
        ("docs-bert", "text_file", "bert"),
        ("docs-gpt", "pair_table", "translator"),
        ("docs-gpt", "digits", "cnn"),
        ("docs-gpt", "table", "mlp"),
        ("spiral-mlp", "mnist", "mlp"),
    ],
)
def test_that_a_dataset_brings_an_architecture_where_the_one_chosen_cannot_read_it(
    panel: SetupPanel, stack: QUndoStack, preset: str, dataset: str, wanted: str
):
    panel.set_recipe(presets()[preset].recipe, can_be_undone=False)
    before = panel.values()
    panel.dataset_part().choose(dataset)
    assert panel.architecture_part().name() == wanted
    stack.undo()
    assert panel.values() == before


@pytest.mark.parametrize(("num_examples", "batch", "epochs"), [(32, 8, 200), (240, 16, 50), (10_000, 64, 10)])
def test_that_a_table_that_was_just_chosen_brings_batches_and_epochs_that_suit_its_size(
    panel: SetupPanel, num_examples: int, batch: int, epochs: int
):
    panel.dataset_part().choose("table")
    panel.dataset_part().form().set_value("file", "mine.csv")
    panel.suit_size(num_examples)
    assert (panel.values()["training"]["batch_size"], panel.values()["training"]["epochs"]) == (batch, epochs)


def test_that_the_size_of_a_table_changes_nothing_that_was_typed_or_loaded(panel: SetupPanel):
    table = {"architecture": {"name": "mlp"}, "dataset": {"name": "table", "file": "mine.csv"}}
    panel.set_recipe(recipe_from_builtins(table))
    panel.suit_size(32)
    assert panel.values()["training"]["epochs"] == 10
    panel.dataset_part().form().set_value("file", "other.csv")
    panel.training_form().set_value("epochs", 30)
    panel.suit_size(32)
    assert (panel.values()["training"]["batch_size"], panel.values()["training"]["epochs"]) == (8, 30)


def test_that_the_folder_that_is_looked_into_is_the_one_that_is_fine_tuned_unless_another_was_named(panel: SetupPanel):
    panel.dataset_part().choose("imdb")
    panel.set_at_hand({"pretrained": {"folder": ""}})
    panel.architecture_part().choose("pretrained")
    assert panel.values()["architecture"]["folder"] == "sentence-transformers/all-MiniLM-L6-v2"
    panel.architecture_part().choose("lstm")
    panel.set_at_hand({"pretrained": {"folder": "models/mine"}})
    panel.architecture_part().choose("pretrained")
    assert panel.values()["architecture"]["folder"] == "models/mine"
    panel.architecture_part().form().set_value("folder", "models/another")
    panel.architecture_part().choose("lstm")
    panel.architecture_part().choose("pretrained")
    assert panel.values()["architecture"]["folder"] == "models/another"
