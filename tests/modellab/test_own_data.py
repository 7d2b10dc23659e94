"""What suits a person's own data."""

import json

import pytest

from modellab.data.text_table import TextTableConfig
from modellab.presets import presets
from modellab.presets.own import recipe_for


def test_that_a_table_is_read_by_a_perceptron(tmp_path):
    file = tmp_path / "flats.csv"
    recipe = recipe_for(file)
    assert (recipe.architecture.name(), recipe.dataset.name()) == ("mlp", "table")
    assert getattr(recipe.dataset, "file", "") == str(file)


_SAID = ("I liked all of it a lot", "it was far too long for me", "never again in my life, thanks", "a fine old story")


def _reviews(tmp_path, name):
    """Forty texts of two moods, in the form that the name says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {"id": k, "said": f"{_SAID[k % 4]} ({k})", "mood": ("good", "bad")[k % 2], "stars": k % 5} for k in range(40)
    ]
    file = tmp_path / name
    delimiter = "\t" if name.endswith("tsv") else ","
    if name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist(rows), file)
    elif name.endswith("jsonl"):
        file.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        lines = [[str(cell) if k != 1 else f'"{cell}"' for k, cell in enumerate(row.values())] for row in rows]
        file.write_text("\n".join(delimiter.join(line) for line in (list(rows[0]), *lines)))
    return file


@pytest.mark.parametrize("name", ["reviews.csv", "reviews.tsv", "reviews.jsonl", "reviews.parquet"])
def test_that_a_table_of_texts_is_told_from_one_of_numbers(tmp_path, name):
    recipe = recipe_for(_reviews(tmp_path, name))
    assert (recipe.architecture.name(), recipe.dataset.name()) == ("lstm", "text_table")
    assert isinstance(recipe.dataset, TextTableConfig)
    assert (recipe.dataset.text_column, recipe.dataset.label_column) == ("said", "mood")
    assert recipe.dataset.load().sample.classes == ("bad", "good")


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (["word,language", *(f"wort{k},{('de', 'nl')[k % 2]}" for k in range(30))], "text_table"),
        (["text,label", *(f"so {k},{k % 2}" for k in range(30))], "text_table"),
        (["survived,name,age", *(f'{k % 2},"Braund, Mr. Owen {k}",{k}' for k in range(30))], "table"),
        (["city,population", *(f"Town {k},{k * 1000}" for k in range(30))], "table"),
        (["day,kind", *(f"2024-01-{k:02},{('a', 'b')[k % 2]}" for k in range(1, 29))], "table"),
        ([], "table"),
    ],
)
def test_that_names_dates_and_numbers_make_no_table_of_texts(tmp_path, rows, kind):
    file = tmp_path / "some.csv"
    file.write_text("\n".join(rows))
    assert recipe_for(file).dataset.name() == kind


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
