"""The table of runs as Qt's item views read it: a model of rows, and the order and choice laid over it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont

from ui.panels.runs_columns import COLUMNS, PLACE
from ui.panels.runs_rows import STATUS_HELP, RunRow, started_text, translated
from ui.theme import font, series_colour, theme
from ui.widgets.help_dot import rich_tooltip
from ui.widgets.numbers import whole
from ui.widgets.sparkline import SPARKLINE_ROLE

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
ROW_ROLE = _Role.UserRole + 1  # answers the RunRow of any cell
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_ICON_COLUMNS = (PLACE["shown"], PLACE["star"])


class RunsTableModel(QAbstractTableModel):
    """One row a run, in the order in which they came; changes touch only the cells of the rows that changed."""

    renamed = Signal(object, str)  # RunRow, the new name that a person typed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._places: dict[Path, int] = {}

    def rows(self) -> list[RunRow]:
        """Every run, unsorted."""
        return list(self._rows)

    def row_of(self, path: Path) -> RunRow | None:
        """The run in that folder."""
        place = self._places.get(path)
        return None if place is None else self._rows[place]

    def place_of(self, path: Path) -> int | None:
        """Where the run in that folder stands."""
        return self._places.get(path)

    def set_rows(self, rows: Iterable[RunRow]) -> None:
        """Show these runs and no other; rows that stay keep their place, so selection and scroll stay too."""
        wanted = {row.path: row for row in rows}
        for place in range(len(self._rows) - 1, -1, -1):
            if self._rows[place].path not in wanted:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
        self._places = {row.path: place for place, row in enumerate(self._rows)}
        self.update_rows(row for row in wanted.values() if row.path in self._places)
        added = [row for row in wanted.values() if row.path not in self._places]
        if added:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(added) - 1)
            self._rows += added
            self._places |= {row.path: first + place for place, row in enumerate(added)}
            self.endInsertRows()

    def update_rows(self, rows: Iterable[RunRow]) -> None:
        """Show what is new of these; a run that is not in the table is passed over."""
        for row in rows:
            place = self._places.get(row.path)
            if place is None or self._rows[place] == row:
                continue
            before, self._rows[place] = self._rows[place], row
            changed = [column for column, spec in enumerate(COLUMNS) if spec.key(before) != spec.key(row)]
            # Only from the first to the last changed cell: a sorted proxy sorts again only if its column is among them.
            first, last = (changed[0], changed[-1]) if changed else (0, len(COLUMNS) - 1)
            if before.is_current != row.is_current or before.colour != row.colour or before.curve != row.curve:
                first, last = 0, max(last, PLACE["curve"])
            self.dataChanged.emit(self.index(place, first), self.index(place, last))

    def repaint(self) -> None:
        """Colours follow another theme."""
        if self._rows:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1), [int(_Role.ForegroundRole)]
            )

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        row, place = self._rows[index.row()], index.column()
        column = COLUMNS[place]
        match role:
            case _Role.DisplayRole:
                return column.text(row)
            case _Role.EditRole:
                return row.name
            case _ if role == ROW_ROLE:
                return row
            case _Role.TextAlignmentRole:
                return _RIGHT if column.is_number else _LEFT
            case _Role.ForegroundRole:
                return _colour(row, place)
            case _Role.FontRole:
                return _font(row, place)
            case _Role.ToolTipRole:
                return _tooltip(row, place)
            case _ if role == SPARKLINE_ROLE and place == PLACE["curve"]:
                colour = theme().palette.muted if row.colour is None else series_colour(row.colour)
                return (row.curve, colour)
            case _Role.AccessibleTextRole:
                return _spoken(row, place)
        return None

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        row = self._rows[index.row()]
        if role != _Role.EditRole or index.column() != PLACE["name"] or str(value).strip() == row.name:
            return False
        self.renamed.emit(row, str(value).strip())
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == PLACE["name"] else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        match role:
            case _Role.DisplayRole:
                return translated(column.title) if column.title else ""
            case _Role.ToolTipRole:
                return rich_tooltip(translated(column.title or "Marks"), translated(column.help))
            case _Role.TextAlignmentRole:
                return _CENTRE if section in _ICON_COLUMNS else _RIGHT if column.is_number else _LEFT
        return None


class RunsProxy(QSortFilterProxyModel):
    """Runs that match every word of the filter line, sorted by any column; what is missing goes last either way."""

    def __init__(self, model: RunsTableModel, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: list[str] = []
        self.setSourceModel(model)

    def set_filter(self, text: str) -> None:
        """Show only runs whose name, note, architecture, dataset or status hold every word."""
        words = text.casefold().split()
        if words != self._words:
            self.beginFilterChange()
            self._words = words
            self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        if not self._words:
            return True
        haystack = self._model.index(source_row, 0).data(ROW_ROLE).haystack()
        return all(word in haystack for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        key = COLUMNS[left.column()].key
        rows = self._model._rows
        first, second = key(rows[left.row()]), key(rows[right.row()])
        if _is_missing(first) or _is_missing(second):
            is_ascending = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return (
                _is_missing(second) > _is_missing(first) if is_ascending else _is_missing(first) > _is_missing(second)
            )
        return bool(first < second)  # type: ignore[operator]


def _is_missing(key: object) -> bool:
    return key is None or key != key  # NaN


def _colour(row: RunRow, place: int) -> Any:
    quiet = (PLACE["architecture"], PLACE["dataset"], PLACE["seconds"], PLACE["started"], PLACE["note"], PLACE["steps"])
    return theme().colour("muted" if place in quiet or COLUMNS[place].text(row) == "–" else "text")


def _font(row: RunRow, place: int) -> QFont | None:
    return font("strong") if row.is_current and place == PLACE["name"] else None


def _tooltip(row: RunRow, place: int) -> str | None:
    if place == PLACE["status"]:
        return translated(STATUS_HELP[row.status])
    if place == PLACE["name"]:
        quiet = translated("Started {when}").format(when=started_text(row.started)) if row.started else ""
        return rich_tooltip(row.name, "  ·  ".join(filter(None, (row.details.note, row.path.name, quiet))))
    if place == PLACE["note"]:
        return row.details.note or None
    exact = {
        PLACE["train_loss"]: (row.train_loss, row.steps),
        PLACE["val_loss"]: (row.val_loss, row.val_step),
        PLACE["score"]: (row.score, row.val_step),
        PLACE["best"]: (row.best, row.best_step),
    }
    value, step = exact.get(place, (None, 0))
    if value is None:
        return None
    return (
        translated("{value}, at step {step}").format(value=f"{value:.6g}", step=whole(step)) if step else f"{value:.6g}"
    )


def _spoken(row: RunRow, place: int) -> str:
    if place == PLACE["shown"]:
        return translated("Shown in the curves") if row.colour is not None else translated("Not shown in the curves")
    if place == PLACE["star"]:
        return translated("Starred") if row.details.starred else ""
    return COLUMNS[place].text(row)
