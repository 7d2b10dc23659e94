"""Fields that datasets read from a person's own tables and folders share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from modellab.config import meta
from modellab.data._table_read import FIELD, Header
from modellab.errors import UserError

BadRows = Literal["stop", "drop"]
FOUND = {"": "found in the file"}  # how a column reads that nobody chose
BAD_LABELS = {"stop": "stop there", "drop": "left out"}

TableFile = Annotated[str, meta(title="File", help="A CSV, TSV, JSONL or Parquet file.", path="file")]
TableHeader = Annotated[
    Header,
    meta(
        title="Header",
        help="Whether the first row of a text table names the columns.",
        labels={"auto": "find out"},
        advanced=True,
    ),
]


def refused(path: Path | str, first: str, *, count: int) -> UserError:
    """What to say of a table's bad rows when they are not to be left out; first: what is wrong with the first."""
    like = f" ({count:,} bad rows in all)" if count > 1 else ""
    return UserError(
        f"{path}: {first}{like}; mend it, or choose to leave bad rows out.",
        field=FIELD,
        remedy={"dataset.bad_rows": "drop"},
    )
