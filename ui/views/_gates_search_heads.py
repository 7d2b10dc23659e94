"""What stands over the lists of a search: what their numbers and colours are."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.theme import font, theme
from ui.views._gates_matches import track_of
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.labels import ElidedLabel, TextLabel

_TOLD_HEIGHT = 34
_SIDE = 8  # px from the lists' edges to their texts


def told_label() -> TextLabel:
    """For what was found or how to find something: two lines, whether it needs them or not."""
    told = TextLabel("", style="small", role="muted")
    told.setTextFormat(Qt.TextFormat.PlainText)
    told.setWordWrap(True)
    told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    told.setFixedHeight(_TOLD_HEIGHT)
    told.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return told


class PlacesHead(QWidget):
    """Over the units that are on, and over the places found."""

    def __init__(self, *, units_width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        units = QWidget()
        units.setFixedWidth(units_width)
        self._mean = TextLabel(style="small", role="muted")
        beside = _line(units)
        beside.addWidget(TextLabel(self.tr("unit"), style="small", role="muted"))
        beside.addStretch(1)
        beside.addWidget(self._mean)
        places = ElidedLabel(self.tr("where the ticked units are on together"), style="small", role="muted")
        self._score = TextLabel(style="small", role="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(units)
        row.addWidget(places, 1)
        row.addWidget(self._score)
        row.addSpacing(_SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_signal(self, name: str, *, has_signs: bool) -> None:
        """The signal that is searched in."""
        self._mean.setText(self.tr("mean {signal}").format(signal=name))
        self._mean.setToolTip(self.tr("What the unit is on average over the span"))
        size = f"|{name}|" if has_signs else name
        self._score.setText(self.tr("mean {signal}").format(signal=size))
        self._score.setToolTip(self.tr("How strongly the ticked units are on there: their mean size, the most first"))


class RanksHead(QWidget):
    """Over units by how well they tell a pattern: each word stands over what it is of, in the rows' own measure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.fontMetrics().height() + 2)
        self.setAccessibleName(self.tr("Bars to the right of 0.5: higher where the pattern is; to the left: lower"))
        self.setToolTip(
            wrapped_tooltip(
                self.tr(
                    "AUC, the area under the ROC curve: the chance that of a matched token and another one the "
                    "unit puts "
                    "the two in the right order, the matched one higher (a bar to the right) or lower (to the left). "
                    "0.5 is a coin's, 1 never errs."
                )
            )
        )
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme().colour("muted"))
        rect = self.rect().adjusted(_SIDE - 2, 0, -_SIDE, 0)
        track = track_of(rect)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect, centre, self.tr("unit"))
        painter.drawText(rect, centre | Qt.AlignmentFlag.AlignRight, self.tr("AUC"))
        middle = QRect(track.left(), rect.top(), track.width(), rect.height())
        painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, "0.5")
        side = (middle.width() - painter.fontMetrics().horizontalAdvance("0.5")) // 2 - 8
        for word, align in (
            (self.tr("◂ lower there"), Qt.AlignmentFlag.AlignLeft),
            (self.tr("higher there ▸"), Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(
                middle, centre | align, painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, side)
            )


def _line(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(_SIDE - 2, 0, _SIDE, 0)
    row.setSpacing(8)
    return row
