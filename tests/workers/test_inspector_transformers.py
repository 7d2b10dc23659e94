"""The inspector on Transformers: predictions of each task, and text written with a cache."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modellab.inspection.texts import text_page
from modellab.recipe import recipe_from_builtins
from modellab.text.tokenizer import PAD
from modellab.training.setup import prepare
from tests.workers.test_inspector import Client
from tests.workers.test_inspector_text import answers_to, trained
from workers.protocol import (
    DatasetDescription,
    DescribeDataset,
    DescribeModel,
    Generate,
    Generated,
    Model,
    ModelDescription,
    Predict,
    Prediction,
    Problem,
    SamplePage,
    ShowSamples,
    TextInput,
)

SMALL = {"width": 16, "num_layers": 1, "num_heads": 2}
TRAINING = {"max_steps": 2, "batch_size": 8, "device": "cpu"}
DOCS = {"name": "python_docs", "train_limit": 5000}
HIDDEN = {**DOCS, "learn": "hidden_tokens", "tokenizer": "words", "vocabulary_size": 300, "window": 24}
RECIPES: dict[str, dict[str, Any]] = {
    name: {"architecture": {"name": name, **SMALL}, "dataset": dataset, "training": TRAINING}
    for name, dataset in {
        "gpt": {**DOCS, "window": 16},
        "bert": HIDDEN,
        "translator": {"name": "dates"},
        "transformer": {"name": "words"},
        "vit": {"name": "digits"},
    }.items()
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gpt(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return trained(RECIPES["gpt"], tmp_path_factory.mktemp("runs") / "gpt")


def test_that_a_gpt_writes_beyond_its_context(client: Client, gpt: Model):
    found = answers_to(client, Generate(model=gpt, text="The for statement is", num_tokens=20, seed=1))
    assert len(found) == 20
    last, _ = found[-1]
    assert isinstance(last, Generated)
    assert len(last.text) == 20


@pytest.mark.parametrize(
    ("name", "text"),
    [("gpt", "The for"), ("bert", "The [MASK]"), ("translator", "7 mars 2031"), ("transformer", "maison")],
)
def test_that_a_text_gets_its_answer(client: Client, tmp_path: Path, name: str, text: str):
    answer, arrays = client.ask(Predict(model=trained(RECIPES[name], tmp_path / name), input=TextInput(text=text)))
    assert isinstance(answer, Prediction), answer
    assert answer.classes
    assert len(arrays["seen"])


@pytest.mark.parametrize("name", sorted(RECIPES))
@pytest.mark.parametrize("as_model_sees", [False, True])
def test_that_its_recipe_and_its_examples_are_described(client: Client, name: str, as_model_sees: bool):
    recipe = RECIPES[name]
    described, _ = client.ask(DescribeModel(recipe=recipe))
    assert isinstance(described, ModelDescription), described
    assert described.memory_parts["activations"] > 0
    dataset, _ = client.ask(DescribeDataset(dataset=recipe["dataset"]))
    assert isinstance(dataset, DatasetDescription), dataset
    question = ShowSamples(recipe=recipe, split="train", count=5, as_model_sees=as_model_sees)
    page, arrays = client.ask(question)
    assert isinstance(page, SamplePage), page
    assert len(page.indices) == len(arrays.get("lengths", arrays["targets"]))


@pytest.mark.parametrize("name", ["bert", "gpt", "transformer", "translator"])
def test_that_a_page_as_the_model_sees_it_is_what_training_takes(client: Client, name: str):
    recipe = recipe_from_builtins(RECIPES[name])
    setup = prepare(recipe, warn=lambda message: None)
    inputs, targets = next(iter(setup.batches.epoch(1)))
    seen = (inputs[..., 0] if inputs.ndim == 3 else inputs)[:5].numpy()
    page, arrays = client.ask(ShowSamples(recipe=RECIPES[name], count=5, as_model_sees=True, epoch=1))
    assert isinstance(page, SamplePage), page
    np.testing.assert_array_equal(arrays["tokens"].reshape(5, -1), seen)
    whole = text_page(setup.data.train, setup.data.sample, np.array(page.indices))
    if name == "bert":  # a row is the first of its two pieces; what is said beside it is of both
        np.testing.assert_array_equal(arrays["lengths"], (seen != PAD).sum(1))
        stored = np.where(targets[:5, 1:] != 0, targets[:5, 1:], seen)
        for row, (start, stop) in zip(stored, itertools.pairwise(whole.offsets.tolist()), strict=True):
            assert row[1:][: stop - start].tolist() == whole.tokens[start:stop].tolist()
            assert row[1 + stop - start] == setup.data.sample.special("[SEP]")
    elif name == "gpt":
        for row, start, index in zip(seen, arrays["starts"].tolist(), page.indices, strict=True):
            assert row.tolist() == setup.data.train.inputs[start : start + 16].tolist()
            assert index == start // 16
        assert (arrays["lengths"] == seen.shape[1]).all()
        np.testing.assert_array_equal(arrays["targets"].reshape(5, -1)[:, :-1], seen[:, 1:])
    else:
        np.testing.assert_array_equal(arrays["lengths"], whole.lengths)
    described, _ = client.ask(DescribeModel(recipe={**RECIPES[name], "training": {**TRAINING, "max_steps": None}}))
    assert isinstance(described, ModelDescription), described
    assert described.steps == setup.options.epochs * setup.steps_per_epoch


def test_that_a_model_that_writes_no_text_says_so(client: Client, tmp_path: Path):
    model = trained(RECIPES["bert"], tmp_path / "bert")
    answer, _ = client.ask(Generate(model=model, text="The"))
    assert isinstance(answer, Problem)
    assert "language model" in answer.message
