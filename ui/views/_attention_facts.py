"""What one head is like: its statistics, a line each, with what they measure on hover."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import font, theme
from ui.views._attention_data import Block, Place
from ui.views._attention_words import STATISTICS, statistic_help, statistic_text, statistic_title
from ui.widgets.help_dot import rich_tooltip

_LINE, _HEAD, _WIDEST, _GAP = 18, 22, 380, 16
_LEFT = 4.0  # as the line under it
_COLUMNS = 2


class HeadFacts(QWidget):
    """Follows the head looked at, or pointed at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._has_hint = True
        self._lines: list[tuple[str, str]] = []
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def set_head(self, block: Block, place: Place) -> None:
        """Another head."""
        self._title = self.tr("Head {head} of layer {layer}").format(head=place.head, layer=place.layer)
        values = [(name, block.statistic(name, place.layer, place.head)) for name in STATISTICS]
        self._lines = [(name, statistic_text(name, value)) for name, value in values]
        told = "; ".join(f"{statistic_title(name)} {text}" for name, text in self._lines)
        self.setAccessibleName(f"{self._title}: {told}")
        self.update()

    def show_hint(self, is_shown: bool) -> None:
        """Whether it says what a click does; a picture does not."""
        self._has_hint = is_shown

    def sizeHint(self) -> QSize:
        return QSize(200, _HEAD + -(-len(STATISTICS) // _COLUMNS) * _LINE)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, self.sizeHint().height())

    def _width(self) -> float:
        return min(_WIDEST, self.width() - _LEFT)

    def _cell(self, place: int) -> QRectF:
        """Where a statistic stands: line by line, in two columns, so that the atlas above keeps its room."""
        row, column = divmod(place, _COLUMNS)
        width = (self._width() - _GAP * (_COLUMNS - 1)) / _COLUMNS
        return QRectF(_LEFT + column * (width + _GAP), _HEAD + row * _LINE, width, _LINE)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            name = next((one for k, (one, _) in enumerate(self._lines) if self._cell(k).contains(at)), None)
            if name is not None:
                QToolTip.showText(event.globalPos(), rich_tooltip(statistic_title(name), statistic_help(name)), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme().colour("text"))
        painter.drawText(QRectF(_LEFT, 0, self._width(), _HEAD), centre, self._title)
        hint, taken = self.tr("Ctrl+click another to compare"), painter.fontMetrics().horizontalAdvance(self._title)
        if (
            self._has_hint
            and self._title
            and taken + 16 + painter.fontMetrics().horizontalAdvance(hint) <= self._width()
        ):
            painter.setPen(theme().colour("muted"))
            painter.drawText(QRectF(_LEFT, 0, self._width(), _HEAD), centre | Qt.AlignmentFlag.AlignRight, hint)
        for place, (name, text) in enumerate(self._lines):
            line = self._cell(place)
            room = int(line.width()) - painter.fontMetrics().horizontalAdvance(text) - 4
            title = painter.fontMetrics().elidedText(statistic_title(name), Qt.TextElideMode.ElideRight, room)
            painter.setPen(theme().colour("muted"))
            painter.drawText(line, centre, title)
            painter.setPen(theme().colour("text"))
            painter.drawText(line, centre | Qt.AlignmentFlag.AlignRight, text)
