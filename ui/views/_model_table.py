"""The layers as a table; the share of each in all parameters and FLOPs as a bar behind its number."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.theme import font, mix, theme
from ui.views._export import Table
from ui.views._model_words import detail_text, front_of, kind_word, shape_text
from ui.widgets.numbers import short, whole
from ui.widgets.painting import draw_rounded
from workers.protocol import Layer

_Index = QModelIndex | QPersistentModelIndex
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
_NUMBER_WIDTH = 76  # of 99,999,999
_BESIDE_NUMBER, _LEAST_NAME, _AROUND_NAME = 12, 120, 24
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NAME, _KIND, _DETAIL, _SHAPE, _PARAMETERS, _FLOPS = range(6)


class LayersModel(QAbstractTableModel):
    """A line a layer, in the order they run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[Layer, ...] = ()
        self._totals = (1, 1)
        self._front = ""  # of names, left out

    def set_layers(self, layers: tuple[Layer, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._layers, self._front = layers, front_of(layers)
        self._totals = (
            max(1, sum(layer.parameters for layer in layers)),
            max(1, sum(layer.flops for layer in layers)),
        )
        self.endResetModel()

    def headings(self) -> tuple[str, ...]:
        """One a column."""
        tr = self.tr
        return tr("Layer"), tr("Kind"), tr("Size"), tr("Output"), tr("Parameters"), tr("FLOPs")

    def table(self) -> Table:
        """All of it, with plain numbers."""
        rows = [
            (one.name, one.kind, one.detail, shape_text(one.shape), one.parameters, one.flops) for one in self._layers
        ]
        return Table(columns=self.headings(), rows=rows)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._layers)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else 6

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        layer, column = self._layers[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(layer, column)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(layer, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column >= _PARAMETERS else _LEFT
            case Qt.ItemDataRole.ForegroundRole:
                has_weights = layer.parameters > 0
                role_name = "text" if has_weights and column in (_NAME, _PARAMETERS, _FLOPS) else "muted"
                return QColor(getattr(theme().palette, role_name))
            case _ if role == SHARE_ROLE and column >= _PARAMETERS:
                count = layer.parameters if column == _PARAMETERS else layer.flops
                return count / self._totals[column - _PARAMETERS]
        return None

    def _text(self, layer: Layer, column: int) -> str:
        if column == _NAME:
            return layer.name.removeprefix(self._front).replace("_blocks.", ".")  # the tooltip has it whole
        if column == _KIND:
            return kind_word(layer.kind)
        if column == _DETAIL:
            return detail_text(layer)
        if column == _SHAPE:
            return shape_text(layer.shape)
        count = layer.parameters if column == _PARAMETERS else layer.flops
        return (whole(count) if column == _PARAMETERS else short(count)) if count else ""

    def _tooltip(self, layer: Layer, column: int) -> str:
        if column == _PARAMETERS:
            share = layer.parameters / self._totals[0]
            return self.tr("{n} parameters, {share:.1%} of all").format(n=whole(layer.parameters), share=share)
        if column == _FLOPS:
            share = layer.flops / self._totals[1]
            text = self.tr("{n} FLOPs for one example, {share:.1%} of all; a multiply-add counts as two")
            return text.format(n=whole(layer.flops), share=share)
        return f"{layer.name}: {layer.kind}({layer.detail})"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section >= _PARAMETERS else _LEFT
        return self.headings()[section] if role == Qt.ItemDataRole.DisplayRole else None


class _ShareDelegate(QStyledItemDelegate):
    """A bar from the left, the number at the right of its room."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        share = index.data(SHARE_ROLE)
        if share:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(option.rect).adjusted(8, 4, -2, -4)
            colours = theme().palette
            room = max(8.0, box.width() - _NUMBER_WIDTH)
            bar = QRectF(box.left(), box.top(), max(1.0, room * share), box.height())
            draw_rounded(painter, bar, mix(colours.accent, colours.panel, amount=0.65), radius=3)
            painter.restore()
        super().paint(painter, option, index)


class _NameDelegate(QStyledItemDelegate):
    """A name that has no room keeps its last word whole."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self.initStyleOption(option, index)
        option.text = with_its_end(option.text, option.fontMetrics, room=option.rect.width() - _AROUND_NAME)
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)


def with_its_end(name: str, metrics: QFontMetrics, *, room: int) -> str:
    """A dotted name in so many pixels: emb…word_embeddings."""
    front, dot, last = name.rpartition(".")
    if metrics.horizontalAdvance(name) <= room:
        return name
    shown = metrics.elidedText(front + dot, Qt.TextElideMode.ElideRight, room - metrics.horizontalAdvance(last))
    return metrics.elidedText((shown or "…") + last, Qt.TextElideMode.ElideLeft, room)


class LayersTable(QTableView):
    """The table as wide as its room, the two columns of bars sharing what is left; long names give way to numbers."""

    def __init__(self, model: LayersModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setFont(font("small"))
        self.horizontalHeader().setFont(font("small"))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(56)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for column in range(6):
            stretches = column >= _PARAMETERS
            modes = QHeaderView.ResizeMode
            mode = modes.Fixed if column == _NAME else modes.Stretch if stretches else modes.ResizeToContents
            self.horizontalHeader().setSectionResizeMode(column, mode)
            if stretches:
                self.setItemDelegateForColumn(column, _ShareDelegate(self))
        self.setItemDelegateForColumn(_NAME, _NameDelegate(self))
        self.setAccessibleName(self.tr("Layers"))
        model.modelReset.connect(self._fit_names)
        theme().changed.connect(self.viewport().update)

    def _fit_names(self) -> None:
        """The names as wide as they are, where the numbers have room beside them."""
        others = sum(self.sizeHintForColumn(column) for column in (_KIND, _DETAIL, _SHAPE))
        room = self.viewport().width() - others - 2 * (_NUMBER_WIDTH + _BESIDE_NUMBER)
        names = (str(self.model().index(row, _NAME).data()) for row in range(self.model().rowCount()))
        widest = max(map(self.fontMetrics().horizontalAdvance, names), default=0) + _AROUND_NAME
        self.setColumnWidth(_NAME, max(_LEAST_NAME, min(room, widest)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_names()
        super().resizeEvent(event)
