"""The logit lens: its last row is what the model says, its others the model cut short; ours and pretrained ones."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from torch import Tensor, nn

from modellab.architectures.gpt import GPTConfig
from modellab.architectures.lstm import LSTMConfig
from modellab.errors import UserError
from modellab.inspection.logit_lens import (
    NUM_BEST,
    Lens,
    check_read_out,
    logit_lens,
    read_out_of,
    read_out_of_pretrained,
    read_states,
    states_of,
)
from tests.modellab.inspection.test_attention import bert, gpt2, llama, made, t5
from tests.modellab.inspection.test_interventions import IDS, STREAM, ours
from tests.modellab.nets import test_pretrained as fine_tuned
from tests.modellab.nets.test_pretrained import built
from tests.modellab.pretrained import folders

NEVER = (0, 1)


def one_text(name: str) -> tuple[Any, Tensor]:
    model, (inputs,) = ours(name)
    return model, inputs[:1, :9]


def lens_of(model: nn.Module, inputs: Tensor, **options: Any) -> Lens:
    return logit_lens(model, read_out_of(model), lambda: model(inputs), **options)


def assert_is(lens: Lens, row: int, logits: Tensor, *, first: int = 0) -> None:
    """The row holds these logits [C, K]."""
    shares = logits.softmax(1)
    best = shares.topk(min(NUM_BEST, shares.shape[1]), dim=1)
    kept = slice(first, first + len(logits))
    np.testing.assert_allclose(lens.probabilities[row, kept], best.values.numpy(), atol=1e-5)
    np.testing.assert_array_equal(lens.best[row, kept, 0], best.indices[:, 0].numpy())
    entropy = -(shares * shares.log()).nan_to_num(0.0).sum(1)
    np.testing.assert_allclose(lens.entropy[row, kept], entropy.numpy(), atol=1e-4)


@pytest.mark.parametrize("name", ["gpt", "gpt rotary", "bert", "translator"])
def test_that_the_last_row_is_what_the_model_says(name: str):
    model, inputs = one_text(name)
    with torch.no_grad():
        outputs = model(inputs)
    logits = (outputs if isinstance(outputs, Tensor) else outputs.tokens)[0]
    lens = lens_of(model, inputs)
    assert lens.best.shape == (3, 9, 5)
    assert_is(lens, -1, logits)
    np.testing.assert_allclose(lens.final[-1], lens.probabilities[-1, :, 0])


@pytest.mark.parametrize("pooling", ["mean", "max", "first"])
def test_that_the_first_column_of_a_classifier_is_what_it_says_of_the_text(pooling: str):
    model, inputs = one_text("encoder")
    model.pooling = pooling
    with torch.no_grad():
        logits = model(inputs)
    lens = lens_of(model, inputs)
    assert lens.best.shape == (3, 10, 3)
    assert_is(lens, -1, logits)


@pytest.mark.parametrize("norm", ["before", "after"])
def test_that_a_row_is_the_model_without_the_layers_above(norm: Any):
    torch.manual_seed(0)
    model: Any = GPTConfig(width=16, num_layers=3, num_heads=4, norm=norm, context_length=12).build(STREAM).eval()
    lens = lens_of(model, IDS[:1])
    for row in (2, 1, 0):
        model.blocks = model.blocks[:row]
        with torch.no_grad():
            assert_is(lens, row, model(IDS[:1])[0])


def test_that_the_probability_of_the_final_word_is_told_of_every_layer_and_some_words_are_never_said():
    model, inputs = one_text("gpt")
    lens = lens_of(model, inputs, never=NEVER)
    said = lens.best[-1, :, 0]
    assert not np.isin(lens.best, NEVER).any()
    for row in range(3):
        where = lens.best[row] == said[:, None]
        for column in np.nonzero(where.any(1))[0]:
            assert lens.final[row, column] == lens.probabilities[row, column][where[column]]


def test_that_a_long_text_is_read_out_in_parts_as_at_once(monkeypatch: pytest.MonkeyPatch):
    model, inputs = one_text("gpt")
    whole = lens_of(model, inputs)
    read_out = read_out_of(model)
    assert list(read_states(read_out, states_of(model, read_out, lambda: model(inputs))))[:-1] == []
    monkeypatch.setattr("modellab.inspection.logit_lens._SMALL", 2)
    monkeypatch.setattr("modellab.inspection.logit_lens._MOST_LOGITS", 8)
    *turns, parts = read_states(read_out, states_of(model, read_out, lambda: model(inputs)))
    assert turns == [None] * (3 * 3), "three rows of four, four and one token"
    assert parts is not None
    np.testing.assert_array_equal(whole.best, parts.best)
    np.testing.assert_allclose(whole.final, parts.final, atol=1e-6)


def test_that_a_large_vocabulary_is_read_out_few_tokens_at_a_time():
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=50_000, n_embd=8, n_layer=1, n_head=2))
    read_out = read_out_of_pretrained(model.eval(), "it")
    assert read_out.num_together == 16
    ids = torch.arange(40)[None]
    found = list(read_states(read_out, states_of(model, read_out, lambda: model(input_ids=ids))))
    assert found[:-1] == [None] * (2 * 3)


def bert_masked() -> nn.Module:
    sizes = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}
    return transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=50, **sizes))


@pytest.mark.parametrize("make", [gpt2, llama, bert_masked])
def test_that_the_last_row_is_what_a_pretrained_model_says(make: Callable[[], nn.Module]):
    model: Any = made(make)
    read_out = read_out_of_pretrained(model, "it")
    with torch.no_grad():
        logits = model(input_ids=IDS[:1]).logits[0]
    lens = logit_lens(model, read_out, lambda: model(input_ids=IDS[:1]))
    assert lens.best.shape == (4, 9, 5)
    assert_is(lens, -1, logits)


@pytest.mark.parametrize("kind", ["gpt2", "bert", "bert for pretraining"])
def test_that_the_last_row_is_what_a_fine_tuned_model_says(kind: str, tmp_path: Path):
    ids = torch.tensor([[5, 6, 7, 8]])
    if kind == "gpt2":
        model, inputs = built(folders.gpt2(tmp_path), fine_tuned.STREAM).eval(), ids
    else:
        name = "BertForPreTraining" if "pretraining" in kind else "BertForMaskedLM"
        model = built(folders.bert(tmp_path, kind=name), fine_tuned.PIECES).eval()
        inputs = torch.stack([ids, torch.zeros_like(ids)], dim=2)
    with torch.no_grad():
        outputs = model(inputs)
    lens = lens_of(model, inputs)
    assert lens.best.shape == (3, 4, 5)
    assert_is(lens, -1, (outputs if isinstance(outputs, Tensor) else outputs.tokens)[0])


def test_that_a_fine_tuned_classifier_is_read_out_as_it_would_be_without_the_layers_above(tmp_path: Path):
    model = built(folders.bert(tmp_path, kind="BertForSequenceClassification", num_labels=3)).eval()
    ids = torch.tensor([[5, 6, 7, 8]])
    lens = logit_lens(model, read_out_of(model, ids=ids, run=lambda: model(ids)), lambda: model(ids))
    assert lens.best.shape == (3, 7, 3), "two layers and what the first reads; the whole text, and [CLS] to [SEP]"
    for row in (2, 1, 0):
        model.model.bert.encoder.layer = model.model.bert.encoder.layer[:row]
        with torch.no_grad():
            assert_is(lens, row, model(ids))
    np.testing.assert_allclose(lens.probabilities[:, 0], lens.probabilities[:, 1], atol=1e-6)  # it pools [CLS]


def test_that_a_translators_decoder_is_read_out_as_it_would_be_without_the_layers_above(tmp_path: Path):
    model = built(folders.bart(tmp_path), fine_tuned.PAIRS).eval()
    source, target = torch.tensor([[5, 6, 7, 8]]), torch.tensor([[model.begin, 9, 6]])

    def run() -> Any:
        return model.decode(target, *model.encode(source))

    lens = logit_lens(model, read_out_of(model, ids=source, run=run), run)
    layers = model.model.model.decoder.layers
    assert lens.best.shape == (len(layers) + 1, 3, 5)
    for row in range(len(layers), -1, -1):
        model.model.model.decoder.layers = model.model.model.decoder.layers[:row]
        with torch.no_grad():
            assert_is(lens, row, run()[0])


def test_that_the_parts_of_a_layer_are_no_layers(tmp_path: Path):
    model = built(folders.t5(tmp_path), fine_tuned.PAIRS).eval()
    source, target = torch.tensor([[5, 6, 7, 8]]), torch.tensor([[model.begin, *[9, 6] * 10]])

    def run() -> Any:
        return model.decode(target, *model.encode(source))

    lens = logit_lens(model, read_out_of(model, ids=source, run=run), run)
    assert lens.best.shape == (3, 21, 5), "two layers of three parts each, and what the first reads"
    with torch.no_grad():
        assert_is(lens, -1, run()[0])


@pytest.mark.parametrize("make", [folders.bart, folders.t5])
def test_that_an_encoder_decoder_that_classifies_is_read_out_in_its_encoder(make: Callable[..., Path], tmp_path: Path):
    kind = "BartForSequenceClassification" if make is folders.bart else "T5ForSequenceClassification"
    model = built(make(tmp_path, kind=kind, num_labels=3)).eval()
    ids = torch.tensor([[5, 6, 7, 8]])
    lens = logit_lens(model, read_out_of(model, ids=ids, run=lambda: model(ids)), lambda: model(ids))
    assert lens.best.shape == (3, 7, 3), "two layers and what the first reads; the whole text, and [CLS] to [SEP]"
    with torch.no_grad():
        assert_is(lens, -1, model(ids))


def test_that_a_model_that_is_read_out_otherwise_is_refused():
    model: Any = made(llama)
    read_out = read_out_of_pretrained(model, "it")
    state = torch.randn(1, 9, 32)
    with torch.no_grad():
        logits = read_out.head(state)
        check_read_out(read_out, state, logits, "it")
        with pytest.raises(UserError, match="not known here"):
            check_read_out(read_out, state, logits.tanh() * 30, "Gemma")

        def stumble(state: Tensor) -> Tensor:
            raise RuntimeError("not of this shape")

        with pytest.raises(UserError, match="not known here"):
            check_read_out(dataclasses.replace(read_out, head=stumble), state, logits, "it")
    for other in (bert, t5):
        with pytest.raises(UserError, match="says neither tokens nor classes"):
            read_out_of_pretrained(made(other), "MiniLM")
    with pytest.raises(UserError, match="no layers to read out"):
        read_out_of(LSTMConfig().build(STREAM))
