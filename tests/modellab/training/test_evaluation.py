"""Metrics of a split, as they are kept."""

import torch

from modellab.events import decode_event, encode_event
from modellab.training.evaluation import Evaluator
from modellab.training.setup import prepare
from tests.modellab.training.helpers import recipe


def test_that_an_evaluation_with_a_loss_that_is_no_number_is_read_back_with_what_is_one():
    setup = prepare(recipe(), warn=lambda _message: None)
    evaluator = Evaluator(setup.data, setup.task, setup.options, train=setup.batches)
    with torch.no_grad():
        for weight in setup.model.parameters():
            weight.fill_(torch.nan)
    event = evaluator.evaluate(setup.model, "validation", step=1)
    assert set(event.metrics) == {"accuracy", "f1"}
    assert decode_event(encode_event(event)) == event
