"""Read delimited text: find the delimiter and the header, keep the row numbers, name the ragged rows."""

from __future__ import annotations

import collections
import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import UserError

FIELD = "dataset.file"
DELIMITERS = (",", ";", "\t", "|")
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_NUMBER = re.compile(NUMBER)
_HEAD_CHARACTERS = 65_536
_HEAD_ROWS = 50

Delimited = tuple[list[str], list[Any], NDArray[np.int64], tuple[tuple[int, str], ...], str, tuple[str, ...]]


def read_delimited(path: Path, text: str, *, header: str) -> Delimited:
    """Names, columns (Arrow strings), row numbers, bad rows with reasons, the delimiter and notes.

    Row numbers count records from 1 with the header, as a spreadsheet shows them.

    Raises:
        UserError: there is nothing in it.
    """
    body = text.lstrip("\r\n")
    before = text[: len(text) - len(body)].count("\n")
    if not body.strip():
        raise UserError(f"{path} holds nothing but blank lines; pick another table file.", field=FIELD)
    delimiter, head = _sniffed(path, body)
    columns, records, bad = _parsed(path, body, delimiter, num_columns=len(head[0]))
    has_header = header == "yes" or (header == "auto" and _looks_like_header(head))
    names, notes = _names(path, head[0] if has_header else None, len(head[0]))
    blank = _blank(columns)
    blank[: int(has_header)] = True
    keep = np.flatnonzero(~blank)
    columns = [column.take(keep) for column in columns]
    shifted = tuple((number + before, why) for number, why in bad)
    return names, columns, records[keep] + before, shifted, delimiter, notes


def first_rows(path: Path, head: str) -> tuple[list[str], list[list[str]]]:
    """Names of the columns and the cells of the first rows, out of what a file begins with."""
    _, rows = _sniffed(path, head.lstrip("\r\n"))
    has_header = _looks_like_header(rows)
    names, _ = _names(path, rows[0] if has_header else None, len(rows[0]))
    return names, rows[int(has_header) :]


def _sniffed(path: Path, body: str) -> tuple[str, list[list[str]]]:
    """The delimiter that cuts the first rows most evenly, and those rows."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t", _head(body, "\t")
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = collections.Counter(len(row) for row in _head(body, delimiter))
        width, count = widths.most_common(1)[0]
        score = (count / widths.total(), width) if width > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best, _head(body, best)


def _head(body: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(body[:_HEAD_CHARACTERS], newline=""), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) > _HEAD_ROWS:
                break
    except csv.Error:
        pass  # a cell longer than the csv module reads: judge by the rows before it
    whole = len(body) <= _HEAD_CHARACTERS or len(rows) > _HEAD_ROWS
    return (rows if whole or len(rows) < 2 else rows[:-1]) or [[body[:_HEAD_CHARACTERS]]]


def _parsed(
    path: Path, body: str, delimiter: str, *, num_columns: int
) -> tuple[list[Any], NDArray[np.int64], list[tuple[int, str]]]:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    bad: list[tuple[int, str]] = []

    def on_ragged(row: Any) -> str:
        cells = f"{row.actual_columns} cell{'' if row.actual_columns == 1 else 's'}"
        unclosed = "; a quote may not be closed" if '"' in row.text and "\n" in row.text else ""
        bad.append((row.number, f"has {cells} instead of {row.expected_columns}{unclosed}"))
        return "skip"

    content = body.encode("utf-8", "replace")
    text_types = {f"f{index}": pa.string() for index in range(num_columns)}
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            # One block and one thread: rows are numbered only then, and a record may be of any length.
            read_options=arrow_csv.ReadOptions(
                use_threads=False, autogenerate_column_names=True, block_size=len(content) + 1
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=on_ragged
            ),
            convert_options=arrow_csv.ConvertOptions(column_types=text_types, strings_can_be_null=False),
        )
    except pa.ArrowException as error:
        raise UserError(f"{path} cannot be read as a table: {str(error).splitlines()[0]}.", field=FIELD) from None
    columns = [column.combine_chunks() for column in table.columns]
    numbers = np.arange(1, table.num_rows + len(bad) + 1)
    kept = np.delete(numbers, [number - 1 for number, _ in bad])
    return columns, kept, bad


def _looks_like_header(head: list[list[str]]) -> bool:
    """Text above numbers is a header; a first row like the second is none; all text is taken to have one."""
    first = [bool(_NUMBER.match(cell.strip())) for cell in head[0]]
    if not any(first):
        return True
    if all(first) or len(head) < 2:
        return False
    return first != [bool(_NUMBER.match(cell.strip())) for cell in head[1]]


def _names(path: Path, first: list[str] | None, count: int) -> tuple[list[str], tuple[str, ...]]:
    if first is None:
        note = f"{path.name} has no header row; its columns are named column 1 to column {count}."
        return [f"column {index}" for index in range(1, count + 1)], (note,)
    names: list[str] = []
    twice = ""
    for index, cell in enumerate(first, start=1):
        name = base = cell.strip() or f"column {index}"
        again = 2
        while name in names:
            twice, name, again = base, f"{base} ({again})", again + 1
        names.append(name)
    return names, (f"{path.name} has two columns named {twice!r}; the later ones are numbered.",) if twice else ()


def _blank(columns: list[Any]) -> NDArray[np.bool_]:
    """Rows with nothing in any cell: blank lines."""
    import pyarrow.compute as pc

    blank = np.ones(len(columns[0]), dtype=bool)
    for column in columns:
        if not blank.any():
            break
        blank &= pc.equal(pc.utf8_trim_whitespace(column), "").to_numpy(zero_copy_only=False)
    return blank
