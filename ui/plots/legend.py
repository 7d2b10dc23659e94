"""A plot's legend and readout in one: every curve with its number, in columns that keep their place."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.plots.legend_lines import (
    COLUMN_GAP,
    GAP,
    ROW_HEIGHT,
    SWATCH,
    WIDEST_NUMBER,
    LegendEntry,
    LegendLines,
    paint_swatch,
)
from ui.plots.style import plot_style
from ui.theme import font, theme

_MAX_ROWS = 6
_ROOMY_ROWS = 3  # up to so many, every entry has room for its smoothed number too
_MAX_LABEL = 180.0


class Legend(QWidget):
    """Click an entry to hide or show its curve, the name of a run to hide or show all of its curves."""

    entry_clicked = Signal(str)
    group_clicked = Signal(str)

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
        if [_shape(entry) for entry in old] != [_shape(entry) for entry in entries]:
            self._fit_height()
        self.update()

    def _on_theme_changed(self) -> None:
        self._style = plot_style()
        self.update()

    def set_room(self, height: int) -> None:
        """Take no more than this height; what does not fit is counted in the last place and named in its tooltip."""
        rows = max(1, min(_MAX_ROWS, height // ROW_HEIGHT))
        if rows != self._max_rows:
            self._max_rows = rows
            self._fit_height()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, ROW_HEIGHT * self._num_rows())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            lines = self._told_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        entry = self._entry_at(event.position())
        lines = self._lines()
        if entry is not None:
            self.entry_clicked.emit(entry.key)
        elif lines is not None and (name := lines.name_at(event.position())):
            self.group_clicked.emit(name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_height()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if (lines := self._lines()) is not None:
            lines.paint(painter, self._style, more=self.tr("+ {count} more").format(count=len(lines.more)))
            painter.end()
            return
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
        paint_swatch(painter, style, entry, cell)
        label_box = QRectF(cell.left() + SWATCH + GAP, cell.top(), self._label_width(), cell.height())
        painter.setPen(QColor(style.muted if entry.is_visible else style.palette.faint))
        label = metrics.elidedText(entry.label, Qt.TextElideMode.ElideMiddle, label_box.width())
        painter.drawText(label_box, Qt.AlignmentFlag.AlignVCenter, label)
        if not entry.is_visible:
            return
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        number = QRectF(label_box.right() + GAP, cell.top(), self._number_width(), cell.height())
        painter.setPen(QColor(style.text))
        painter.drawText(number, right, entry.value)
        painter.setPen(QColor(style.muted))
        if entry.at:
            place = number.translated(number.width() + GAP, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, entry.at)
        if entry.smooth and self._num_numbers() == 2:
            behind = self._number_width() + GAP + self._at_width()
            painter.drawText(number.translated(behind, 0), right, entry.smooth)

    def _lines(self) -> LegendLines | None:
        """Of several runs."""
        if not any(entry.group for entry in self._entries):
            return None
        metrics = QFontMetricsF(self.font())
        return LegendLines(self._entries, metrics=metrics, width=self.width(), max_rows=self._max_rows)

    def _told_at(self, position: QPointF) -> list[str]:
        """What is elided there, or has no place."""
        entry, lines = self._entry_at(position), self._lines()
        if entry is not None:
            name = f"{entry.group} · {entry.label}" if entry.group else entry.label
            return [name, *filter(None, [entry.help])]
        if lines is not None:
            name = lines.name_at(position)
            return [name] if name else lines.more
        return [e.label for e in self._entries[self._num_shown() :]]

    def _entry_at(self, position: QPointF) -> LegendEntry | None:
        if (lines := self._lines()) is not None:
            return next((entry for entry, cell in lines.cells() if cell.contains(position)), None)
        for place, entry in enumerate(self._entries[: self._num_shown()]):
            if self._cell(place).contains(position):
                return entry
        return None

    def _cell(self, place: int) -> QRectF:
        row, column = divmod(place, self._num_columns())
        return QRectF(column * self._column_width(), row * ROW_HEIGHT, self._column_width() - COLUMN_GAP, ROW_HEIGHT)

    def _label_width(self) -> float:
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(e.label) for e in self._entries), default=0.0)
        return min(widest + 1, _MAX_LABEL)

    def _number_width(self) -> float:
        """Room for any number; where that would push curves out of sight, for those that stand there now."""
        metrics = QFontMetricsF(self.font())
        widest = metrics.horizontalAdvance(WIDEST_NUMBER)
        one = SWATCH + GAP + self._label_width() + widest + GAP + COLUMN_GAP
        columns = max(1, int((self.width() + COLUMN_GAP) // one))
        if len(self._entries) <= self._max_rows * columns:
            return widest
        return max((metrics.horizontalAdvance(entry.value) for entry in self._entries), default=widest)

    def _at_width(self) -> float:
        """Room for where a number was measured."""
        metrics = QFontMetricsF(self.font())
        return max((metrics.horizontalAdvance(entry.at) + GAP for entry in self._entries if entry.at), default=0.0)

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
        numbers = num_numbers * (self._number_width() + GAP) + self._at_width()
        return SWATCH + GAP + self._label_width() + numbers + COLUMN_GAP

    def _columns_of(self, num_numbers: int) -> int:
        return max(1, int((self.width() + COLUMN_GAP) // self._width_with(num_numbers)))

    def _num_rows(self) -> int:
        if (lines := self._lines()) is not None:
            return lines.num_rows
        return min(self._max_rows, -(-len(self._entries) // self._num_columns()))

    def _num_shown(self) -> int:
        """All, or one cell fewer than there is room for: the last says how many more there are."""
        cells = self._max_rows * self._num_columns()
        return len(self._entries) if len(self._entries) <= cells else cells - 1

    def _fit_height(self) -> None:
        self.setFixedHeight(ROW_HEIGHT * self._num_rows())


def _shape(entry: LegendEntry) -> tuple[object, ...]:
    """What the height of the legend hangs on."""
    return entry.label, entry.group, bool(entry.smooth), bool(entry.at)
