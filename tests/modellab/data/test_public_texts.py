"""Public sets of text: the local folder in the hub's layout, official splits, limits, what is wrong with them."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from modellab.data._hub import PublicSource
from modellab.data.hub_text import hub_columns
from modellab.training.batches import make_batches
from tests.modellab.data.conftest import sentence, write_public_text
from tests.modellab.data.text_loading import load, problem


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path / "hub"))
    (tmp_path / "hub").mkdir()
    return tmp_path / "hub"


def write_hub(hub: Path, splits: dict[str, dict[str, Any]], *, metadata: dict[bytes, bytes] | None = None) -> None:
    folder = hub / "someone" / "things"
    folder.mkdir(parents=True)
    for split, columns in splits.items():
        table = pa.table(columns)
        pq.write_table(table.replace_schema_metadata(metadata), folder / f"{split}.parquet")


@pytest.mark.parametrize(
    ("hub_id", "says"),
    [
        ("", "No dataset is named"),
        ("not a name", "is no name of a dataset"),
        ("../../etc", "is no name of a dataset"),
        ("a/b/c", "is no name of a dataset"),
        ("nobody/nothing", "is not in the datasets folder"),
    ],
)
def test_that_a_name_that_is_not_there_is_one_sentence(hub: Path, hub_id: str, says: str):
    found = problem("hub_text", hub_id=hub_id)
    assert says in found.message
    assert found.field == "dataset.hub_id"


def test_that_an_absent_public_text_is_one_sentence(hub: Path):
    started = time.perf_counter()
    error = problem("ag_news")
    assert time.perf_counter() - started < 20
    assert str(hub / "fancyzhx" / "ag_news") in error.message
    assert "the hub cannot be reached" in error.message


def test_that_a_hub_dataset_names_its_classes_and_drops_unlabelled_splits(hub: Path):
    train = {"id": list(range(12)), "quote": [sentence(i) for i in range(12)], "label": [i % 2 for i in range(12)]}
    test = {"id": [1, 2], "quote": ["one two", "three"], "label": [-1, -1]}
    info = b'{"info": {"features": {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}}}'
    write_hub(hub, {"train": train, "test": test}, metadata={b"huggingface": info})
    dataset = load("hub_text", hub_id="someone/things")
    assert dataset.sample.classes == ("no", "yes")
    assert dataset.test is None
    assert "'quote'" in dataset.notes[0]
    assert (
        "no column 'stars'; its columns are id, quote, label"
        in problem("hub_text", hub_id="someone/things", label_column="stars").message
    )


def test_that_the_columns_of_a_hub_dataset_are_there_to_be_picked_pairs_within_one_among_them(hub: Path):
    pairs = [{"de": sentence(i), "en": sentence(i)} for i in range(12)]
    write_hub(hub, {"train": {"id": list(range(12)), "translation": pairs}})
    assert hub_columns("someone/things", "") == ("id", "translation.de", "translation.en")
    (hub / "someone" / "things" / "train.parquet").unlink()
    (hub / "someone" / "things" / "train.jsonl").write_text('{"quote": "a b", "label": 1}\n')
    assert hub_columns(" someone/things ", "") == ("quote", "label")


def test_that_a_hub_dataset_can_be_a_stream(hub: Path):
    write_hub(hub, {"train": {"text": [sentence(i) for i in range(60)]}})
    dataset = load("hub_text", hub_id="someone/things", task="language_modelling", window=8)
    assert dataset.sample.task == "language_modelling"
    assert dataset.sample.shape == (8,)
    assert "train split" in problem_without_train(hub)


def problem_without_train(hub: Path) -> str:
    (hub / "someone" / "things" / "train.parquet").rename(hub / "someone" / "things" / "all.parquet")
    return problem("hub_text", hub_id="someone/things").message


@pytest.mark.parametrize("window", [2, 3, 4])
def test_that_a_window_too_short_for_two_pieces_is_named(window: int):
    error = problem("python_docs", learn="hidden_tokens", window=window)
    assert error.field == "dataset.window"
    assert f"is {window} tokens" in error.message
    assert "at least 5" in error.message


def test_that_the_shortest_window_of_pieces_holds_every_pair_of_them():
    data = load("python_docs", learn="hidden_tokens", tokenizer="words", window=5)
    batches = make_batches(data.train, data.sample, torch.device("cpu"), 64, 0)
    inputs, _ = next(batches.epoch(0))
    assert inputs.shape[1:] == data.sample.shape == (5, 2)


def test_that_public_text_keeps_its_held_out_split_for_testing(hub: Path):
    write_public_text(hub, "sst2")
    dataset = load("sst2", train_limit=20)
    assert dataset.test is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (20, 4, 10)
    assert "hold 40 of the 67,349" in dataset.notes[0]


def test_that_an_evaluation_limit_keeps_every_class_in_its_proportion(hub: Path):
    write_public_text(hub, "sst2", num_train=60, num_held_out=40)
    whole, dataset = load("sst2", validation_share=0.4), load("sst2", validation_share=0.4, evaluation_limit=12)
    assert whole.test is not None
    assert dataset.test is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (len(whole.train), 12, 12)
    for split in (dataset.validation, dataset.test):
        assert np.bincount(split.targets).tolist() == [6, 6]
    np.testing.assert_array_equal(dataset.train.inputs, whole.train.inputs)
    again = load("sst2", validation_share=0.4, evaluation_limit=12)
    assert again.test is not None
    np.testing.assert_array_equal(again.test.inputs, dataset.test.inputs)


def test_that_the_second_load_of_public_text_reads_no_source(hub: Path, monkeypatch: pytest.MonkeyPatch):
    write_public_text(hub, "imdb")
    load("imdb")
    monkeypatch.setattr(PublicSource, "tables", lambda self: pytest.fail("read again"))
    load("imdb", max_length=10)


def test_that_wikitext_has_its_official_vocabulary(real_datasets: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_DATASETS", str(real_datasets))
    dataset = load("wikitext2")
    assert dataset.test is not None
    # 33,278 with <unk> and the end of a line; ours has the padding as well. A stream's targets are one token ahead.
    assert dataset.sample.num_tokens == 33_279
    sizes = [len(part) for part in (dataset.train, dataset.validation, dataset.test)]
    np.testing.assert_allclose(sizes, [2_088_628, 217_646, 245_569], atol=2)
