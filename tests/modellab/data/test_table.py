"""A person's table: every format that is meant, and every way in which one can be wrong."""

import datetime
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modellab.data._rows import RowSources
from modellab.data.base import LoadedDataset
from modellab.data.table import TableConfig, table_columns
from modellab.errors import UserError

Write = Callable[..., str]
ROWS = [(index, index * 2.5, "xyz"[index % 3]) for index in range(30)]
BODY = "".join(f"{a},{b},{c}\n" for a, b, c in ROWS)
TABLE = "a,b,c\n" + BODY


def load(file: str, **options: object) -> LoadedDataset:
    return TableConfig(file=file, **options).load()  # type: ignore[arg-type]


def complaint(file: str, **options: object) -> UserError:
    """What a load ends with."""
    with pytest.raises(UserError) as caught:
        load(file, **options)
    assert "\n" not in caught.value.message
    assert caught.value.field.startswith("dataset.")
    return caught.value


def is_the_table(dataset: LoadedDataset) -> bool:
    """Whether it holds ROWS."""
    rows: dict[int, tuple[float, int]] = {}
    for split in (dataset.train, dataset.validation):
        rows |= {
            int(row[0]): (float(row[1]), int(target)) for row, target in zip(split.inputs, split.targets, strict=True)
        }
    return rows == {a: (b, "xyz".index(c)) for a, b, c in ROWS} and dataset.sample.classes == ("x", "y", "z")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TABLE, "a.csv"),
        (TABLE.encode("utf-8-sig"), "a.csv"),
        (TABLE.encode("utf-16"), "a.csv"),
        (TABLE.encode("utf-16-le"), "a.csv"),
        (TABLE.encode("utf-16-be"), "a.csv"),
        (TABLE.replace("\n", "\r\n"), "a.csv"),
        (TABLE.replace(",", ";"), "a.csv"),
        (TABLE.replace(",", ";").replace(".", ","), "a.csv"),
        (TABLE.replace(",", "\t"), "a.tsv"),
        (TABLE.replace(",", "|"), "a.txt"),
        (TABLE.replace(",", " , "), "a.csv"),
        ("\n\n" + TABLE + "\n\n", "a.csv"),
        (TABLE.replace("x", '"x"'), "a.csv"),
        ("\n".join(json.dumps({"a": a, "b": b, "c": c}) for a, b, c in ROWS), "a.jsonl"),
        (json.dumps([{"a": a, "b": b, "c": c} for a, b, c in ROWS]), "a.json"),
    ],
)
def test_that_every_text_format_gives_the_same_table(write_table: Write, content: str | bytes, name: str):
    dataset = load(write_table(content, name))
    assert dataset.sample.features == ("a", "b")
    assert is_the_table(dataset)


def test_that_parquet_gives_the_same_table(tmp_path: Path):
    a, b, c = zip(*ROWS, strict=True)
    columns = {"a": pa.array(a), "b": pa.array(b), "c": pa.array(c).dictionary_encode()}
    pq.write_table(pa.table(columns), tmp_path / "whatever.bin")
    assert is_the_table(load(str(tmp_path / "whatever.bin")))


def test_that_a_table_without_a_header_is_noticed(write_table: Write):
    dataset = load(write_table(BODY))
    assert dataset.sample.features == ("column 1", "column 2")
    assert "has no header row" in dataset.notes[0]
    assert is_the_table(dataset)


@pytest.mark.parametrize(("header", "num_rows"), [("yes", 29), ("no", 30)])
def test_that_the_header_can_be_said(write_table: Write, header: str, num_rows: int):
    dataset = load(write_table(BODY), header=header)
    assert len(dataset.train) + len(dataset.validation) == num_rows


def test_that_latin_1_is_read_and_noted(write_table: Write):
    dataset = load(write_table(TABLE.replace("x", "é").encode("latin-1")))
    assert "é" in dataset.sample.classes
    assert "Latin-1" in dataset.notes[0]


def test_that_text_columns_become_columns_of_0_and_1(write_table: Write):
    dataset = load(write_table(TABLE), target="b")
    assert dataset.sample.task == "regression"
    assert dataset.sample.features == ("a", "c=x", "c=y", "c=z")
    assert (dataset.train.inputs[:, 1:].sum(axis=1) == 1).all()
    assert dataset.sample.std[1:] == (1.0, 1.0, 1.0)
    assert dataset.sample.target_std == pytest.approx(float(dataset.train.targets.std()), rel=1e-5)


def test_that_columns_can_be_left_out(write_table: Write):
    assert load(write_table(TABLE), leave_out=("a",)).sample.features == ("b",)
    assert "no column 'q'" in complaint(write_table(TABLE), leave_out=("q",)).message


def test_that_sources_are_the_rows_of_the_file(write_table: Write):
    file = write_table("\n" + TABLE)
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    split = load(file).train
    for row, source in zip(split.inputs, split.sources, strict=True):
        assert lines[int(source.removeprefix("row ").removesuffix(" of the file")) - 1].startswith(f"{int(row[0])},")


@pytest.mark.parametrize(
    ("values", "task", "wanted"),
    [
        (lambda i: i % 3, "auto", "classification"),
        (lambda i: i * 0.5, "auto", "regression"),
        (lambda i: i, "auto", "regression"),
        (lambda i: i % 3, "regression", "regression"),
        (lambda i: "ab"[i % 2], "auto", "classification"),
        (lambda i: (i % 4) / 2, "classification", "classification"),
    ],
)
def test_that_the_task_follows_from_the_target(write_table: Write, values: Callable, task: str, wanted: str):
    file = write_table("a,t\n" + "".join(f"{i},{values(i)}\n" for i in range(40)))
    assert load(file, task=task).sample.task == wanted


def test_that_number_classes_are_sorted_as_numbers(write_table: Write):
    file = write_table("a,t\n" + "".join(f"{i},{i % 12}\n" for i in range(60)))
    assert load(file).sample.classes == tuple(map(str, range(12)))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("1,2\n", "row 32 has 2 cells instead of 3"),
        ("1,2,x,4\n", "row 32 has 4 cells instead of 3"),
        ("1,,x\n", "row 32 has nothing in column 'b'"),
        ("1,2,\n", "row 32 has nothing in column 'c'"),
        ("nan,2,x\n", "row 32 has nothing in column 'a'"),
        ("1,inf,x\n", "row 32 has an infinite number in column 'b'"),
        ("1,-Infinity,x\n", "row 32 has an infinite number in column 'b'"),
        ("1,1e400,x\n", "row 32 has a number too large for 32 bits in column 'b'"),
        ("1,1e39,x\n", "row 32 has a number too large for 32 bits in column 'b'"),
        ("1,many,x\n", "row 32 has 'many' in column 'b', where the others have numbers"),
        ('1,"2,x\n3,4,y\n', "a quote may not be closed"),
    ],
)
def test_that_a_bad_row_is_named_or_left_out(write_table: Write, line: str, wanted: str):
    error = complaint(write_table(TABLE + line))
    assert wanted in error.message
    assert error.remedy == {"dataset.bad_rows": "drop"}
    dataset = load(write_table(TABLE + line), bad_rows="drop")
    assert is_the_table(dataset)
    assert "Left out 1 bad row of the file" in dataset.notes[0]


def test_that_the_first_of_many_bad_rows_is_named_with_their_number(write_table: Write):
    message = complaint(write_table("a,b,c\n1,2\n" + BODY + ",1,x\n1,?,x\n")).message
    assert "row 2 has 2 cells" in message
    assert "3 bad rows in all" in message


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("not json", "row 31 is not valid JSON"),
        ("[1, 2]", "row 31 is not a JSON object"),
        ('{"a": 1, "b": [2], "c": "x"}', "row 31 has a list in column 'b'"),
        ('{"a": 1, "c": "x"}', "row 31 has nothing in column 'b'"),
        ('{"a": 1, "b": null, "c": "x"}', "row 31 has nothing in column 'b'"),
    ],
)
def test_that_a_bad_json_line_is_named_or_left_out(write_table: Write, line: str, wanted: str):
    lines = [json.dumps({"a": a, "b": b, "c": c}) for a, b, c in ROWS]
    file = write_table("\n".join([*lines, line]), "a.jsonl")
    assert wanted in complaint(file).message
    assert is_the_table(load(file, bad_rows="drop"))


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n \n\n", "nothing but blank lines"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\x1f\x8brest", "compressed"),
        (bytes(range(256)) * 20, "is not text"),
        (b"PAR1rest", "damaged Parquet"),
        (b"a\n1\n2\n3\n4\n5\n", "at least one other column"),
        (b"a,b\n1,2\n", "has 1 usable row; at least 4 are needed"),
        (b"a,b\n", "table.csv has no rows below its header; pick another"),
        (b"a,b\n1\n1,2,3\n", "table.csv has no whole row: row 2 has 1 cell"),
        (b"a,b\n" + b"1,2\n" * 9, "table.csv is '2' in every row, so there is nothing to learn"),
        (b"a,b,c\n" + b"".join(b"%d,,%d\n" % (i, i) for i in range(9)), "table.csv has no values; leave it out"),
        (b"t,b\n" + b"".join(b"word%d,%d\n" % (i, i) for i in range(99)), "text with 99 different values"),
        (b"t,b\n" + b"".join(b"2024-01-%02d %02d:00,%d\n" % (i % 28 + 1, i % 24, i) for i in range(99)), "holds dates"),
    ],
)
def test_that_a_file_that_is_no_table_to_learn_from_says_so(write_table: Write, content: bytes, wanted: str):
    assert wanted in complaint(write_table(content)).message


def test_that_a_missing_target_lists_the_columns(write_table: Write):
    error = complaint(write_table(TABLE), target="price")
    assert error.field == "dataset.target"
    assert "'price'" in error.message
    assert "a, b, c" in error.message


def test_that_targets_that_do_not_fit_the_task_are_said_to_be_so(write_table: Write):
    assert "is text" in complaint(write_table(TABLE), task="regression").message
    many = write_table("a,t\n" + "".join(f"{i},{i * 0.1}\n" for i in range(60)))
    assert "too many for classes" in complaint(many, task="classification").message


def test_that_a_class_with_one_example_trains(write_table: Write):
    dataset = load(write_table(TABLE + "1,2,w\n"))
    assert "'w'" in dataset.notes[0]
    assert 0 in dataset.train.targets
    assert 0 not in dataset.validation.targets


def test_that_huge_integers_and_quoted_newlines_are_read(write_table: Write):
    dataset = load(write_table(TABLE + '123456789012345678901234567890,2,"x\ny"\n'))
    assert "x\ny" in dataset.sample.classes
    assert max(dataset.sample.high) == pytest.approx(1.2345679e29)


def test_that_a_constant_column_is_noted_and_stays_finite(write_table: Write):
    dataset = load(write_table("a,b,c\n" + "".join(f"{a},7,{c}\n" for a, _, c in ROWS)))
    assert dataset.sample.std[1] == 1.0
    assert "'b' is the same in every row" in dataset.notes[0]


def test_that_dates_and_lists_in_parquet_are_named(tmp_path: Path):
    for name, values in (("when", [datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)] * 9), ("many", [[1, 2]] * 9)):
        pq.write_table(pa.table({name: values, "t": list(range(9))}), tmp_path / "a.parquet")
        assert f"'{name}' of {tmp_path / 'a.parquet'} holds" in complaint(str(tmp_path / "a.parquet")).message


def test_that_nothing_and_infinity_in_parquet_are_named(tmp_path: Path):
    values = [1.0, 2.0, None, 4.0, float("inf"), 6.0, 7.0]
    pq.write_table(pa.table({"a": values, "t": list(range(7))}), tmp_path / "a.parquet")
    assert "row 3 has nothing in column 'a' (2 bad rows in all)" in complaint(str(tmp_path / "a.parquet")).message


def test_that_paths_that_are_no_file_are_said_to_be_so(tmp_path: Path):
    assert "No table file is chosen" in complaint("  ").message
    assert "does not exist" in complaint(str(tmp_path / "nowhere.csv")).message
    assert "is a folder" in complaint(str(tmp_path)).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="This system has no named pipes.")
def test_that_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert "not an ordinary file" in complaint(str(tmp_path / "pipe.csv")).message


def test_that_a_file_that_may_not_be_read_is_said_to_be_so(write_table: Write, monkeypatch: pytest.MonkeyPatch):
    file = write_table(TABLE)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "may not be read" in complaint(file).message


def test_that_the_form_learns_the_columns(write_table: Write):
    found = table_columns(write_table(TABLE))
    assert found == (("a", "b", "c"), (True, True, False), "c", 30)
    assert table_columns(write_table(TABLE.replace("a,b,c", "a,Label,c"))).suggested == "Label"


def test_that_standardising_can_be_turned_off(write_table: Write):
    sample = load(write_table(TABLE), standardise=False).sample
    assert sample.mean == (0.0, 0.0)
    assert sample.std == (1.0, 1.0)


def test_that_sources_are_a_sequence():
    sources = RowSources(np.array([2, 5, 9]))
    assert list(sources) == [f"row {n} of the file" for n in (2, 5, 9)]
    assert list(sources[1:]) == [f"row {n} of the file" for n in (5, 9)]
    assert sources[-1] == "row 9 of the file"


def test_that_two_columns_of_numbers_are_a_plane_and_one_column_of_text_is_none(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("height,share,kind\n" + "\n".join(f"{160 + n},{n / 100},{'ab'[n % 2]}" for n in range(20)))
    sample = TableConfig(file=str(file)).load().sample
    assert sample.is_plane
    assert (sample.low[0], sample.high[0]) == (160, 179)  # as they stand in the file
    file.write_text("colour,kind\n" + "\n".join(f"{('red', 'blue')[n % 2]},{'ab'[n // 2 % 2]}" for n in range(20)))
    sample = TableConfig(file=str(file)).load().sample
    assert sample.shape == (2,)
    assert not sample.is_plane
