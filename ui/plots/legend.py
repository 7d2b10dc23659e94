"""A plot's legend and readout in one: every curve with its number, in columns that keep their place."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.plots.curve import LineStyle
from ui.plots.style import plot_style
from ui.theme import font, theme

_ROW_HEIGHT = 20
_MAX_ROWS = 6
_ROOMY_ROWS = 3  # up to so many, every entry has room for its smoothed number too
_SWATCH, _GAP, _COLUMN_GAP = 18.0, 8.0, 24.0
_MAX_LABEL = 180.0
_WIDEST_NUMBER = "−0.000e−00"  # the longest that `format_value` writes


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """``value``: the measured number; ``smooth``: the average drawn, empty without smoothing; ``help``: on hover."""

    key: str
    label: str
    colour: int | str
    line: LineStyle
    is_visible: bool
    value: str
    smooth: str
    help: str = ""


class Legend(QWidget):
    """Click an entry to hide or show its curve."""

    entry_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[LegendEntry] = []
        self._max_rows = _MAX_ROWS
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._style = plot_style()
        theme().changed.connect(self._on_theme_changed)

    def set_entries(self, entries: list[LegendEntry]) -> None:
        if entries == self._entries:
            return
        old, self._entries = self._entries, entries
        if [(e.label, bool(e.smooth)) for e in old] != [(e.label, bool(e.smooth)) for e in entries]:
            self._fit_height()
        self.update()

    def _on_theme_changed(self) -> None:
        self._style = plot_style()
        self.update()

    def set_room(self, height: int) -> None:
        """Take no more than this height; what does not fit is counted in the last place and named in its tooltip."""
        rows = max(1, min(_MAX_ROWS, height // _ROW_HEIGHT))
        if rows != self._max_rows:
            self._max_rows = rows
            self._fit_height()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW_HEIGHT * self._num_rows())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            entry = self._entry_at(QPointF(event.pos()))
            lines = (
                [e.label for e in self._entries[self._num_shown() :]]
                if entry is None
                else [entry.label, *filter(None, [entry.help])]
            )
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        entry = self._entry_at(event.position())
        if entry is not None:
            self.entry_clicked.emit(entry.key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_height()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._num_shown()
        for place, entry in enumerate(self._entries[:shown]):
            self._paint_entry(painter, entry, self._cell(place))
        if shown < len(self._entries):
            painter.setPen(QColor(self._style.muted))
            more = self.tr("+ {count} more").format(count=len(self._entries) - shown)
            painter.drawText(self._cell(shown), Qt.AlignmentFlag.AlignVCenter, more)
        painter.end()

    def _paint_entry(self, painter: QPainter, entry: LegendEntry, cell: QRectF) -> None:
        style, metrics = self._style, QFontMetricsF(self.font())
        colour = style.series(entry.colour) if entry.is_visible else QColor(style.palette.faint)
        middle = round(cell.center().y()) + 0.5
        pen = QPen(colour, 2)
        if entry.line is LineStyle.DASHED:
            pen.setDashPattern([2.5, 1.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(cell.left(), middle), QPointF(cell.left() + _SWATCH, middle))
        if entry.line is LineStyle.VALIDATION:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(cell.left() + _SWATCH / 2, middle), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        label_box = QRectF(cell.left() + _SWATCH + _GAP, cell.top(), self._label_width(), cell.height())
        painter.setPen(QColor(style.muted if entry.is_visible else style.palette.faint))
        label = metrics.elidedText(entry.label, Qt.TextElideMode.ElideMiddle, label_box.width())
        painter.drawText(label_box, Qt.AlignmentFlag.AlignVCenter, label)
        if not entry.is_visible:
            return
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        number = QRectF(label_box.right() + _GAP, cell.top(), self._number_width(), cell.height())
        painter.setPen(QColor(style.text))
        painter.drawText(number, right, entry.value)
        if entry.smooth and self._num_numbers() == 2:
            painter.setPen(QColor(style.muted))
            painter.drawText(number.translated(self._number_width() + _GAP, 0), right, entry.smooth)

    def _entry_at(self, position: QPointF) -> LegendEntry | None:
        for place, entry in enumerate(self._entries[: self._num_shown()]):
            if self._cell(place).contains(position):
                return entry
        return None

    def _cell(self, place: int) -> QRectF:
        row, column = divmod(place, self._num_columns())
        return QRectF(column * self._column_width(), row * _ROW_HEIGHT, self._column_width() - _COLUMN_GAP, _ROW_HEIGHT)

    def _label_width(self) -> float:
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(e.label) for e in self._entries), default=0.0)
        return min(widest + 1, _MAX_LABEL)

    def _number_width(self) -> float:
        """Room for any number; where that would push curves out of sight, for those that stand there now."""
        metrics = QFontMetricsF(self.font())
        widest = metrics.horizontalAdvance(_WIDEST_NUMBER)
        one = _SWATCH + _GAP + self._label_width() + widest + _GAP + _COLUMN_GAP
        columns = max(1, int((self.width() + _COLUMN_GAP) // one))
        if len(self._entries) <= self._max_rows * columns:
            return widest
        return max((metrics.horizontalAdvance(entry.value) for entry in self._entries), default=widest)

    def _num_numbers(self) -> int:
        """Two for an entry, measured and smoothed, unless that would push curves out of sight."""
        if not any(e.smooth for e in self._entries):
            return 1
        return 2 if len(self._entries) <= _ROOMY_ROWS * self._columns_of(2) else 1

    def _column_width(self) -> float:
        return self._width_with(self._num_numbers())

    def _num_columns(self) -> int:
        return self._columns_of(self._num_numbers())

    def _width_with(self, num_numbers: int) -> float:
        return _SWATCH + _GAP + self._label_width() + num_numbers * (self._number_width() + _GAP) + _COLUMN_GAP

    def _columns_of(self, num_numbers: int) -> int:
        return max(1, int((self.width() + _COLUMN_GAP) // self._width_with(num_numbers)))

    def _num_rows(self) -> int:
        return min(self._max_rows, -(-len(self._entries) // self._num_columns()))

    def _num_shown(self) -> int:
        """All, or one cell fewer than there is room for: the last says how many more there are."""
        cells = self._max_rows * self._num_columns()
        return len(self._entries) if len(self._entries) <= cells else cells - 1

    def _fit_height(self) -> None:
        self.setFixedHeight(_ROW_HEIGHT * self._num_rows())
