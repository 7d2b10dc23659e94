"""Loss, accuracy and any other metric of any number of runs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from modellab.errors import spoken
from modellab.events import Failed
from ui.lab.focus import Focus
from ui.lab.reading_words import reading_words
from ui.lab.run_model import RunModel
from ui.plots import CurvePlot, XUnit
from ui.views._curve_bar import CurveBar
from ui.views._curve_feed import default_metrics, markers_of, metrics_of, points_of, relabel, supply
from ui.views._curve_words import help_of, title_of, y_kind_of
from ui.views._export import ExportButton, Table
from ui.views.base import Lab, View
from ui.widgets.empty_state import EmptyState

_PLOT_WIDTH, _LEAST_PLOT_HEIGHT = 440, 132


class CurvesView(View):
    """One plot a metric, side by side where there is room; all share x, crosshair and step cursor."""

    name = "curves"
    title = "Curves"
    icon = "chart"
    order = 10

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._plots: dict[str, CurvePlot] = {}
        self._shown: list[str] = []
        self._is_chosen = False  # whether a person picked the metrics
        self._known_metrics: list[str] = []
        self._unit = XUnit.STEP
        self._smoothing = 0.0
        self._is_log = False
        self._bar = CurveBar()
        self._grid_holder = QWidget()
        self._grid = QGridLayout(self._grid_holder)
        self._grid.setContentsMargins(8, 0, 8, 4)
        self._grid.setSpacing(12)
        self._empty = EmptyState("chart", self._why_empty())
        self._export = ExportButton(
            picture=self._grid_holder, table=self._table, file_name=lambda: "curves", say=lab.session.say
        )
        self._bar.add_at_end(self._export)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._grid_holder)
        column.addWidget(scroll, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        self._connect()

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        if run is not None:
            self._on_opened(run)

    def redraw(self) -> None:
        runs = [run for run in self.lab.session.compared_runs if run.columns or run.evaluations]
        self._stack.setCurrentIndex(1 if runs else 0)
        if not runs:
            self._empty.set_sentence(self._why_empty())
            return
        has_names = len(runs) > 1 or runs != [self.run]
        self._offer_metrics(metrics_of(runs[:1]))  # the run that is looked at decides, and stands first
        for metric in self._shown:
            plot = self._plots[metric]
            supply(plot, metric, runs, shows_run_names=has_names)
            of = self.run.title if self.run is not None and has_names else ""
            plot.set_markers(markers_of(self.run, metric), of=of)
            plot.mark_dirty()

    def _offer_metrics(self, metrics: list[str]) -> None:
        """Have plots of these; what a person chose stays where it is among them."""
        if metrics == self._known_metrics:
            return
        self._known_metrics = metrics
        chosen = [metric for metric in self._shown if metric in metrics]
        self._show_metrics(chosen if self._is_chosen and chosen else default_metrics(metrics))
        self._bar.set_metrics(metrics, self._shown)

    def _why_empty(self) -> str:
        if self.run is not None and isinstance(self.run.end, Failed):
            return self.tr("{0} failed before its first step. {1}").format(self.run.title, spoken(self.run.end.message))
        if self.run is not None and self.run.is_starting:
            return self.tr("{0} reads its data; loss and accuracy appear here with its first steps.").format(
                self.run.title
            )
        if self.run is not None and self.run.status == "queued":
            return self.tr("{0} waits for the device; loss and accuracy appear here with its first steps.").format(
                self.run.title
            )
        if self.run is not None and self.run.is_alive:
            return self.tr("{0} trains; waiting for its first step.").format(self.run.title)
        if self.run is not None and self.run.end is not None and self.run.started is not None:
            notes = " ".join(self.run.started.notes)  # such as: imported, not trained here
            return self.tr("{0} has no curves: no step was taken in it. {1}").format(self.run.title, notes).strip()
        usual = self.tr("Loss and accuracy appear here while a run trains. Press Start, or open a run below.")
        return reading_words(self.run) or usual

    def _connect(self) -> None:
        session = self.lab.session
        session.opened.connect(self._on_opened)
        session.closed.connect(self._on_closed)
        session.compared_changed.connect(self.touch)
        self.lab.focus.changed.connect(self._on_focus_changed)
        self._bar.unit_chosen.connect(self._on_unit_chosen)
        self._bar.smoothing_changed.connect(self._on_smoothing_changed)
        self._bar.log_toggled.connect(self._on_log_toggled)
        self._bar.metric_toggled.connect(self._on_metric_toggled)
        self._bar.reset_asked.connect(self._on_reset_asked)
        for run in session.open_runs:
            self._on_opened(run)

    def _on_opened(self, run: RunModel) -> None:
        if not run.property("in_curves"):
            run.setProperty("in_curves", True)
            run.advanced.connect(self.touch)
            run.rewound.connect(self.touch)
            run.details_changed.connect(self._on_details_changed)
        self.touch()

    def _on_closed(self, _run: RunModel) -> None:
        self.touch()

    def _on_details_changed(self) -> None:
        for plot in self._plots.values():
            relabel(plot)
        self.touch()

    def _show_metrics(self, metrics: list[str]) -> None:
        """Have a plot for each of these and no others; a plot once made is kept for later."""
        for metric in metrics:
            if metric not in self._plots:
                self._plots[metric] = self._make_plot(metric)
        self._shown = metrics
        self._arrange()

    def _make_plot(self, metric: str) -> CurvePlot:
        plot = CurvePlot(title_of(metric), help_text=help_of(metric), y_kind=y_kind_of(metric))
        plot.setMinimumHeight(_LEAST_PLOT_HEIGHT)
        others = list(self._plots.values())
        if others:
            plot.link_x(others[0])
        else:
            plot.set_x_unit(self._unit)
        plot.set_smoothing(self._smoothing)
        plot.set_log_y(self._is_log and metric == "loss")
        plot.step_dragged.connect(self._on_step_picked)
        plot.step_clicked.connect(self._on_step_picked)
        return plot

    def _arrange(self) -> None:
        for plot in self._plots.values():
            self._grid.removeWidget(plot)
            plot.setVisible(False)
        num_columns = max(1, min(len(self._shown), self.width() // _PLOT_WIDTH))
        if self.height() < 3 * _LEAST_PLOT_HEIGHT and self.width() >= _PLOT_WIDTH:
            num_columns = max(num_columns, min(len(self._shown), 2))  # low: beside each other, if smaller
        for number, metric in enumerate(self._shown):
            self._grid.addWidget(self._plots[metric], number // num_columns, number % num_columns)
            self._plots[metric].setVisible(True)
            self._plots[metric].explain_markers(number == 0)

    def _table(self) -> Table | None:
        """Every measured point of the plots that are shown, in long form."""
        runs = self.lab.session.compared_runs
        return Table(columns=("run", "split", "metric", "step", "value"), rows=points_of(runs, self._shown))

    def _on_step_picked(self, step: float) -> None:
        """The slider's places are the checkpoints: the nearest one is shown."""
        steps = self.run.checkpoint_steps if self.run else []
        if steps:
            self.lab.focus.lock(step=min(steps, key=lambda kept: abs(kept - step)))

    def _on_focus_changed(self, focus: Focus) -> None:
        for plot in self._plots.values():
            plot.set_step(focus.step)

    def _on_unit_chosen(self, unit: XUnit) -> None:
        self._unit = unit
        for plot in list(self._plots.values())[:1]:
            plot.set_x_unit(unit)

    def _on_smoothing_changed(self, factor: float) -> None:
        self._smoothing = factor
        for plot in self._plots.values():
            plot.set_smoothing(factor)

    def _on_log_toggled(self, is_log: bool) -> None:
        self._is_log = is_log
        if "loss" in self._plots:
            self._plots["loss"].set_log_y(is_log)

    def _on_metric_toggled(self, metric: str, is_on: bool) -> None:
        self._is_chosen = True
        chosen = {*self._shown, metric} if is_on else set(self._shown) - {metric}
        self._show_metrics([name for name in self._known_metrics if name in chosen])
        self.touch()

    def _on_reset_asked(self) -> None:
        for plot in self._plots.values():
            plot.reset_view()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
