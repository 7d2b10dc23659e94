"""Growing columns of numbers; evenly spaced steps cost no memory."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

_START_CAPACITY = 256


class Column:
    """An append-only array; ``view`` is valid until the next append."""

    def __init__(self, dtype: DTypeLike = np.float64) -> None:
        self._data = np.empty(_START_CAPACITY, dtype=dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def view(self) -> NDArray[Any]:
        return self._data[: self._length]

    @property
    def nbytes(self) -> int:
        return self._length * self._data.itemsize

    def append(self, values: NDArray[Any]) -> None:
        needed = self._length + len(values)
        if needed > len(self._data):
            # np.empty touches no page, so what is reserved and not yet written costs no resident memory.
            grown = np.empty(max(needed, len(self._data) * 3 // 2), dtype=self._data.dtype)
            grown[: self._length] = self.view
            self._data = grown
        self._data[self._length : needed] = values
        self._length = needed

    def truncate(self, length: int) -> None:
        self._length = min(self._length, max(0, length))


class StepColumn:
    """A non-decreasing column; steps 0, k, 2k, ... are kept as (start, stride) until a value breaks the pattern.

    Nearly every training curve has a point at every step, so this halves the memory of a long run and replaces a binary
    search over megabytes by a division.
    """

    def __init__(self) -> None:
        self._start = 0.0
        self._stride = 1.0
        self._length = 0
        self._dense: Column | None = None

    def __len__(self) -> int:
        return self._length if self._dense is None else len(self._dense)

    @property
    def is_even(self) -> bool:
        return self._dense is None

    @property
    def nbytes(self) -> int:
        return 0 if self._dense is None else self._dense.nbytes

    def append(self, values: Floats) -> None:
        if not len(values):
            return
        if len(self) and values[0] < self.at(len(self) - 1):
            raise ValueError("x must not decrease: truncate_from first when a run rewinds")
        if np.any(np.diff(values) < 0):
            raise ValueError("x must not decrease")
        if self._dense is None and not self._extend_even(values):
            self._dense = Column()
            self._dense.append(self._even(0, self._length))
        if self._dense is not None:
            self._dense.append(values)

    def at(self, index: int) -> float:
        return self._start + self._stride * index if self._dense is None else float(self._dense.view[index])

    def slice(self, begin: int, end: int) -> Floats:
        return self._even(begin, end) if self._dense is None else self._dense.view[begin:end].astype(np.float64)

    def take(self, indices: Indices) -> Floats:
        """The values at these indices."""
        if self._dense is not None:
            return self._dense.view[indices].astype(np.float64)
        return self._start + self._stride * indices.astype(np.float64)

    def search(self, values: Floats) -> Indices:
        """Index of the first x that is not below each value, as ``np.searchsorted(x, values)``."""
        if self._dense is not None:
            return np.searchsorted(self._dense.view, values).astype(np.int64)
        scaled = np.ceil((values - self._start) / self._stride)
        return np.clip(scaled, 0, self._length).astype(np.int64)

    def truncate(self, length: int) -> None:
        self._length = min(self._length, max(0, length))
        if self._dense is not None:
            self._dense.truncate(length)
            if not length:
                self._dense = None

    def _even(self, begin: int, end: int) -> Floats:
        return self._start + self._stride * np.arange(begin, end, dtype=np.float64)

    def _extend_even(self, values: Floats) -> bool:
        """Whether the values go on with the pattern; the first two points define it."""
        start, stride, old = self._start, self._stride, self._length
        if old == 0:
            start = float(values[0])
            stride = float(values[1] - values[0]) if len(values) > 1 else 1.0
        elif old == 1:
            stride = float(values[0] - start)
        # Whole numbers only: their products are exact, so a search by division cannot be off by one.
        if stride < 1 or not (start.is_integer() and stride.is_integer()):
            return False
        length = old + len(values)
        if not np.array_equal(values, start + stride * np.arange(old, length, dtype=np.float64)):
            return False
        self._start, self._stride, self._length = start, stride, length
        return True
