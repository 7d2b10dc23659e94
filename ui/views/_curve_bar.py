"""The line of controls over the curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QToolButton, QWidget

from ui.plots import XUnit
from ui.views._curve_words import help_of, title_of
from ui.widgets.buttons import IconButton, QuietButton
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import TextLabel
from ui.widgets.segmented import Segmented


class CurveBar(QWidget):
    """What runs along x, smoothing, log scale, which metrics have a plot."""

    unit_chosen = Signal(object)  # XUnit
    smoothing_changed = Signal(float)
    log_toggled = Signal(bool)
    metric_toggled = Signal(str, bool)
    reset_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._unit = Segmented(
            [("step", self.tr("Step")), ("epoch", self.tr("Epoch")), ("wall time", self.tr("Time"))],
            accessible_name=self.tr("Along x"),
        )
        self._unit.chosen.connect(lambda key: self.unit_chosen.emit(XUnit(key)))
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, 99)
        self._smoothing.setFixedWidth(88)
        self._smoothing.setAccessibleName(self.tr("Smoothing"))
        tip = self.tr(
            "Exponential moving average of the training curves; what was measured stays visible, faint, behind it."
        )
        self._smoothing.setToolTip(tip)
        self._smoothing.valueChanged.connect(self._on_smoothing_moved)
        self._smoothing_label = TextLabel(self.tr("Smoothing"), role="muted")
        self._amount = TextLabel("0.00", role="muted")
        self._amount.setMinimumWidth(30)
        self._log = QuietButton(self.tr("log"), variant="ghost")
        self._log.setCheckable(True)
        self._log.setToolTip(self.tr("Logarithmic y axis of the loss"))
        self._log.toggled.connect(self.log_toggled)
        self._metrics = QuietButton(self.tr("Metrics"), variant="ghost")
        self._metrics.setToolTip(self.tr("Which metrics have a plot"))
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._metrics.setMenu(self._menu)
        self._reset = IconButton("expand", self.tr("Show everything and follow the run (0)"))
        self._reset.clicked.connect(self.reset_asked)
        smoothing = QWidget()
        beside = QHBoxLayout(smoothing)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        for widget in (self._smoothing_label, self._smoothing, self._amount):
            beside.addWidget(widget)
        self._row = FlowRow(self, spacing=8)
        self._row.setContentsMargins(8, 4, 4, 4)
        for part in (self._unit, smoothing, self._log, self._metrics):
            self._row.addWidget(part)
        self._row.add_pinned(self._reset)

    def add_at_end(self, button: QToolButton) -> None:
        """Put a button at the right end."""
        self._row.add_pinned(button)

    def set_metrics(self, metrics: Sequence[str], shown: Sequence[str]) -> None:
        """Offer these metrics, the shown ones checked."""
        self._menu.clear()
        for metric in metrics:
            action = self._menu.addAction(title_of(metric))
            action.setToolTip(help_of(metric))
            action.setCheckable(True)
            action.setChecked(metric in shown)
            action.toggled.connect(lambda is_on, metric=metric: self.metric_toggled.emit(metric, is_on))

    def _on_smoothing_moved(self, value: int) -> None:
        self._amount.setText(f"{value / 100:.2f}")
        self.smoothing_changed.emit(value / 100)
