"""Rows of a table, and points: their columns and target as the dataset holds them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ui.theme import class_colour, font, theme
from ui.views._samples_source import Examples
from ui.widgets.numbers import fixed, number, whole

_Index = QModelIndex | QPersistentModelIndex
_MOST_DECIMALS, _MOST_IN_FULL = 6, 1e7
_WIDEST_PX, _LEAST_PX = 180, 48
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class RowsModel(QAbstractTableModel):
    """One line an example: its number in the split, columns, target. Emits `end_reached` as Qt asks for more."""

    end_reached = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._examples: Examples | None = None
        self._decimals: tuple[int, ...] = ()  # of each column of numbers, so that their points stand in line

    def set_examples(self, examples: Examples | None) -> None:
        """Show these; more of the same are added below."""
        before = self._examples
        if before and examples and _is_more(examples, of=before):
            self.beginInsertRows(QModelIndex(), len(before), len(examples) - 1)
            self._examples = examples
            self.endInsertRows()
            return
        self.beginResetModel()
        self._examples = examples
        self._decimals = _decimals(examples.inputs) if examples is not None else ()
        self.endResetModel()

    def columns(self) -> tuple[str, ...]:
        """The headings."""
        if self._examples is None:
            return ()
        sample = self._examples.sample
        width = self._examples.inputs.shape[1]
        names = sample.features if len(sample.features) == width else tuple(f"x{n}" for n in range(1, width + 1))
        return (self.tr("example"), sample.target or self.tr("target"), *names)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() or self._examples is None else len(self._examples)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns())

    def canFetchMore(self, parent: _Index) -> bool:
        return self._examples is not None and len(self._examples) < self._examples.total

    def fetchMore(self, parent: _Index) -> None:
        self.end_reached.emit()

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        examples = self._examples
        if examples is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        is_class = column == 1 and bool(examples.sample.classes)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                if column == 0:
                    return whole(examples.indices[row])
                return examples.label(row) if column == 1 else self._number(row, column - 2)
            case Qt.ItemDataRole.ToolTipRole:
                if column == 0:
                    return examples.source(row)
                return examples.label(row) if column == 1 else repr(float(examples.inputs[row, column - 2]))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _LEFT if is_class else _RIGHT
            case Qt.ItemDataRole.ForegroundRole:
                if column == 0:
                    return QColor(theme().palette.muted)
                return QColor(class_colour(int(examples.targets[row]))) if is_class else None
        return None

    def _number(self, row: int, column: int) -> str:
        assert self._examples is not None
        value = float(self._examples.inputs[row, column])
        if not math.isfinite(value) or abs(value) >= _MOST_IN_FULL:
            return number(value)
        return fixed(value, decimals=self._decimals[column])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_class = section == 1 and self._examples is not None and bool(self._examples.sample.classes)
            return _LEFT if is_class else _RIGHT
        return self.columns()[section] if role == Qt.ItemDataRole.DisplayRole else None


class RowsTable(QTableView):
    """The rows, as wide as their numbers need."""

    def __init__(self, model: RowsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widths: list[int] = []  # what each column needs
        self.setModel(model)
        self.setFont(font("small"))
        self.horizontalHeader().setFont(font("small"))
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setAccessibleName(self.tr("Examples"))
        model.modelReset.connect(self._on_model_reset)
        theme().changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _on_model_reset(self) -> None:
        widths = [max(self.sizeHintForColumn(n), header) for n, header in enumerate(self._header_widths())]
        self._widths = [min(_WIDEST_PX, max(_LEAST_PX, width)) for width in widths]
        self._share_room()

    def _header_widths(self) -> list[int]:
        header = self.horizontalHeader()
        return [header.sectionSizeHint(n) for n in range(self.model().columnCount())]

    def _share_room(self) -> None:
        """Each column as wide as what stands in it; what is left over goes to the columns of numbers alike."""
        num_numbers = max(1, len(self._widths) - 2)
        spare = max(0, self.viewport().width() - sum(self._widths)) // num_numbers
        for column, width in enumerate(self._widths):
            self.setColumnWidth(column, width + (spare if column > 1 else 0))


def _decimals(inputs: NDArray[Any]) -> tuple[int, ...]:
    """For each column [N, D] as many as tell its largest value to four digits, or fewer where no value has more."""
    found = []
    for column in inputs.T:
        values = column[np.isfinite(column)].astype(np.float64)
        largest = float(np.abs(values).max(initial=0.0)) or 1.0
        most = min(_MOST_DECIMALS, max(0, 3 - math.floor(math.log10(largest))))
        exact = (n for n in range(most) if np.allclose(values, values.round(n), rtol=1e-6, atol=0))
        found.append(next(exact, most))
    return tuple(found)


def _is_more(examples: Examples, *, of: Examples) -> bool:
    """Whether these are those and further ones of the same dataset; another one's rows have the same numbers."""
    num = len(of)
    return (
        len(examples) > num
        and examples.sample == of.sample
        and examples.wanted == of.wanted
        and examples.indices[:num] == of.indices
        and np.array_equal(examples.inputs[:num], of.inputs, equal_nan=True)
        and np.array_equal(examples.targets[:num], of.targets)
    )
