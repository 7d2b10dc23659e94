"""Muon: steps of matrices are orthogonal and as large as told; all else is AdamW's, bit for bit."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from modellab.nets.layers import TiedOutput
from modellab.training.muon import Muon, dense_matrices, orthogonal
from modellab.training.optimizers import grouped, make_optimizer
from modellab.training.options import TrainingOptions

RATE = 0.01


class Reader(nn.Module):
    """Embeddings, a dense layer, and an output that shares the embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(7, 6)
        self.dense = nn.Linear(6, 6)
        self.output = TiedOutput(self.tokens, width=6)

    def forward(self, ids: Tensor) -> Tensor:
        found: Tensor = self.output(self.dense(self.tokens(ids)).relu())
        return found


def stepped(optimizer: str, *, steps: int = 3, **options: Any) -> Reader:
    torch.manual_seed(0)
    model = Reader()
    chosen = TrainingOptions(optimizer=optimizer, learning_rate=RATE, **options)  # type: ignore[arg-type]
    made = make_optimizer(grouped(model, chosen), chosen, device=torch.device("cpu"))
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        for weight in model.parameters():  # whatever the weights are: no step may depend on another's kind
            weight.grad = torch.randn(weight.shape, generator=generator)
        made.step()
    return model


@pytest.mark.parametrize("shape", [(2, 8, 8), (1, 5, 20), (3, 20, 5)])
def test_that_a_matrix_keeps_its_singular_vectors_and_gets_singular_values_near_one(shape: tuple[int, int, int]):
    matrices = torch.randn(*shape, generator=torch.Generator().manual_seed(0)) * 3
    u, s, vh = torch.linalg.svd(matrices, full_matrices=False)
    inside = u.mT @ orthogonal(matrices) @ vh.mT  # diagonal in the very same vectors
    values = inside.diagonal(dim1=1, dim2=2)
    torch.testing.assert_close(inside, torch.diag_embed(values), atol=1e-4, rtol=0)
    is_large = s > 0.1 * s.amax(dim=1, keepdim=True)  # the smallest need more iterations
    assert values[is_large].min() > 0.6
    assert values.max() < 1.3


def test_that_a_first_step_is_the_orthogonal_gradient_as_large_as_a_step_of_adamw():
    before, after = stepped("muon", steps=0), stepped("muon", steps=1)
    step = (before.dense.weight - after.dense.weight).detach() / RATE
    assert float(step.square().mean().sqrt()) == pytest.approx(0.2, rel=0.2)
    values = torch.linalg.svdvals(step) / (0.2 * 6**0.5)
    assert 0.6 < float(values[-2])
    assert float(values[0]) < 1.3


def test_that_momentum_and_weight_decay_are_the_formulas():
    found = stepped("muon", steps=2, momentum=0.9, weight_decay=0.5)
    weight = stepped("muon", steps=0).dense.weight.detach()
    generator, average = torch.Generator().manual_seed(1), torch.zeros(6, 6)
    for _ in range(2):
        drawn = {name: torch.randn(p.shape, generator=generator) for name, p in Reader().named_parameters()}
        average = 0.9 * average + 0.1 * drawn["dense.weight"]
        step = orthogonal((0.1 * drawn["dense.weight"] + 0.9 * average)[None])[0]
        weight = weight * (1 - RATE * 0.5) - RATE * 0.2 * 6**0.5 * step
    torch.testing.assert_close(found.dense.weight.detach(), weight)


def test_that_everything_else_takes_the_steps_of_adamw():
    ours, theirs = (dict(stepped(name, weight_decay=0.1).named_parameters()) for name in ("muon", "adamw"))
    for name in ("tokens.weight", "dense.bias", "output.bias"):
        assert torch.equal(ours[name], theirs[name])
    assert not torch.equal(ours["dense.weight"], theirs["dense.weight"])


def test_that_a_dense_output_that_shares_the_embeddings_is_no_matrix_to_turn():
    model = nn.ModuleDict({"tokens": nn.Embedding(5, 4), "output": nn.Linear(4, 5), "inner": nn.Linear(4, 4)})
    model["output"].weight = model["tokens"].weight
    model["frozen"] = nn.Linear(4, 4).requires_grad_(False)
    assert dense_matrices(model) == {model["inner"].weight}


def test_that_a_parameter_without_a_gradient_is_left_alone():
    weight = nn.Parameter(torch.ones(3, 3))
    groups = [{"params": [weight], "is_matrix": True}]
    Muon(groups, lr=1.0, momentum=0.9, betas=(0.9, 0.9), weight_decay=0.1, fused=True).step()
    assert torch.equal(weight, torch.ones(3, 3))


def test_that_the_gates_of_a_recurrent_layer_are_one_matrix_and_its_biases_none():
    model = nn.ModuleList([nn.LSTM(5, 4), nn.Embedding(7, 5)])
    lstm = model[0]
    assert dense_matrices(model) == {lstm.weight_ih_l0, lstm.weight_hh_l0}
