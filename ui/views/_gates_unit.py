"""The unit page: one unit's signals and budget, the text in the colours of its memory, and holding it."""

from __future__ import annotations

import re

import numpy as np
from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import font, theme
from ui.views._coloured_text import ColouredText, behind_text, text_reach
from ui.views._export import keep_out
from ui.views._gates_clamps import ClampBox
from ui.views._gates_data import Gates, Place
from ui.views._gates_order import Order, Rows, Span, order_values
from ui.views._gates_told import Job, job_help, job_text
from ui.views._gates_unit_plot import UnitPlot
from ui.views._gates_words import half_life_text, short_half_life, unit_facts
from ui.views._text_scroll import TextScroll
from ui.views._token_axis import SharedAxis
from ui.widgets.buttons import IconButton
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.labels import TextLabel
from ui.widgets.numbers import fixed
from workers.protocol import Clamp

_Index = QModelIndex | QPersistentModelIndex
_MOST_LINES = 3
_PLOT_PX = 240  # on a lower page the text leaves its lines to the plot
_LIST_FROM_PX = 400  # a narrower page has no room for the list; the arrows over the plots walk it


class UnitRows(QAbstractListModel):
    """The units in the raster's order, each with the number that it is ordered by, or with what it keeps."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._order: Rows = np.arange(0)
        self._means: np.ndarray | None = None
        self._values: np.ndarray | None = None  # what they are ordered by
        self._by: Order = "raw"
        self._name = ""

    def show(self, gates: Gates, place: Place, order: Rows, *, by: Order, span: Span | None) -> None:
        """Other units, or newer numbers of them."""
        self._name, self._by = gates.keeps, by
        self._values = order_values(gates, place, by=by, span=span)
        self._means = gates.lane(place, gates.keeps).mean(axis=0, dtype=np.float32) if gates.keeps else None
        if len(order) != len(self._order):
            self.beginResetModel()
            self._order = order
            self.endResetModel()
        else:
            self._order = order
            self.dataChanged.emit(self.index(0), self.index(len(order) - 1))

    def is_in(self, order: Rows) -> bool:
        """Whether this is the order they are in."""
        return np.array_equal(self._order, order)

    def row_of(self, unit: int) -> int:
        """Where a unit stands; -1: nowhere."""
        found = np.flatnonzero(self._order == unit)
        return int(found[0]) if len(found) else -1

    def unit_at(self, row: int) -> int:
        """The unit in a row."""
        return int(self._order[row])

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        unit = int(self._order[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return "   ".join(filter(None, (str(unit), self._number_of(unit))))
        if role == Qt.ItemDataRole.ToolTipRole and self._means is not None:
            facts = self.tr("unit {n}: mean {name} {mean}, {half_life}")
            mean_keep = float(self._means[unit])
            return facts.format(
                n=unit, name=self._name, mean=fixed(mean_keep, decimals=3), half_life=half_life_text(mean_keep)
            )
        return None

    def _number_of(self, unit: int) -> str:
        if self._values is not None and self._by == "half_life":
            return f"t½ {short_half_life(float(self._values[unit]))}"
        if self._values is not None and self._by == "span":
            return f"r {fixed(float(self._values[unit]), decimals=2)}"
        return "" if self._means is None else f"{self._name} {fixed(float(self._means[unit]), decimals=2)}"


class UnitList(QListView):
    """The arrow keys are the view's, which walks the units with them: alone they would mark a unit and not show it."""

    left = Signal()  # by the pointer

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_arrow = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
        if is_arrow or event.text().isalpha():  # they are the view's; names of units begin with no letter
            event.ignore()
        else:
            super().keyPressEvent(event)


class UnitPage(QWidget):
    """See the module."""

    token_pointed = Signal(object)  # int | None
    token_chosen = Signal(int)
    unit_chosen = Signal(int)
    clamp_asked = Signal(object)  # Clamp
    clamp_moved = Signal(object, int)  # Clamp, the drag
    list_left = Signal()  # by the pointer: its rows may go where they belong

    def __init__(self, axis: SharedAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gates: Gates | None = None
        self._place = Place()
        self._job: Job | None = None
        self._listed_by: tuple[Order, Span | None] = ("raw", None)
        self._build(axis)
        theme().changed.connect(self._colour_text)

    def set_gates(
        self,
        gates: Gates,
        place: Place,
        *,
        order: Rows,
        by: Order,
        span: Span | None,
        reach: float,
        clamps: tuple[Clamp, ...] = (),
    ) -> None:
        """Other arrays, another unit, or another token."""
        is_news = (
            gates is not self._gates or place.layer != self._place.layer or place.direction != self._place.direction
        )
        is_unit = is_news or place.unit != self._place.unit
        self._gates, self._place = gates, place
        is_other_order = not self._rows.is_in(order)
        listed_by = (by, span if by == "span" else None)
        if is_news or is_other_order or listed_by != self._listed_by:
            self._rows.show(gates, place, order, by=by, span=span)
        self._listed_by = listed_by
        if is_unit:
            self._plot.set_unit(gates, place)
            self._text.set_tokens(gates.running)
            self._text.set_faint(gates.unknown)
            self._colour_text()
            self._show_unit(gates, place)
        elif is_other_order:
            self._mark_row(place)
        self._plot.set_held(place.token)
        self._plot.set_span(span)
        self._text.set_span(span)
        self._text.set_held(place.token)
        is_elsewhere = not self._text.underMouse()  # what is pointed at in the text stays under the pointer
        if place.token is not None and is_elsewhere and self._text.has_token(place.token):
            self._text_scroll.show_token(place.token)
        self._clamps.show_unit(gates, place, span=span, reach=reach, clamps=clamps)

    def forget(self) -> None:
        """Another run."""
        self._clamps.forget()

    def is_list_pointed(self) -> bool:
        """Whether the pointer is over the units: they stay where they are."""
        return self._list.isVisible() and self._list.underMouse()

    def show_job(self, job: Job | None) -> None:
        """What the unit does, in front of its numbers; None: nobody knows."""
        self._job = job
        if self._gates is not None:
            facts = re.sub(r"(?<! ) (?! )", "\u00a0", unit_facts(self._gates, self._place))  # a line ends between facts
            self._facts.setText("  ·  ".join(filter(None, (job_text(job), facts))))
            for label in (self._title, self._facts):
                label.setToolTip(job_help(job))

    def _build(self, axis: SharedAxis) -> None:
        before = IconButton("chevron-up", self.tr("The unit above in the raster (↑)"))
        after = IconButton("chevron-down", self.tr("The unit below in the raster (↓)"))
        before.clicked.connect(self._on_before_clicked)
        after.clicked.connect(self._on_after_clicked)
        self._title = TextLabel("", style="strong")
        self._facts = TextLabel("", style="small", role="muted")
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setWordWrap(True)
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.setSpacing(6)
        for widget, stretch in ((before, 0), (after, 0), (self._title, 0), (self._facts, 1)):
            head.addWidget(widget, stretch)
        self._rows = UnitRows(self)
        self._list = UnitList()
        self._list.setModel(self._rows)
        self._list.setFont(font("small"))
        self._list.setFixedWidth(110)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName(self.tr("Units in the order of the raster"))
        self._list.setToolTip(
            wrapped_tooltip(
                self.tr(
                    "Units in the order of the raster, with what they are ordered by: how much they keep on average, "
                    "the half-life t½ of their memory in tokens, or the correlation r with the marked span"
                )
            )
        )
        self._list.clicked.connect(self._on_row_clicked)
        self._list.left.connect(self.list_left)
        self._plot = UnitPlot(axis)
        self._plot.pointed.connect(self.token_pointed)
        self._plot.chosen.connect(self.token_chosen)
        self._text = ColouredText()
        self._text.pointed.connect(self.token_pointed)
        self._text.chosen.connect(self.token_chosen)
        self._text_scroll = TextScroll(self._text, most_lines=_MOST_LINES)
        self._clamps = ClampBox()
        keep_out(self._clamps)
        self._clamps.clamp_asked.connect(self.clamp_asked)
        self._clamps.clamp_moved.connect(self.clamp_moved)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addLayout(head)
        right.addWidget(self._plot, 1)
        right.addWidget(self._text_scroll)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._list)
        row.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(row, 1)
        whole.addWidget(self._clamps)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._list.setVisible(event.size().width() >= _LIST_FROM_PX)
        room = event.size().height() - self._clamps.height() - self._facts.height() - _PLOT_PX
        fitting = (lines for lines in range(_MOST_LINES, 1, -1) if self._text_scroll.lines_height(lines) <= room)
        self._text_scroll.set_most_lines(next(fitting, 1))

    def _show_unit(self, gates: Gates, place: Place) -> None:
        self._title.setText(self.tr("unit {n}").format(n=place.unit) if place.unit is not None else "")
        self.show_job(self._job)
        self._mark_row(place)

    def _mark_row(self, place: Place) -> None:
        if place.unit is not None and (row := self._rows.row_of(place.unit)) >= 0:
            index = self._rows.index(row)
            if index != self._list.currentIndex():
                self._list.setCurrentIndex(index)

    def _colour_text(self) -> None:
        if self._gates is None or self._place.unit is None:
            self._text.set_colours([])
            return
        values = self._gates.trace(self._place, self._gates.memory)
        self._text.set_colours(behind_text(values, reach=text_reach(self._gates, self._place)))

    def _step(self, rows: int) -> None:
        row = self._rows.row_of(self._place.unit) + rows if self._place.unit is not None else 0
        if 0 <= row < self._rows.rowCount():
            self.unit_chosen.emit(self._rows.unit_at(row))

    def _on_before_clicked(self) -> None:
        self._step(-1)

    def _on_after_clicked(self) -> None:
        self._step(1)

    def _on_row_clicked(self, index: QModelIndex) -> None:
        self.unit_chosen.emit(self._rows.unit_at(index.row()))
