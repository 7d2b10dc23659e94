"""Translations against going through every text there is, and against computing all anew for each token."""

import itertools

import pytest
import torch

from modellab.architectures.translator import TranslatorConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.translate import decoded, translate
from modellab.nets.translator import Translator
from modellab.text.characters import CharacterTokenizer

TOKENIZER = CharacterTokenizer(tuple("abc"))
PAIRS = Sample(
    kind="text", task="translation", shape=(5, 2), num_tokens=TOKENIZER.size + 2, specials=("[BEGIN]", "[END]")
)
SOURCE = TOKENIZER.encode("cab").ids


@pytest.fixture
def model() -> Translator:
    torch.manual_seed(3)
    model = TranslatorConfig(width=16, num_layers=2, decoder_layers=1).build(PAIRS)
    assert isinstance(model, Translator)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.35)  # as drawn, it finds all tokens about alike
    return model.eval()


def log_probability(model: Translator, ids: tuple[int, ...]) -> float:
    """Of a whole text and its end, all in one pass."""
    pairs = torch.zeros(1, 5, 2, dtype=torch.int64)
    pairs[0, : len(SOURCE), 0] = torch.tensor(SOURCE)
    pairs[0, : len(ids) + 1, 1] = torch.tensor([model.begin, *ids])
    with torch.no_grad():
        logits = model(pairs)[0]
    logits[:, [0, 1, model.begin]] = -torch.inf
    wanted = torch.tensor([*ids, model.end])
    return float(logits.log_softmax(1)[torch.arange(len(wanted)), wanted].sum())


def test_that_greedy_takes_the_likeliest_token_each_time(model: Translator):
    (found,) = translate(model, SOURCE)
    ids: list[int] = []
    for token in (*found.ids, model.end) if found.is_whole else found.ids:
        pairs = torch.zeros(1, 5, 2, dtype=torch.int64)
        pairs[0, : len(SOURCE), 0] = torch.tensor(SOURCE)
        pairs[0, : len(ids) + 1, 1] = torch.tensor([model.begin, *ids])
        logits = model(pairs)[0, len(ids)].detach()
        logits[[0, 1, model.begin]] = -torch.inf
        assert token == int(logits.argmax())
        ids.append(token)
    if found.is_whole:
        assert found.log_probability == pytest.approx(log_probability(model, found.ids), abs=1e-4)


def test_that_as_many_beams_as_there_are_texts_find_the_best_of_them(model: Translator):
    texts = [ids for length in range(4) for ids in itertools.product((2, 3, 4), repeat=length)]
    wanted = {ids: log_probability(model, ids) for ids in texts}
    found = translate(model, SOURCE, num_beams=32)
    scores = {ids: value / (len(ids) + 1) for ids, value in wanted.items()}  # the end is a token too
    best = max(scores, key=lambda ids: scores[ids])
    assert found[0].ids == best or found[0].score > scores[best]
    for hypothesis in found:
        if hypothesis.ids in wanted and hypothesis.is_whole:
            assert hypothesis.log_probability == pytest.approx(wanted[hypothesis.ids], abs=1e-4)
    told = [hypothesis.score for hypothesis in found]
    assert told == sorted(told, reverse=True)
    for hypothesis in found:
        num_tokens = len(hypothesis.ids) + hypothesis.is_whole
        assert hypothesis.score == pytest.approx(hypothesis.log_probability / num_tokens)


def test_that_translations_read_as_texts_with_their_probabilities(model: Translator):
    found = translate(model, SOURCE, num_beams=3)
    answer = decoded(found, TOKENIZER)
    assert answer.classes[0] == TOKENIZER.decode(found[0].ids)
    assert 0 < answer.probabilities[0] <= 1


def test_that_no_beam_is_a_sentence(model: Translator):
    with pytest.raises(UserError, match="beams"):
        translate(model, SOURCE, num_beams=0)
