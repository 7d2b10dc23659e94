"""The step slider under the views: any checkpoint of the run, or the newest step."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStyle, QStyleOptionSlider, QWidget

from ui.lab.focus import Focus, SharedFocus
from ui.lab.run_model import RunModel
from ui.theme import theme
from ui.widgets.buttons import IconButton, QuietButton
from ui.widgets.jump_slider import JumpSlider
from ui.widgets.labels import SteadyLabel

_PLAY_MS = 350


class _Track(JumpSlider):
    """A slider whose positions are the checkpoints, marked by ticks."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0, 0)  # no run, no mark
        self.setPageStep(1)
        self.setAccessibleName(self.tr("Step of the run that the views show"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.maximum() < 1 or self.maximum() > self.width() // 6:
            return
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        painter = QPainter(self)
        painter.setPen(theme().colour("muted"))
        for position in range(self.maximum() + 1):
            x = handle // 2 + position * (self.width() - handle) // self.maximum()
            painter.drawLine(x, self.height() - 4, x, self.height() - 2)


class StepSlider(QWidget):
    """Drives the focus' step; play walks through the checkpoints in order."""

    def __init__(self, focus: SharedFocus) -> None:
        super().__init__()
        self._focus = focus
        self._run: RunModel | None = None
        self._steps: list[int] = []
        self._play = IconButton("play", self.tr("Play the checkpoints from the first to the newest"))
        self._label = SteadyLabel(least_width=96)
        self._slider = _Track()
        self._slider.setToolTip(self.tr("Every view at an earlier step: each mark is a checkpoint, the end is now"))
        self._live = QuietButton(self.tr("Live"), variant="ghost")
        self._live.setToolTip(self.tr("Show the newest step and follow the run (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        for widget, stretch in ((self._play, 0), (self._label, 0), (self._slider, 1), (self._live, 0)):
            row.addWidget(widget, stretch)
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._on_play_ticked)
        self._play.clicked.connect(self._on_play_clicked)
        self._slider.valueChanged.connect(self._on_slider_moved)
        self._live.clicked.connect(lambda: self._focus.lock(step=None))
        focus.changed.connect(self._on_focus_changed)
        self.show_run(None)

    def show_run(self, run: RunModel | None) -> None:
        """Take over a run's checkpoints; also called whenever it has more."""
        is_other = run is not self._run
        self._run = run
        if is_other:
            self._timer.stop()
        steps = list(run.checkpoint_steps) if run else []
        self.setEnabled(len(steps) > 0)
        if run is not None and len(steps) > 1 and steps[-1] == run.step and not (run.is_alive or run.is_starting):
            steps.pop()  # the end of the slider is that step
        if steps != self._steps or is_other:
            self._steps = steps
            self._slider.blockSignals(True)
            self._slider.setRange(0, len(steps))  # the last position is "live"
            self._slider.blockSignals(False)
        self._show_focus(self._focus.value)

    def _show_focus(self, focus: Focus) -> None:
        self._slider.blockSignals(True)
        if focus.step is None or not self._steps:
            self._slider.setValue(self._slider.maximum())
        else:
            self._slider.setValue(min(range(len(self._steps)), key=lambda i: abs(self._steps[i] - (focus.step or 0))))
        self._slider.blockSignals(False)
        step = focus.step if focus.step is not None else (self._run.step if self._run else 0)
        self._label.setText(self.tr("step {0}").format(f"{step:,}") if self._run else self.tr("no run"))
        self._live.setEnabled(focus.step is not None)
        is_over = self._run is not None and not (self._run.is_alive or self._run.is_starting)
        self._live.setText(self.tr("Last") if is_over else self.tr("Live"))

    def _on_focus_changed(self, focus: Focus) -> None:
        self.setVisible(not focus.pretrained)  # a folder has no steps
        self._show_focus(focus)

    def _on_slider_moved(self, position: int) -> None:
        self._focus.lock(step=None if position >= len(self._steps) else self._steps[position])

    def _on_play_clicked(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
        elif self._steps:
            self._slider.setValue(0)
            self._timer.start()

    def _on_play_ticked(self) -> None:
        self._slider.setValue(self._slider.value() + 1)
        if self._slider.value() >= self._slider.maximum():
            self._timer.stop()
