"""What every architecture can do: forward, backward, learn a batch by heart, be saved and loaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch.nn import functional as F

from modellab.architectures import ArchitectureConfig, architectures
from modellab.config import field_specs, from_builtins, to_builtins
from modellab.data.base import Sample
from modellab.inspection.weights import load_weights
from modellab.nets.bert import LaterLogits
from tests.modellab.pretrained.folders import bart, bert, many_words, vit

SAMPLES = {
    "point": Sample(kind="point", task="classification", shape=(2,), classes=("a", "b", "c")),
    "row": Sample(kind="row", task="regression", shape=(5,)),
    "image": Sample(kind="image", task="classification", shape=(3, 8, 8), classes=tuple("abcd")),
    "text": Sample(kind="text", task="classification", shape=(9,), classes=tuple("abcd"), num_tokens=20),
    "pairs": Sample(kind="text", task="translation", shape=(9, 2), num_tokens=20, specials=("[BEGIN]", "[END]")),
    "pieces": Sample(
        kind="text",
        task="masked_language_modelling",
        shape=(9, 2),
        num_tokens=20,
        specials=("[CLS]", "[SEP]", "[MASK]"),
    ),
}
CASES = [
    (name, kind)
    for name, entry in architectures().items()
    for kind, sample in SAMPLES.items()
    if not entry().misfit(sample)
]
each_case = pytest.mark.parametrize(("name", "kind"), CASES)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Models this small only wait for each other's threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pretrained models as those that are given a folder need, by the kind of sample that they read."""
    at = tmp_path_factory.mktemp("models")
    words = {kind: many_words(sample.num_tokens - len(sample.specials)) for kind, sample in SAMPLES.items()}
    plain: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    return {
        "text": bert(at / "text", words=words["text"], **plain),
        "pieces": bert(at / "pieces", kind="BertForPreTraining", words=words["pieces"], **plain),
        "pairs": bart(at / "pairs", words=words["pairs"], dropout=0.0),
        "image": vit(at / "image"),
    }


def config_of(name: str, folder: Path | None = None) -> ArchitectureConfig:
    given: dict[str, Any] = {"folder": str(folder)} if name == "pretrained" and folder is not None else {}
    return architectures()[name](**given)


def batch_of(sample: Sample, count: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    if sample.kind == "text":  # two tokens of padding at most
        inputs = torch.randint(1, sample.num_tokens, (count, *sample.shape), generator=generator)
        inputs[::2, -2:] = 0
        if sample.task == "masked_language_modelling":
            inputs[..., 1] = torch.arange(9) > 4
            targets = torch.randint(5, 15, (count, 10), generator=generator)  # none that is special anywhere
            targets[:, 0] = torch.arange(count) % 2
            return inputs, targets
        if sample.task == "translation":
            return inputs, torch.randint(5, 15, (count, sample.shape[0]), generator=generator)
    else:
        inputs = torch.randn(count, *sample.shape, generator=generator)
    if sample.task == "regression":
        return inputs, torch.randn(count, 1, generator=generator)
    return inputs, torch.randint(sample.num_outputs, (count,), generator=generator)


def said_by(outputs: Any, shape: torch.Size) -> torch.Tensor:
    """Logits, those of a BERT's tokens [B, T] all of them."""
    said = outputs[0] if isinstance(outputs, tuple) else outputs
    if isinstance(said, LaterLogits):
        return said.at(torch.ones(shape[:2], dtype=torch.bool)).unflatten(0, shape[:2])
    assert isinstance(said, torch.Tensor)
    return said


def loss_of(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    if isinstance(outputs, tuple):
        said, hidden = said_by(outputs, targets[:, 1:].shape), targets[:, 1:]
        return F.cross_entropy(said.flatten(0, 1), hidden.flatten()) + F.cross_entropy(outputs[1], targets[:, 0])
    if outputs.ndim == 3:
        return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())
    return F.mse_loss(outputs, targets) if targets.dtype.is_floating_point else F.cross_entropy(outputs, targets)


def test_that_each_is_found_and_tried():
    assert {
        "linear",
        "mlp",
        "cnn",
        "rnn",
        "gru",
        "lstm",
        "gpt",
        "transformer",
        "vit",
        "translator",
        "bert",
        "pretrained",
    } <= {name for name, _ in CASES}
    assert set(architectures()) == {name for name, _ in CASES}


@each_case
def test_that_it_gives_an_output_for_each_class_and_a_gradient_to_each_weight(
    name: str, kind: str, folders: dict[str, Path]
):
    sample = SAMPLES[kind]
    model = config_of(name, folders.get(kind)).build(sample)
    inputs, targets = batch_of(sample)
    outputs = model(inputs)
    said = said_by(outputs, inputs.shape)
    assert said.shape == (*inputs.shape[: said.ndim - 1], sample.num_outputs)
    loss_of(outputs, targets).backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())


@each_case
def test_that_it_learns_one_batch_by_heart(name: str, kind: str, folders: dict[str, Path]):
    sample = SAMPLES[kind]
    torch.manual_seed(0)
    model = config_of(name, folders.get(kind)).build(sample)
    inputs, targets = batch_of(sample, 4)  # no more than a linear model of 2 inputs and 3 classes can hold
    if kind == "point":
        inputs, targets = torch.tensor([[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]]), torch.tensor([0, 1, 2])
    rate = {"linear": 0.05, "translator": 0.002, "bert": 0.002, "pretrained": 0.002}.get(name, 0.01)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(300):
        optimizer.zero_grad()
        loss = loss_of(model(inputs), targets)
        if loss.item() < 0.02:
            return
        loss.backward()
        optimizer.step()
    pytest.fail(f"After 300 steps its loss is still {loss.item():.3f}.")


@each_case
def test_that_saved_weights_give_the_same_outputs(name: str, kind: str, tmp_path: Path, folders: dict[str, Path]):
    sample = SAMPLES[kind]
    first, second = config_of(name, folders.get(kind)).build(sample), config_of(name, folders.get(kind)).build(sample)
    safetensors.torch.save_file(first.state_dict(), tmp_path / "w.safetensors", metadata={"step": "7"})
    assert load_weights(tmp_path / "w.safetensors", second) == {"step": "7"}
    inputs, _ = batch_of(sample)
    torch.testing.assert_close(first.eval()(inputs), second.eval()(inputs), rtol=0, atol=0)


@each_case
def test_that_the_same_seed_gives_the_same_weights(name: str, kind: str, folders: dict[str, Path]):
    models = []
    for _ in range(2):
        torch.manual_seed(5)
        models.append(config_of(name, folders.get(kind)).build(SAMPLES[kind]))
    for one, other in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", sorted(architectures()))
def test_that_a_task_it_cannot_do_names_those_that_can(name: str):
    config = config_of(name)
    stream = Sample(kind="text", task="language_modelling", shape=(9,), num_tokens=20)
    for sample in (*SAMPLES.values(), stream):
        if sample.kind in config.accepts and sample.task not in config.tasks:
            named = config.misfit(sample).partition("; pick ")[2].rstrip(".").replace(" or ", ", ").split(", ")
            assert named == [entry.title for entry in architectures().values() if not entry().misfit(sample)]


@pytest.mark.parametrize("name", sorted(architectures()))
def test_that_a_kind_it_cannot_read_is_a_misfit_in_words(name: str):
    config = config_of(name)
    for sample in SAMPLES.values():
        assert bool(config.misfit(sample)) is (sample.kind not in config.accepts or sample.task not in config.tasks)


@pytest.mark.parametrize("name", sorted(architectures()))
def test_that_its_config_comes_back_from_a_file_and_every_field_is_explained(name: str):
    config = config_of(name)
    assert from_builtins(type(config), to_builtins(config)) == config
    assert config.title
    assert config.summary
    assert all(spec.title and spec.help for spec in field_specs(type(config)))
