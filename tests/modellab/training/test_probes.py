"""Captures of gates while a recurrent model learns: what they hold, which are kept, and that no loss changes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file

from modellab.data.base import LoadedDataset, Sample, Split, UnknownTexts
from modellab.events import Captured, Finished, Progress
from modellab.inspection.gate_search import corpus_of
from modellab.inspection.gates import gates
from modellab.inspection.load import load_model
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.runs.folder import create_run
from modellab.text.characters import CharacterTokenizer
from modellab.training.captures import CaptureWriter
from modellab.training.loop import train
from modellab.training.probes import probes, probes_unknown

WORDS = {
    "architecture": {"name": "gru", "hidden_size": 8, "bidirectional": True},
    "dataset": {"name": "words"},
    "training": {"max_steps": 30, "batch_size": 32, "device": "cpu"},
}
DOCS = {
    "architecture": {"name": "lstm", "hidden_size": 8, "num_layers": 2},
    "dataset": {"name": "python_docs", "window": 20, "train_limit": 20_000},
    "training": {"max_steps": 20, "batch_size": 8, "device": "cpu"},
}


def losses(recipe: Recipe, path: Path | None) -> list[float | None]:
    run = create_run(recipe, path=path) if path is not None else None
    events = list(train(recipe, run))
    assert isinstance(events[-1], Finished)
    return [loss for event in events if isinstance(event, Progress) for loss in event.columns["loss"]]


@pytest.mark.parametrize("values", [WORDS, DOCS], ids=["words", "docs"])
def test_that_captures_hold_the_gates_of_the_pinned_texts_and_change_no_loss(values: dict, tmp_path: Path):
    recipe = recipe_from_builtins(values)
    run = create_run(recipe, path=tmp_path / "run")
    events = list(train(recipe, run))
    with_captures = [loss for event in events if isinstance(event, Progress) for loss in event.columns["loss"]]
    assert with_captures == losses(recipe, None)
    last = [event for event in events if isinstance(event, Captured) and event.kind == "gates"][-1]
    assert last.step == values["training"]["max_steps"]
    arrays = load_file(run.path / last.file)
    with safe_open(run.path / last.file, framework="numpy") as file:
        metadata = file.metadata()
    loaded = load_model(run)
    assert metadata["cell"] == values["architecture"]["name"]
    assert {name.rsplit("/", 1)[1] for name in arrays} == {"ids", *json.loads(metadata["signals"])}
    pinned = probes(recipe.dataset.load())
    assert len(pinned) == 4
    for number, ids in enumerate(pinned):
        assert np.array_equal(arrays[f"{number}/ids"], ids)
        wanted = gates(loaded.model, torch.from_numpy(ids.astype(np.int64))[None]).named()  # type: ignore[arg-type]
        for name, signal in wanted.items():
            np.testing.assert_allclose(arrays[f"{number}/{name}"], signal.numpy(), atol=2e-3)


def test_that_probes_are_whole_short_texts_and_fewer_where_they_are_large():
    sample = Sample(kind="text", task="classification", shape=(5,), classes=("a", "b"), num_tokens=9)
    offsets = np.array([0, 3, 3, 11, 14, 16, 18], dtype=np.int64)
    split = Split(inputs=np.arange(18, dtype=np.int32) % 7 + 2, targets=np.zeros(6, np.int64), offsets=offsets)
    data = LoadedDataset(sample=sample, train=split, validation=split)
    assert [len(ids) for ids in probes(data)] == [3, 5, 3]  # an empty one tells nothing
    assert [len(ids) for ids in probes(data, token_bytes=500_000)] == [3, 5]
    assert [len(ids) for ids in probes(data, token_bytes=50_000_000)] == [3]


def test_that_what_is_unknown_in_a_pinned_text_is_told_by_its_letters():
    sample = Sample(kind="text", task="classification", shape=(5,), classes=("a", "b"), num_tokens=9)
    unknown = UnknownTexts(
        places=np.array([1, 9]), ends=np.array([0, 3, 4]), letters=np.frombuffer("☃h".encode(), dtype=np.uint8)
    )
    split = Split(
        inputs=np.array([2, 1, 3, 4, 5, 6, 7, 2, 3, 1], dtype=np.int32),
        targets=np.zeros(2, np.int64),
        offsets=np.array([0, 3, 10], dtype=np.int64),
        unknown=unknown,
    )
    data = LoadedDataset(sample=sample, train=split, validation=split)
    assert probes_unknown(data) == [{1: "☃"}, {}]  # the second text is cut before its last token
    corpus = corpus_of(data)
    tokenizer = CharacterTokenizer("abcdefg")
    assert (corpus.decoded(0, 3, tokenizer), corpus.decoded(3, 8, tokenizer)) == ("a☃b", "cdefa")


def test_that_of_many_captures_the_log_spaced_ones_and_the_newest_stay(tmp_path: Path):
    run = create_run(recipe_from_builtins(WORDS), path=tmp_path / "run")
    writer = CaptureWriter(run, "gates")
    for step in range(1, 200):
        writer.write({"a": np.zeros(1)}, step=step)
    steps = sorted(int(path.stem.split("-")[1]) for path in run.captures.iterdir())
    assert steps[:5] == [1, 2, 3, 4, 5]
    assert steps[-1] == 199
    assert len(steps) < 30
