"""What part of an axis of cells is in sight, and how the wheel and the hand move it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Cells 0..num_cells, of which those between `first` and `last` (fractions count) are seen."""

    num_cells: int
    first: float = 0.0
    last: float = 1.0
    least: float = 4.0  # cells in sight when nothing nearer can be seen

    @classmethod
    def whole(cls, num_cells: int, *, least: float = 4.0) -> Axis:
        """All of it in sight."""
        return cls(num_cells=num_cells, first=0.0, last=float(max(1, num_cells)), least=least)

    @property
    def length(self) -> float:
        """How many cells are in sight."""
        return max(1e-6, self.last - self.first)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is out of sight."""
        return self.first <= 0 and self.last >= self.num_cells

    def zoomed(self, factor: float, *, about: float) -> Axis:
        """Nearer (factor < 1) or farther, the cell `about` staying where it is."""
        length = min(float(max(1, self.num_cells)), max(min(self.least, self.num_cells), self.length * factor))
        share = (about - self.first) / self.length
        return self._from(about - share * length, length)

    def moved(self, cells: float) -> Axis:
        """Further along, as far as there is anything."""
        return self._from(self.first + cells, self.length)

    def showing(self, cell: int) -> Axis:
        """Moved no farther than needed for a cell to be in sight."""
        if cell < self.first:
            return self.moved(cell - self.first)
        return self.moved(max(0.0, cell + 1 - self.last))

    def cell_at(self, share: float) -> int | None:
        """The cell at a share 0..1 of what is in sight."""
        cell = int(self.first + share * self.length)
        return cell if 0 <= share < 1 and 0 <= cell < self.num_cells else None

    def _from(self, first: float, length: float) -> Axis:
        first = max(0.0, min(first, self.num_cells - length))
        return replace(self, first=first, last=first + length)


class SharedAxis(QObject):
    """The part of the text in sight, one for every picture of it: zooming one zooms all."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = Axis.whole(1)

    @property
    def value(self) -> Axis:
        """What is in sight now."""
        return self._value

    def set(self, axis: Axis) -> None:
        """Look at another part."""
        if axis != self._value:
            self._value = axis
            self.changed.emit()

    def settle(self, num_cells: int) -> None:
        """There is another text: a part stays in sight only if it is as long as the one before."""
        if num_cells != self._value.num_cells:
            self.set(Axis.whole(num_cells))


_LEAST_APART_PX = 4.0  # a narrower cell shows more without a gap beside it


def bar_sides(lefts: Sequence[float], cell: float) -> list[tuple[float, float]]:
    """Where bars of neighbouring cells begin and how wide they are: apart where there is room, else on whole pixels
    side by side, so that no stripes come of what falls between two."""
    if cell >= _LEAST_APART_PX:
        inset = min(2.0, cell * 0.14)
        return [(left + inset, cell - 2 * inset) for left in lefts]
    begins = [math.floor(left) for left in lefts]
    return [(begin, max(1, math.floor(left + cell) - begin)) for begin, left in zip(begins, lefts, strict=True)]
