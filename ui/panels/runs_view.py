"""The table's widget: selection by row, marks that are clicked, columns that are shown and hidden."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QAbstractItemModel, QByteArray, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ui.panels.runs_columns import COLUMNS, PLACE, Column, ColumnName
from ui.panels.runs_delegates import RunDelegate, RunsHeader

_ROW_HEIGHT = 26
_CELL_PADDING = 20
_MARKS = (PLACE["shown"], PLACE["star"])
# How room to spare is shared, until a person sets a width; the note, last, takes the rest.
_SHARES: dict[ColumnName, float] = {"name": 0.2, "architecture": 0.14, "dataset": 0.1, "curve": 0.08}
# What gives way first where the table is narrow, until a person chooses the columns.
_DISPENSABLE: tuple[ColumnName, ...] = ("note", "started", "train_loss", "best", "architecture", "seconds", "steps")


class RunsTableView(QTableView):
    """Rows of runs; the last column takes the room that is left."""

    mark_clicked = Signal(QModelIndex)  # the dot or the star of a run
    menu_asked = Signal(QPoint)  # where on the screen

    def __init__(self, model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        header = self._header = RunsHeader(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(header)
        self.setModel(model)
        self.setItemDelegate(RunDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)  # whole rows
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Runs"))
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        self._is_fitting = False
        self._is_fitted = True
        self._are_columns_chosen = False
        self._steps_width = 0  # what the longest number of steps so far takes
        self._settle_header(header)
        header.sectionResized.connect(self._on_section_resized)
        self.setSortingEnabled(True)
        header.sortIndicatorChanged.connect(lambda *_: self.scrollToTop())
        model.rowsInserted.connect(lambda _, first, last: self._make_room_for_steps(first, last))
        model.dataChanged.connect(lambda first, last, *_: self._make_room_for_steps(first.row(), last.row()))
        self.sortByColumn(PLACE["started"], Qt.SortOrder.DescendingOrder)

    def _settle_header(self, header: QHeaderView) -> None:
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(28)
        header.setStretchLastSection(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for place, column in enumerate(COLUMNS):
            header.resizeSection(place, column.width)
        for place in _MARKS:
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)

    def set_column_shown(self, place: int, shows: bool) -> None:
        """Show or hide a column, as a person wishes: from then on none goes by itself."""
        self._are_columns_chosen = True
        self.setColumnHidden(place, not shows)

    def sorting(self) -> str:
        """By which column the runs are sorted, and how: "val_loss ascending", for the window's settings."""
        header = self.horizontalHeader()
        is_descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        return f"{COLUMNS[header.sortIndicatorSection()].name} {'descending' if is_descending else 'ascending'}"

    def sort_as(self, sorting: str) -> None:
        """Sort as `sorting` told; by a column that is no more, as it is."""
        name, _, order = sorting.partition(" ")
        place = next((place for place, column in enumerate(COLUMNS) if column.name == name), None)
        if place is not None:
            orders = Qt.SortOrder
            self.sortByColumn(place, orders.DescendingOrder if order == "descending" else orders.AscendingOrder)

    def layout_state(self) -> QByteArray:
        """Order, widths and visibility of the columns, for the window's settings; nothing where all is as it was."""
        is_as_made = self._is_fitted and not self._are_columns_chosen and not self._header.sectionsMoved()
        return QByteArray() if is_as_made else self.horizontalHeader().saveState()

    def restore_layout(self, state: QByteArray) -> None:
        """Put the columns as they were; a state of other columns is passed over."""
        if self.horizontalHeader().restoreState(state):
            self._is_fitted, self._are_columns_chosen = False, True

    @contextmanager
    def following(self, *indexes: QModelIndex) -> Iterator[None]:
        """A run that is resumed goes to the top: what was in sight of these and moves meanwhile stays in sight."""
        room = self.viewport().rect()
        shown = [index for index in indexes if index.isValid() and room.intersects(self.visualRect(index))]
        before = [(QPersistentModelIndex(index), index.row()) for index in shown]
        yield
        moved = [index.row() for index, place in before if index.isValid() and index.row() != place]
        if moved:
            self.scrollTo(self.model().index(moved[0], PLACE["name"]))

    def _hide_what_does_not_fit(self) -> None:
        room = self.viewport().width()
        spare = room - sum(self._width_of(column) for column in COLUMNS)
        for name in _DISPENSABLE:
            place = PLACE[name]
            self.setColumnHidden(place, spare < 0)
            spare += self._width_of(COLUMNS[place]) if spare < 0 else 0

    def _fit(self) -> None:
        shown = [column for place, column in enumerate(COLUMNS) if not self.isColumnHidden(place)]
        spare = max(0, self.viewport().width() - sum(self._width_of(column) for column in shown))
        self._is_fitting = True  # what a person drags is told from this
        for place, column in enumerate(COLUMNS):
            self.setColumnWidth(place, self._width_of(column) + round(spare * _SHARES.get(column.name, 0.0)))
        self._is_fitting = False

    def _width_of(self, column: Column) -> int:
        return max(column.width, self._steps_width) if column.name == "steps" else column.width

    def _make_room_for_steps(self, first: int, last: int) -> None:
        """A number of steps is never cut: its column grows with the longest, and shrinks with none."""
        place, model = PLACE["steps"], self.model()
        texts = [str(model.index(row, place).data() or "") for row in range(first, last + 1)]
        width = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0) + _CELL_PADDING
        if width <= max(self._steps_width, COLUMNS[place].width):
            return
        self._steps_width = width
        if self._is_fitted:
            if not self._are_columns_chosen:
                self._hide_what_does_not_fit()
            self._fit()
        elif self.columnWidth(place) < width:
            self.setColumnWidth(place, width)

    def _on_section_resized(self, place: int, _before: int, _after: int) -> None:
        if not self._is_fitting and self._header.is_pressed and place != len(COLUMNS) - 1:
            self._is_fitted = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._are_columns_chosen:
            self._hide_what_does_not_fit()
        if self._is_fitted:
            self._fit()
            self.updateGeometries()  # or the scroll bar goes by the widths before until the next event

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if index.isValid() and index.column() in _MARKS and event.button() == Qt.MouseButton.LeftButton and is_plain:
            self.mark_clicked.emit(index)  # and the selection stays as it is
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).column() in _MARKS:
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.selectionModel().hasSelection():
            at = event.globalPos()
            if event.reason() == QContextMenuEvent.Reason.Keyboard:
                at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
            self.menu_asked.emit(at)
