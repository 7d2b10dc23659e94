"""What stands over the lists of a search: what their numbers and colours are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.widgets.labels import ElidedLabel, TextLabel

_SIDE = 8  # px from the lists' edges to their texts


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
    """Over units by how well they tell a pattern."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = _line(self)
        row.addWidget(TextLabel(self.tr("unit"), style="small", role="muted"))
        words = self.tr("◂ grey: lower where the pattern is  ·  0.5  ·  blue: higher there ▸")
        middle = ElidedLabel(words, style="small", role="muted")
        middle.setAlignment(Qt.AlignmentFlag.AlignRight)
        middle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row.addWidget(middle, 1)
        auc = TextLabel(self.tr("AUC"), style="small", role="muted")
        row.addWidget(auc)
        self.setToolTip(
            self.tr(
                "The area under the ROC curve: the chance that the unit is higher on a matched token than on another. "
                "0.5 tells nothing; 1 and 0 never err."
            )
        )


def _line(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(_SIDE - 2, 0, _SIDE, 0)
    row.setSpacing(8)
    return row
