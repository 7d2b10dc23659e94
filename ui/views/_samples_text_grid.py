"""Where texts stand: in rows, and side by side where they are short; one of them may be open and higher."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGrid:
    """`count` cells of one size, below a heading; the rows after that of the open cell stand `extra` lower.

    Points and rectangles are of the whole, as if nothing was scrolled.
    """

    count: int
    num_columns: int
    width: int
    row_height: int
    head: int
    open: int = -1
    extra: int = 0

    @property
    def height(self) -> int:
        """Of the whole."""
        rows = -(-self.count // self.num_columns)
        return self.head + rows * self.row_height + (self.extra if 0 <= self.open < self.count else 0)

    @property
    def cell_width(self) -> int:
        """Of one cell."""
        return self.width // self.num_columns

    def rect(self, position: int) -> QRect:
        """Where a cell is."""
        row, column = divmod(position, self.num_columns)
        open_row = self.open // self.num_columns if self.open >= 0 else -1
        top = self.head + row * self.row_height + (self.extra if 0 <= open_row < row else 0)
        height = self.row_height + (self.extra if row == open_row else 0)
        return QRect(column * self.cell_width, top, self.cell_width, height)

    def position_at(self, point: QPoint) -> int:
        """The cell at a point; -1: none."""
        y = point.y() - self.head
        if y < 0 or not 0 <= point.x() < self.cell_width * self.num_columns:
            return -1
        if self.open >= 0:
            below = (self.open // self.num_columns + 1) * self.row_height
            y = y if y < below else max(below - 1, y - self.extra)
        position = y // self.row_height * self.num_columns + point.x() // self.cell_width
        return position if position < self.count else -1
