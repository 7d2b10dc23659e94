"""Tiny Shakespeare: from a text file or Parquet in the datasets folder; absent or damaged it is one sentence."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modellab.data.tiny_shakespeare import TinyShakespeareConfig
from modellab.errors import UserError

TEXT = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n\n" * 30


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path))
    found = tmp_path / "karpathy" / "tiny_shakespeare"
    found.mkdir(parents=True)
    return found


def check(config: TinyShakespeareConfig) -> None:
    data = config.load()
    assert data.tokenizer is not None
    decoded = data.tokenizer.decode([*data.train.inputs.tolist(), int(data.train.targets[-1])])
    assert TEXT.startswith(decoded)
    assert 0.88 < len(decoded) / len(TEXT) < 0.92
    assert data.sample.shape == (64,)
    assert "of its 1,115,394 characters" in data.notes[0]


def test_that_a_text_file_in_its_folder_is_read(folder: Path):
    (folder / "input.txt").write_text(TEXT)
    check(TinyShakespeareConfig())


def test_that_the_splits_of_the_hub_are_put_together(folder: Path):
    for name, part in (("train", TEXT[:1800]), ("validation", TEXT[1800:2000]), ("test", TEXT[2000:])):
        pq.write_table(pa.table({"text": [part]}), folder / f"{name}-00000-of-00001.parquet")
    check(TinyShakespeareConfig())


def test_that_files_of_another_form_are_named(folder: Path):
    pq.write_table(pa.table({"words": ["a"]}), folder / "train.parquet")
    with pytest.raises(UserError, match="column text"):
        TinyShakespeareConfig().load()
