"""Labelled texts out of the columns of a table: which column is the text, which the class, which rows are usable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data._table_kind import LABEL_NAMES, TEXT_NAMES
from modellab.data._table_read import Column, RawTable
from modellab.data._text import Texts
from modellab.errors import UserError

_MAX_CLASSES = 1000
_SAMPLED = 1000


class ChosenColumns(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a column of texts and of one of classes."""

    text: str
    label: str


class LabelledTexts(msgspec.Struct, frozen=True, kw_only=True):
    """Usable rows: their texts, the names of their classes, their numbers in the file; and what is wrong elsewhere."""

    texts: list[str]
    labels: list[str]
    rows: NDArray[np.int64]
    num_bad: int
    first_bad: str = ""


def chosen_columns(
    table: RawTable, *, text: str, label: str, what: str, text_field: str, label_field: str
) -> ChosenColumns:
    """The columns that a person named; of those left open the likeliest.

    Raises:
        UserError: there is no such column, or no likely one; names those there are.
    """
    names = table.names
    listed = f"its columns are {', '.join(names[:20])}{' and more' if len(names) > 20 else ''}"
    for name, field in ((text, text_field), (label, label_field)):
        if name and name not in names:
            raise UserError(f"{what} has no column {name!r}; {listed}.", field=field)
    if not label:
        by_name = {name.strip().lower(): name for name in names if name != text}
        found = next((by_name[name] for name in LABEL_NAMES if name in by_name), "")
        label = found or (next(iter(set(names) - {text})) if text and len(names) == 2 else "")
        if not label and not text and len(names) == 2:
            label = min(table.columns, key=_mean_length).name
        if not label:
            raise UserError(f"Choose the column of the classes in {what}; {listed}.", field=label_field)
    text = text or likely_text(table, but=label)
    if not text:
        raise UserError(f"{what} has no column of texts; {listed}.", field=text_field)
    if text == label:
        raise UserError(f"The column {text!r} cannot be both text and class; {listed}.", field=label_field)
    return ChosenColumns(text=text, label=label)


def likely_text(table: RawTable, *, but: str = "") -> str:
    """The column with a name for texts, else that with the longest ones; empty where no column has texts."""
    columns = {column.name: column for column in table.columns if column.texts is not None and column.name != but}
    by_name = {name.strip().lower(): name for name in columns}
    named = next((by_name[name] for name in TEXT_NAMES if name in by_name), "")
    return named or (max(columns, key=lambda name: _mean_length(columns[name])) if columns else "")


def column_of(table: RawTable, name: str) -> Column:
    """The column of that name."""
    return next(column for column in table.columns if column.name == name)


def texts_of(table: RawTable, name: str, *, what: str, field: str) -> list[str]:
    """The cells of a column of texts.

    Raises:
        UserError: it holds something else.
    """
    column = column_of(table, name)
    if column.texts is None:
        holds = column.unusable or "holds numbers"
        raise UserError(f"The column {name!r} of {what} {holds}, not texts; choose another.", field=field)
    found: list[str] = column.texts.to_pylist()
    return found


def labelled(
    table: RawTable, chosen: ChosenColumns, *, names: Mapping[int, str], what: str, text_field: str, label_field: str
) -> LabelledTexts:
    """Every row with a text and a class. names: of classes that are stored as numbers; others are no classes.

    Raises:
        UserError: the columns hold something else.
    """
    texts = texts_of(table, chosen.text, what=what, field=text_field)
    labels = _labels(column_of(table, chosen.label), names, what, label_field)
    empty = np.array([not text.strip() for text in texts], dtype=bool)
    missing = np.array([not label for label in labels], dtype=bool)
    bad = empty | missing
    first = ""
    if bad.any():
        row = int(bad.argmax())
        which = chosen.text if empty[row] else chosen.label
        first = f"row {table.rows[row]} has nothing in column {which!r}"
    keep = np.flatnonzero(~bad)
    return LabelledTexts(
        texts=[texts[index] for index in keep],
        labels=[labels[index] for index in keep],
        rows=table.rows[keep],
        num_bad=int(bad.sum()),
        first_bad=first,
    )


def classes_of(
    labels: Sequence[str], *, column: str, what: str, field: str, order: Sequence[str] = ()
) -> tuple[str, ...]:
    """The distinct classes: in the given order, else sorted, as numbers where all are.

    Raises:
        UserError: there is one only, or so many that the column holds no classes.
    """
    found = set(labels)
    if len(found) == 1:
        raise UserError(
            f"The column {column!r} of {what} is {next(iter(found))!r} in every row, so there is nothing to learn; "
            "choose another.",
            field=field,
        )
    if len(found) > min(_MAX_CLASSES, max(2, len(labels) // 2)):
        raise UserError(
            f"The column {column!r} of {what} has {len(found):,} different values in {len(labels):,} rows, too many "
            "for classes; choose another.",
            field=field,
        )
    if order:
        return tuple(name for name in order if name in found)
    return tuple(sorted(found, key=_sort_key(found)))


def with_classes(found: LabelledTexts, classes: tuple[str, ...]) -> Texts:
    """The texts with the numbers of their classes."""
    numbers = {name: number for number, name in enumerate(classes)}
    labels = np.array([numbers[label] for label in found.labels], dtype=np.int64)
    return Texts(texts=found.texts, labels=labels, rows=found.rows)


def left_out_note(count: int, first: str, *, where: str = " of the file") -> tuple[str, ...]:
    """A sentence on rows that were left out; none when none were."""
    rows = f"row{'' if count == 1 else 's'}"
    return (f"Left out {count:,} {rows}{where} without a text or a class; {first}.",) if count else ()


def _labels(column: Column, names: Mapping[int, str], what: str, field: str) -> list[str]:
    """The name of each cell's class; empty where it has none."""
    if column.texts is not None:
        return [cell.strip() for cell in column.texts.to_pylist()]
    if column.numbers is None:
        raise UserError(
            f"The column {column.name!r} of {what} {column.unusable}, not classes; choose another.", field=field
        )
    if names:
        whole = np.where(np.isfinite(column.numbers), column.numbers, -1).astype(np.int64)
        return [names.get(number, "") for number in whole.tolist()]
    return ["" if number != number else f"{number:.15g}" for number in column.numbers.tolist()]


def _sort_key(found: set[str]) -> Callable[[str], tuple[float, str]]:
    """By number where all are, those of the same number by their names; else by name."""
    try:
        numbers = {name: float(name) for name in found}
    except ValueError:
        numbers = {}
    if any(math.isnan(number) for number in numbers.values()):  # which no order has a place for
        numbers = {}
    return lambda name: (numbers.get(name, 0.0), name)


def _mean_length(column: Column) -> float:
    if column.texts is None:
        return 0.0
    sample: list[str] = column.texts[:_SAMPLED].to_pylist()
    return sum(map(len, sample)) / max(1, len(sample))
