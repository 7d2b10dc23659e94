"""Hidden tokens are found, guessed and named; texts over the context are cut and that is said."""

import pytest
import torch

from modellab.architectures.bert import BERTConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.fill_mask import decoded, fill_mask, read_pair
from modellab.nets.bert import BERT
from modellab.text.characters import CharacterTokenizer

TOKENIZER = CharacterTokenizer(tuple("abcdefgh "))
SAMPLE = Sample(
    kind="text",
    task="masked_language_modelling",
    shape=(16, 2),
    num_tokens=TOKENIZER.size + 3,
    specials=("[CLS]", "[SEP]", "[MASK]"),
)
CLS, SEP, MASK = (SAMPLE.special(name) for name in SAMPLE.specials)


@pytest.fixture
def model() -> BERT:
    torch.manual_seed(0)
    model = BERTConfig(width=16, num_layers=1).build(SAMPLE)
    assert isinstance(model, BERT)
    return model.eval()


def test_that_a_hidden_token_is_guessed_from_what_the_model_says(model: BERT):
    found = fill_mask(model, SAMPLE, TOKENIZER, "ba[MASK] egg")
    bad, egg = TOKENIZER.encode("ba").ids, TOKENIZER.encode(" egg").ids
    assert found.ids == (CLS, *bad, MASK, *egg, SEP)
    (guess,) = found.guesses
    assert guess.place == 3
    with torch.no_grad():
        logits = model(torch.tensor([[(token, 0) for token in found.ids]])).tokens[0, 3]
    assert guess.tokens[0] == 2 + int(logits[2:-3].argmax())
    assert sum(guess.probabilities) == pytest.approx(1.0, abs=0.2)
    assert decoded(found, TOKENIZER).classes[0] == TOKENIZER.token(guess.tokens[0])


def test_that_each_of_several_hidden_tokens_has_its_candidates_and_a_second_text_its_answer(model: BERT):
    found = fill_mask(model, SAMPLE, TOKENIZER, "[MASK]a[MASK]", second="ab")
    answer = decoded(found, TOKENIZER)
    assert [part.title for part in answer.parts] == [
        "hidden token 1 of 2",
        "hidden token 2 of 2",
        "the second text",
    ]
    for part, guess in zip(answer.parts, found.guesses, strict=False):
        assert part.classes == tuple(map(TOKENIZER.token, guess.tokens))
        assert len(part.classes) == TOKENIZER.size - 2
    assert answer.classes == answer.parts[0].classes
    assert answer.probabilities != answer.parts[1].probabilities
    assert set(answer.parts[2].classes) == {"it follows", "it does not"}
    assert [part.stays for part in answer.parts] == [False, False, True]
    assert dict(zip(answer.parts[2].classes, answer.parts[2].probabilities, strict=True))["it follows"] == found.follows


def test_that_two_texts_are_told_to_follow_or_not(model: BERT):
    found = fill_mask(model, SAMPLE, TOKENIZER, "abc[SEP]de")
    assert found.segments == (0, 0, 0, 0, 0, 1, 1, 1)
    assert found.follows is not None
    assert read_pair(SAMPLE, TOKENIZER, "abc", "de", most=16) == (list(found.ids), list(found.segments), found.notes)
    answer = decoded(found, TOKENIZER)
    assert sum(answer.probabilities) == pytest.approx(1.0)
    assert answer.probabilities[0] >= 0.5


def test_that_texts_over_the_context_are_cut_and_that_is_said(model: BERT):
    found = fill_mask(model, SAMPLE, TOKENIZER, "[MASK]bcdefgh abcdefgh[SEP]ab")
    assert len(found.ids) == 16
    assert found.ids[-4:] == (SEP, *TOKENIZER.encode("ab").ids, SEP)
    assert found.notes == ("Only 13 of 19 tokens are read, which is the model's context.",)


def test_that_a_text_that_asks_nothing_is_a_sentence(model: BERT):
    with pytest.raises(UserError, match=r"\[MASK\]"):
        fill_mask(model, SAMPLE, TOKENIZER, "abc")
    for nothing in ("  ", " [SEP] "):
        with pytest.raises(UserError, match="Type"):
            fill_mask(model, SAMPLE, TOKENIZER, nothing)


@pytest.mark.parametrize("text", [" [SEP] [MASK]bc", "[MASK]bc [SEP] "])
def test_that_half_a_pair_is_a_sentence(model: BERT, text: str):
    with pytest.raises(UserError, match=r"One of the two texts is empty; write something before and behind \[SEP\]"):
        fill_mask(model, SAMPLE, TOKENIZER, text)


def test_that_more_than_two_texts_are_a_sentence():
    with pytest.raises(UserError, match="At most two texts are read together, here are 3"):
        read_pair(SAMPLE, TOKENIZER, "ab[SEP]cd", "ef", most=16)
