"""Integrated gradients against sums that know no gradient, and what they must add up to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from modellab.architectures.gru import GRUConfig
from modellab.architectures.lstm import LSTMConfig
from modellab.architectures.rnn import RNNConfig
from modellab.architectures.transformer import EncoderConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.attribution import Attribution, attribution
from modellab.inspection.clamps import Clamp, HiddenToken
from tests.modellab.nets.test_pretrained import TEXTS, built
from tests.modellab.pretrained.folders import bart, bert, gpt2

SAMPLE = Sample(kind="text", task="classification", shape=(12,), classes=("a", "b", "c"), num_tokens=20)
IDS = torch.tensor([[5, 6, 7, 8, 3]])
MAKERS: dict[str, Callable[[], nn.Module]] = {
    "rnn": lambda: RNNConfig(hidden_size=8, embedding_size=6).build(SAMPLE),
    "gru": lambda: GRUConfig(hidden_size=8, embedding_size=6, bidirectional=True).build(SAMPLE),
    "lstm": lambda: LSTMConfig(hidden_size=8, embedding_size=6, num_layers=2, pooling="mean").build(SAMPLE),
    "transformer": lambda: EncoderConfig(width=16, num_layers=2, num_heads=2).build(SAMPLE),
}


def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    model = MAKERS[name]()
    for weights in model.parameters():
        if weights.dim() > 1:
            nn.init.normal_(weights, std=0.4)
    return model


def of(model: nn.Module, ids: Tensor = IDS, **options: Any) -> Attribution:
    options.setdefault("places", range(ids.shape[1]))
    found = list(attribution(model, ids, **options))
    assert found[:-1] == [None] * (len(found) - 1)
    assert found[-1] is not None
    return found[-1]


def along(embedding: nn.Embedding, change: Callable[[Tensor], Tensor], run: Callable[[], Tensor]) -> Tensor:
    handle = embedding.register_forward_hook(lambda _module, _inputs, output: change(output))
    try:
        with torch.no_grad():
            return run()
    finally:
        handle.remove()


@pytest.mark.parametrize("name", MAKERS)
def test_that_contributions_are_those_of_a_sum_of_differences(name: str):
    model: Any = made(name).double().eval()
    embedding = model.embedding if name != "transformer" else model.embedding.tokens
    padding = embedding.weight[0].detach()
    found = of(model)
    num_steps, reach = 200, 1e-3
    alphas = (torch.arange(num_steps) + 0.5) / num_steps
    summed = np.zeros(5)
    for place in range(5):
        scores = []
        for sign in (1, -1):

            def moved(end: Tensor, place: int = place, sign: int = sign) -> Tensor:
                way = end - padding
                x = padding + alphas[:, None, None] * way
                x[:, place] += sign * reach * way[:, place]
                return x

            scores.append(along(embedding, moved, lambda: model(IDS.expand(num_steps, -1)))[:, found.target])
        summed[place] = float((scores[0] - scores[1]).mean() / (2 * reach))
    np.testing.assert_allclose(found.contributions, summed, atol=0.01 * np.abs(summed).sum())
    assert np.abs(summed).max() > 0.05


@pytest.mark.parametrize("name", MAKERS)
def test_that_contributions_add_up_to_the_score_beyond_that_of_padding(name: str):
    model = made(name)
    model.train()
    found = of(model, target=1)
    assert model.training
    with torch.no_grad():
        score = float(model.eval()(IDS)[0, 1])
    assert found.score == pytest.approx(score, abs=1e-5)
    explained = float(found.contributions.sum())
    assert found.baseline + explained + found.residual == pytest.approx(score, abs=1e-4)
    assert abs(found.residual) <= 0.01 * np.abs(found.contributions).sum() + 1e-5
    assert found.target == 1


def test_that_a_token_that_the_score_does_not_depend_on_contributes_nothing():
    model: Any = made("rnn")
    model.layers[0].weight_ih_l0.data[:, 2:] = 0  # only two numbers of an embedding are read
    model.embedding.weight.data[7, :2] = model.embedding.weight.data[0, :2]
    found = of(model)
    assert found.contributions[2] == 0
    assert np.abs(found.contributions).max() > 0.01


def test_that_a_hidden_token_contributes_less_through_others_and_nothing_is_left_on_the_model():
    model = made("transformer").eval()
    free = of(model, target=0)
    held = of(model, target=0, interventions=(HiddenToken(place=1, token="x"),))
    assert not np.allclose(free.contributions, held.contributions, atol=1e-3)
    np.testing.assert_array_equal(of(model, target=0).contributions, free.contributions)
    assert all(not module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("make", [bert, gpt2])
def test_that_a_pretrained_models_own_tokens_contribute_nothing(make: Any, tmp_path: Path):
    kind = "BertForSequenceClassification" if make is bert else "GPT2ForSequenceClassification"
    model = built(make(tmp_path, kind=kind), TEXTS).eval()
    front, back = len(model.vocabulary.prefix), len(model.vocabulary.suffix)
    found = of(model, places=range(front, front + 5))
    assert len(found.contributions) == 5 + front + back
    assert not found.contributions[:front].any()
    assert not found.contributions[front + 5 :].any()
    assert np.abs(found.contributions).sum() > 0.01
    assert abs(found.residual) <= 0.02 * np.abs(found.contributions).sum()


def test_that_a_large_model_takes_more_turns_and_says_the_same(monkeypatch: pytest.MonkeyPatch):
    model = made("lstm")
    at_once = list(attribution(model, IDS, places=range(5)))
    monkeypatch.setattr("modellab.inspection.attribution._MOST_WORK", 1.0)
    in_turns = list(attribution(model, IDS, places=range(5)))
    whole, parts = at_once[-1], in_turns[-1]
    assert whole is not None
    assert parts is not None
    assert len(at_once) <= 2 + 3, "the ends, a sum or more, the answer"
    assert len(in_turns) >= 1 + 16 + 1, "the ends, a turn a point, the answer"
    np.testing.assert_allclose(parts.contributions, whole.contributions, atol=1e-5)


def test_that_what_cannot_be_told_is_said_in_one_sentence():
    with pytest.raises(UserError, match="While signals are held"):
        of(made("lstm"), interventions=(Clamp(layer=0, signal="c", value=0.0),))
    with pytest.raises(UserError, match="no class 9"):
        of(made("lstm"), target=9)
    with pytest.raises(UserError, match="does not classify texts"):
        of(nn.Linear(2, 2))


def test_that_a_model_that_reads_a_text_twice_is_refused(tmp_path: Path):
    model = built(bart(tmp_path, kind="BartForSequenceClassification", num_labels=3), TEXTS)
    with pytest.raises(UserError, match="reads a text twice"):
        next(attribution(model, IDS, places=[0]))
