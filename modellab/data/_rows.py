"""Where examples of a table come from, put into words only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray


class RowSources(Sequence[str]):
    """ "row 17 of the file" for each example, put into words only when asked for."""

    def __init__(self, rows: NDArray[np.int64]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> RowSources: ...
    def __getitem__(self, index: int | slice) -> str | RowSources:
        if isinstance(index, slice):
            return RowSources(self._rows[index])
        return f"row {self._rows[index]} of the file"

    def of(self, indices: NDArray[np.int64]) -> RowSources:
        """The sources of some examples."""
        return RowSources(self._rows[indices])
