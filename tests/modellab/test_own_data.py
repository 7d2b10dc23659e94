"""What suits a person's own data."""

import pytest

from modellab.presets import presets
from modellab.presets.own import recipe_for


def test_that_a_table_is_read_by_a_perceptron(tmp_path):
    file = tmp_path / "flats.csv"
    recipe = recipe_for(file)
    assert (recipe.architecture.name(), recipe.dataset.name()) == ("mlp", "table")
    assert getattr(recipe.dataset, "file", "") == str(file)


def test_that_a_folder_of_images_is_read_by_convolutions(tmp_path):
    recipe = recipe_for(tmp_path)
    assert (recipe.architecture.name(), recipe.dataset.name()) == ("cnn", "image_folder")
    assert getattr(recipe.dataset, "folder", "") == str(tmp_path)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_that_a_text_goes_to_a_network_that_writes(tmp_path, suffix):
    recipe = recipe_for(tmp_path / f"letters{suffix}")
    writer = presets()["docs-lstm"].recipe
    assert recipe.dataset.name() == "text_file"
    assert (recipe.architecture, recipe.training) == (writer.architecture, writer.training)


def test_that_a_folder_of_texts_is_told_from_one_of_images(tmp_path):
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "one.txt").write_text("fine")
    recipe = recipe_for(tmp_path)
    assert (recipe.architecture.name(), recipe.dataset.name()) == ("lstm", "text_folder")
