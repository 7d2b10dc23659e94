"""How the cells with a picture are painted: the run's dot, its star, its status with an icon, its loss curve."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.panels.runs_columns import COLUMNS, PLACE
from ui.panels.runs_rows import STATUS_ICONS, RunRow
from ui.panels.runs_table import ROW_ROLE
from ui.theme import series_colour, theme
from ui.theme.icons import icon_pixmap
from ui.widgets.sparkline import SPARKLINE_ROLE, SparklineDelegate

_ICON = 14
_NOTE_ROOM = 22


class RunDelegate(SparklineDelegate):
    """Paints any cell of the table; which it is, the column says."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._status_place = PLACE["status"]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        column = index.column()
        if column == PLACE["curve"] and not (index.data(SPARKLINE_ROLE) or ((),))[0]:
            QStyledItemDelegate.paint(self, painter, option, index)
            return
        super().paint(painter, option, index)
        if column not in (PLACE["shown"], PLACE["star"], PLACE["name"], self._status_place):
            return
        row: RunRow = index.data(ROW_ROLE)
        rect = option.rect
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if column == PLACE["name"]:
            if row.details.note:
                _paint_icon(painter, rect.adjusted(rect.width() - _NOTE_ROOM, 0, -2, 0), name="note", role="muted")
        elif column == PLACE["shown"]:
            _paint_dot(painter, QRectF(rect), row=row, is_hovered=is_hovered)
        elif column == PLACE["star"]:
            if row.details.starred:
                _paint_icon(painter, rect, name="star-filled", role="warn")
            elif is_hovered:
                _paint_icon(painter, rect, name="star", role="muted")
        else:
            name, role = STATUS_ICONS[row.status]
            _paint_icon(painter, QRect(rect.left() + 6, rect.top(), _ICON + 2, rect.height()), name=name, role=role)
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        if index.column() == self._status_place:  # room for the icon, painted by hand so that it follows the theme
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.decorationSize = QSize(_ICON + 2, _ICON)
        if index.column() == PLACE["name"]:
            option.textElideMode = Qt.TextElideMode.ElideMiddle
            row: RunRow = index.data(ROW_ROLE)
            if row.details.note:  # room for the mark that there is one
                option.text = option.fontMetrics.elidedText(
                    option.text, Qt.TextElideMode.ElideMiddle, max(40, option.rect.width() - _NOTE_ROOM - 12)
                )

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(200)
        # The row is lower than a form's field: no room for the field's own height.
        editor.setStyleSheet("QLineEdit, QLineEdit:focus { min-height: 0; padding: 0 3px; border-radius: 4px; }")
        editor.setAccessibleName(self.tr("Name of the run"))
        return editor


class RunsHeader(QHeaderView):
    """The header line, with icons over the two columns of marks. is_pressed: a person may be dragging in it."""

    is_pressed = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.is_pressed = True
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.is_pressed = False

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.save()
        super().paintSection(painter, rect, logicalIndex)
        painter.restore()
        name = {PLACE["shown"]: "eye", PLACE["star"]: "star"}.get(logicalIndex)
        if name:
            _paint_icon(painter, rect, name=name, role="muted")

    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:
        size = super().sectionSizeFromContents(logicalIndex)
        return QSize(min(size.width(), COLUMNS[logicalIndex].width), size.height())


def _paint_icon(painter: QPainter, rect: QRect, *, name: str, role: str) -> None:
    pixmap = icon_pixmap(name, role, size=_ICON, ratio=painter.device().devicePixelRatio())
    painter.drawPixmap(QPointF(rect.center()) - QPointF(_ICON / 2 - 0.5, _ICON / 2 - 0.5), pixmap)


def _paint_dot(painter: QPainter, rect: QRectF, *, row: RunRow, is_hovered: bool) -> None:
    """A run in the curves: a dot of its colour, ringed for the current run. One that is not: a hollow ring."""
    centre = rect.center()
    if row.colour is None:
        painter.setPen(QPen(theme().colour("muted" if is_hovered else "faint"), 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 4.0, 4.0)
        return
    colour = QColor(series_colour(row.colour))
    if row.is_current:
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 7.0, 7.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(centre, 4.5, 4.5)
