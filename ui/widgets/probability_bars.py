"""The likeliest answers as bars with numbers, painted in one go so that they may change 30 times a second."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from modellab.text.direction import isolated
from ui.theme import font, theme
from ui.widgets.painting import draw_rounded

_ROW, _BAR, _GAP = 24, 6, 8


class ProbabilityBars(QWidget):
    """Up to ``num_rows`` rows of label, bar and number; the height is that of ``num_rows``, whatever is shown.

    Rows are drawn in the order given, the number of the likeliest brighter than the others. The row of ``truth`` (an
    index into the rows, where it is known) has a green bar.
    """

    def __init__(self, *, num_rows: int = 6, accessible_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._num_rows = num_rows
        self._labels: tuple[str, ...] = ()
        self._values: tuple[float, ...] = ()
        self._truth: int | None = None
        self._before: dict[str, float] = {}
        self._difference_width = 0
        self._label_width = 0
        self._indent = 0
        self.setFont(font("body"))
        self._number_width = self.fontMetrics().horizontalAdvance("0.000")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(accessible_name or self.tr("Probabilities"))
        theme().changed.connect(self.update)

    def set_rows(self, labels: Sequence[str], values: Sequence[float], *, truth: int | None = None) -> None:
        """Show these probabilities 0..1; cheap enough for every frame."""
        labels = tuple(labels[: self._num_rows])
        if labels != self._labels:
            self._labels = labels
            advance = self.fontMetrics().horizontalAdvance
            # Only ever wider while rows are shown, so that the bars do not jump as answers change places.
            self._label_width = max([self._label_width, *map(advance, labels)])
        self._values = tuple(float(value) for value in values[: self._num_rows])
        self._truth = truth
        self.update()

    def set_num_rows(self, num_rows: int) -> None:
        """Room for so many rows from now on."""
        if num_rows != self._num_rows:
            self._num_rows = num_rows
            self.updateGeometry()

    def set_before(self, before: Mapping[str, float]) -> None:
        """What each label had before something was changed: a line in its bar, and the difference beside its number."""
        if before != self._before:
            self._before = dict(before)
            self._difference_width = self.fontMetrics().horizontalAdvance("−0.000") + _GAP if before else 0
            self.update()

    def set_indent(self, pixels: int) -> None:
        """Keep clear of both sides, where rows are highlighted."""
        if pixels != self._indent:
            self._indent = pixels
            self.update()

    def clear(self) -> None:
        """Show nothing, and forget how wide the labels were."""
        self._label_width = 0
        self.set_rows((), ())

    def rows(self) -> tuple[tuple[str, float], ...]:
        """What is shown, as (label, probability)."""
        return tuple(zip(self._labels, self._values, strict=True))

    def told(self, row: int) -> str:
        """What is told of a row on hover."""
        label = self._labels[row]
        told = f"{isolated(label)}  {self._values[row]:.6g}"
        return told + self.tr(", before {0}").format(f"{self._before[label]:.6g}") if label in self._before else told

    def _columns(self) -> tuple[float, float]:
        """Where the bars begin and how long a whole one is."""
        label_width = min(self._label_width, max(64, round(self.width() * 0.42)))
        start = self._indent + label_width + 2.0 * _GAP
        return start, max(8.0, self.width() - start - _GAP - self._number_width - self._difference_width - self._indent)

    def sizeHint(self) -> QSize:
        return QSize(240, self._num_rows * _ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self._num_rows * _ROW)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            row = event.pos().y() // _ROW
            if 0 <= row < len(self._labels):
                QToolTip.showText(event.globalPos(), self.told(row), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        start, length = self._columns()
        likeliest = self._values.index(max(self._values)) if self._values else 0
        for row, (label, value) in enumerate(zip(self._labels, self._values, strict=True)):
            middle = row * _ROW + _ROW / 2
            track = QRectF(start, middle - _BAR / 2, length, _BAR)
            draw_rounded(painter, track, colours.raised, radius=_BAR / 2)
            filled = max(0.0, min(1.0, value)) * length
            if filled >= 0.5:
                fill = colours.good if row == self._truth else colours.accent
                draw_rounded(painter, track.adjusted(0, 0, filled - length, 0), fill, radius=_BAR / 2)
            line = QRectF(self._indent, row * _ROW, start - 2 * _GAP - self._indent, _ROW)
            painter.setPen(colours.text)
            shown = self.fontMetrics().elidedText(isolated(label), Qt.TextElideMode.ElideRight, round(line.width()) + 1)
            painter.drawText(line.adjusted(0, 0, 4, 0), Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setPen(colours.text if row == likeliest else colours.muted)
            number = QRectF(track.right() + _GAP, row * _ROW, self._number_width + 1, _ROW)
            painter.drawText(number, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{value:.3f}")
            if label in self._before:
                self._paint_before(painter, track, number, value=value, before=self._before[label])

    def _paint_before(self, painter: QPainter, track: QRectF, number: QRectF, *, value: float, before: float) -> None:
        colours = theme().palette
        x = track.left() + max(0.0, min(1.0, before)) * track.width()
        painter.fillRect(QRectF(x - 1, track.top() - 3, 2, track.height() + 6), theme().colour("text"))
        difference = round(value, 3) - round(before, 3)
        told = f"{difference:+.3f}".replace("-", "−") if abs(difference) >= 0.0005 else "0"
        painter.setPen(colours.muted)
        right = self.width() - self._indent  # no further: a digit would be cut
        beside = QRectF(number.right(), number.top(), right - number.right(), number.height())
        painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, told)
