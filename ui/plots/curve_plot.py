"""One metric of any number of runs over step, epoch or wall time."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TextIO

from numpy.typing import ArrayLike
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.plots.axis_map import AxisMap, XUnit
from ui.plots.canvas import Canvas, Reading
from ui.plots.curve import Curve, LineStyle
from ui.plots.export import replace_file, write_csv, write_svg
from ui.plots.interaction import Interaction
from ui.plots.legend import Legend
from ui.plots.legend_lines import LegendEntry
from ui.plots.marker_key import MarkerKey
from ui.plots.markers import Marker
from ui.plots.series import Series
from ui.plots.shared_x import SharedX
from ui.plots.ticks import format_value, format_x
from ui.plots.viewport import YKind
from ui.theme import font, theme
from ui.widgets.help_dot import rich_tooltip

Scope = Literal["visible", "all"]


class CurvePlot(QWidget):
    """Title, readout and curves. Build once, reuse: ``clear`` and add curves again."""

    step_dragged = Signal(float)
    step_clicked = Signal(float)
    curve_toggled = Signal(str, bool)

    def __init__(
        self,
        title: str,
        parent: QWidget | None = None,
        *,
        empty_text: str = "",
        help_text: str = "",
        y_kind: YKind = "any",
    ) -> None:
        super().__init__(parent)
        self._title = title
        self._smoothing = 0.0
        self._shared = SharedX()
        self._canvas = Canvas(self._shared, self)
        self._canvas.empty_text = empty_text
        self._canvas.y_kind = y_kind
        self._canvas.setAccessibleName(title)
        self._legend = Legend(self)
        self._marker_key = MarkerKey(self)
        self._title_label, self._notice, self._place = QLabel(title), QLabel(), QLabel()
        if help_text:
            self._title_label.setToolTip(rich_tooltip(title, help_text))
        self._interaction = Interaction(self._canvas)
        self._lay_out()
        self._canvas.redrawn.connect(self._on_redrawn)
        self._canvas.readings_changed.connect(self._update_readout)
        self._interaction.step_dragged.connect(self.step_dragged)
        self._interaction.step_clicked.connect(self.step_clicked)
        self._legend.entry_clicked.connect(self._on_entry_clicked)
        self._legend.group_clicked.connect(self._on_group_clicked)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    # Curves

    def add_curve(
        self,
        key: str,
        *,
        label: str,
        colour: int | str,
        line: LineStyle = LineStyle.TRAIN,
        series: Series | None = None,
        axis_maps: dict[XUnit, AxisMap] | None = None,
        help_text: str = "",
        group: str = "",
    ) -> Series:
        """A new curve, or a known one described anew; gives the series that it draws.

        ``colour``: an index into the theme's series colours, or ``#rrggbb``. Several plots may draw one ``series``.
        ``help_text``: told where a person points at its name. ``axis_maps`` are those of the curve's run, shared by its
        curves: without one for the unit shown, it is hidden. ``group``: the run's name, where there are several; the
        legend has a line for each.
        """
        known = self._canvas.curves.get(key)
        chosen = series if series is not None else (known.series if known else Series())
        maps = axis_maps if axis_maps is not None else (known.axis_maps if known else {})
        curve = Curve(key=key, label=label, group=group, colour=colour, line=line, series=chosen, axis_maps=maps)
        curve.help = help_text
        curve.is_visible = known.is_visible if known else True
        curve.set_smoothing(self._smoothing)
        self._canvas.curves[key] = curve
        self._refresh()
        return chosen

    def remove_curve(self, key: str) -> None:
        self._canvas.curves.pop(key, None)
        self._refresh()

    def arrange(self, keys: Sequence[str]) -> None:
        """Have the curves in this order; those of the run that a person looks at belong first."""
        if list(self._canvas.curves) != list(keys):
            self._canvas.curves = {key: self._canvas.curves[key] for key in keys}
            self._refresh()

    def clear(self) -> None:
        """No curve, no marker, no cursor, and following again."""
        self._canvas.curves.clear()
        self._canvas.markers.clear()
        self._shared.set_cursor(None)
        self._canvas.reset()
        self._refresh()

    def append(self, key: str, x: ArrayLike, y: ArrayLike) -> None:
        """Points of a curve, x in steps; shown within 40 ms."""
        self._canvas.curves[key].series.append(x, y)
        self.mark_dirty()

    def truncate_from(self, key: str, step: float) -> None:
        """The curve's run went back to a checkpoint before ``step``."""
        self._canvas.curves[key].series.truncate_from(step)
        self.mark_dirty()

    def mark_dirty(self) -> None:
        """A series or axis map was written by someone else: redraw within 40 ms."""
        self._canvas.mark_dirty()

    def set_curve_visible(self, key: str, is_visible: bool) -> None:
        self._canvas.curves[key].is_visible = is_visible
        self._refresh()

    def keys(self) -> list[str]:
        return list(self._canvas.curves)

    def series(self, key: str) -> Series:
        return self._canvas.curves[key].series

    def group(self, key: str) -> str:
        return self._canvas.curves[key].group

    # What is shown

    def set_smoothing(self, factor: float) -> None:
        """Weight of the past, 0 (off) to 0.999, as TensorBoard's slider; validation curves stay as measured."""
        self._smoothing = factor
        for curve in self._canvas.curves.values():
            curve.set_smoothing(factor)
        self._refresh()

    def set_log_y(self, is_log: bool) -> None:
        self._canvas.is_log = is_log
        self._canvas.y_range = None
        self._canvas.refit_y()

    def set_x_unit(self, unit: XUnit) -> None:
        """Of this plot and all linked with it."""
        self._shared.set_unit(unit)

    def set_x_range(self, low: float, high: float) -> None:
        self._canvas.tell_extent()
        self._shared.set_range(low, high)

    def reset_view(self) -> None:
        """Show everything and follow what comes."""
        self._canvas.reset()

    @property
    def is_following(self) -> bool:
        return self._shared.is_following

    def set_markers(self, markers: Sequence[Marker], *, of: str = "") -> None:
        """``of``: the run that they are of, where there are several."""
        self._canvas.markers = list(markers)
        self._marker_key.set_kinds((marker.kind for marker in markers), of=of)
        self.mark_dirty()

    def explain_markers(self, is_on: bool) -> None:
        """Whether a line over the plot says what the markers' shapes mean: of linked plots, one does for all."""
        self._marker_key.setVisible(is_on)

    def set_step(self, step: float | None) -> None:
        """Put the step cursor there, in linked plots too; None takes it away."""
        self._shared.set_cursor(step)

    def link_x(self, other: "CurvePlot") -> None:
        """Share unit, range, crosshair and step cursor with the other plot from now on."""
        if other._shared is self._shared:
            return
        self._shared = other._shared
        self._canvas.share(other._shared)

    # Export

    def export(self, path: Path, *, scope: Scope = "visible") -> None:
        """PNG, SVG or CSV by the suffix; ValueError for another, OSError if it cannot be written.

        ``scope`` is for CSV: the curves and x range in view, or everything.
        """
        writers: dict[str, Callable[[Path], None]] = {
            ".png": self._write_png,
            ".svg": self._write_svg,
            ".csv": partial(self._write_csv, scope=scope),
        }
        write = writers.get(path.suffix.lower())
        if write is None:
            raise ValueError(self.tr("{name}: choose .png, .svg or .csv").format(name=path.name))
        replace_file(path, write)

    def copy_image(self) -> None:
        QGuiApplication.clipboard().setPixmap(self.picture())

    def copy_csv(self, *, scope: Scope = "visible") -> None:
        QGuiApplication.clipboard().setText(self.csv(scope=scope))

    def picture(self) -> QPixmap:
        return self.grab()

    def csv(self, *, scope: Scope = "visible") -> str:
        out = io.StringIO()
        self._csv_to(out, scope)
        return out.getvalue()

    def _write_png(self, path: Path) -> None:
        if not self.picture().save(str(path), "PNG"):
            raise OSError(self.tr("{name}: cannot write the picture").format(name=path.name))

    def _write_svg(self, path: Path) -> None:
        self._canvas.set_vector(True)
        try:
            write_svg(path, self, title=self._title)
        finally:
            self._canvas.set_vector(False)

    def _write_csv(self, path: Path, scope: Scope) -> None:
        with path.open("w", encoding="utf-8", newline="") as out:
            self._csv_to(out, scope)

    def _csv_to(self, out: TextIO, scope: Scope) -> None:
        if scope == "all":
            write_csv(out, self._canvas.curves.values())
        else:
            write_csv(out, self._canvas.visible_curves(), unit=self._shared.unit, window=self._shared.range)

    def _lay_out(self) -> None:
        self._title_label.setFont(font("section"))
        self._notice.setFont(font("small"))
        self._place.setFont(font("small"))
        header = QHBoxLayout()
        header.setSpacing(16)
        header.addWidget(self._title_label)
        header.addWidget(self._notice, 1)
        header.addWidget(self._marker_key)
        header.addWidget(self._place, 0, Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(header)
        layout.addWidget(self._legend)
        layout.addWidget(self._canvas, 1)

    def _refresh(self) -> None:
        self._canvas.refit_y()
        self._update_readout()

    def _update_readout(self) -> None:
        if not self.isVisible():
            return
        entries = [self._entry(curve) for curve in self._canvas.curves.values()]
        self._legend.set_entries(entries)
        self._place.setText(self._place_text())

    def _entry(self, curve: Curve) -> LegendEntry:
        is_visible = curve.is_visible and curve.has_unit(self._shared.unit)
        reading = self._canvas.reading(curve) if is_visible else None
        value = "–" if reading is None else format_value(reading.value)
        smooth = "" if curve.smoothed is None else "–"
        if reading is not None and reading.smooth is not None:
            smooth = format_value(reading.smooth)
        return LegendEntry(
            key=curve.key,
            group=curve.group,
            at=self._measured_at(curve, reading),
            label=curve.label,
            colour=curve.colour,
            line=curve.line,
            is_visible=is_visible,
            value=value,
            smooth=smooth,
            help=curve.help,
        )

    def _measured_at(self, curve: Curve, reading: Reading | None) -> str:
        """The step of an exact value, where the training beside it is read at another."""
        if reading is None or not curve.line.is_exact:
            return ""
        hover = self._shared.hover
        beside = [c.series.extent for c in self._canvas.curves.values() if c.group == curve.group]
        newest = max((extent[1] for extent in beside if extent is not None), default=reading.step)
        step = newest if hover is None else self._canvas.step_at(hover, curve)
        return "" if round(step) == round(reading.step) else self.tr("at {step:,}").format(step=round(reading.step))

    def _place_text(self) -> str:
        hover, unit = self._shared.hover, self._shared.unit
        if hover is None:
            return self.tr("latest") if self._canvas.curves else ""
        name = {XUnit.STEP: self.tr("step"), XUnit.EPOCH: self.tr("epoch"), XUnit.WALL_TIME: self.tr("time")}[unit]
        return f"{name} {format_x(hover, unit=unit)}"

    def _notice_text(self) -> str:
        parts = []
        hidden, infinite = self._canvas.num_hidden_by_log(), self._canvas.num_infinite()
        without = sum(not c.has_unit(self._shared.unit) for c in self._canvas.curves.values())
        if hidden:
            parts.append(self.tr("{count:,} points of 0 or less have no place on a log scale").format(count=hidden))
        if infinite:
            parts.append(self.tr("infinite values: {count:,}").format(count=infinite))
        if without:
            parts.append(self.tr("curves without this axis: {count}").format(count=without))
        return " · ".join(parts)

    def _on_redrawn(self) -> None:
        self._update_readout()
        self._notice.setText(self._notice_text())

    def _on_entry_clicked(self, key: str) -> None:
        is_visible = not self._canvas.curves[key].is_visible
        self.set_curve_visible(key, is_visible)
        self.curve_toggled.emit(key, is_visible)

    def _on_group_clicked(self, group: str) -> None:
        """All of a run: hidden where any is shown."""
        members = [curve for curve in self._canvas.curves.values() if curve.group == group]
        is_visible = not any(curve.is_visible for curve in members)
        for curve in members:
            self.set_curve_visible(curve.key, is_visible)
            self.curve_toggled.emit(curve.key, is_visible)

    def _on_theme_changed(self) -> None:
        muted = theme().palette.muted
        for label in (self._title_label, self._place):
            label.setStyleSheet(f"color: {muted}")
        self._notice.setStyleSheet(f"color: {theme().palette.warn}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._legend.set_room(self.height() // 3)
        super().resizeEvent(event)
