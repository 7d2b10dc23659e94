"""Multi30k in the layout of the hub: official splits, either direction, one sentence when it is not there."""

import json
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modellab.data._hub import PublicSource
from modellab.data.multi30k import Multi30kConfig
from modellab.errors import UserError
from tests.modellab.data.conftest import write_public_text
from tests.modellab.data.test_pairs import texts_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the set lies: 40 training pairs, 10 to validate and 10 to test."""
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path / "hub"))
    write_public_text(tmp_path / "hub", "multi30k")
    return tmp_path / "hub" / "bentrevett" / "multi30k"


def problem() -> UserError:
    with pytest.raises(UserError) as raised:
        Multi30kConfig().load()
    assert "\n" not in raised.value.message
    assert raised.value.field == "dataset"
    return raised.value


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@pytest.mark.parametrize("direction", ["de_en", "en_de"])
def test_that_the_official_splits_are_read_in_either_direction(
    folder: Path, direction: Literal["de_en", "en_de"], form: str
):
    files = {path: [json.loads(line) for line in path.read_text().splitlines()] for path in folder.glob("*.jsonl")}
    wanted = {
        path.stem: [tuple(row[name] for name in direction.split("_")) for row in rows] for path, rows in files.items()
    }
    if form == "parquet":
        for path, rows in files.items():
            split = path.stem.replace("val", "validation")
            (folder / "data").mkdir(exist_ok=True)
            pq.write_table(pa.Table.from_pylist(rows), folder / "data" / f"{split}-00000-of-00001.parquet")
            path.unlink()
    data = Multi30kConfig(direction=direction, tokenizer="bytes", lower_case=False).load()
    assert data.test is not None
    assert texts_of(data, data.train) == wanted["train"]
    assert texts_of(data, data.validation) == wanted["val"]
    assert texts_of(data, data.test) == wanted["test"]
    assert data.notes[0] == "These files of Multi30k hold 40 of the 29,000 official training pairs."


def test_that_fewer_may_train_and_all_validate(folder: Path):
    data = Multi30kConfig(train_limit=15).load()
    assert (len(data.train), len(data.validation)) == (15, 10)
    assert len(Multi30kConfig().load().train) == 40


def test_that_the_second_load_reads_no_source(folder: Path, monkeypatch: pytest.MonkeyPatch):
    Multi30kConfig().load()
    monkeypatch.setattr(PublicSource, "tables", lambda self: pytest.fail("read again"))
    assert len(Multi30kConfig().load().validation) == 10


def test_that_an_absent_set_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path))
    message = problem().message
    assert str(tmp_path / "bentrevett" / "multi30k") in message
    assert "the hub cannot be reached" in message


def test_that_damaged_files_are_one_sentence(folder: Path):
    train = folder / "train.jsonl"
    whole = train.read_text()
    train.write_text(whole[:-20])
    assert f"{train} of Multi30k cannot be read" in problem().message
    train.write_text(whole.replace('"de"', '"fr"'))
    assert problem().message == "Multi30k should have columns de and en; its train split has en, fr."
    train.write_text("")
    assert f"{train} of Multi30k cannot be read" in problem().message
    train.write_text(whole)
    (folder / "val.jsonl").unlink()
    assert "lacks a train or validation split" in problem().message
