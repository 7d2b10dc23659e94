"""Translation: what is matched, token by token and text by text."""

import pytest
import torch

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.tasks import task_for
from modellab.training.options import TrainingOptions

SAMPLE = Sample(kind="text", task="translation", shape=(4, 2), num_tokens=6, specials=("[BEGIN]", "[END]"))
TARGETS = torch.tensor([[2, 3, 5], [3, 5, 0], [2, 2, 5]])


def logits_of(tokens: list[list[int]]) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(tokens), 6).float() * 4


def test_that_a_text_matches_when_all_its_tokens_do_and_padding_does_not_count():
    evaluation = task_for(SAMPLE).evaluation(TrainingOptions())
    evaluation.add(logits_of([[2, 3, 5, 1], [3, 5, 4, 4], [2, 3, 5, 1]]), TARGETS)
    found = evaluation.metrics()
    assert found["exact_match"] == pytest.approx(2 / 3)
    assert found["accuracy"] == pytest.approx(7 / 8)
    assert found["perplexity"] > 1


def test_that_the_loss_is_that_of_the_tokens_whatever_is_said_beyond():
    loss = task_for(SAMPLE).loss(TrainingOptions())
    outputs = torch.randn(3, 4, 6, generator=torch.Generator().manual_seed(0))
    wanted = [outputs[row, place].log_softmax(0)[TARGETS[row, place]] for row, place in TARGETS.nonzero().tolist()]
    assert float(loss(outputs, TARGETS)) == pytest.approx(-float(torch.stack(wanted).mean()), abs=1e-5)


def test_that_squared_errors_are_refused_at_their_field():
    with pytest.raises(UserError) as raised:
        task_for(SAMPLE).loss(TrainingOptions(loss="mean_squared_error"))
    assert raised.value.field == "training.loss"
