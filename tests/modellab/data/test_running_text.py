"""Any running text can be learned by its hidden tokens, too, and a BERT asks for them itself; pairs of the hub."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from modellab.architectures.bert import BERTConfig
from modellab.architectures.translator import TranslatorConfig
from modellab.data import DatasetConfig
from modellab.data.text_file import TextFileConfig
from modellab.training.batches import make_batches
from tests.modellab.data.conftest import sentence
from tests.modellab.data.text_loading import load, problem, text_of

Example = Callable[[str], DatasetConfig]


@pytest.mark.parametrize("name", ["text_file", "tiny_shakespeare", "wikitext2", "python_docs", "hub_text"])
def test_that_a_bert_is_given_hidden_tokens_of_running_text(name: str, example: Example):
    changes: dict[str, Any] = {"window": 32} | ({"task": "masked_language_modelling"} if name == "hub_text" else {})
    if name == "hub_text":
        changes["text_column"] = "sentence"
    data = BERTConfig().suited(msgspec.structs.replace(example(name), **changes)).load()
    assert BERTConfig().misfit(data.sample) == ""
    for split in data.splits().values():
        inputs, targets = next(make_batches(split, data.sample, torch.device("cpu"), 4, 0).epoch(0))
        assert inputs.shape[2] == 2
        assert (targets[:, 1:] > 0).any()


def test_that_what_is_odd_about_a_text_is_said_of_its_pieces_too(tmp_path: Path):
    path = tmp_path / "old.txt"
    path.write_bytes("\n".join(f"Café number {n} is open." for n in range(60)).encode("latin-1"))
    found = TextFileConfig(file=str(path), learn="hidden_tokens", window=48).load()
    assert found.notes == TextFileConfig(file=str(path), window=48).load().notes
    assert "old.txt" in found.notes[0]


def write_pairs(folder: Path, columns: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "train.parquet")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path))
    return tmp_path / "someone" / "pairs"


def test_that_pairs_that_the_hub_keeps_in_one_column_are_translated(hub: Path):
    pairs = [{"de": f"ein {sentence(n)}", "en": f"a {sentence(n)}"} for n in range(40)]
    write_pairs(hub, {"id": list(range(40)), "translation": pairs})
    data = load("hub_text", hub_id="someone/pairs", task="translation")
    assert TranslatorConfig().misfit(data.sample) == ""
    assert data.notes[0] == "Sources are read from the column 'translation.de', targets from 'translation.en'."
    assert text_of(data, "validation", 0).startswith("ein ")


def test_that_the_columns_of_a_hubs_pairs_are_picked_and_empty_ones_left_out(hub: Path):
    texts = [sentence(n) for n in range(20)]
    write_pairs(hub, {"question": texts, "long": texts, "answer": [*texts[:19], ""]})
    picked = {"hub_id": "someone/pairs", "task": "translation", "source_column": "long", "target_column": "answer"}
    data = load("hub_text", **picked, train_limit=10)
    assert len(data.train) + len(data.validation) == 10
    assert "Left out 1 row of the train split without a source or a target" in data.notes[1]
    error = problem("hub_text", **picked | {"target_column": "sql"})
    assert error.field == "dataset.target_column"
    assert "no column 'sql'; its columns are question, long, answer" in error.message
