"""Columns of a table to numbers: which are numeric, which are text to one-hot, and which cells are bad."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data._delimited import NUMBER
from modellab.data._table_read import Column
from modellab.errors import UserError

FIELD = "dataset.file"
MAX_ONE_HOT = 50
_NOTHING = ("", "na", "n/a", "nan", "null", "none", "?", "-", "#n/a", "missing")
_INFINITE = r"^[+-]?inf(inity)?$"
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}( .*)?")
_FLOAT32_MAX = float(np.finfo(np.float32).max)

Mask = NDArray[np.bool_]


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """A column looked at.

    numbers: float64, NaN where bad; None for a text column. bad: cells without a usable value.
    """

    column: Column
    numbers: NDArray[np.float64] | None
    bad: Mask
    decimal_comma: bool = False

    def text(self, row: int) -> str:
        """A cell as it stands in the file."""
        if self.column.texts is not None:
            return str(self.column.texts[row].as_py())
        return str(self.column.numbers[row]) if self.column.numbers is not None else ""

    def complaint(self, row: int) -> str:
        """What is wrong with a bad cell, fit to follow "row 3"."""
        cell = self.text(row).strip()
        where = f"in column {self.column.name!r}"
        if cell.lower() in _NOTHING or (self.numbers is None and not cell):
            return f"has nothing {where}"
        if re.match(_INFINITE, cell.lower()):
            return f"has an infinite number {where}"
        if re.match(NUMBER, cell):
            return f"has a number too large for 32 bits {where}"
        return f"has {cell if len(cell) <= 40 else cell[:37] + '...'!r} {where}, where the others have numbers"


def parse(column: Column, *, delimiter: str, file: str) -> Parsed:
    """Look at a column: it is numeric when at least half of the cells that have something are numbers.

    Raises:
        UserError: it holds what is neither number nor text, or nothing.
    """
    if column.unusable:
        raise UserError(
            f"The column {column.name!r} of {file} {column.unusable}, which Model Lab does not read; turn it into "
            "numbers or leave it out.",
            field=FIELD,
        )
    if column.numbers is not None:
        bad = ~np.isfinite(column.numbers) | (np.abs(column.numbers) > _FLOAT32_MAX)
        _check_not_empty(column, np.isnan(column.numbers), file)
        return Parsed(column=column, numbers=np.where(bad, np.nan, column.numbers), bad=bad)
    trimmed, nothing, good, comma = _look(column.texts, delimiter)
    _check_not_empty(column, nothing, file)
    if 2 * good.sum() < (~nothing).sum():
        return Parsed(column=column, numbers=None, bad=_equal(trimmed, ""))
    numbers = _numbers(trimmed, good)
    bad = ~np.isfinite(numbers) | (np.abs(numbers) > _FLOAT32_MAX)
    return Parsed(column=column, numbers=np.where(bad, np.nan, numbers), bad=bad, decimal_comma=comma)


def is_numeric(column: Column, *, delimiter: str) -> bool:
    """Whether every cell that has something is a number."""
    if column.texts is None:
        return column.numbers is not None
    _, nothing, good, _ = _look(column.texts, delimiter)
    return bool((good | nothing).all() and good.any())


def one_hot(parsed: Parsed, keep: Mask, *, file: str) -> tuple[list[str], NDArray[np.float32]]:
    """A column of 0 and 1 for each text, named "column=text", over the rows to keep.

    Raises:
        UserError: there are too many different texts.
    """
    texts, codes = encoded(parsed, keep)
    name = parsed.column.name
    if len(texts) > MAX_ONE_HOT:
        if sum(bool(_DATE.fullmatch(text)) for text in texts) > len(texts) // 2:
            what = f"holds dates such as {texts[0]!r}, which Model Lab does not read"
        else:
            raise UserError(
                f"The column {name!r} of {file} is text with {len(texts):,} different values, more than the "
                f"{MAX_ONE_HOT} allowed; leave it out, or choose the dataset “Table of texts” to tell its texts apart.",
                field=FIELD,
            )
        raise UserError(f"The column {name!r} of {file} {what}; turn it into numbers or leave it out.", field=FIELD)
    matrix = np.zeros((len(codes), len(texts)), dtype=np.float32)
    matrix[np.arange(len(codes)), codes] = 1.0
    return [f"{name}={text}" for text in texts], matrix


def encoded(parsed: Parsed, keep: Mask) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Sorted distinct values as names, and the index of each kept row's; numbers are sorted as numbers."""
    if parsed.numbers is not None:
        values, codes = np.unique(parsed.numbers[keep], return_inverse=True)
        return tuple(f"{value:.15g}" for value in values), codes.astype(np.int64)
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.utf8_trim_whitespace(parsed.column.texts).filter(pa.array(keep)).dictionary_encode()
    names = cells.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    codes = cells.indices.to_numpy(zero_copy_only=False)
    return tuple(names[index] for index in order), rank[codes] if len(names) else codes.astype(np.int64)


def _look(texts: Any, delimiter: str) -> tuple[Any, Mask, Mask, bool]:
    """Trimmed cells (with decimal points), those with nothing in them, those that are numbers, and whether the points
    were commas."""
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(texts)
    nothing = _mask(pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(_NOTHING)))
    good = _is_number(trimmed)
    if delimiter not in ("", ",") and 2 * good.sum() < (~nothing).sum():
        pointed = pc.replace_substring(trimmed, ",", ".")
        with_commas = _is_number(pointed)
        if 2 * with_commas.sum() >= (~nothing).sum():
            return pointed, nothing, with_commas, True
    return trimmed, nothing, good, False


def _is_number(trimmed: Any) -> Mask:
    import pyarrow.compute as pc

    finite = _mask(pc.match_substring_regex(trimmed, NUMBER))
    return finite | _mask(pc.match_substring_regex(trimmed, _INFINITE, ignore_case=True))


def _numbers(trimmed: Any, good: Mask) -> NDArray[np.float64]:
    """The numbers among the cells, NaN for the rest; Python's own reading, so that 1e400 is infinite and no error."""
    import pyarrow as pa

    numbers = np.full(len(good), np.nan)
    cells = trimmed.filter(pa.array(good))
    try:
        numbers[good] = cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        numbers[good] = [float(cell) for cell in cells.to_pylist()]
    return numbers


def _check_not_empty(column: Column, nothing: Mask, file: str) -> None:
    if nothing.all():
        raise UserError(f"The column {column.name!r} of {file} has no values; leave it out.", field=FIELD)


def _equal(trimmed: Any, text: str) -> Mask:
    import pyarrow.compute as pc

    return _mask(pc.equal(trimmed, text))


def _mask(values: Any) -> Mask:
    mask: Mask = values.to_numpy(zero_copy_only=False).astype(bool)
    return mask
