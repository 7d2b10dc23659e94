"""Language modelling: loss, perplexity and accuracy a token, padding left out; a person's own text as tokens."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.tasks import task_for
from modellab.tasks.encode_text import MAX_TOKENS, encode_text
from modellab.text.characters import CharacterTokenizer
from modellab.training.options import TrainingOptions

OPTIONS = TrainingOptions()
TOKENIZER = CharacterTokenizer(tuple("abc \n"), lower_case=False)
STREAM = Sample(kind="text", task="language_modelling", shape=(6,), num_tokens=TOKENIZER.size)
TEXTS = Sample(kind="text", task="classification", shape=(6,), classes=("x", "y"), num_tokens=TOKENIZER.size)


def batch(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.randint(1, 7, (4, 6), generator=generator)
    targets[0, 4:] = 0
    return torch.randn(4, 6, 7, generator=generator), targets


def test_that_metrics_are_those_of_all_tokens_and_padding_is_left_out():
    evaluation = task_for(STREAM).evaluation(OPTIONS)
    batches = [batch(0), batch(1)]
    for outputs, targets in batches:
        evaluation.add(outputs, targets)
    outputs, targets = (torch.cat(parts) for parts in zip(*batches, strict=True))
    is_token = targets != 0
    loss = F.cross_entropy(outputs[is_token], targets[is_token]).item()
    metrics = evaluation.metrics()
    assert metrics["loss"] == pytest.approx(loss, rel=1e-6)
    assert metrics["perplexity"] == pytest.approx(math.exp(loss), rel=1e-6)
    hits = (outputs.argmax(2) == targets)[is_token].float().mean().item()
    assert metrics["accuracy"] == pytest.approx(hits)


def test_that_the_training_loss_and_accuracy_of_one_batch_are_its_metrics():
    task = task_for(STREAM)
    outputs, targets = batch(3)
    evaluation = task.evaluation(OPTIONS)
    evaluation.add(outputs, targets)
    assert task.loss(OPTIONS)(outputs, targets).item() == pytest.approx(evaluation.metrics()["loss"])
    assert task.step_metrics(outputs, targets)["accuracy"].item() == pytest.approx(evaluation.metrics()["accuracy"])


def test_that_the_next_token_is_decoded_from_the_last_step_without_the_special_ones():
    outputs = np.zeros((3, 7), dtype=np.float32)
    outputs[-1] = [9, 9, 0, 3, 1, 2, 0]
    decoded = task_for(STREAM).decode(outputs)
    assert decoded.classes[:3] == ("3", "5", "4")
    assert len(decoded.classes) == 5
    assert sum(decoded.probabilities) == pytest.approx(1)
    assert decoded.target == "next token"


def test_that_another_loss_is_refused_by_its_field():
    with pytest.raises(UserError) as caught:
        task_for(STREAM).loss(TrainingOptions(loss="mean_squared_error"))
    assert caught.value.field == "training.loss"


def test_that_a_hopeless_perplexity_is_a_number():
    evaluation = task_for(STREAM).evaluation(OPTIONS)
    outputs = torch.zeros(1, 1, 7)
    outputs[..., 2] = 2000
    evaluation.add(outputs, torch.tensor([[3]]))
    assert math.isfinite(evaluation.metrics()["perplexity"])


def test_that_a_text_is_cut_and_what_was_done_to_it_is_said():
    encoded = encode_text("ab\0zqz" + "c" * 9, TEXTS, TOKENIZER)
    assert encoded.tokens == ("a", "b", "␣", "�", "�", "�")
    assert encoded.spans[-1] == (5, 6)
    assert len(encoded.notes) == 3
    assert "NUL" in encoded.notes[0]
    assert "first 6 of 15" in encoded.notes[1]
    assert "'z', 'q'" in encoded.notes[2]


def test_that_a_text_without_one_known_token_is_one_sentence():
    assert encode_text("zq", TEXTS, TOKENIZER).notes == (
        "Not one token of this text is in the vocabulary: the model reads only unknown ones.",
    )


def test_that_a_language_model_reads_more_than_its_window_and_not_without_end():
    assert len(encode_text("abc" * 5, STREAM, TOKENIZER).ids) == 15
    assert len(encode_text("abc" * 5000, STREAM, TOKENIZER).ids) == MAX_TOKENS


@pytest.mark.parametrize(
    ("text", "sample", "words"), [("", TEXTS, "Type some text"), ("a", None, "does not read text")]
)
def test_that_nothing_to_read_is_said_in_words(text: str, sample: Sample | None, words: str):
    other = Sample(kind="point", task="classification", shape=(2,), classes=("x", "y"))
    with pytest.raises(UserError, match=words):
        encode_text(text, sample or other, TOKENIZER)


def test_that_a_run_without_its_vocabulary_says_so():
    with pytest.raises(UserError, match=r"tokenizer\.json"):
        encode_text("a", TEXTS, None)
