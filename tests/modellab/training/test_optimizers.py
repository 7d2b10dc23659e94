"""The direct call of a fused kernel is the optimiser's own step, bit for bit."""

import pytest
import torch
from torch import nn

from modellab.config import from_builtins
from modellab.training.optimizers import DirectStep, make_optimizer
from modellab.training.options import TrainingOptions

NAMES = ["minibatch_sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]


def trained(name: str, *, is_direct: bool, decay: float) -> list[torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    parameters: list[nn.Parameter] = list(model.parameters())
    values = {"optimizer": name, "learning_rate": 0.05, "weight_decay": decay}
    options = from_builtins(TrainingOptions, values)
    optimizer = make_optimizer(parameters, options, device=torch.device("cpu"))
    step = DirectStep(optimizer, parameters) if is_direct else optimizer.step
    for number in range(12):
        model(torch.randn(5, 4)).square().mean().backward()
        for group in optimizer.param_groups:
            group["lr"] = 0.05 / (1 + number)
        step()
        optimizer.zero_grad()
    return list[torch.Tensor](parameters)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", NAMES)
def test_that_a_direct_step_is_the_ordinary_step(name: str, decay: float):
    direct, ordinary = (trained(name, is_direct=is_direct, decay=decay) for is_direct in (True, False))
    for found, wanted in zip(direct, ordinary, strict=True):
        assert torch.equal(found, wanted)


def test_that_a_parameter_without_a_gradient_is_left_alone():
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = make_optimizer([used, unused], TrainingOptions(), device=torch.device("cpu"))
    step = DirectStep(optimizer, [used, unused])
    for _ in range(3):
        used.sum().backward()
        step()
        optimizer.zero_grad()
    assert torch.equal(unused, torch.ones(2))
    assert not torch.equal(used, torch.ones(2))
