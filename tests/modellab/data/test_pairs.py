"""Pairs of texts: dates that say one day each and are held out by day, and a person's own parallel files."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from modellab.data.base import LoadedDataset, Split
from modellab.data.dates import FORMATS, LOCALES, DatesConfig, written
from modellab.data.pair_files import PairFilesConfig
from modellab.errors import UserError


def texts_of(data: LoadedDataset, split: Split) -> list[tuple[str, str]]:
    assert data.tokenizer is not None
    assert split.offsets is not None
    assert split.target_offsets is not None
    sides = []
    for tokens, offsets in ((split.inputs, split.offsets), (split.targets, split.target_offsets)):
        parts = np.split(np.asarray(tokens), offsets[1:-1])
        sides.append([data.tokenizer.decode(part.tolist()) for part in parts])
    return list(zip(*sides, strict=True))


def test_that_dates_are_held_out_by_day_and_repeat_themselves():
    data = DatesConfig().load()
    train, validation = texts_of(data, data.train), texts_of(data, data.validation)
    assert (len(train), len(validation)) == (18_000, 2_000)
    assert not {iso for _, iso in train} & {iso for _, iso in validation}
    assert all(datetime.date.fromisoformat(iso) for _, iso in validation)
    assert texts_of(data, DatesConfig().load().validation) == validation
    assert not data.notes


def test_that_a_written_date_says_one_day_whatever_the_language_and_format():
    days = [datetime.date(year, month, day) for year in (1950, 2007, 2031) for month in (1, 2, 7, 10) for day in (1, 7)]
    seen: dict[str, datetime.date] = {}
    for day in days:
        for locale in LOCALES:
            for style in FORMATS:
                assert seen.setdefault(written(day, locale, style), day) == day
    assert written(datetime.date(2031, 3, 7), "fr", "full") == "vendredi 7 mars 2031"


def files(folder: Path, source: str, target: str) -> PairFilesConfig:
    (folder / "de.txt").write_text(source)
    (folder / "en.txt").write_text(target)
    return PairFilesConfig(
        source_file=str(folder / "de.txt"), target_file=str(folder / "en.txt"), tokenizer="words", validation_share=0.25
    )


def test_that_parallel_files_are_read_line_by_line(tmp_path: Path):
    sources, targets = "ein Hund\neine Katze\n\nzwei Hunde\ndrei Katzen\n", "a dog\na cat\nx\ntwo dogs\n3 cats\n"
    data = files(tmp_path, sources, targets).load()
    found = texts_of(data, data.train) + texts_of(data, data.validation)
    assert len(found) == 4
    assert set(texts_of(data, data.train)) <= {
        ("ein Hund", "a dog"),
        ("eine Katze", "a cat"),
        ("zwei Hunde", "two dogs"),
        ("drei Katzen", "3 cats"),
    }
    assert data.notes[0] == "Left out 1 line with nothing on one side."
    assert data.sample.task == "translation"


def test_that_a_file_of_mixed_encodings_is_told_of(tmp_path: Path):
    config = files(tmp_path, "", "the dog\nthe cat\ntwo dogs\nthree cats\n")
    Path(config.source_file).write_bytes("größer\nkühl\n".encode() + "größer\nkühl\n".encode("latin-1"))
    assert config.load().notes[0].startswith("de.txt mixes encodings")


def test_that_files_of_other_lengths_are_named_at_the_field(tmp_path: Path):
    with pytest.raises(UserError, match=r"has 2 lines and .* has 1") as raised:
        files(tmp_path, "a\nb\n", "a\n").load()
    assert raised.value.field == "dataset.target_file"


def test_that_a_missing_file_is_named_at_its_field():
    with pytest.raises(UserError) as raised:
        PairFilesConfig().load()
    assert raised.value.field == "dataset.source_file"
