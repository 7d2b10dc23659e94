"""A pretrained folder as it is: it says what `transformers` says, and nothing that no head of it was trained for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from modellab.errors import UserError
from modellab.inspection.generate import Sampling, generate
from modellab.inspection.load import LoadedModel
from modellab.inspection.load_pretrained import load_pretrained
from modellab.inspection.predict import predict
from modellab.inspection.predict_text import predict_text
from modellab.pretrained.folder import check_folder
from modellab.pretrained.opening import open_pretrained
from tests.modellab.pretrained.folders import bart, bert, gpt2, vit

TEXT = "the cat sat on the mat"


def loaded(folder: Path) -> LoadedModel:
    return load_pretrained(open_pretrained(check_folder(folder)))


def theirs(folder: Path, kind: str) -> tuple[Any, Any]:
    model = getattr(transformers, kind).from_pretrained(folder).eval()
    return model, transformers.AutoTokenizer.from_pretrained(folder)


def test_that_a_classifier_gives_its_own_classes_and_their_probabilities(tmp_path: Path):
    folder = bert(tmp_path, kind="BertForSequenceClassification", num_labels=3)
    found = predict_text(loaded(folder), TEXT)
    model, tokenizer = theirs(folder, "BertForSequenceClassification")
    with torch.inference_mode():
        wanted = model(**tokenizer(TEXT, return_tensors="pt")).logits[0].softmax(0)
    assert set(found.decoded.classes) == {"LABEL_0", "LABEL_1", "LABEL_2"}
    for name, probability in zip(found.decoded.classes, found.decoded.probabilities, strict=True):
        assert probability == pytest.approx(float(wanted[int(name[-1])]), abs=1e-5)


def test_that_hidden_tokens_are_guessed_as_transformers_does(tmp_path: Path):
    folder = bert(tmp_path)
    found = predict_text(loaded(folder), "the cat [MASK] on")
    model, tokenizer = theirs(folder, "BertForMaskedLM")
    with torch.inference_mode():
        logits = model(**tokenizer("the cat [MASK] on", return_tensors="pt")).logits[0, 3]
    likeliest = tokenizer.convert_ids_to_tokens(logits[5:].topk(3).indices + 5)  # behind the special tokens
    assert [name for name in found.decoded.classes if not name.startswith("[")][:3] == likeliest


def test_that_only_a_head_that_was_trained_for_it_tells_whether_texts_follow(tmp_path: Path):
    with pytest.raises(UserError, match="cannot tell whether one text follows"):
        predict_text(loaded(bert(tmp_path / "masked")), TEXT, pair="a dog ran")
    folder = bert(tmp_path / "both", kind="BertForPreTraining")
    found = predict_text(loaded(folder), TEXT, pair="a dog ran")
    model, tokenizer = theirs(folder, "BertForPreTraining")
    pair = tokenizer(TEXT, "a dog ran", return_token_type_ids=True, return_tensors="pt")
    with torch.inference_mode():
        follows = model(**pair).seq_relationship_logits[0].softmax(0)[0]
    said = dict(zip(found.decoded.classes, found.decoded.probabilities, strict=True))
    assert said["it follows"] == pytest.approx(float(follows), abs=1e-5)


def test_that_a_writer_writes_what_transformers_writes(tmp_path: Path):
    folder = gpt2(tmp_path)
    found: Any = loaded(folder)
    prompt = found.tokenizer.encode("the cat").ids
    sampling = Sampling(num_tokens=6, temperature=0.0)
    written = [found.tokenizer.token(one.token) for one in generate(found.model, found.tokenizer, prompt, sampling)]
    model, tokenizer = theirs(folder, "GPT2LMHeadModel")
    ids = tokenizer("the cat", add_special_tokens=False, return_tensors="pt")["input_ids"]
    wanted = model.generate(ids, max_new_tokens=6, do_sample=False, bad_words_ids=[[0], [1]])[0, 2:]
    assert written == tokenizer.convert_ids_to_tokens(wanted)


def test_that_a_translation_is_greedy_or_the_best_of_a_beam(tmp_path: Path):
    found = loaded(bart(tmp_path))
    greedy, beam = (predict_text(found, "the cat", num_beams=count).decoded for count in (1, 4))
    assert (len(greedy.classes), len(beam.classes)) == (1, 4)
    assert max(beam.probabilities) >= greedy.probabilities[0]


def test_that_an_image_is_classified_as_the_folders_processor_has_it(tmp_path: Path):
    folder = vit(tmp_path)
    transformers.ViTImageProcessorPil(
        size={"height": 12, "width": 12}, image_mean=[0.5, 0.4, 0.3], image_std=[0.2, 0.25, 0.5]
    ).save_pretrained(folder)
    found = loaded(folder)
    assert found.sample.shape == (3, 12, 12)
    pixels = np.random.default_rng(0).integers(0, 255, (3, 12, 12)).astype(np.uint8)
    decoded = predict(found.model, found.sample, pixels)
    processor = transformers.ViTImageProcessorPil.from_pretrained(folder)
    given = processor(pixels.transpose(1, 2, 0), return_tensors="pt")
    with torch.inference_mode():
        model = transformers.ViTForImageClassification.from_pretrained(folder).eval()
        wanted = model(**given).logits[0].softmax(0)
    said = dict(zip(decoded.classes, decoded.probabilities, strict=True))
    assert [said[f"LABEL_{number}"] for number in range(3)] == pytest.approx(wanted.tolist(), abs=1e-5)


def test_that_a_body_without_a_head_says_so(tmp_path: Path):
    with pytest.raises(UserError, match="has no head, so it says nothing by itself; to fine-tune it"):
        loaded(bert(tmp_path, kind="BertModel"))
