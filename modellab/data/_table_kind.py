"""Whether a table is one of texts with their classes, as far as its first rows tell."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from modellab.data._delimited import NUMBER, first_rows
from modellab.errors import UserError

# A column with a name of these is one of texts, or of classes.
TEXT_NAMES = ("text", "sentence", "content", "review", "document", "body", "message", "comment", "tweet", "title")
LABEL_NAMES = ("label", "labels", "class", "target", "category", "sentiment", "label_text", "y", "topic", "intent")

_HEAD_BYTES, _HEAD_ROWS = 65_536, 50
_LEAST_WORDS = 6  # of a text that no name tells: names, addresses and tickets have fewer
_MOST_CLASSES = 20
_NUMBER = re.compile(NUMBER)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}([ T].*)?")


class TextColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Names of columns; label empty: found by its name, or a person is to say."""

    text: str
    label: str = ""


def text_columns(path: Path) -> TextColumns | None:
    """Which column of a table holds texts; None: none, it is a table of numbers, or it cannot be read."""
    try:
        columns = _first_cells(path)
    except (OSError, ValueError, UserError):  # whoever reads it whole says what is wrong with it
        return None
    text = max(
        (name for name in columns if _is_of_texts(name, columns)), key=lambda one: _words(columns[one]), default=""
    )
    if not text:
        return None
    others = [name for name in columns if name != text]
    is_named = any(name.strip().lower() in LABEL_NAMES for name in others)
    likely = [name for name in others if _is_of_classes(columns[name])]
    return TextColumns(text=text, label=likely[0] if len(likely) == 1 and not is_named else "")


def _first_cells(path: Path) -> dict[str, list[str]]:
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES)
    if start.startswith(b"PAR1"):
        return _of_parquet(path)
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    head = start.decode(encoding, "replace")
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        lines = [line for line in head.split("\n")[:_HEAD_ROWS] if line.rstrip().endswith("}")]
        rows = [msgspec.json.decode(line, type=dict[str, object]) for line in lines]
        return {
            name: [str(row.get(name, "")) for row in rows] for name in dict.fromkeys(key for row in rows for key in row)
        }
    names, cells = first_rows(path, head)
    return {name: [row[k] for row in cells if k < len(row)] for k, name in enumerate(names)}


def _of_parquet(path: Path) -> dict[str, list[str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        batch = next(pq.ParquetFile(path).iter_batches(batch_size=_HEAD_ROWS), None)
    except (pa.ArrowException, OSError):
        return {}
    cells = batch.to_pydict() if batch is not None else {}
    return {name: ["" if cell is None else str(cell) for cell in column] for name, column in cells.items()}


def _is_of_texts(name: str, columns: dict[str, list[str]]) -> bool:
    cells = _told(columns[name])
    if len(cells) < 2 or _is_of_numbers(cells) or 2 * len(set(cells)) < len(cells):
        return False
    if name.strip().lower() in TEXT_NAMES or _words(cells) >= _LEAST_WORDS:
        return True
    return len(columns) == 2 and any(_is_of_classes(columns[other]) for other in columns if other != name)


def _is_of_classes(cells: list[str]) -> bool:
    told = _told(cells)
    kinds = set(told)
    return 2 <= len(kinds) <= min(_MOST_CLASSES, len(told) // 2) and not _is_of_numbers(told)


def _is_of_numbers(cells: list[str]) -> bool:
    """Or of dates."""
    return 2 * sum(bool(_NUMBER.match(cell) or _DATE.fullmatch(cell)) for cell in cells) > len(cells)


def _words(cells: list[str]) -> float:
    told = _told(cells)
    return sum(len(cell.split()) for cell in told) / max(1, len(told))


def _told(cells: list[str]) -> list[str]:
    return [cell.strip() for cell in cells if cell.strip()]
