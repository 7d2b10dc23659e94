"""The gradient through time against numbers found by nudging the states and inputs."""

import itertools

import numpy as np
import pytest
import torch

from modellab.architectures import architectures
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection import gradient_flow as gradient_flow_module
from modellab.inspection.clamps import Clamp
from modellab.inspection.gates import gates
from modellab.inspection.gradient_flow import flow_in_parts, gradient_flow
from modellab.nets.recurrent import Recurrent

TEXTS = Sample(kind="text", task="classification", shape=(9,), classes=tuple("abc"), num_tokens=20)
IDS = torch.tensor([[3, 7, 2, 9, 4]])


def build(cell: str, *, bidirectional: bool = False) -> Recurrent:
    torch.manual_seed(0)
    config = architectures()[cell](hidden_size=4, embedding_size=3, num_layers=2, bidirectional=bidirectional)
    model = config.build(TEXTS)
    assert isinstance(model, Recurrent)
    return model


SHUT = Clamp(layer=0, signal="f", value=0.0, first=2)
HELD = Clamp(layer=1, signal="c", unit=2, value=0.5)


@pytest.mark.parametrize("cell", ["rnn", "gru, both ways", "lstm", "lstm, held"])
def test_that_the_norms_are_what_nudging_each_state_finds(cell: str):
    directions = (0, 1) if "both" in cell else (0,)
    model = build(cell.split(",")[0], bidirectional=len(directions) == 2)
    clamps = [SHUT, HELD] if "held" in cell else []
    found = gradient_flow(model, TEXTS, IDS, target=1, clamps=clamps)
    assert found.norms.shape == (2, len(directions), 5)
    nudge = 1e-2
    for layer, direction, token in itertools.product(range(2), directions, (0, 3, 4)):
        slopes = []
        for unit in range(4):
            now = float(gates(model, IDS, clamps=clamps).signals[layer][direction]["h"][0, token, unit])
            losses = []
            for value in (now - nudge, now + nudge):
                clamp = Clamp(
                    layer=layer, direction=direction, signal="h", unit=unit, value=value, first=token, last=token
                )
                logits = gates(model, IDS, clamps=[*clamps, clamp]).outputs
                losses.append(float(torch.nn.functional.cross_entropy(logits, torch.tensor([1]))))
            slopes.append((losses[1] - losses[0]) / (2 * nudge))
        assert found.norms[layer, direction, token] == pytest.approx(np.linalg.norm(slopes), rel=0.02, abs=1e-5)


def test_that_the_norm_of_all_weights_is_what_training_would_clip():
    model = build("gru").eval()
    found = gradient_flow(model, TEXTS, IDS, target=1)
    torch.nn.functional.cross_entropy(model(IDS), torch.tensor([1])).backward()
    assert found.weights_norm == pytest.approx(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)), rel=1e-4)


@pytest.mark.parametrize("at_a_time", [gradient_flow_module._STEPS_AT_A_TIME, 15])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_that_connectivity_is_the_norm_of_the_jacobian(
    monkeypatch: pytest.MonkeyPatch, bidirectional: bool, at_a_time: int
):
    monkeypatch.setattr(gradient_flow_module, "_STEPS_AT_A_TIME", at_a_time)
    model = build("lstm", bidirectional=bidirectional).eval()
    found = gradient_flow(model, TEXTS, IDS)
    x = model.embedding(IDS).detach()

    def states(embedded: torch.Tensor) -> torch.Tensor:
        handle = model.embedding.register_forward_hook(lambda *_: embedded)
        try:
            return model.hidden(IDS)[0]
        finally:
            handle.remove()

    jacobian = torch.autograd.functional.jacobian(states, x)[0, :, :, 0]  # [T, DH, T, E]
    wanted = jacobian.square().sum((1, 3)).sqrt().numpy()
    np.testing.assert_allclose(found.connectivity, wanted, atol=1e-5)
    assert (np.triu(found.connectivity, 1) == 0).all() is not np.bool_(bidirectional)


def test_that_nothing_depends_through_what_is_held():
    model = build("lstm")
    cut = [Clamp(layer=layer, signal=name, value=0.3, first=2, last=2) for layer in (0, 1) for name in ("c", "h")]
    found = gradient_flow(model, TEXTS, IDS, clamps=cut)
    assert (found.connectivity[2:, :3] == 0).all()
    assert (found.connectivity[3:, 3] > 0).all()
    assert (found.norms[:, :, :2] == 0).all()
    assert found.loss != gradient_flow(model, TEXTS, IDS).loss


def test_that_the_tokens_of_a_clamp_count_from_the_first_of_a_long_text():
    model = build("rnn")
    ids = torch.randint(1, 20, (1, 300), generator=torch.Generator().manual_seed(0))
    held = gradient_flow(model, TEXTS, ids, clamps=[Clamp(layer=0, signal="h", value=0.0, first=299, last=299)])
    free = gradient_flow(model, TEXTS, ids)
    assert (held.connectivity[255] == 0).sum() >= 1
    np.testing.assert_allclose(held.connectivity[:255], free.connectivity[:255], atol=1e-6)


def test_that_a_clamp_on_what_is_not_there_is_refused():
    with pytest.raises(UserError, match="no layer 7"):
        gradient_flow(build("gru"), TEXTS, IDS, clamps=[Clamp(layer=7, signal="h", value=0.0)])


def test_that_a_long_text_is_estimated_from_its_end_and_says_so():
    found = gradient_flow(build("rnn"), TEXTS, torch.randint(1, 20, (1, 300)))
    assert found.norms.shape == (2, 1, 300)
    assert found.connectivity.shape == (256, 256)
    assert len(found.notes) == 2


def test_that_the_model_is_as_it_was_whenever_others_have_their_turn():
    model = build("lstm")
    parts = flow_in_parts(model, TEXTS, torch.randint(1, 20, (1, 120)), clamps=[SHUT])
    precision = torch.backends.mkldnn.matmul.fp32_precision  # type: ignore[attr-defined]
    count = 0
    for part in parts:
        assert model.training
        assert torch.backends.mkldnn.matmul.fp32_precision == precision  # type: ignore[attr-defined]
        assert all(weight.grad is None for weight in model.parameters())
        count += part is None
    assert count > 5


def test_that_nothing_is_left_on_the_model():
    model = build("gru")
    gradient_flow(model, TEXTS, IDS)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())
