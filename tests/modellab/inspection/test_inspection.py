"""Summaries against counts by hand; surfaces, filters, weights and times."""

import struct
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from modellab.architectures import architectures
from modellab.architectures.cnn import CNNConfig
from modellab.architectures.linear import LinearConfig
from modellab.architectures.mlp import MLPConfig
from modellab.data.base import Sample
from modellab.data.digits import DigitsConfig
from modellab.data.points import PointsConfig
from modellab.errors import UserError
from modellab.inspection.batch import first_batch
from modellab.inspection.filters import filters
from modellab.inspection.inputs import to_model, to_stored
from modellab.inspection.predict import predict
from modellab.inspection.summary import summarise
from modellab.inspection.surface import MAX_UNITS, surface
from modellab.inspection.timing import step_seconds
from modellab.inspection.weights import load_weights, read_metadata
from modellab.training.augment import augmenter
from modellab.training.batches import Batches
from modellab.training.options import Augmentation, TrainingOptions

IMAGE = Sample(kind="image", task="classification", shape=(1, 28, 28), classes=tuple("0123456789"))
POINT = Sample(
    kind="point", task="classification", shape=(2,), classes=("a", "b", "c"), low=(-1.0, 0.0), high=(1.0, 10.0),
    mean=(0.5, 5.0), std=(2.0, 3.0),
)  # fmt: skip
OPTIONS = TrainingOptions(batch_size=64)


def test_that_the_parameters_and_flops_of_a_cnn_are_those_counted_by_hand():
    summary = summarise(CNNConfig(), IMAGE, OPTIONS, num_train=1000)
    rows = {layer.name: layer for layer in summary.layers}
    by_hand = {
        "stages.conv1_1": ((32, 28, 28), 1 * 9 * 32 + 32, 2 * 9 * 1 * 32 * 28 * 28),
        "stages.conv2_1": ((64, 14, 14), 32 * 9 * 64 + 64, 2 * 9 * 32 * 64 * 14 * 14),
        "stages.pool2": ((64, 7, 7), 0, 0),
        "head.linear1": ((128,), 64 * 49 * 128 + 128, 2 * 64 * 49 * 128),
        "head.output": ((10,), 128 * 10 + 10, 2 * 128 * 10),
    }
    for name, expected in by_hand.items():
        assert (rows[name].shape, rows[name].parameters, rows[name].flops) == expected
    assert summary.parameters == sum(parameters for _, parameters, _ in by_hand.values())
    assert summary.flops == sum(flops for _, _, flops in by_hand.values())


@pytest.mark.parametrize(
    ("optimizer", "copies"), [("minibatch_sgd", 0), ("momentum", 1), ("adagrad", 1), ("rmsprop", 2), ("adamw", 2)]
)
def test_that_memory_is_what_a_real_step_holds(optimizer, copies):
    config = MLPConfig(hidden_layers=(100, 50))
    summary = summarise(config, IMAGE, TrainingOptions(optimizer=optimizer, batch_size=32), num_train=1000)
    num_bytes = 4 * (784 * 100 + 100 + 100 * 50 + 50 + 50 * 10 + 10)
    assert summary.memory_parts["weights"] == summary.memory_parts["gradients"] == num_bytes
    assert summary.memory_parts["optimiser"] == copies * num_bytes
    # The inputs, and the output of each hidden layer after ReLU, which keeps its result.
    assert summary.memory_parts["activations"] == 32 * 4 * (784 + 100 + 50)
    assert summary.memory_bytes == sum(summary.memory_parts.values())


def test_that_muon_keeps_one_tensor_for_each_matrix_and_two_for_each_bias():
    options = TrainingOptions(optimizer="muon")
    summary = summarise(MLPConfig(hidden_layers=(100,)), IMAGE, options, num_train=1000)
    assert summary.memory_parts["optimiser"] == 4 * (784 * 100 + 100 * 10 + 2 * (100 + 10))


def test_that_activations_are_what_autograd_really_keeps():
    config, kept = CNNConfig(batch_norm=True, dense_dropout=0.5), {}
    model: Any = config.build(IMAGE)
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        outputs = model(torch.randn(64, 1, 28, 28))
    real = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    assert outputs.requires_grad
    estimate = summarise(config, IMAGE, OPTIONS, num_train=1000).memory_parts["activations"]
    assert estimate == pytest.approx(real, rel=0.05)


def test_that_a_summary_allocates_nothing_however_large_the_model():
    summary = summarise(MLPConfig(hidden_layers=(16_384,) * 20), IMAGE, OPTIONS, num_train=10)
    assert summary.parameters > 5e9


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_that_a_recurrent_model_is_summed_up_at_once_as_if_stepped_through(cell: str, monkeypatch: pytest.MonkeyPatch):
    config = architectures()[cell](num_layers=2, bidirectional=True, hidden_size=32)
    short = Sample(kind="text", task="classification", shape=(12,), classes=("a", "b"), num_tokens=30)
    found = summarise(config, short, OPTIONS, num_train=500)
    kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
    with monkeypatch.context() as stepping:
        stepping.setattr(kind, "forward", pytest.fail)  # takes seconds, a step at a time
        summarise(config, msgspec.structs.replace(short, shape=(3_000,)), OPTIONS, num_train=500)
    monkeypatch.setattr("modellab.inspection.summary._read_at_once", lambda model: None)
    stepped = summarise(config, short, OPTIONS, num_train=500)
    assert found.layers == stepped.layers
    assert found.memory_parts["activations"] == pytest.approx(stepped.memory_parts["activations"], rel=0.2)


def test_that_full_batch_descent_holds_the_activations_of_all_examples():
    options = TrainingOptions(optimizer="gradient_descent", batch_size=1)
    summary = summarise(LinearConfig(), IMAGE, options, num_train=500)
    assert summary.memory_parts["activations"] == 500 * 784 * 4


def test_that_a_surface_says_at_each_point_what_the_model_says_there():
    torch.manual_seed(0)
    model: Any = MLPConfig(hidden_layers=(5, 4), dropout=0.5).build(POINT)
    model.train()
    before = torch.get_rng_state()
    arrays = surface(model, POINT, 16, unit_resolution=8)
    assert torch.equal(before, torch.get_rng_state())
    assert model.training
    assert arrays["bounds"].tolist() == pytest.approx([-1.2, 1.2, -1.0, 11.0])
    assert {name: (array.shape, str(array.dtype)) for name, array in arrays.items()} == {
        "bounds": ((4,), "float32"),
        "output": ((3, 16, 16), "float16"),
        "argmax": ((16, 16), "uint8"),
        "unit/1": ((5, 8, 8), "float16"),
        "unit/2": ((4, 8, 8), "float16"),
    }
    x, y = np.linspace(-1.2, 1.2, 16)[3], np.linspace(-1, 11, 16)[11]  # column 3 of row 11
    decoded = predict(model, POINT, np.array([x, y], dtype=np.float32))
    by_class = dict(zip(decoded.classes, decoded.probabilities, strict=True))
    assert arrays["output"][:, 11, 3] == pytest.approx([by_class[name] for name in "abc"], abs=1e-3)
    assert POINT.classes[arrays["argmax"][11, 3]] == decoded.classes[0]
    model.eval()
    point = torch.tensor([[np.linspace(-1.2, 1.2, 8)[2], np.linspace(-1, 11, 8)[5]]], dtype=torch.float32)
    units = model.linear1((point - torch.tensor([0.5, 5.0])) / torch.tensor([2.0, 3.0])).relu()
    assert arrays["unit/1"][:, 5, 2] == pytest.approx(units[0].detach().numpy(), abs=1e-3)


def test_that_a_regression_surface_is_in_the_unit_of_the_data():
    sample = Sample(kind="point", task="regression", shape=(2,), target_mean=50.0, target_std=10.0)
    model: Any = LinearConfig().build(sample)
    torch.nn.init.zeros_(model.output.weight)
    torch.nn.init.ones_(model.output.bias)
    arrays = surface(model, sample, 4)
    assert set(arrays) == {"bounds", "output"}
    assert (arrays["output"] == 60.0).all()


def test_that_units_beyond_the_cap_and_beyond_16_bits_are_cut_off():
    model: Any = MLPConfig(hidden_layers=(MAX_UNITS + 9,), activation="linear").build(POINT)
    torch.nn.init.constant_(model.linear1.weight, 1e9)
    units = surface(model, POINT, 4)["unit/1"]
    assert len(units) == MAX_UNITS
    assert np.isfinite(units).all()


def test_that_other_shapes_have_no_surface_and_other_nets_no_filters():
    with pytest.raises(UserError):
        surface(LinearConfig().build(IMAGE), IMAGE)
    with pytest.raises(UserError):
        filters(LinearConfig().build(IMAGE))


def test_that_filters_are_the_first_convolutions_kernels():
    model: Any = CNNConfig().build(IMAGE)
    found = filters(model)["kernels"]
    assert found.shape == (32, 1, 3, 3)
    assert np.array_equal(found, model.stages.conv1_1.weight.detach().numpy())


@pytest.mark.parametrize("sample", [IMAGE, POINT])
def test_that_what_the_model_reads_comes_back_to_what_is_stored(sample: Sample):
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 256, (3, *sample.shape)).astype(np.uint8 if sample is IMAGE else np.float32)
    assert np.allclose(to_stored(to_model(stored, sample), sample), stored, atol=1e-4)


def test_that_wrong_weights_name_each_tensor(tmp_path: Path):
    model: Any = MLPConfig(hidden_layers=(4,)).build(POINT)
    state = dict(model.state_dict())
    state["output.weight"] = torch.zeros(3, 5)
    state["extra"] = torch.zeros(1)
    del state["linear1.bias"]
    safetensors.torch.save_file(state, tmp_path / "w.safetensors")
    before = model.linear1.weight.clone()
    with pytest.raises(UserError) as caught:
        load_weights(tmp_path / "w.safetensors", model)
    for words in (
        "linear1.bias is missing",
        "extra is unexpected",
        "output.weight is [3, 5] where the model has [3, 4]",
    ):
        assert words in caught.value.message
    assert torch.equal(before, model.linear1.weight)


def test_that_damaged_weights_name_the_file(tmp_path: Path):
    model: Any = LinearConfig().build(POINT)
    path = tmp_path / "w.safetensors"
    safetensors.torch.save_file(model.state_dict(), path, metadata={"step": "12"})
    assert read_metadata(path) == {"step": "12"}
    whole = path.read_bytes()
    for broken in (b"", whole[:5], whole[:40], whole[:-3], struct.pack("<Q", 1 << 60) + whole[8:], b"\xff" * 100):
        path.write_bytes(broken)
        with pytest.raises(UserError, match=r"w\.safetensors"):
            load_weights(path, model)
    with pytest.raises(UserError, match=r"gone\.safetensors"):
        load_weights(tmp_path / "gone.safetensors", model)


@pytest.mark.parametrize("augmentation", [Augmentation(), Augmentation(rotation=30, shift=0.2, noise=0.1)])
def test_that_the_first_batch_is_the_one_that_training_takes(augmentation: Augmentation):
    data = DigitsConfig().load()
    options = TrainingOptions(batch_size=32, seed=5, augmentation=augmentation)
    augment = augmenter(augmentation, data.sample)
    batches = Batches(data.train, data.sample, torch.device("cpu"), 32, 5, augment=augment)
    for epoch in (0, 3):
        inputs, targets = next(iter(batches.epoch(epoch)))
        rows, found, _ = first_batch(MLPConfig(), data, options, epoch=epoch, most=20)
        assert len(rows) == 20
        assert torch.equal(found, inputs[:20])
        assert data.train.targets[rows].tolist() == targets[:20].tolist()


@pytest.mark.parametrize("optimizer", ["gradient_descent", "sgd", "adamw"])
def test_that_a_step_is_timed_and_leaves_the_generator_alone(optimizer):
    data = PointsConfig().load()
    before = torch.get_rng_state()
    seconds = step_seconds(MLPConfig(), data, TrainingOptions(optimizer=optimizer), budget_seconds=0.02)
    assert seconds is not None
    assert 1e-6 < seconds < 60  # a loaded machine may take long
    assert torch.equal(before, torch.get_rng_state())


def test_that_timing_ends_when_it_is_no_longer_wanted():
    assert step_seconds(MLPConfig(), PointsConfig().load(), OPTIONS, is_wanted=lambda: False) is None
