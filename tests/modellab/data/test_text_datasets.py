"""Datasets of text: what they hold, what is wrong with a person's own, and that they are tokenised once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from modellab.data._text_columns import classes_of
from modellab.text.tokenizer import UNKNOWN
from tests.modellab.data.conftest import sentence, write_text_folder
from tests.modellab.data.text_loading import load, problem, text_of

Write = Callable[..., str]
SPAM = "text,label\n" + "".join(f'"{sentence(index)}",{"spam" if index % 2 else "ham"}\n' for index in range(20))


def test_that_importing_the_datasets_loads_no_library_of_text():
    script = "import sys, modellab.data; modellab.data.datasets(); print(*sys.modules)"
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert {"torch", "tokenizers", "datasets", "babel", "pyarrow"}.isdisjoint(child.stdout.split())


# -- embedded


def test_that_the_words_are_of_20_languages_and_of_one_only():
    dataset = load("words")
    labels = {
        text_of(dataset, split, row): label
        for split, part in dataset.splits().items()
        for row, label in enumerate(part.targets.tolist())
    }
    assert len(dataset.sample.classes) == 20
    assert 13_000 < len(labels) == len(dataset.train) + len(dataset.validation) < 16_000
    assert all(word == word.lower() and word.isalpha() for word in labels)
    known = {"alemania": "Spanish", "maanantai": "Finnish", "deutschland": "German", "szwecja": "Polish"}
    assert {word: dataset.sample.classes[labels[word]] for word in known} == known


def test_that_a_capital_is_no_other_letter_in_the_words():
    tokenizer = load("words").tokenizer
    assert tokenizer is not None
    assert tokenizer.encode("Haus").ids == tokenizer.encode("haus").ids


def test_that_the_words_split_is_stratified():
    dataset = load("words")
    train, held = (np.bincount(part.targets, minlength=20) for part in (dataset.train, dataset.validation))
    np.testing.assert_allclose(held / (train + held), 0.2, atol=0.01)


def test_that_pythons_documentation_is_whole_topics():
    dataset = load("python_docs")
    assert dataset.tokenizer is not None
    text = dataset.tokenizer.decode(dataset.train.targets.tolist())
    held = dataset.tokenizer.decode(dataset.validation.inputs.tolist())
    assert len(text) + len(held) > 300_000
    assert 0.05 < len(held) / (len(text) + len(held)) < 0.15
    assert text.endswith("\n\n\n")
    assert held[:200] not in text


def test_that_a_limit_keeps_the_beginning_of_a_stream():
    dataset = load("python_docs", train_limit=5000)
    assert len(dataset.train) == 5000
    np.testing.assert_array_equal(dataset.train.inputs, load("python_docs").train.inputs[:5000])


# -- tokenised once


def test_that_text_is_tokenised_once_and_mapped_afterwards(write_table: Write, monkeypatch: pytest.MonkeyPatch):
    path = write_table(SPAM)
    first = load("text_table", file=path)
    monkeypatch.setattr("modellab.data._text.fit_tokenizer", lambda *args: pytest.fail("tokenised again"))
    second = load("text_table", file=path, max_length=9)
    np.testing.assert_array_equal(first.train.inputs, second.train.inputs)
    assert isinstance(second.train.inputs, np.memmap)
    assert second.sample.shape == (9,)
    assert "longer than 9 tokens" in second.notes[-1]
    assert second.train.sources[0].startswith("row ")


def test_that_a_changed_file_is_tokenised_anew(write_table: Write):
    before = load("text_table", file=write_table(SPAM))
    after = load("text_table", file=write_table(SPAM + "a brand new line,ham\n"))
    assert len(after.train) + len(after.validation) == 1 + len(before.train) + len(before.validation)


def test_that_options_that_are_not_asked_for_change_nothing(write_table: Write, monkeypatch: pytest.MonkeyPatch):
    path = write_table(SPAM)
    load("text_table", file=path, tokenizer="characters")
    monkeypatch.setattr("modellab.data._text.fit_tokenizer", lambda *args: pytest.fail("tokenised again"))
    load("text_table", file=path, tokenizer="characters", vocabulary_size=77)


@pytest.mark.parametrize("tokenizer", ["characters", "bytes", "words", "bpe", "wordpiece"])
def test_that_every_tokenizer_serves_both_tasks(write_table: Write, tokenizer: str):
    options = {"tokenizer": tokenizer, "vocabulary_size": 400, "lower_case": False}
    dataset = load("text_table", file=write_table(SPAM), **options)
    assert text_of(dataset, "train", 0).startswith("text ")
    stream = load("text_file", file=write_table(SPAM * 3, "a.txt"), window=16, **options)
    assert stream.tokenizer is not None
    assert stream.tokenizer.size == stream.sample.num_tokens


def test_that_the_vocabulary_is_of_the_training_texts_alone(write_table: Write):
    rows = SPAM + "".join(f"word{index} word{index},ham\n" for index in range(100, 200))
    dataset = load("text_table", file=write_table(rows))
    assert (dataset.train.inputs != UNKNOWN).all()
    assert (dataset.validation.inputs == UNKNOWN).any()


# -- a person's own, gone wrong


@pytest.mark.parametrize(
    ("content", "says", "field"),
    [
        ("text,label\nhello there,a\nhow are you,a\nfine thanks,a\nbye,a\n", "is 'a' in every row", "label_column"),
        ("text,label\nhello,a\n,b\nfine,a\nbye,b\n", "row 3 has nothing in column 'text'", "file"),
        ("text,label\nhello,a\nyes,\nfine,a\nbye,b\n", "row 3 has nothing in column 'label'", "file"),
        ("text,label\nhello,a,more\nyes,b\nfine,a\nbye,b\n", "row 2 has 3 cells instead of 2", "file"),
        ("one,two,three\n1,2,3\n4,5,6\n", "Choose the column of the classes", "label_column"),
        ("text,label\n" + "".join(f"a b c {i},{i}\n" for i in range(30)), "too many for classes", "label_column"),
        ("text,label\nhello,a\nyes,b\nno,a\n", "3 texts", "file"),
        (b"text,label\n\x00\x01\x02\x03hello,a\n", "not text", "file"),
        ("", "is empty", "file"),
        ("\n\n", "blank lines", "file"),
    ],
)
def test_that_a_bad_table_of_texts_is_one_sentence(write_table: Write, content: str | bytes, says: str, field: str):
    error = problem("text_table", file=write_table(content))
    assert says in error.message
    assert error.field == f"dataset.{field}"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"text_column": "body"}, "no column 'body'; its columns are text, label"),
        ({"label_column": "kind"}, "no column 'kind'"),
        ({"text_column": "text", "label_column": "text"}, "cannot be both"),
        ({"tokenizer": "file"}, "No tokenizer file is chosen"),
        ({"tokenizer": "bpe", "vocabulary_size": 20}, "at least 258"),
    ],
)
def test_that_a_bad_choice_is_one_sentence(write_table: Write, options: dict, says: str):
    assert says in problem("text_table", file=write_table(SPAM), **options).message


def test_that_a_tokenizer_that_is_none_is_named(write_table: Write, tmp_path: Path):
    (tmp_path / "vocab.json").write_text('{"a": 1}')
    error = problem("text_table", file=write_table(SPAM), tokenizer="file", tokenizer_file=str(tmp_path / "vocab.json"))
    assert "is not a tokenizer.json" in error.message
    assert error.field == "dataset.tokenizer_file"


def test_that_a_tokenizer_file_is_used(write_table: Write, tmp_path: Path):
    trained = load("text_table", file=write_table(SPAM), tokenizer="bpe", vocabulary_size=300, lower_case=False)
    assert trained.tokenizer is not None
    trained.tokenizer.save(tmp_path / "mine.json")
    dataset = load(
        "text_file", file=write_table(SPAM * 3, "b.txt"), tokenizer="file", tokenizer_file=str(tmp_path / "mine.json")
    )
    assert dataset.sample.num_tokens == trained.sample.num_tokens


def test_that_rows_without_a_text_can_be_left_out(write_table: Write):
    dataset = load("text_table", file=write_table(SPAM + ",ham\n  ,spam\n"), bad_rows="drop")
    assert len(dataset.train) + len(dataset.validation) == 20
    assert any("Left out 2 rows" in note and "row 22" in note for note in dataset.notes)


def test_that_the_columns_are_found_and_said(write_table: Write):
    content = "id,category,what was said\n" + "".join(f"{i},{'xy'[i % 2]},{sentence(i)}\n" for i in range(12))
    dataset = load("text_table", file=write_table(content))
    assert dataset.sample.classes == ("x", "y")
    assert "'what was said'" in dataset.notes[0]
    assert "'category'" in dataset.notes[0]


def test_that_numbers_as_classes_are_sorted_as_numbers(write_table: Write):
    content = "text,label\n" + "".join(f"{sentence(i)},{(2, 10, 1)[i % 3]}\n" for i in range(30))
    assert load("text_table", file=write_table(content)).sample.classes == ("1", "2", "10")


def test_that_classes_that_are_the_same_number_come_in_one_order_whatever_the_hashes_are():
    names = [f"{'0' * number}1" for number in range(9)]
    assert classes_of(names * 4, column="label", what="a table", field="") == tuple(sorted(names))
    assert classes_of(["2", "nan", "10"] * 4, column="label", what="a table", field="") == ("10", "2", "nan")


def test_that_a_megabyte_in_one_cell_is_a_long_text(write_table: Write):
    dataset = load("text_table", file=write_table(SPAM + f'"{"very long " * 100_000}",ham\n'), max_length=64)
    lengths = [np.diff(part.offsets).max() for part in dataset.splits().values() if part.offsets is not None]
    assert max(lengths) == 200_000
    assert dataset.sample.shape == (64,)


@pytest.mark.parametrize("name", ["emoji", "right to left"])
def test_that_emoji_and_right_to_left_are_tokens_like_others(write_table: Write, name: str):
    word = {"emoji": "😀👍", "right to left": "שלום"}[name]
    content = "text,label\n" + "".join(f"{word} {i},{'ab'[i % 2]}\n" for i in range(12))
    dataset = load("text_table", file=write_table(content), tokenizer="characters")
    assert text_of(dataset, "train", 0).startswith(word)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\n\t ", "nothing but white space"),
        (b"some text\nwith a \0 in it" * 50, "line 2 holds a NUL byte"),
        (bytes(range(1, 32)) * 20, "not text but binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not text"),
        (b"short", "has 5 tokens, of which 4 are to learn from: fewer than a window of 128"),
        (b"ab\0c", "line 1 holds a NUL byte"),
    ],
)
def test_that_a_bad_text_file_is_one_sentence(write_table: Write, content: bytes, says: str):
    assert says in problem("text_file", file=write_table(content, "a.txt")).message


@pytest.mark.parametrize(
    ("content", "says", "holds"),
    [
        (("naïve café\n" * 40).encode("cp1252"), "read as Latin-1", "naïve café"),
        (("naïve café 😀\n" * 40).encode() + b"caf\xe9\n", "mixes encodings: 1 bytes", "naïve café 😀"),
        (("naïve café\n" * 40).encode("utf-16"), "", "naïve café"),
        (("naive cafe\n" * 40).encode("utf-16-le"), "", "naive cafe"),
        (("naïve café\r\n" * 40).encode("utf-8-sig"), "", "naïve café\nnaïve"),
    ],
)
def test_that_a_text_file_of_any_encoding_is_read(write_table: Write, content: bytes, says: str, holds: str):
    dataset = load("text_file", file=write_table(content, "a.txt"), window=16)
    assert dataset.tokenizer is not None
    assert holds in dataset.tokenizer.decode(dataset.train.inputs.tolist())
    assert says in " ".join(dataset.notes)
    assert bool(says) == bool(dataset.notes)


def test_that_a_folder_of_texts_names_its_files(tmp_path: Path):
    dataset = load("text_folder", folder=str(write_text_folder(tmp_path / "texts")))
    assert dataset.sample.classes == ("bad", "good")
    assert sorted((*dataset.train.sources, *dataset.validation.sources))[0] == "bad/0.txt"
    for row, source in enumerate(dataset.train.sources):
        assert source.startswith(dataset.sample.classes[dataset.train.targets[row]])


def test_that_the_line_end_at_the_end_of_a_file_is_no_token_of_its_text(tmp_path: Path):
    folder = write_text_folder(tmp_path / "texts")
    for file in folder.rglob("*.txt"):
        file.write_bytes(b"one line\r\nand another  \r\n\r\n")
    dataset = load("text_folder", folder=str(folder), tokenizer="characters")
    assert dataset.tokenizer is not None
    text = dataset.tokenizer.decode(dataset.train.inputs.tolist())
    assert text == "one line\nand another" * len(dataset.train)


def test_that_train_and_test_folders_are_kept_apart(tmp_path: Path):
    write_text_folder(tmp_path / "texts" / "train")
    write_text_folder(tmp_path / "texts" / "test", count=2)
    dataset = load("text_folder", folder=str(tmp_path / "texts"))
    assert dataset.test is not None
    assert (len(dataset.train) + len(dataset.validation), len(dataset.test)) == (12, 4)


def test_that_a_bad_folder_of_texts_is_one_sentence(tmp_path: Path):
    folder = write_text_folder(tmp_path / "texts")
    (folder / "good" / "empty.txt").write_text("")
    (folder / "bad" / "noise.txt").write_bytes(b"ab\0cd" * 9)
    error = problem("text_folder", folder=str(folder))
    assert "(2 files like it)" in error.message
    dataset = load("text_folder", folder=str(folder), bad_files="drop")
    assert any("Left out 2 files" in note for note in dataset.notes)
    alone = write_text_folder(tmp_path / "x", classes=("a",))
    assert "only the class" in problem("text_folder", folder=str(alone)).message
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "a.txt").write_text("hello")
    assert "no subfolders" in problem("text_folder", folder=str(tmp_path / "y")).message
