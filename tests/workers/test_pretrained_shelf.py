"""Pretrained folders that are looked into without a run: images and their patches, and what is written of them."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
import transformers

from modellab.errors import UserError
from tests.modellab.pretrained.folders import bart, bert, gpt2, vit
from workers.inspect_attention import answer_attention
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf, answer_predict, answer_pretrained
from workers.inspect_text import answer_generate, answer_predict_text
from workers.inspect_tokens import answer_attribution, answer_lens
from workers.protocol import (
    DescribePretrained,
    Generate,
    HeadScale,
    HiddenToken,
    ImageInput,
    Model,
    Predict,
    ShowAttention,
    ShowAttribution,
    ShowLens,
    TextInput,
)

IMAGE = np.random.default_rng(0).integers(0, 255, (12, 12, 3)).astype(np.uint8)


def looked(shelf: ModelShelf, **options: Any) -> Any:
    given = {"image": IMAGE} if "image" in options else None
    return answer_attention(ShowAttention(**options), shelf, shelf.pretrained, DatasetShelf(), given=given)


def test_that_a_vision_transformers_patches_look_as_they_do_eagerly(tmp_path: Path):
    shelf, folder = ModelShelf(), vit(tmp_path)
    header, arrays = looked(shelf, pretrained=str(folder), image=ImageInput())
    assert header.grid == (3, 3)
    assert header.image_of == -1
    (block,) = header.blocks
    assert block.queries == ("class", *(f"{row},{column}" for row in range(3) for column in range(3)))
    assert block.special == (0,)
    np.testing.assert_array_equal(arrays["0/image"], IMAGE)
    model = transformers.ViTForImageClassification.from_pretrained(folder, attn_implementation="eager").eval()
    pixels = torch.from_numpy(IMAGE.transpose(2, 0, 1)[None] / 255).float() * 2 - 1
    with torch.inference_mode():
        said = model(pixel_values=pixels, output_attentions=True)
    for layer, wanted in enumerate(said.attentions):
        query, key = (arrays[f"0/{name}"][layer].astype(np.float32) for name in ("queries", "keys"))
        scores = torch.from_numpy(query @ key.transpose(0, 2, 1) * block.scales[layer])
        torch.testing.assert_close(scores.softmax(-1), wanted[0], atol=1e-3, rtol=0)  # queries are sent as halves
    predicted, _ = answer_predict(
        Predict(model=Model(pretrained=str(folder)), input=ImageInput()), {"image": IMAGE}, shelf
    )
    best = said.logits[0].softmax(0).max()
    assert predicted.probabilities[0] == pytest.approx(float(best), abs=1e-5)
    held = HiddenToken(place=5, token="1,1")
    without, _ = answer_predict(
        Predict(model=Model(pretrained=str(folder)), input=ImageInput(), clamps=(held,)), {"image": IMAGE}, shelf
    )
    assert without.probabilities != predicted.probabilities


def test_that_a_model_of_images_is_described_and_asks_for_one(tmp_path: Path):
    shelf, folder = ModelShelf(), vit(tmp_path)
    answer, _ = answer_pretrained(DescribePretrained(name=str(folder)), shelf)
    assert answer.sample["kind"] == "image"
    assert answer.sample["classes"] == ("LABEL_0", "LABEL_1", "LABEL_2")
    with pytest.raises(UserError, match="reads images: open, paste or drop one under Try it"):
        looked(shelf, pretrained=str(folder))


def test_that_a_model_without_a_head_is_opened_to_look_into_and_says_why_it_cannot_be_tried(tmp_path: Path):
    shelf, folder = ModelShelf(), bert(tmp_path / "whole", kind="BertModel")
    answer, _ = answer_pretrained(DescribePretrained(name=str(folder)), shelf)
    assert "has no head, so it says nothing by itself" in answer.problem
    assert not answer.sample
    assert looked(shelf, pretrained=str(folder), text="the cat")[0].blocks
    broken = bert(tmp_path / "broken", kind="BertModel")
    (broken / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(UserError, match=r"model\.safetensors"):
        answer_pretrained(DescribePretrained(name=str(broken)), shelf)


@pytest.mark.parametrize("make", [gpt2, bart], ids=["gpt2", "bart"])
def test_that_a_head_switched_off_where_it_is_looked_at_is_off_where_the_model_is_tried(tmp_path: Path, make: Any):
    shelf, name = ModelShelf(), str(make(tmp_path))
    header, _ = looked(shelf, pretrained=name, text="the cat sat")
    off = tuple(HeadScale(module=module, head=0) for module in header.blocks[-1].names)
    asked = Predict(model=Model(pretrained=name), input=TextInput(text="the cat sat"))
    before, after = (
        answer_predict_text(msgspec.structs.replace(asked, clamps=clamps), shelf)[0].probabilities
        for clamps in ((), off)
    )
    assert before != after
    if make is gpt2:  # what it writes is looked at as the text is: by the same names
        written, _ = looked(shelf, pretrained=name, ids=(5, 6, 7), clamps=off)
        assert written.blocks[-1].names == header.blocks[-1].names


def test_that_tokens_between_class_and_patches_have_names(tmp_path: Path):
    config = transformers.DeiTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, image_size=12, patch_size=4,
        num_labels=2,
    )  # fmt: skip
    transformers.DeiTForImageClassification(config).save_pretrained(tmp_path)
    header, _ = looked(ModelShelf(), pretrained=str(tmp_path), image=ImageInput())
    assert header.blocks[0].queries[:3] == ("class", "distillation", "0,0")
    assert header.blocks[0].special == (0, 1)


def test_that_attention_within_windows_is_not_shown_as_if_it_were_of_patches(tmp_path: Path):
    config = transformers.SwinConfig(
        image_size=16, patch_size=2, embed_dim=8, depths=[1, 1], num_heads=[1, 2], window_size=2, num_labels=3
    )
    transformers.SwinForImageClassification(config).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="SwinForImageClassification does not look from each patch at every other"):
        looked(ModelShelf(), pretrained=str(tmp_path), image=ImageInput())


def test_that_what_a_pretrained_model_writes_is_looked_at_as_it_was_written(tmp_path: Path):
    shelf, name = ModelShelf(), str(gpt2(tmp_path))
    model = Model(pretrained=name)
    made = [answer for answer, _ in answer_generate(Generate(model=model, text="the cat", num_tokens=3, seed=1), shelf)]
    ids = (*made[0].prompt, *(one.number for one in made))
    header, _ = looked(shelf, pretrained=name, ids=ids)
    assert header.title == tmp_path.name
    assert header.blocks[0].keys == ("the", "cat", *(one.token for one in made))
    found = list(answer_lens(ShowLens(pretrained=name, ids=ids), shelf, shelf.pretrained, DatasetShelf()))[-1]
    assert found is not None
    lens, arrays = found
    assert lens.columns == header.blocks[0].keys
    assert lens.title == header.title
    assert arrays["best"].shape[:2] == (3, 5)


def test_that_classifiers_and_translators_are_read_out_layer_by_layer(tmp_path: Path):
    shelf = ModelShelf()
    for make, says in ((classifier, "class"), (bart, "next")):
        name = str(make(tmp_path / says))
        found = list(
            answer_lens(ShowLens(pretrained=name, text="the cat sat"), shelf, shelf.pretrained, DatasetShelf())
        )
        assert found[-1] is not None
        header, arrays = found[-1]
        assert (header.says, header.title) == (says, says)
        asked = Predict(model=Model(pretrained=name), input=TextInput(text="the cat sat", num_beams=1))
        said, _ = answer_predict_text(asked, shelf)
        likeliest = header.names[int(arrays["best"][-1, 0, 0])]
        assert likeliest == (said.classes[0] if says == "class" else header.columns[1])
        assert header.num_front == (says == "class")


def classifier(folder: Path) -> Path:
    return bert(folder, kind="BertForSequenceClassification")


def test_that_a_classifier_tells_what_its_own_tokens_add(tmp_path: Path):
    shelf, name = ModelShelf(), str(bert(tmp_path, kind="BertForSequenceClassification"))
    question = ShowAttribution(model=Model(pretrained=name), text="the cat sat")
    found = list(answer_attribution(question, shelf, DatasetShelf()))[-1]
    assert found is not None
    header, arrays = found
    assert header.tokens == ("[CLS]", "the", "cat", "sat", "[SEP]")
    assert header.special == (0, 4)
    assert (arrays["contributions"][[0, 4]] == 0).all()
    assert header.baseline + arrays["contributions"].sum() + header.residual == pytest.approx(header.score, abs=1e-4)
