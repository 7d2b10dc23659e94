"""A person's own table: CSV, TSV, JSONL or Parquet, one example a row."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modellab.config import meta
from modellab.data._rows import RowSources
from modellab.data._splits import column_statistics, safe_std, split_indices
from modellab.data._table_columns import Mask, Parsed, encoded, is_numeric, one_hot, parse
from modellab.data._table_fields import BAD_LABELS, BadRows, TableFile, TableHeader, refused
from modellab.data._table_read import FIELD, Header, RawTable, read_table
from modellab.data.base import DatasetConfig, LoadedDataset, Sample, Split, TaskName
from modellab.errors import UserError

_MIN_ROWS = 4
_MAX_CLASSES = 1000
_MAX_AUTO_CLASSES = 20
_TARGET_FIELD = "dataset.target"
_TARGET_NAMES = ("target", "label", "class", "y", "outcome", "species", "survived")
# A float32 holds 24 bits: beyond 2²⁰ the values of such a column differ in their last few bits only.
_FINE = 2.0**20


class TableConfig(DatasetConfig, frozen=True, kw_only=True, tag="table"):
    """A table file; every column but the target is an input."""

    title = "Table"
    summary = "Your own CSV, TSV, JSONL or Parquet file: predict one column, a class or a value, from the others."
    kind = "row"
    group = "Your own"

    file: TableFile = ""
    target: Annotated[
        str,
        meta(
            title="Target",
            help="The column to predict; empty: the last one.",
            choices_from="columns",
            labels={"": "the last column"},
        ),
    ] = ""
    leave_out: Annotated[
        tuple[str, ...], meta(title="Columns left out", help="Not to learn from.", choices_from="columns")
    ] = ()
    task: Annotated[
        Literal["auto", "classification", "regression"],
        meta(title="Task", help="Predict a class or a value; auto: classes for text and for up to 20 whole numbers."),
    ] = "auto"
    standardise: Annotated[
        bool, meta(title="Standardise", help="Give every numeric input column mean 0 and standard deviation 1.")
    ] = True
    header: TableHeader = "auto"
    bad_rows: Annotated[
        BadRows,
        meta(
            title="Bad rows",
            help="What to do with rows of the file that have empty, infinite or unreadable cells.",
            labels=BAD_LABELS,
        ),
    ] = "stop"
    validation_share: Annotated[
        float, meta(title="Validation share", help="Part of the file's rows kept for validation.", ge=0.01, le=0.9)
    ] = 0.2
    seed: Annotated[
        int,
        meta(title="Split seed", help="Decides which rows of the file validate.", ge=0, le=2**31 - 1, advanced=True),
    ] = 0

    def load(self) -> LoadedDataset:
        """Read, check and split the table."""
        table = read_table(self.file, header=self.header)
        target_name = _target_name(self, table)
        parsed = {
            column.name: parse(column, delimiter=table.delimiter, file=self.file)
            for column in table.columns
            if column.name == target_name or column.name not in self.leave_out
        }
        keep, notes = _good_rows(self, table, list(parsed.values()))
        target = parsed.pop(target_name)
        task, classes, targets = _targets(self, target, keep)
        names, inputs, is_number = _inputs(list(parsed.values()), keep, self.file)
        labels = targets if task == "classification" else None
        train, validation = split_indices(len(targets), self.validation_share, seed=self.seed, labels=labels)
        mean, std = _statistics(inputs[train], is_number, wanted=self.standardise)
        sources = RowSources(table.rows[keep])
        return LoadedDataset(
            sample=Sample(
                kind="point" if is_number == [True, True] else "row",
                task=task,
                shape=(inputs.shape[1],),
                classes=classes,
                features=tuple(names),
                target=target_name,
                mean=mean,
                std=std,
                low=tuple(inputs.min(axis=0).tolist()),
                high=tuple(inputs.max(axis=0).tolist()),
                target_mean=float(targets[train].mean(dtype=np.float64)) if task == "regression" else 0.0,
                target_std=safe_std(targets[train].std(dtype=np.float64))[0] if task == "regression" else 1.0,
            ),
            train=Split(inputs=inputs[train], targets=targets[train], sources=sources.of(train)),
            validation=Split(inputs=inputs[validation], targets=targets[validation], sources=sources.of(validation)),
            notes=(*table.notes, *notes, *_column_notes(list(parsed.values()), keep), *_class_notes(classes, labels)),
        )


class TableColumns(NamedTuple):
    """The columns of a table file, for a form: names, whether every value is a number, the likeliest target."""

    names: tuple[str, ...]
    numeric: tuple[bool, ...]
    suggested: str
    num_rows: int


def table_columns(path: str, *, header: Header = "auto") -> TableColumns:
    """What a form needs to know of a table file.

    Raises:
        UserError: it cannot be read.
    """
    table = read_table(path, header=header)
    numeric = tuple(is_numeric(column, delimiter=table.delimiter) for column in table.columns)
    by_name = {name.strip().lower(): name for name in table.names}
    suggested = next((by_name[name] for name in _TARGET_NAMES if name in by_name), table.names[-1])
    return TableColumns(table.names, numeric, suggested, len(table.rows))


def _target_name(config: TableConfig, table: RawTable) -> str:
    names = table.names
    for name in config.leave_out:
        if name not in names:
            message = f"{config.file} has no column {name!r} to leave out; {_list(names)}."
            raise UserError(message, field="dataset.leave_out")
    left = [name for name in names if name not in config.leave_out]
    if config.target and config.target not in names:
        raise UserError(f"{config.file} has no column {config.target!r}; {_list(names)}.", field=_TARGET_FIELD)
    if len(set(left) | {config.target} - {""}) < 2:
        raise UserError(f"{config.file} needs a target and at least one other column; {_list(names)}.", field=FIELD)
    return config.target or left[-1]


def _list(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:20])
    return f"its columns are {shown}{f' and {len(names) - 20} more' if len(names) > 20 else ''}"


def _good_rows(config: TableConfig, table: RawTable, parsed: list[Parsed]) -> tuple[Mask, tuple[str, ...]]:
    """Rows with every cell in order, and a note of the rest.

    Raises:
        UserError: some are not and the person chose to stop at them, or too few are left.
    """
    bad = np.zeros(len(table.rows), dtype=bool)
    for part in parsed:
        bad |= part.bad
    count = int(bad.sum()) + len(table.bad)
    notes: tuple[str, ...] = ()
    if count:
        first = _first_bad(table, parsed, bad)
        if config.bad_rows == "stop":
            raise refused(config.file, first, count=count)
        notes = (f"Left out {count:,} bad row{'' if count == 1 else 's'} of the file; {first}.",)
    left = len(bad) - int(bad.sum())
    if left < _MIN_ROWS:
        raise UserError(
            f"{config.file} has {left} usable row{'' if left == 1 else 's'}; at least {_MIN_ROWS} are needed.",
            field=FIELD,
        )
    return ~bad, notes


def _first_bad(table: RawTable, parsed: list[Parsed], bad: Mask) -> str:
    ragged = table.bad[0] if table.bad else None
    if bad.any():
        row = int(bad.argmax())
        number = int(table.rows[row])
        if ragged is None or number < ragged[0]:
            return f"row {number} {next(part for part in parsed if part.bad[row]).complaint(row)}"
    assert ragged is not None
    return f"row {ragged[0]} {ragged[1]}"


def _targets(config: TableConfig, target: Parsed, keep: Mask) -> tuple[TaskName, tuple[str, ...], NDArray[np.generic]]:
    called = f"The column {target.column.name!r} of {config.file}"
    numbers = None if target.numbers is None else target.numbers[keep]
    classes, labels = encoded(target, keep)
    if len(classes) < 2:
        raise UserError(
            f"{called} is {classes[0]!r} in every row, so there is nothing to learn; choose another target.",
            field=_TARGET_FIELD,
        )
    if config.task == "regression" and numbers is None:
        raise UserError(f"{called} is text; choose classification or another target.", field=_TARGET_FIELD)
    few = len(classes) <= min(_MAX_AUTO_CLASSES, max(2, len(labels) // 2))
    whole = numbers is not None and bool((numbers == np.round(numbers)).all())
    if config.task == "classification" or (config.task == "auto" and (numbers is None or (whole and few))):
        if len(classes) > min(_MAX_CLASSES, len(labels) - 1):
            raise UserError(
                f"{called} has {len(classes):,} different values in {len(labels):,} rows, too many for classes; "
                "choose regression or another target.",
                field=_TARGET_FIELD,
            )
        return "classification", classes, labels
    assert numbers is not None
    return "regression", (), numbers.astype(np.float32)


def _inputs(parsed: list[Parsed], keep: Mask, file: str) -> tuple[list[str], NDArray[np.float32], list[bool]]:
    """Names, matrix [N, D] and which columns are numbers as they stand."""
    names: list[str] = []
    blocks: list[NDArray[np.float32]] = []
    is_number: list[bool] = []
    for part in parsed:
        if part.numbers is not None:
            found, block = [part.column.name], part.numbers[keep].astype(np.float32)[:, None]
        else:
            found, block = one_hot(part, keep, file=file)
        names += found
        blocks.append(block)
        is_number += [part.numbers is not None] * len(found)
    return names, np.concatenate(blocks, axis=1), is_number


def _statistics(
    train: NDArray[np.float32], is_number: list[bool], *, wanted: bool
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation a column; columns of 0 and 1 are left as they are."""
    mean, std = column_statistics(train)
    use = [wanted and number for number in is_number]
    return (
        tuple(value if used else 0.0 for value, used in zip(mean, use, strict=True)),
        tuple(value if used else 1.0 for value, used in zip(std, use, strict=True)),
    )


def _column_notes(parsed: list[Parsed], keep: Mask) -> tuple[str, ...]:
    notes = []
    for part in parsed:
        if part.decimal_comma:
            notes.append(f"Column {part.column.name!r} was read with decimal commas.")
        if part.numbers is not None:
            values = part.numbers[keep]
            spread = float(values.std())
            if spread == 0:
                notes.append(f"Column {part.column.name!r} is the same in every row, so nothing is learnt from it.")
            elif float(np.abs(values).max()) > _FINE * spread:
                notes.append(f"Column {part.column.name!r} varies little for its size; subtract its smallest value.")
    return tuple(notes)


def _class_notes(classes: tuple[str, ...], labels: NDArray[np.generic] | None) -> tuple[str, ...]:
    if labels is None:
        return ()
    single = [name for name, count in zip(classes, np.bincount(labels), strict=True) if count == 1]
    if not single:
        return ()
    return (f"The class {single[0]!r} has one example only, which trains and is never validated.",)
