"""Nearest tokens by the cosine of their embeddings."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modellab.architectures.lstm import LSTMConfig
from modellab.architectures.mlp import MLPConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.neighbours import neighbours, token_embedding
from tests.modellab.inspection.test_attention import gpt2, made
from tests.modellab.inspection.test_interventions import STREAM, ours


def test_that_the_nearest_come_first_and_a_token_is_not_its_own_neighbour():
    embedding = torch.randn(30, 6, generator=torch.Generator().manual_seed(0))
    found = neighbours(embedding, 4, most=5, never=(0, 1))
    cosines = F.cosine_similarity(embedding, embedding[4:5])
    order = [k for k in cosines.argsort(descending=True).tolist() if k not in (0, 1, 4)][:5]
    assert list(found.tokens) == order
    assert found.cosines == pytest.approx(cosines[order].tolist(), abs=1e-6)
    assert found.norm == pytest.approx(float(embedding[4].norm()))


def test_that_an_embedding_of_zeros_has_neighbours_at_no_angle():
    embedding = torch.randn(5, 3)
    embedding[2] = 0
    assert set(neighbours(embedding, 2).cosines) == {0.0}
    assert len(neighbours(embedding, 2).tokens) == 4


@pytest.mark.parametrize("name", ["gpt", "encoder", "bert", "translator"])
def test_that_every_transformer_of_texts_has_an_embedding_a_token(name: str):
    model, _ = ours(name)
    num_tokens = {"bert": 44, "translator": 42}.get(name, 40)
    assert token_embedding(model, num_tokens=num_tokens).shape == (num_tokens, 16)


def test_that_recurrent_and_pretrained_models_have_one_too_and_others_are_refused():
    lstm = LSTMConfig(embedding_size=24).build(STREAM)
    assert token_embedding(lstm, num_tokens=40).shape == (40, 24)
    pretrained = made(gpt2)
    assert isinstance(pretrained, nn.Module)
    assert token_embedding(pretrained, num_tokens=50).shape == (50, 32)
    plain = MLPConfig().build(Sample(kind="point", task="classification", shape=(2,), classes=("a", "b")))
    with pytest.raises(UserError, match="no embeddings of tokens"):
        token_embedding(plain, num_tokens=40)
    with pytest.raises(UserError, match="no token 40"):
        neighbours(torch.randn(40, 3), 40)
