"""The inspector on Transformers: predictions of each task, and text written with a cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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


def test_that_a_model_that_writes_no_text_says_so(client: Client, tmp_path: Path):
    model = trained(RECIPES["bert"], tmp_path / "bert")
    answer, _ = client.ask(Generate(model=model, text="The"))
    assert isinstance(answer, Problem)
    assert "language model" in answer.message
