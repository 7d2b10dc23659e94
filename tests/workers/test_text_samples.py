"""The inspector's pages of text: what a batch holds, to the token."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from modellab.text.tokenizer import UNKNOWN
from modellab.training.batches import make_batches
from workers.inspect_recipes import DatasetShelf, StepTimes, answer_dataset, answer_model, answer_samples
from workers.protocol import DescribeDataset, DescribeModel, ShowSamples


@pytest.fixture(params=["text_table", "text_file"])
def recipe(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "text.csv"
    rows = [f"number {index} of {'many' * (index % 4)} lines,{'ab'[index % 2]}" for index in range(60)]
    path.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    options = {"window": 16} if request.param == "text_file" else {"max_length": 5}
    return {
        "architecture": {"name": "gru", "hidden_size": 4},
        "dataset": {"name": request.param, "file": str(path), **options},
        "training": {"batch_size": 6, "seed": 3, "device": "cpu"},
    }


def test_that_a_page_as_the_model_sees_it_is_the_first_batch(recipe: dict[str, Any]):
    shelf = DatasetShelf()
    page, arrays = answer_samples(ShowSamples(recipe=recipe, as_model_sees=True, epoch=1), shelf)
    data = next(iter(shelf._datasets.values()))
    inputs, targets = next(iter(make_batches(data.train, data.sample, torch.device("cpu"), 6, 3).epoch(1)))
    np.testing.assert_array_equal(arrays["tokens"].reshape(6, -1), inputs)
    np.testing.assert_array_equal(arrays["targets"], targets.flatten())
    assert arrays["offsets"].tolist() == list(range(0, inputs.numel() + 1, inputs.shape[1]))
    assert set(page.tokens) == set(inputs.flatten().tolist())
    assert page.total == 6
    if "starts" in arrays:  # the streams of a model that carries its state
        assert arrays["starts"].tolist() == [row * (len(data.train) // 6) for row in range(6)]


def test_that_a_plain_page_reads_as_the_data(recipe: dict[str, Any]):
    page, arrays = answer_samples(ShowSamples(recipe=recipe, split="validation", start=1, count=2), DatasetShelf())
    assert page.indices == (1, 2)
    assert len(arrays["offsets"]) == 3
    assert len(arrays["lengths"]) == 2
    text = "".join(page.tokens[number] for number in arrays["tokens"].tolist())
    assert "number" in text or "lines" in text


def test_that_the_letters_of_unknown_tokens_come_with_a_page(tmp_path: Path):
    path = tmp_path / "words.csv"
    rows = [f"the word{index} is rare,{'ab'[index % 2]}" for index in range(60)]
    path.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    dataset = {"name": "text_table", "file": str(path), "tokenizer": "words", "vocabulary_size": 16, "max_length": 3}
    recipe = {
        "architecture": {"name": "gru", "hidden_size": 4},
        "dataset": dataset,
        "training": {"batch_size": 6, "device": "cpu"},
    }
    shelf = DatasetShelf()
    for request in (
        ShowSamples(recipe=recipe, split="validation", start=2, count=4),
        ShowSamples(recipe=recipe, split="train", start=0, count=9),
        ShowSamples(recipe=recipe, as_model_sees=True),
    ):
        page, arrays = answer_samples(request, shelf)
        tokens = arrays["tokens"]
        assert set(page.unknown) == set(np.flatnonzero(tokens == UNKNOWN).tolist())
        assert page.unknown, "most words are rare"
        for position, source in enumerate(page.sources):
            row = int(source.removeprefix("row ").removesuffix(" of the file")) - 2  # counted from 1, below a heading
            first, end = arrays["offsets"][position : position + 2].tolist()
            read = [page.unknown.get(place) or page.tokens[tokens[place]] for place in range(first, end)]
            assert read == f"the word{row} is".split()


def test_that_a_dataset_of_text_is_described(recipe: dict[str, Any]):
    answer, _ = answer_dataset(DescribeDataset(dataset=recipe["dataset"]), DatasetShelf())
    assert answer.text is not None
    assert answer.text.vocabulary_size == answer.sample["num_tokens"]
    assert all(answer.sizes.values())
    if recipe["dataset"]["name"] == "text_table":
        assert sum(answer.text.lengths["train"]) == answer.sizes["train"]
        assert answer.balance["train"] == (24, 24)


def test_that_the_steps_are_those_of_training(recipe: dict[str, Any]):
    from modellab.recipe import recipe_from_builtins
    from modellab.training.setup import prepare

    answer, _ = answer_model(DescribeModel(recipe=recipe), DatasetShelf(), StepTimes(), is_wanted=lambda: True)
    setup = prepare(recipe_from_builtins(recipe), warn=lambda message: None)
    assert answer.steps == setup.total_steps
    timed, _ = answer_model(
        DescribeModel(recipe=recipe, is_timed=True), DatasetShelf(), StepTimes(), is_wanted=lambda: True
    )
    assert timed.seconds is not None
    assert timed.seconds > 0


def test_that_texts_to_translate_come_with_their_translations():
    recipe = {"architecture": {"name": "translator"}, "dataset": {"name": "dates"}, "training": {"device": "cpu"}}
    shelf = DatasetShelf()
    page, arrays = answer_samples(ShowSamples(recipe=recipe, split="validation", start=3, count=40), shelf)
    assert len(page.written) == 40
    tokens, offsets = arrays["tokens"].tolist(), arrays["offsets"].tolist()
    for position, written in enumerate(page.written):
        day = datetime.date.fromisoformat(written)
        source = "".join(page.tokens[token] for token in tokens[offsets[position] : offsets[position + 1]])
        assert str(day.year)[-2:] in source
    seen, arrays = answer_samples(ShowSamples(recipe=recipe, as_model_sees=True, count=8), shelf)
    data = next(iter(shelf._datasets.values()))
    assert data.train.target_offsets is not None
    assert data.tokenizer is not None
    first = data.train.target_offsets[seen.indices[0] : seen.indices[0] + 2]
    assert seen.written[0] == data.tokenizer.decode(data.train.targets[slice(*first)].tolist())
