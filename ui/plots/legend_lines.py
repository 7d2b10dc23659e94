"""A legend of several runs: a line each, its name and then its curves, in columns that stand under one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ui.plots.curve import LineStyle
from ui.plots.painting import diamond
from ui.plots.style import PlotStyle

ROW_HEIGHT = 20
SWATCH, GAP, COLUMN_GAP = 18.0, 8.0, 24.0
WIDEST_NUMBER = "−0.000e−00"  # the longest that `format_value` writes
_MAX_NAME, _LEAST_NAME = 180.0, 48.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """``value``: the measured number; ``at``: where it was measured, if elsewhere than the others; ``smooth``: the
    average drawn, empty without smoothing; ``group``: the run, where there are several; ``help``: on hover."""

    key: str
    label: str
    colour: int | str
    line: LineStyle
    is_visible: bool
    value: str
    smooth: str
    group: str = ""
    at: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Widths:
    """Of the name, and of each column: its word, its number, and what stands behind that."""

    name: float
    words: tuple[float, ...]
    number: float
    ats: tuple[float, ...]
    smooth: float

    def column(self, place: int) -> float:
        return SWATCH + GAP + self.words[place] + self.number + self.ats[place] + self.smooth + COLUMN_GAP

    @property
    def whole(self) -> float:
        return self.name + COLUMN_GAP / 2 + sum(self.column(place) for place in range(len(self.words))) - COLUMN_GAP


class LegendLines:
    """Where everything stands: as many words and numbers as there is room for, and a name in any case."""

    def __init__(self, entries: Sequence[LegendEntry], *, metrics: QFontMetricsF, width: float, max_rows: int) -> None:
        self.groups: dict[str, list[LegendEntry]] = {}
        for entry in entries:
            self.groups.setdefault(entry.group, []).append(entry)
        self._parts = list(dict.fromkeys(entry.label for entry in entries))
        self._metrics, self._width = metrics, width
        self.num_rows = max(1, min(max_rows, len(self.groups)))
        self.more = list(self.groups)[self.num_rows :]
        self._widths = self._chosen(entries)

    def cells(self) -> Iterator[tuple[LegendEntry, QRectF]]:
        """Each curve that is shown, and where."""
        for row, members in enumerate(list(self.groups.values())[: self.num_rows]):
            for entry in members:
                yield entry, self._cell(row, self._parts.index(entry.label))

    def name_at(self, position: QPointF) -> str:
        """The run whose name is there; empty where there is none."""
        if 0 <= position.x() < self._widths.name and 0 <= position.y() < self.num_rows * ROW_HEIGHT:
            return list(self.groups)[int(position.y() // ROW_HEIGHT)]
        return ""

    def paint(self, painter: QPainter, style: PlotStyle, *, more: str) -> None:
        """more: what says how many runs have no line."""
        widths = self._widths
        for row, name in enumerate(list(self.groups)[: self.num_rows]):
            box = QRectF(0, row * ROW_HEIGHT, widths.name, ROW_HEIGHT)
            painter.setPen(QColor(style.text if row == 0 else style.muted))
            shown = self._metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
        for entry, cell in self.cells():
            self._paint_cell(painter, style, entry, cell)
        if self.more:
            painter.setPen(QColor(style.muted))
            last = QRectF(0, (self.num_rows - 1) * ROW_HEIGHT, self._width, ROW_HEIGHT)
            painter.drawText(last, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, more)

    def _paint_cell(self, painter: QPainter, style: PlotStyle, entry: LegendEntry, cell: QRectF) -> None:
        widths, place = self._widths, self._parts.index(entry.label)
        paint_swatch(painter, style, entry, cell)
        word = QRectF(cell.left() + SWATCH + GAP, cell.top(), widths.words[place], cell.height())
        if widths.words[place]:
            painter.setPen(QColor(style.muted if entry.is_visible else style.palette.faint))
            painter.drawText(word, Qt.AlignmentFlag.AlignVCenter, entry.label)
        if not entry.is_visible:
            return
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        number = QRectF(word.right(), cell.top(), widths.number, cell.height())
        painter.setPen(QColor(style.text))
        painter.drawText(number, right, entry.value)
        painter.setPen(QColor(style.muted))
        if widths.ats[place]:
            painter.drawText(
                QPointF(number.right() + GAP, number.center().y() + self._metrics.ascent() / 2 - 1), entry.at
            )
        if widths.smooth:
            painter.drawText(number.translated(widths.ats[place] + widths.smooth, 0), right, entry.smooth)

    def _cell(self, row: int, place: int) -> QRectF:
        left = self._widths.name + COLUMN_GAP / 2 + sum(self._widths.column(p) for p in range(place))
        return QRectF(left, row * ROW_HEIGHT, self._widths.column(place) - COLUMN_GAP, ROW_HEIGHT)

    def _chosen(self, entries: Sequence[LegendEntry]) -> _Widths:
        """The most that there is room for; a name is elided last of all."""
        number = self._metrics.horizontalAdvance(WIDEST_NUMBER)
        shown = max((self._metrics.horizontalAdvance(entry.value) for entry in entries), default=number)
        tries = [
            self._wide(entries, number=number, words=True, ats=True, smooth=True),
            self._wide(entries, number=number, words=True, ats=True),
            self._wide(entries, number=shown, words=True, ats=True),
            self._wide(entries, number=shown, words=True),
            self._wide(entries, number=shown),
        ]
        room = self._width - (self._metrics.horizontalAdvance("+ 00 more") + COLUMN_GAP if self.more else 0)
        fits = next((found for found in tries if found.whole <= room), None)
        if fits is not None:
            return fits
        least = tries[-1]
        name = max(_LEAST_NAME, least.name - (least.whole - room))
        return _Widths(name=name, words=least.words, number=least.number, ats=least.ats, smooth=0)

    def _wide(
        self, entries: Sequence[LegendEntry], *, number: float, words: bool = False, ats: bool = False,
        smooth: bool = False,
    ) -> _Widths:  # fmt: skip
        advance = self._metrics.horizontalAdvance
        is_smooth = smooth and any(entry.smooth for entry in entries)
        return _Widths(
            name=min(_MAX_NAME, max((advance(name) for name in self.groups), default=0) + 1),
            words=tuple(advance(part) + GAP if words else 0 for part in self._parts),
            number=number,
            ats=tuple(
                max((advance(e.at) + GAP for e in entries if e.at and e.label == part), default=0) if ats else 0
                for part in self._parts
            ),
            smooth=advance(WIDEST_NUMBER) + GAP if is_smooth else 0,
        )


def paint_swatch(painter: QPainter, style: PlotStyle, entry: LegendEntry, cell: QRectF) -> None:
    """How the curve is drawn, at the left of its cell."""
    colour = style.series(entry.colour) if entry.is_visible else QColor(style.palette.faint)
    middle, centre = round(cell.center().y()) + 0.5, cell.left() + SWATCH / 2
    pen = QPen(colour, 2)
    if entry.line is LineStyle.DASHED:
        pen.setDashPattern([2.5, 1.5])
    painter.setPen(pen)
    if entry.line is not LineStyle.TEST:
        painter.drawLine(QPointF(cell.left(), middle), QPointF(cell.left() + SWATCH, middle))
    painter.setBrush(colour)
    if entry.line is LineStyle.VALIDATION:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(centre, middle), 3.5, 3.5)
    elif entry.line is LineStyle.TEST:
        painter.setPen(QPen(QColor(style.text if entry.is_visible else style.palette.faint), 1.5))
        painter.drawPolygon(diamond(centre, middle))
    painter.setBrush(Qt.BrushStyle.NoBrush)
