"""Pairs of texts out of the columns of a table: which column is the source, which the target, which rows are usable."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from modellab.data._pairs import Pairs
from modellab.data._table_columns import is_numeric
from modellab.data._table_read import RawTable
from modellab.data._text_columns import texts_of
from modellab.errors import UserError

SOURCE_FIELD, TARGET_FIELD = "dataset.source_column", "dataset.target_column"
_SOURCE_NAMES = ("source", "src", "source_text", "input", "question", "from")
_TARGET_NAMES = ("target", "tgt", "target_text", "translation", "output", "answer", "to")


class ColumnPairs(msgspec.Struct, frozen=True, kw_only=True):
    """The pairs of the usable rows; the unusable ones by number in the file, with what is wrong, in their order."""

    pairs: Pairs
    bad: tuple[tuple[int, str], ...]


def chosen_pair(table: RawTable, *, source: str, target: str, what: str) -> tuple[str, str]:
    """The columns that a person named; of those left open one with a name for it, else the first with texts.

    Raises:
        UserError: there is no such column, or only one; names those there are.
    """
    names = table.names
    listed = f"its columns are {', '.join(names[:20])}{' and more' if len(names) > 20 else ''}"
    for name, field in ((source, SOURCE_FIELD), (target, TARGET_FIELD)):
        if name and name not in names:
            raise UserError(f"{what} has no column {name!r}; {listed}.", field=field)
    if len(names) == 1:
        raise UserError(
            f"{what} has one column only, {names[0]!r}; it needs one of sources and one of targets.", field=TARGET_FIELD
        )
    if source and source == target:
        raise UserError(f"The column {source!r} cannot be both source and target; {listed}.", field=TARGET_FIELD)
    likely = _likely(table)
    source = source or _found(likely, _SOURCE_NAMES, taken=target, others=_TARGET_NAMES)
    target = target or _found(likely, _TARGET_NAMES, taken=source, others=())
    if not source or not target:
        raise UserError(
            f"{what} has no two columns of texts; {listed}.", field=TARGET_FIELD if source else SOURCE_FIELD
        )
    return source, target


def pairs_of(table: RawTable, *, source: str, target: str, what: str) -> ColumnPairs:
    """Every row with a text in both columns.

    Raises:
        UserError: a column holds something else.
    """
    sides = {
        name: texts_of(table, name, what=what, field=field)
        for name, field in ((source, SOURCE_FIELD), (target, TARGET_FIELD))
    }
    bad = dict(table.bad)
    kept = []
    for index, (row, ours, theirs) in enumerate(zip(table.rows.tolist(), sides[source], sides[target], strict=True)):
        if ours.strip() and theirs.strip():
            kept.append(index)
        else:
            bad[row] = f"has nothing in column {(target if ours.strip() else source)!r}"
    pairs = Pairs(
        sources=[sides[source][index].strip() for index in kept],
        targets=[sides[target][index].strip() for index in kept],
        rows=table.rows[np.array(kept, dtype=np.int64)],
    )
    return ColumnPairs(pairs=pairs, bad=tuple(sorted(bad.items())))


def left_out_pairs(found: ColumnPairs, *, where: str = " of the file") -> tuple[str, ...]:
    """A sentence on rows that were left out; none when none were."""
    if not found.bad:
        return ()
    count, (row, why) = len(found.bad), found.bad[0]
    return (f"Left out {count:,} row{'' if count == 1 else 's'}{where} without a source or a target; row {row} {why}.",)


def _likely(table: RawTable) -> list[str]:
    """Columns of texts in their order, those of nothing but numbers last: such a one counts the rows."""
    columns = [column for column in table.columns if column.texts is not None]
    numeric = {column.name for column in columns if is_numeric(column, delimiter=table.delimiter)}
    return sorted((column.name for column in columns), key=numeric.__contains__)


def _found(names: Sequence[str], wanted: Sequence[str], *, taken: str, others: Sequence[str]) -> str:
    """The first name that is wanted, else the first that is free and none of the others; empty: there is none."""
    free = [name for name in names if name != taken]
    by_name = {name.strip().lower(): name for name in free}
    named = next((by_name[name] for name in wanted if name in by_name), "")
    return named or next((name for name in free if name.strip().lower() not in others), "")
