"""The units that are on over the span, with a tick at those that the search is to ask of."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.theme import font, theme
from ui.theme.icons import icon_pixmap
from ui.views._gates_search_data import OnUnit
from ui.widgets.numbers import fixed

_Index = QModelIndex | QPersistentModelIndex
_ROW = 24
_NUM_TICKED = 3  # all that are ticked must be on at once: with many nothing else is found


class OnUnits(QAbstractListModel):
    """Ticks stay with their units while the list changes."""

    ticked_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._units: list[OnUnit] = []
        self._ticked: set[tuple[int, int]] = set()
        self.missed: tuple[int, ...] = ()  # units that were to be ticked and are not on
        self.stands_in = False  # whether those that are ticked are so in place of the missed ones

    def show(self, units: list[OnUnit], *, is_fresh: bool, chosen: int | None = None) -> None:
        """Other units; is_fresh: tick the one that is chosen, else the strongest, whatever was ticked before. Where
        none of those that were ticked is on any more, the strongest stand in until one of them is on again."""
        units = sorted(units, key=lambda one: one.unit != chosen)
        if units == self._units and not is_fresh:
            return
        self.beginResetModel()
        self._units = units
        ticked = set() if self.stands_in else {unit for unit, _sign in self._ticked}
        wanted = ticked | set(self.missed)
        if is_fresh:
            wanted = set() if chosen is None else {chosen}
        kept = [one for one in units if one.unit in wanted]
        self.missed = tuple(sorted(wanted - {one.unit for one in kept}))
        self.stands_in = bool(self.missed) and not kept
        self._ticked = {(one.unit, one.sign) for one in kept or units[:_NUM_TICKED]}
        self.endResetModel()
        self.ticked_changed.emit()

    def ticked(self) -> list[OnUnit]:
        """The units to search with."""
        return [one for one in self._units if (one.unit, one.sign) in self._ticked]

    def unit_at(self, row: int) -> int:
        """The unit in a row."""
        return self._units[row].unit

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._units)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self._units[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{one.unit}   {fixed(one.mean, decimals=2)}"
        if role == Qt.ItemDataRole.CheckStateRole:
            is_ticked = (one.unit, one.sign) in self._ticked
            return Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.tr("unit {n}: {mean} on average over the span; click its name to look at it")
            return text.format(n=one.unit, mean=fixed(one.mean, decimals=3))
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        one = self._units[index.row()]
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._ticked.add((one.unit, one.sign))
        else:
            self._ticked.discard((one.unit, one.sign))
        self.missed, self.stands_in = (), False
        self.dataChanged.emit(index, index)
        self.ticked_changed.emit()
        return True


class OnUnitsList(QListView):
    """A click on a name looks at the unit, one on the box ticks it."""

    unit_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.units = OnUnits(self)
        self.setModel(self.units)
        self.setFont(font("small"))
        self.setUniformItemSizes(True)
        self.setAccessibleName(self.tr("Units that are on over the span"))
        self.setMouseTracking(True)
        self.setItemDelegate(_TickDelegate(self))
        self.clicked.connect(self._on_clicked)
        self._is_on_box = False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        self._is_on_box = _is_on_box(self.visualRect(self.indexAt(point)), point)
        super().mouseReleaseEvent(event)

    def _on_clicked(self, index: QModelIndex) -> None:
        if not self._is_on_box:  # Qt tells a click whatever the delegate made of it
            self.unit_chosen.emit(self.units.unit_at(index.row()))


class _TickDelegate(QStyledItemDelegate):
    """A box like the check boxes', the unit, and its mean."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = QRect(option.rect)
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().colour("hover"))
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        box = QRectF(_box(rect))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("accent_fill" if is_ticked else "faint"), 2))
        painter.setBrush(theme().colour("accent_fill" if is_ticked else "input"))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        if is_ticked:
            pixmap = icon_pixmap("check", "on_accent", size=11, ratio=painter.device().devicePixelRatioF())
            painter.drawPixmap(box.topLeft() + QPointF(2, 2), pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setFont(font("small"))
        number, mean = str(index.data(Qt.ItemDataRole.DisplayRole)).split("   ")
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme().colour("text"))
        painter.drawText(rect.adjusted(26, 0, 0, 0), centre, number)
        painter.setPen(theme().colour("muted"))
        painter.drawText(rect.adjusted(0, 0, -8, 0), centre | Qt.AlignmentFlag.AlignRight, mean)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        is_tick = False
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            is_tick = _is_on_box(QRect(option.rect), event.position().toPoint())
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            is_tick = event.key() == Qt.Key.Key_Space
        if not is_tick:
            return False
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        other = Qt.CheckState.Unchecked if is_ticked else Qt.CheckState.Checked
        return model.setData(model.index(index.row(), 0), other, Qt.ItemDataRole.CheckStateRole)


def _is_on_box(rect: QRect, point: QPoint) -> bool:
    return _box(rect).adjusted(-6, -6, 4, 6).contains(point)


def _box(rect: QRect) -> QRect:
    return QRect(rect.left() + 4, rect.center().y() - 7, 15, 15)
