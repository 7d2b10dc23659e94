"""What models of each task say of a text, the same wherever it is asked."""

import pytest
import torch
from torch import nn

from modellab.architectures.bert import BERTConfig
from modellab.architectures.gpt import GPTConfig
from modellab.architectures.rnn import RNNConfig
from modellab.architectures.translator import TranslatorConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.clamps import Clamp
from modellab.inspection.fill_mask import decoded, fill_mask
from modellab.inspection.load import LoadedModel
from modellab.inspection.predict_text import predict_text
from modellab.inspection.translate import translate
from modellab.nets.bert import BERT
from modellab.nets.translator import Translator
from modellab.recipe import recipe_from_builtins
from modellab.text.characters import CharacterTokenizer

RECIPE = recipe_from_builtins({"architecture": {"name": "gpt"}, "dataset": {"name": "python_docs"}, "training": {}})
TOKENIZER = CharacterTokenizer(tuple("abcdefgh "))
STREAM = Sample(kind="text", task="language_modelling", shape=(16,), num_tokens=TOKENIZER.size)
HIDDEN = Sample(
    kind="text",
    task="masked_language_modelling",
    shape=(16, 2),
    num_tokens=TOKENIZER.size + 3,
    specials=("[CLS]", "[SEP]", "[MASK]"),
)
PAIRS = Sample(
    kind="text", task="translation", shape=(8, 2), num_tokens=TOKENIZER.size + 2, specials=("[BEGIN]", "[END]")
)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def loaded(model: nn.Module, sample: Sample) -> LoadedModel:
    return LoadedModel(recipe=RECIPE, sample=sample, model=model.eval(), step=1, tokenizer=TOKENIZER)


def test_that_a_language_model_names_next_tokens_of_the_last_it_can_read():
    model = GPTConfig(width=16, num_layers=1, context_length=16).build(STREAM).eval()
    found = predict_text(loaded(model, STREAM), "abcdefgh abcdefgh ab")
    assert found.ids.tolist() == list(TOKENIZER.encode("efgh abcdefgh ab").ids)
    with torch.no_grad():
        best = int(model(torch.from_numpy(found.ids)[None].long())[0, -1, 2:].argmax()) + 2
    assert found.decoded.classes[0] == TOKENIZER.token(best)
    assert "Only the last 16 of 20" in found.notes[0]


def test_that_a_bert_guesses_what_is_hidden():
    model = BERTConfig(width=16, num_layers=1).build(HIDDEN).eval()
    assert isinstance(model, BERT)
    found = predict_text(loaded(model, HIDDEN), "ba[MASK]")
    wanted = fill_mask(model, HIDDEN, TOKENIZER, "ba[MASK]")
    assert found.decoded == decoded(wanted, TOKENIZER)
    assert tuple(found.ids) == wanted.ids


def test_that_a_translator_gives_its_best_texts():
    model = TranslatorConfig(width=16, num_layers=1, decoder_layers=1).build(PAIRS).eval()
    assert isinstance(model, Translator)
    found = predict_text(loaded(model, PAIRS), "cab")
    wanted = translate(model, TOKENIZER.encode("cab").ids, num_beams=4)
    assert found.decoded.classes == tuple(TOKENIZER.decode(one.ids) for one in wanted)
    assert len(found.decoded.classes) == 4


def test_that_signals_are_held_in_a_recurrent_model_and_in_no_other():
    clamps = (Clamp(layer=0, signal="h", value=1.0),)
    model = RNNConfig(hidden_size=6).build(STREAM)
    free, held = (predict_text(loaded(model, STREAM), "abc", clamps=which) for which in ((), clamps))
    assert free.decoded.probabilities != held.decoded.probabilities
    bert, translator = BERTConfig(width=16, num_layers=1).build(HIDDEN), TranslatorConfig(width=16).build(PAIRS)
    for other, sample in ((bert, HIDDEN), (translator, PAIRS)):
        with pytest.raises(UserError, match="Only the gates of recurrent networks can be held"):
            predict_text(loaded(other, sample), "a[MASK]", clamps=clamps)
