"""A pretrained model trained as any other: its tokenizer cuts the data, its runs open again, export and come back."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from modellab.cli import main
from modellab.errors import UserError
from modellab.events import Failed, Finished, Started
from modellab.inspection.attention import layers_of
from modellab.inspection.load import LoadedModel, load_model
from modellab.inspection.predict_text import predict_text
from modellab.nets.pretrained import Pretrained
from modellab.pretrained.folder import check_folder
from modellab.pretrained.opening import open_pretrained
from modellab.recipe import Recipe, recipe_from_builtins, with_values
from modellab.runs.checkpoints import list_checkpoints
from modellab.runs.folder import RunFolder, create_run
from modellab.training.loop import train
from modellab.training.session import run_session
from tests.modellab.pretrained.folders import WORDS, bart, bert, gpt2, vit
from tests.modellab.training.helpers import only
from workers.inspect_attention import answer_attention
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf
from workers.inspect_text import answer_generate
from workers.pretrained_shelf import PretrainedShelf
from workers.protocol import AttentionHeader, Generate, HiddenToken, Model, ShowAttention

MODES = ["all", "last", "head", "lora"]
TEXTS = ("the cat sat on the mat", "a dog ran home", "the dog sat .", "a cat ran on")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)


def table(at: Path, count: int = 40) -> dict[str, Any]:
    """Texts of two classes, by their first word."""
    rows = [
        f"{TEXTS[number % 4]},{'one' if TEXTS[number % 4].startswith('the') else 'other'}" for number in range(count)
    ]
    at.mkdir(parents=True, exist_ok=True)
    (at / "texts.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    return {"name": "text_table", "file": str(at / "texts.csv"), "max_length": 8}


def recipe_of(folder: Path, dataset: dict[str, Any], **options: Any) -> Recipe:
    training = {"max_steps": 6, "batch_size": 8, "learning_rate": 0.01, "device": "cpu"}
    architecture = {"name": "pretrained", "folder": str(folder), **options}
    return recipe_from_builtins({"architecture": architecture, "dataset": dataset, "training": training})


def trained(recipe: Recipe, path: Path) -> LoadedModel:
    events = list(run_session(create_run(recipe, path=path), is_interactive=False))
    assert isinstance(events[-1], Finished), events[-1]
    return load_model(RunFolder(path))


def needs(mode: str) -> None:
    if mode == "lora":
        pytest.importorskip("peft", reason="LoRA needs the package peft")


def test_that_the_folders_tokenizer_cuts_the_data(tmp_path: Path):
    recipe = recipe_of(bert(tmp_path / "model"), {**table(tmp_path), "tokenizer": "characters"})
    data = recipe.data().load()
    assert data.tokenizer is not None
    assert data.sample.num_tokens == 15
    assert data.train.offsets is not None
    first = data.train.inputs[data.train.offsets[0] : data.train.offsets[1]].tolist()
    assert data.tokenizer.decode(first) in TEXTS


@pytest.mark.parametrize("mode", MODES)
def test_that_a_run_opens_again_with_what_it_learnt(mode: str, tmp_path: Path):
    needs(mode)
    recipe = recipe_of(bert(tmp_path / "model"), table(tmp_path), train=mode, last_layers=1)
    loaded = trained(recipe, tmp_path / "run")
    first = load_model(RunFolder(tmp_path / "run"), step=0)
    assert (loaded.step, first.step) == (6, 0)
    found = predict_text(loaded, "the cat sat")
    assert sum(found.decoded.probabilities) == pytest.approx(1)
    assert found.decoded.probabilities != predict_text(first, "the cat sat").decoded.probabilities
    sizes = [
        sum(path.stat().st_size for path in one.folder.iterdir())
        for one in list_checkpoints(RunFolder(tmp_path / "run"))
    ]
    whole = (tmp_path / "model" / "model.safetensors").stat().st_size
    assert mode != "head" or max(sizes) < whole, "what does not learn is not kept"


@pytest.mark.parametrize("mode", ["all", "head"])
def test_that_a_run_that_stopped_goes_on_as_if_it_had_not(mode: str, tmp_path: Path):
    """Dropout draws from the generator whose state is kept."""
    recipe = recipe_of(bert(tmp_path / "model"), table(tmp_path), train=mode)
    whole = trained(recipe, tmp_path / "whole")
    half = create_run(recipe, path=tmp_path / "half")
    for _ in train(with_values(recipe, {"training.max_steps": 3}), half):
        pass
    events = list(train(recipe, half, resume=True))
    assert isinstance(events[-1], Finished)
    again = load_model(half)
    for name, weight in whole.model.state_dict().items():
        torch.testing.assert_close(again.model.state_dict()[name], weight)


@pytest.mark.parametrize("mode", MODES)
def test_that_an_exported_run_opens_with_equal_logits_and_comes_back(mode: str, tmp_path: Path):
    needs(mode)
    recipe = recipe_of(bert(tmp_path / "model"), table(tmp_path), train=mode, last_layers=1)
    loaded = trained(recipe, tmp_path / "run")
    folder = tmp_path / "exported"
    assert main(["export", str(tmp_path / "run"), "--to", str(folder)]) == 0
    theirs: Any = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    cut = transformers.AutoTokenizer.from_pretrained(folder)
    assert theirs.config.id2label == {0: "one", 1: "other"}
    with torch.no_grad():
        said = theirs(**cut(TEXTS[0], return_tensors="pt")).logits.softmax(1)[0]
    ours = predict_text(loaded, TEXTS[0]).decoded
    wanted = dict(zip(ours.classes, ours.probabilities, strict=True))
    np.testing.assert_allclose([wanted["one"], wanted["other"]], said.numpy(), atol=1e-5)

    assert check_folder(folder).use == "sequence_classification"
    open_pretrained(check_folder(folder))
    back = recipe_of(folder, table(tmp_path))
    model = back.architecture.build(back.data().load().sample).eval()
    ids = torch.tensor([[5, 6, 7, 8, 5, 9]])
    with torch.no_grad():
        torch.testing.assert_close(model(ids), loaded.model(ids), atol=1e-5, rtol=1e-5)


def test_that_a_language_model_a_translator_a_guesser_and_images_are_trained(tmp_path: Path):
    lines = "\n".join(TEXTS * 30)
    for name in ("text", "source", "target"):
        (tmp_path / f"{name}.txt").write_text(lines)
    pairs = {"source_file": str(tmp_path / "source.txt"), "target_file": str(tmp_path / "target.txt"), "max_length": 12}
    cases: dict[str, tuple[Callable[[Path], Path], dict[str, Any]]] = {
        "causal": (gpt2, {"name": "text_file", "file": str(tmp_path / "text.txt"), "window": 10}),
        "masked": (bert, {"name": "python_docs", "learn": "hidden_tokens", "window": 20, "train_limit": 3000}),
        "seq2seq": (bart, {"name": "pair_files", **pairs}),
        "image": (vit, {"name": "digits"}),
    }
    for name, (make, dataset) in cases.items():
        folder = make(tmp_path / name / "model")
        loaded = trained(recipe_of(folder, dataset), tmp_path / name / "run")
        assert isinstance(loaded.model, Pretrained)
        assert main(["export", str(tmp_path / name / "run"), "--to", str(tmp_path / name / "out")]) == 0
        assert check_folder(tmp_path / name / "out").use == ("image_classification" if name == "image" else name)
        if name != "image":
            open_pretrained(check_folder(tmp_path / name / "out"))
            said = predict_text(loaded, "the [MASK] sat" if name == "masked" else "the cat sat").decoded
            assert len(said.classes) > 0
            assert all(0 <= one <= 1 for one in said.probabilities)
            shown, _ = answer_attention(
                ShowAttention(model=Model(run=str(tmp_path / name / "run")), text="the cat"),
                ModelShelf(), PretrainedShelf(), DatasetShelf(),
            )  # fmt: skip
            kinds = [block.kind for block in shown.blocks]
            assert kinds == {"causal": ["decoder"], "masked": ["encoder"]}.get(name, ["encoder", "decoder", "cross"])


def test_that_a_fine_tuned_language_model_writes(tmp_path: Path):
    (tmp_path / "text.txt").write_text("\n".join(TEXTS * 30))
    dataset = {"name": "text_file", "file": str(tmp_path / "text.txt"), "window": 10}
    trained(recipe_of(gpt2(tmp_path / "model"), dataset), tmp_path / "run")
    request = Generate(model=Model(run=str(tmp_path / "run")), text="the cat", num_tokens=40, seed=1)
    written = [answer for answer, _ in answer_generate(request, ModelShelf())]
    assert len(written) == 40, "further than its context of 32 tokens"
    assert written[-1].is_last
    assert set(written[-1].text.replace(" ", "")) <= set("".join(WORDS))


def test_that_a_run_of_which_all_learnt_needs_the_folder_no_more_and_another_says_that_it_does(tmp_path: Path):
    for mode in ("all", "head"):
        folder = bert(tmp_path / mode / "model")
        loaded = trained(recipe_of(folder, table(tmp_path), train=mode), tmp_path / mode / "run")
        shutil.rmtree(folder)
        run = RunFolder(tmp_path / mode / "run")
        assert not list(run.path.glob("model/*.safetensors"))
        if mode == "head":
            with pytest.raises(UserError, match="There is no folder"):
                load_model(run)
            continue
        said = predict_text(load_model(run), TEXTS[0]).decoded
        assert said == predict_text(loaded, TEXTS[0]).decoded
        assert main(["export", str(run.path), "--to", str(tmp_path / "out")]) == 0
        open_pretrained(check_folder(tmp_path / "out"))


def test_that_its_attention_is_that_of_the_model_itself_with_the_tokens_around_the_text(tmp_path: Path):
    recipe = recipe_of(bert(tmp_path / "model"), table(tmp_path))
    loaded = trained(recipe, tmp_path / "run")
    run = Model(run=str(tmp_path / "run"))
    shelves = ModelShelf(), PretrainedShelf(), DatasetShelf()
    header, arrays = answer_attention(ShowAttention(model=run, text="the cat sat"), *shelves)
    assert isinstance(header, AttentionHeader)
    assert header.blocks[0].keys == ("[CLS]", "the", "cat", "sat", "[SEP]")
    assert header.blocks[0].special == (0, 4)
    model: Any = loaded.model
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    layers = layers_of(model.model, lambda: model.model(ids))
    np.testing.assert_allclose(arrays["0/mean"][0], layers[0].weights().mean(0).numpy(), atol=2e-3)
    pinned, _ = answer_attention(ShowAttention(model=run), *shelves)
    assert pinned.blocks[0].keys[0] == "[CLS]"

    hidden = HiddenToken(place=2, token="cat")
    _, held = answer_attention(ShowAttention(model=run, text="the cat sat", clamps=(hidden,)), *shelves)
    assert (held["0/picture"][..., 2] == 0).all()
    plain = predict_text(loaded, "the cat sat").decoded.probabilities
    assert predict_text(loaded, "the cat sat", clamps=(hidden,)).decoded.probabilities != plain


def test_that_an_images_attention_is_shown_on_its_patches(tmp_path: Path):
    trained(recipe_of(vit(tmp_path / "model"), {"name": "digits"}), tmp_path / "run")
    request = ShowAttention(model=Model(run=str(tmp_path / "run")))
    header, arrays = answer_attention(request, ModelShelf(), PretrainedShelf(), DatasetShelf())
    assert header.grid == (3, 3)
    assert header.blocks[0].keys == ("class", *(f"{row},{column}" for row in range(3) for column in range(3)))
    assert arrays["0/picture"].shape == (2, 2, 10, 10)


def test_that_a_run_says_what_its_model_folder_lacks_in_one_sentence(tmp_path: Path):
    folder = bert(tmp_path / "model")
    recipe = recipe_of(folder, table(tmp_path))
    (folder / "config.json").unlink()
    (event,) = only(train(recipe), Failed)
    assert event.message.startswith(f"{folder} holds no pretrained model")
    assert not event.traceback


def test_that_parameters_are_counted_with_the_frozen_ones(tmp_path: Path):
    recipe = recipe_of(bert(tmp_path / "model"), table(tmp_path), train="head")
    (started,) = only(train(recipe), Started)
    assert started.num_parameters == sum(
        weight.numel() for weight in recipe.architecture.build(recipe.data().load().sample).parameters()
    )


def test_that_a_text_beyond_what_the_model_reads_is_refused_before_training(tmp_path: Path):
    recipe = recipe_of(bert(tmp_path / "model"), {**table(tmp_path), "max_length": 31})
    with pytest.raises(UserError, match="make it at most 30") as caught:
        recipe.architecture.build(recipe.data().load().sample)
    assert caught.value.field == "dataset.max_length"
