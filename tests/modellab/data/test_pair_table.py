"""A person's own two-column tables: columns guessed or named, and one sentence for whatever is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modellab.data.pair_table import PairTableConfig
from modellab.errors import UserError
from tests.modellab.data.test_pairs import texts_of

Write = Callable[..., str]
ROWS = [("ein Hund", "a dog"), ("eine Katze", "a cat"), ("zwei Hunde", "two dogs"), ("drei Katzen", "three cats")]
CSV = "de,en\n" + "".join(f"{de},{en}\n" for de, en in ROWS)


def loaded(file: str, **options: Any) -> tuple[set[tuple[str, str]], tuple[str, ...]]:
    data = PairTableConfig(file=file, tokenizer="bytes", validation_share=0.25, **options).load()
    assert data.sample.task == "translation"
    return set(texts_of(data, data.train) + texts_of(data, data.validation)), data.notes


def problem(file: str, **options: Any) -> UserError:
    with pytest.raises(UserError) as raised:
        loaded(file, **options)
    assert "\n" not in raised.value.message
    return raised.value


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (CSV, "table.csv"),
        (CSV.replace(",", "\t"), "table.tsv"),
        (CSV.encode("utf-16"), "table.csv"),
        ("".join(f'{{"de": "{de}", "en": "{en}"}}\n' for de, en in ROWS), "table.jsonl"),
    ],
)
def test_that_the_first_column_of_texts_is_translated_into_the_next(write_table: Write, content: Any, name: str):
    pairs, notes = loaded(write_table(content, name))
    assert pairs == set(ROWS)
    assert notes == ("Sources are read from the column 'de', targets from 'en'.",)


def test_that_a_parquet_table_is_read(tmp_path: Path):
    table = pa.table({"id": range(4), "de": [de for de, _ in ROWS], "en": [en for _, en in ROWS]})
    pq.write_table(table, tmp_path / "table.parquet")
    assert loaded(str(tmp_path / "table.parquet"))[0] == set(ROWS)
    assert "holds numbers" in problem(str(tmp_path / "table.parquet"), source_column="id").message


def test_that_columns_are_found_by_name_and_a_number_of_the_row_is_none(write_table: Write):
    named = "id,Target,note,source\n" + "".join(f"{row},{en},x{row},{de}\n" for row, (de, en) in enumerate(ROWS))
    assert loaded(write_table(named))[0] == set(ROWS)
    counted = "id,de,en\n" + "".join(f"{row},{de},{en}\n" for row, (de, en) in enumerate(ROWS))
    assert loaded(write_table(counted))[0] == set(ROWS)
    spelled = "n,word\n1,one\n2,two\n3,three\n4,four\n"
    assert loaded(write_table(spelled), source_column="n")[0] == {
        ("1", "one"),
        ("2", "two"),
        ("3", "three"),
        ("4", "four"),
    }


def test_that_a_direction_may_be_chosen(write_table: Write):
    file = write_table(CSV)
    backwards = {(en, de) for de, en in ROWS}
    assert loaded(file, source_column="en", target_column="de")[0] == backwards
    assert loaded(file, source_column="en")[0] == backwards
    assert loaded(file, target_column="de")[0] == backwards


def test_that_an_example_tells_its_row(write_table: Write):
    data = PairTableConfig(file=write_table(CSV), validation_share=0.25).load()
    assert sorted([*data.train.sources, *data.validation.sources]) == [f"row {n} of the file" for n in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("content", "options", "field", "says"),
    [
        ("", {}, "file", "is empty (0 bytes)"),
        ("\n\n", {}, "file", "nothing but blank lines"),
        ("de\nein Hund\neine Katze\n", {}, "target_column", "has one column only, 'de'"),
        (CSV, {"source_column": "fr"}, "source_column", "has no column 'fr'; its columns are de, en."),
        (CSV, {"target_column": "fr"}, "target_column", "has no column 'fr'; its columns are de, en."),
        (CSV, {"source_column": "en", "target_column": "en"}, "target_column", "cannot be both source and target"),
        (CSV + "vier,four,4\n,five\n", {}, "file", "row 6 has 3 cells instead of 2 (2 bad rows in all); mend it"),
        (CSV + " ,five\nsechs,six,6\n", {}, "file", "row 6 has nothing in column 'de' (2 bad rows in all); mend it"),
        (CSV + "vier,\n", {}, "file", "row 6 has nothing in column 'en'; mend it"),
        ("de,en\nein Hund,a dog\n", {}, "file", "There is 1 pair of"),
        ("de,en\n,\n", {"bad_rows": "drop"}, "file", "has no rows below its header"),
        (b"\0\1\2\3" * 9, {}, "file", "is not text"),
    ],
)
def test_that_what_is_wrong_is_one_sentence_at_its_field(
    write_table: Write, content: Any, options: dict[str, Any], field: str, says: str
):
    error = problem(write_table(content), **options)
    assert says in error.message
    assert error.field == f"dataset.{field}"


def test_that_bad_rows_may_be_left_out(write_table: Write):
    pairs, notes = loaded(write_table(CSV + "vier,\nsechs,six,6\n"), bad_rows="drop")
    assert pairs == set(ROWS)
    assert notes[1] == "Left out 2 rows of the file without a source or a target; row 6 has nothing in column 'en'."
