"""The drawing surface of a plot: keeps its picture, redraws it when something changed, and shows what is pointed at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.plots.axis_map import XUnit
from ui.plots.curve import Curve, Trace, trace
from ui.plots.markers import HOVER_REACH, Marker, MarkerKind, glyph_places, paint_marker_text, paint_markers
from ui.plots.painting import paint_axes, paint_curves, y_label_room
from ui.plots.shared_x import SharedX
from ui.plots.style import plot_style
from ui.plots.viewport import Viewport, YKind, fit_y
from ui.theme import font, theme

TICK_MS = 40
_MANY_CURVES = 8
# Fixed, so that plots stand in line and no label moves them; only a label that has no room widens the left.
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 14.0, 26.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a curve says at the crosshair: its nearest measured point, exactly; ``smooth``: the drawn average there."""

    step: float
    value: float
    smooth: float | None


class Canvas(QWidget):
    """Curves over a shared x. What moves with the pointer is painted over a kept picture of all the rest."""

    redrawn = Signal()
    readings_changed = Signal()

    def __init__(self, shared: SharedX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: dict[str, Curve] = {}
        self.markers: list[Marker] = []
        self.is_log = False
        self.y_kind: YKind = "any"
        self.empty_text = ""
        self.y_range: tuple[float, float] | None = None  # None: fit what is visible
        self.zoom_box: QRectF | None = None
        self.pointer_px: float | None = None  # x of the pointer, while it is over this plot
        self._fitted_y: tuple[float, float] | None = None
        self._style = plot_style()
        self._picture: QPixmap | None = None
        self._is_dirty = True
        self._is_vector = False
        self._has_focus_ring = False  # only for who came by keyboard
        self._traces: list[Trace] = []
        self._view = self._viewport((0.0, 1.0), (0.0, 1.0))
        self._timer = QTimer(self, interval=TICK_MS, singleShot=True)
        self._timer.timeout.connect(self._on_redraw_due)
        theme().changed.connect(self._on_theme_changed)
        self.shared = shared
        self._connect_shared()
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def view(self) -> Viewport:
        return self._view

    def share(self, shared: SharedX) -> None:
        """Take another plot's x axis for one's own."""
        self.shared.set_extent(id(self), None)
        for signal, slot in self._shared_slots():
            signal.disconnect(slot)
        self.shared = shared
        self._connect_shared()
        self.redraw()

    def mark_dirty(self) -> None:
        """Something was appended: redraw within 40 ms, together with all else that comes until then."""
        self._is_dirty = True
        if not self._timer.isActive():
            self._timer.start()

    def redraw(self) -> None:
        """A person acted: redraw with the next paint."""
        self._is_dirty = True
        self.tell_extent()
        self.update()

    def tell_extent(self) -> None:
        """Let the shared axis know what the curves span by now."""
        extents = [e for e in (c.extent(self.shared.unit) for c in self.visible_curves()) if e is not None]
        whole = (min(e[0] for e in extents), max(e[1] for e in extents)) if extents else None
        self.shared.set_extent(id(self), whole)

    def refit_y(self) -> None:
        self._fitted_y = None
        self.redraw()

    def reset(self) -> None:
        """Show everything and follow the data again."""
        self.y_range = self._fitted_y = None
        self.shared.follow()

    def visible_curves(self) -> list[Curve]:
        return [c for c in self.curves.values() if c.is_visible and c.has_unit(self.shared.unit)]

    def num_hidden_by_log(self) -> int:
        """Visible values that a logarithmic axis has no place for."""
        if not self.is_log:
            return 0
        return sum(
            int(np.count_nonzero(t.curve.series.values.view[slice(*t.span)] <= 0))
            for t in self._traces
            if len(t.lows) and t.lows.min() <= 0
        )

    def num_infinite(self) -> int:
        return sum(len(c.series.infinities[0]) for c in self.visible_curves())

    def reading(self, curve: Curve) -> Reading | None:
        """At the crosshair, or the latest; None where the curve has no point there."""
        extent, hover = curve.extent(self.shared.unit), self.shared.hover
        if extent is None:
            return None
        if hover is None:
            point = curve.series.latest()
        else:
            reach = 4 * (self._view.x1 - self._view.x0) / self._view.width
            if not extent[0] - reach <= hover <= extent[1] + reach:
                return None
            point = curve.series.nearest(self.step_at(hover, curve))
        if point is None:
            return None
        smooth = None
        if curve.smoothed is not None and len(curve.series):
            smooth = float(curve.smoothed.values[curve.series.nearest_index(point[0])])
        return Reading(step=point[0], value=point[1], smooth=smooth)

    def step_at(self, x: float, curve: Curve | None = None) -> float:
        """The step at x (axis units) on a curve's run, the first curve's by default."""
        curve = curve or self._first_curve()
        return x if curve is None else float(curve.to_step(np.array([x]), unit=self.shared.unit)[0])

    def px_of_step(self, step: float, key: str | None = None) -> float:
        curve = self.curves.get(key) if key is not None else self._first_curve()
        steps = np.array([step])
        x = (
            steps
            if curve is None or not curve.has_unit(self.shared.unit)
            else curve.to_axis(steps, unit=self.shared.unit)
        )
        return float(self._view.x_to_px(x)[0])

    def nearest_x(self, x: float) -> float:
        """The measured x (axis units) closest to x among all visible curves."""
        unit, found = self.shared.unit, x
        best = float("inf")
        for curve in self.visible_curves():
            point = curve.series.nearest(self.step_at(x, curve))
            if point is not None:
                place = float(curve.to_axis(np.array([point[0]]), unit=unit)[0])
                best, found = min((best, found), (abs(place - x), place))
        return found

    def paint_vector(self, painter: QPainter) -> None:
        """The whole picture as shapes, at the painter's origin."""
        self._paint_still(painter, device_px=1.0)
        self._paint_live(painter)

    def set_vector(self, is_vector: bool) -> None:
        """While set, painting bypasses the kept picture, so that an SVG gets shapes and not pixels."""
        self._is_vector = is_vector

    def sizeHint(self) -> QSize:
        return QSize(480, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 96)

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._has_focus_ring = event.reason() in reasons
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._has_focus_ring = False
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._is_dirty = True
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        if self._is_vector:
            self.paint_vector(painter)
            return
        ratio = self.devicePixelRatioF()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        was_dirty = self._is_dirty or self._picture is None or self._picture.size() != size
        if was_dirty:
            if self._picture is None or self._picture.size() != size:
                self._picture = QPixmap(size)
            self._picture.setDevicePixelRatio(ratio)
            self.tell_extent()
            self._is_dirty = False
            still = QPainter(self._picture)
            still.setFont(self.font())
            self._paint_still(still, device_px=1 / ratio)
            still.end()
        assert self._picture is not None
        painter.drawPixmap(0, 0, self._picture)
        self._paint_live(painter)
        painter.end()
        if was_dirty:
            self.redrawn.emit()

    def _paint_still(self, painter: QPainter, *, device_px: float) -> None:
        # Columns of two pixels halve the work where, among many curves, nobody can tell.
        column_px = device_px if len(self.visible_curves()) <= _MANY_CURVES else 2 * device_px
        painter.fillRect(self.rect(), QColor(self._style.background))
        self._prepare(column_px)
        unit = self.shared.unit
        label = {XUnit.STEP: self.tr("step"), XUnit.EPOCH: self.tr("epoch"), XUnit.WALL_TIME: self.tr("time")}[unit]
        paint_axes(painter, self._view, self._style, unit=unit, unit_label=label)
        if not any(len(t.x) or len(t.infinite_x) for t in self._traces) and self.empty_text:
            painter.setPen(QColor(self._style.muted))
            box = QRectF(self._view.left, self._view.top, self._view.width, self._view.height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_text)
        paint_markers(painter, self._view, self._style, self.marker_places())
        paint_curves(painter, self._view, self._style, self._traces, column_px=column_px, row_px=device_px)

    def marker_places(self) -> Sequence[tuple[Marker, float]]:
        return [(marker, self.px_of_step(marker.step, marker.curve)) for marker in self.markers]

    def _prepare(self, column_px: float) -> None:
        """Cut every visible curve to the pixel columns, and fit y to what was found."""
        view = self._viewport(self.shared.range, (0.0, 1.0))
        edges = view.column_edges(column_px=column_px)
        self._traces = [trace(curve, edges, unit=self.shared.unit) for curve in self.visible_curves()]
        if self.y_range is None:
            self._fitted_y = fit_y(self._traces, is_log=self.is_log, current=self._fitted_y, kind=self.y_kind)
        y = self.y_range or self._fitted_y or (0.0, 1.0)
        view = self._viewport(self.shared.range, y)
        left = max(_LEFT, y_label_room(view, QFontMetricsF(self.font())))
        self._view = view if left == _LEFT else self._viewport(self.shared.range, y, left=left)

    def _viewport(self, x: tuple[float, float], y: tuple[float, float], *, left: float = _LEFT) -> Viewport:
        width, height = max(16.0, self.width() - left - _RIGHT), max(16.0, self.height() - _TOP - _BOTTOM)
        return Viewport(
            left=left, top=_TOP, width=width, height=height, x0=x[0], x1=x[1], y0=y[0], y1=y[1], is_log=self.is_log
        )

    def _paint_live(self, painter: QPainter) -> None:
        view, style = self._view, self._style
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._has_focus_ring:
            painter.setPen(QColor(style.palette.focus))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self.shared.cursor is not None:
            self._paint_cursor(painter, self.px_of_step(self.shared.cursor))
        if self.zoom_box is not None:
            tint = QColor(style.accent)
            tint.setAlpha(40)
            painter.fillRect(self.zoom_box, tint)
        hover = self.shared.hover
        if hover is None:
            return
        x = float(view.x_to_px(np.array([hover]))[0])
        if not view.left <= x <= view.right:
            return
        pen = QPen(QColor(style.muted), 1)
        pen.setDashPattern([2, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(round(x) + 0.5, view.top), QPointF(round(x) + 0.5, view.bottom))
        self._paint_reading_dots(painter)
        if (text := self.marker_text()) and self.pointer_px is not None:
            is_below = all(marker.kind is MarkerKind.CHECKPOINT for marker in self._pointed_markers())
            paint_marker_text(painter, view, style, text, x=self.pointer_px, is_below=is_below)

    def marker_text(self) -> str:
        """What the markers say that are pointed at; empty where there is none."""
        near = self._pointed_markers()
        return "   ".join(m.text for m in near[:3]) + (f"   +{len(near) - 3}" if len(near) > 3 else "")

    def _pointed_markers(self) -> list[Marker]:
        """By the pointer: the crosshair jumps to the nearest measured point, which may be far from a marker."""
        x, places = self.pointer_px, self.marker_places()
        if x is None:
            return []
        shapes = zip(places, glyph_places(places, right=self._view.right), strict=True)
        near = [m for (m, place), shape in shapes if min(abs(place - x), abs(shape - x)) <= HOVER_REACH]
        return sorted(near, key=lambda marker: marker.kind is MarkerKind.CHECKPOINT)  # of those there are many

    def _paint_reading_dots(self, painter: QPainter) -> None:
        for curve in self.visible_curves():
            reading = self.reading(curve)
            if reading is None:
                continue
            shown = reading.value if reading.smooth is None else reading.smooth
            x = self.px_of_step(reading.step, curve.key)
            y = float(self._view.y_to_px(np.array([shown]))[0])
            if np.isfinite(y) and self._view.contains(x, y):
                painter.setPen(QPen(QColor(self._style.background), 1.5))
                painter.setBrush(self._style.series(curve.colour))
                painter.drawEllipse(QPointF(x, y), 4.5, 4.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_cursor(self, painter: QPainter, x: float) -> None:
        view = self._view
        if not view.left - 1 <= x <= view.right + 1:
            return
        colour = QColor(self._style.accent)
        painter.setPen(QPen(colour, 1))
        painter.drawLine(QPointF(round(x) + 0.5, view.top - 2), QPointF(round(x) + 0.5, view.bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(round(x) - 3.5, view.top - 10, 8, 12), 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _first_curve(self) -> Curve | None:
        return next(iter(self.visible_curves()), None)

    def _connect_shared(self) -> None:
        for signal, slot in self._shared_slots():
            signal.connect(slot)

    def _shared_slots(self) -> tuple[tuple[SignalInstance, Callable[[], None]], ...]:
        shared = self.shared
        return (
            (shared.changed, self._on_shared_changed),
            (shared.hover_changed, self._on_pointer_changed),
            (shared.cursor_changed, self._on_pointer_changed),
        )

    def _on_redraw_due(self) -> None:
        self.tell_extent()
        self.update()

    def _on_shared_changed(self) -> None:
        self.redraw()

    def _on_pointer_changed(self) -> None:
        self.update()
        self.readings_changed.emit()

    def _on_theme_changed(self) -> None:
        self._style = plot_style()
        self.redraw()
