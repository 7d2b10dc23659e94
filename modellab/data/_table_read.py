"""Read a table file into columns: CSV, TSV, JSONL or Parquet, whatever its delimiter, encoding or header."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data._delimited import read_delimited
from modellab.data._files import checked_file, reason
from modellab.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

Header = Literal["auto", "yes", "no"]
FIELD = "dataset.file"
_MAX_TEXT_BYTES = 2_000_000_000
_FOREIGN = {
    b"PK\x03\x04": "an Excel workbook or a zip archive; save the table as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the table as CSV",
    b"\x1f\x8b": "compressed; unpack it first",
    b"SQLite format 3": "a database; export the table as CSV",
    b"%PDF": "a PDF; save the table as CSV",
}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column as stored: `numbers` float64 with NaN for nothing, or `texts`, an Arrow array of strings.

    unusable: why it can be neither, such as "holds dates".
    """

    name: str
    numbers: NDArray[np.float64] | None = None
    texts: Any = None
    unusable: str = ""


class RawTable(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of equal length. rows: the number of each row in the file, counted from 1 with the header.

    bad: rows that could not be read at all, by number, with the reason. delimiter: of a text table.
    """

    columns: tuple[Column, ...]
    rows: NDArray[np.int64]
    bad: tuple[tuple[int, str], ...] = ()
    delimiter: str = ""
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their order."""
        return tuple(column.name for column in self.columns)


def read_table(text: str, *, header: Header = "auto") -> RawTable:
    """Read the file at the path `text`; Parquet and JSON are known by their content, all else is delimited text.

    Raises:
        UserError: it is not a table, cannot be read, or has no rows.
    """
    path = checked_file(text, field=FIELD, what="table file")
    table = _read(path, header)
    if not len(table.rows):
        why = f"whole row: row {table.bad[0][0]} {table.bad[0][1]}" if table.bad else "rows below its header"
        raise UserError(f"{path} has no {why}; pick another table file.", field=FIELD)
    return table


def _read(path: Path, header: Header) -> RawTable:
    try:
        with path.open("rb") as file:
            start = file.read(16)
        if start.startswith(b"PAR1"):
            return _parquet(path)
        for magic, what in _FOREIGN.items():
            if start.startswith(magic):
                raise UserError(f"{path} is {what}.", field=FIELD)
        if path.stat().st_size > _MAX_TEXT_BYTES:
            raise UserError(f"{path} is larger than 2 GB; save it as Parquet.", field=FIELD)
        decoded, notes = _decoded(path, path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {reason(error)}.", field=FIELD) from None
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return _json_lines(path, decoded, notes)
    names, columns, rows, bad, delimiter, more = read_delimited(path, decoded, header=header)
    parts = tuple(Column(name=name, texts=texts) for name, texts in zip(names, columns, strict=True))
    return RawTable(columns=parts, rows=rows, bad=bad, delimiter=delimiter, notes=(*notes, *more))


def _decoded(path: Path, content: bytes) -> tuple[str, tuple[str, ...]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in content[:4096]:
        # Latin letters in UTF-16 have a zero in every other byte; which one says the byte order.
        head = content[:4096]
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        if head.count(0) < len(head) // 4:
            raise UserError(
                f"{path} is not text: it holds NUL bytes; pick a CSV, TSV, JSONL or Parquet file.", field=FIELD
            )
    else:
        encoding = "utf-8-sig"
    notes: tuple[str, ...] = ()
    try:
        decoded = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        notes = (f"{path.name} is not UTF-8 (line {line}); it was read as Latin-1.",)
        decoded = content.decode("cp1252", errors="replace")
    if sum(ord(letter) < 32 and letter not in "\t\n\r\f\x1a" for letter in decoded[:4096]) > 8:
        raise UserError(f"{path} is not text; pick a CSV, TSV, JSONL or Parquet file.", field=FIELD)
    return decoded, notes


def _json_lines(path: Path, text: str, notes: tuple[str, ...]) -> RawTable:
    import pyarrow as pa

    records: list[dict[str, Any]] = []
    rows: list[int] = []
    bad: list[tuple[int, str]] = []
    names: dict[str, None] = {}
    for number, value in _json_values(path, text):
        why = _wrong_record(value)
        if why:
            bad.append((number, why))
            continue
        names.update(dict.fromkeys(value))
        records.append(value)
        rows.append(number)
    if not names:
        why = f"row {bad[0][0]} {bad[0][1]}" if bad else "it holds none"
        raise UserError(f"{path} should hold JSON objects of numbers and texts, one a line: {why}.", field=FIELD)
    columns = tuple(
        Column(name=name, texts=pa.array([_json_text(record.get(name)) for record in records], pa.string()))
        for name in names
    )
    return RawTable(columns=columns, rows=np.array(rows, dtype=np.int64), bad=tuple(bad), notes=notes)


def _json_values(path: Path, text: str) -> list[tuple[int, Any]]:
    """Each record with its row number: the lines of the file, or the entries of one JSON array."""
    if text.lstrip().startswith("["):
        try:
            return list(enumerate(msgspec.json.decode(text, type=list[Any]), start=1))
        except msgspec.MsgspecError as error:
            raise UserError(f"{path} is not valid JSON: {error}.", field=FIELD) from None
    found: list[tuple[int, Any]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                found.append((number, msgspec.json.decode(line)))
            except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
                found.append((number, msgspec.UNSET))
    return found


def _wrong_record(value: Any) -> str:
    if value is msgspec.UNSET:
        return "is not valid JSON"
    if not isinstance(value, dict):
        return "is not a JSON object"
    for name, cell in value.items():
        if isinstance(cell, (dict, list)):
            return f"has a {'list' if isinstance(cell, list) else 'JSON object'} in column {name!r}"
    return ""


def _json_text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _parquet(path: Path) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        why = str(error).splitlines()[0].replace(f" '{path}'", "").rstrip(".")
        message = f"{path} is a damaged Parquet file; write it anew or pick another ({why})."
        raise UserError(message, field=FIELD) from None
    columns = tuple(
        arrow_column(name, part.combine_chunks()) for name, part in zip(table.column_names, table.columns, strict=True)
    )
    return RawTable(columns=columns, rows=np.arange(1, table.num_rows + 1))


def arrow_column(name: str, values: pa.Array) -> Column:
    """An Arrow column as numbers or texts, or why it can be neither."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_temporal(kind):
        return Column(name=name, unusable="holds dates or times")
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        # Unsafe: integers beyond 2⁵³ are rounded, not refused.
        numbers = pc.cast(values, pa.float64(), safe=False)
        return Column(name=name, numbers=pc.fill_null(numbers, float("nan")).to_numpy(zero_copy_only=False))
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
    ):
        return Column(name=name, texts=pc.fill_null(values.cast(pa.string()), ""))
    return Column(name=name, unusable=f"holds {kind}")
