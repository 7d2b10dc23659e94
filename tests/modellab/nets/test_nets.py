"""The nets against torch modules written by hand; initialisations; taps and recorders."""

from typing import Any, get_args

import pytest
import torch
from torch import nn

from modellab.architectures._layers import ActivationName, InitialisationName
from modellab.architectures.cnn import CNNConfig, Stage
from modellab.architectures.linear import LinearConfig
from modellab.architectures.mlp import MLPConfig
from modellab.data.base import Sample
from modellab.nets.layers import Dropout, activation
from modellab.nets.tap import Tap, record

IMAGE = Sample(kind="image", task="classification", shape=(3, 12, 12), classes=tuple("abcde"))
POINT = Sample(kind="point", task="classification", shape=(2,), classes=("a", "b"))


def copy_in_order(source: nn.Module, target: nn.Module) -> None:
    """Weights and buffers by position, whatever their names."""
    states, other = list(source.state_dict().values()), target.state_dict()
    assert len(states) == len(other)
    target.load_state_dict(dict(zip(other, states, strict=True)))


def same_training_step(ours: nn.Module, theirs: nn.Module, inputs: torch.Tensor) -> None:
    """Outputs and gradients are equal, bit for bit, dropout and batch norm included."""
    copy_in_order(ours, theirs)
    outputs = []
    for model in (ours, theirs):
        torch.manual_seed(3)
        outputs.append(model(inputs))
        outputs[-1].square().mean().backward()
    assert torch.equal(outputs[0], outputs[1])
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert one.grad is not None
        assert other.grad is not None
        assert torch.equal(one.grad, other.grad)


def test_that_linear_is_one_dense_layer_of_the_flat_image():
    theirs = nn.Sequential(nn.Flatten(), nn.Linear(432, 5))
    same_training_step(LinearConfig().build(IMAGE), theirs, torch.randn(7, 3, 12, 12))


def test_that_the_mlp_is_the_sequential_one_would_write():
    ours = MLPConfig(hidden_layers=(16, 8), activation="gelu", dropout=0.2, batch_norm=True).build(POINT)
    theirs = nn.Sequential(
        nn.Linear(2, 16), nn.BatchNorm1d(16), nn.GELU(), nn.Dropout(0.2),
        nn.Linear(16, 8), nn.BatchNorm1d(8), nn.GELU(), nn.Dropout(0.2),
        nn.Linear(8, 2),
    )  # fmt: skip
    same_training_step(ours, theirs, torch.randn(9, 2))


def test_that_an_mlp_without_hidden_layers_is_linear():
    same_training_step(MLPConfig(hidden_layers=()).build(POINT), nn.Sequential(nn.Linear(2, 2)), torch.randn(4, 2))


def test_that_the_cnn_is_the_network_one_would_write():
    stages = (Stage(channels=4, convolutions=2, pool="average"), Stage(channels=6, kernel=5, padding="none"))
    config = CNNConfig(stages=stages, dense_layers=(10,), batch_norm=True, conv_dropout=0.1, dense_dropout=0.3)
    theirs = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(2), nn.Dropout2d(0.1),
        nn.Conv2d(4, 6, 5), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.1),
        nn.Flatten(), nn.Linear(6, 10), nn.BatchNorm1d(10), nn.ReLU(), nn.Dropout(0.3), nn.Linear(10, 5),
    )  # fmt: skip
    same_training_step(config.build(IMAGE), theirs, torch.randn(6, 3, 12, 12))


def test_that_twenty_layers_train():
    model: Any = MLPConfig(hidden_layers=(8,) * 20, activation="tanh", initialisation="xavier").build(POINT)
    model(torch.randn(4, 2)).sum().backward()
    assert all(weight.grad is not None for weight in model.parameters())


@pytest.mark.parametrize("name", get_args(ActivationName))
def test_that_an_activation_leaves_its_input_alone(name: ActivationName):
    x = torch.linspace(-2, 2, 9)
    before = x.clone()
    activation(name)(x)
    assert torch.equal(x, before)
    layer = nn.Linear(9, 9)
    h = layer(x)
    before = h.detach().clone()
    activation(name).eval()(h)
    assert torch.equal(h.detach(), before)


def test_that_a_relu_takes_no_memory_of_its_own_while_it_trains_and_has_the_same_gradients():
    ours = nn.Sequential(nn.Linear(5, 7), activation("relu"), nn.Linear(7, 3))
    plain = nn.Sequential(ours[0], nn.ReLU(), ours[2])
    x = torch.randn(4, 5)
    h = ours[0](x)
    assert ours[1](h).data_ptr() == h.data_ptr()
    found, wanted = (torch.autograd.grad(net(x).square().sum(), list(net.parameters())) for net in (ours, plain))
    for a, b in zip(found, wanted, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("kind", get_args(InitialisationName))
@pytest.mark.parametrize("name", get_args(ActivationName))
def test_that_first_weights_are_drawn_as_their_name_says(kind: InitialisationName, name: ActivationName):
    torch.manual_seed(0)
    sample = Sample(kind="row", task="regression", shape=(400,))
    model: Any = MLPConfig(hidden_layers=(300,), activation=name, initialisation=kind, initialisation_std=0.3).build(
        sample
    )
    weight, bias = model.linear1.weight.detach(), model.linear1.bias.detach()
    known: Any = "relu" if name in ("gelu", "silu") else name
    gain = nn.init.calculate_gain(known)
    expected = {
        "default": (1 / 400**0.5) / 3**0.5,
        "xavier": gain * (2 / 700) ** 0.5,
        "he": gain / 400**0.5,
        "orthogonal": gain / 400**0.5,
        "normal": 0.3,
        "zeros": 0.0,
    }[kind]
    assert float(weight.std()) == pytest.approx(expected, rel=0.03, abs=1e-9)
    assert bool(bias.any()) is (kind == "default")
    if kind == "orthogonal":
        assert torch.allclose(weight @ weight.T / gain**2, torch.eye(300), atol=1e-4)


def test_that_a_recorder_gives_each_named_output_and_leaves_no_hook():
    model: Any = MLPConfig(hidden_layers=(3, 4)).build(POINT)
    x = torch.randn(5, 2)
    with record(model, model.hidden_names) as captured:
        assert captured == {}
        model(x)
    assert model.hidden_names == ("activation1", "activation2")
    assert torch.equal(captured["activation1"], model.linear1(x).relu())
    assert captured["activation2"].shape == (5, 4)
    assert not any(module._forward_hooks for module in model.modules())


def test_that_a_recorder_lets_go_when_the_model_fails_and_refuses_a_wrong_name():
    model: Any = MLPConfig().build(POINT)
    with pytest.raises(RuntimeError), record(model, ["linear1"]):
        model(torch.randn(5, 7))
    assert not model.linear1._forward_hooks
    with pytest.raises(KeyError), record(model, ["linear1", "linear99"]):
        pass
    assert not model.linear1._forward_hooks


def test_that_a_tap_is_the_identity_and_can_be_recorded():
    model = nn.Sequential(nn.Linear(2, 2), Tap())
    x = torch.randn(3, 2)
    with record(model, ["1"]) as captured:
        assert model(x) is captured["1"]


@pytest.mark.parametrize(("batch_norm", "name", "last"), [(True, "linear", "norm1"), (False, "linear", "linear1")])
def test_that_hidden_units_are_named_where_there_is_no_activation(batch_norm: bool, name: ActivationName, last: str):
    model: Any = MLPConfig(hidden_layers=(4,), activation=name, batch_norm=batch_norm).build(POINT)
    assert model.hidden_names == (last,)


def test_that_dropout_leaves_its_share_out_and_the_sum_as_it_was():
    torch.manual_seed(0)
    ones = torch.ones(401, 999, requires_grad=True)
    found = Dropout(0.3)(ones)
    found.sum().backward()
    assert ones.grad is not None
    assert torch.equal(ones.grad, found), "what is left out learns nothing"
    assert set(found.unique().tolist()) == {0.0, torch.tensor(1 / 0.7).item()}
    assert float((found == 0).float().mean()) == pytest.approx(0.3, abs=0.003)
    by_place = (found == 0).flatten()[: 400 * 999].view(-1, 4).float().mean(0)  # four numbers of one draw
    assert by_place.tolist() == pytest.approx([0.3] * 4, abs=0.005)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_that_dropout_of_none_or_all_is_as_pytorch_has_it(share: float):
    ones = torch.ones(5, 5)
    assert torch.equal(Dropout(share)(ones), torch.full((5, 5), 1 - share))
    assert torch.equal(Dropout(0.3).eval()(ones), ones)
