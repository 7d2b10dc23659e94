"""Paints a plot's still picture: grid, axes, bands, curves, the marks of what is cut off."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ui.plots.axis_map import XUnit
from ui.plots.columns import Flags, Floats
from ui.plots.curve import LineStyle, Trace
from ui.plots.strokes import draw_columns, draw_points, draw_polyline
from ui.plots.style import PlotStyle
from ui.plots.ticks import Tick, linear_ticks, log_ticks, x_ticks
from ui.plots.viewport import Viewport

_TICK_GAP = 8.0
_X_TICK_SPACING, _Y_TICK_SPACING = 84.0, 34.0
_DOT_SPACING, _DOT_SIZE = 18.0, 6.0
_DIAMOND = 5.5
_EDGE_SPACING = 6.0
_DENSE_FAINT = 0.25  # a solid block of noise, a little back from the lines and dots over it
_BESIDE_FAINT = 0.3  # training beside its own validation
_LONE_SIZE = 3.0
_JOINED_SPACING = 8.0  # px: points closer than this are joined though not each step between was measured
_LONG_STRETCH = 3.0  # times the usual distance of two points


def paint_axes(painter: QPainter, view: Viewport, style: PlotStyle, *, unit: XUnit, unit_label: str) -> None:
    """Faint grid, tick labels in the muted colour, the name of x at its right end."""
    metrics = QFontMetricsF(painter.font())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    y_places = [(t, float(view.y_to_px(np.array([t.value]))[0])) for t in _y_ticks(view)]
    x_count = max(2, int(view.width / _X_TICK_SPACING))
    ticks = x_ticks(view.x0, view.x1, unit=unit, max_count=x_count)
    x_places = [(t, float(view.x_to_px(np.array([t.value]))[0])) for t in ticks]
    painter.setPen(QColor(style.grid))
    for _, y in y_places:
        painter.drawLine(QPointF(view.left, round(y)), QPointF(view.right, round(y)))
    for _, x in x_places:
        painter.drawLine(QPointF(round(x), view.top), QPointF(round(x), view.bottom))
    painter.setPen(QColor(style.axis))
    painter.drawLine(QPointF(view.left, view.bottom), QPointF(view.right, view.bottom))
    painter.setPen(QColor(style.muted))
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for tick, y in y_places:
        painter.drawText(QRectF(0, y - 10, view.left - _TICK_GAP, 20), flags, tick.label)
    name_left = view.right - metrics.horizontalAdvance(unit_label)
    baseline = view.bottom + 6 + metrics.ascent()
    painter.drawText(QPointF(name_left, baseline), unit_label)
    for tick, x in x_places:
        width = metrics.horizontalAdvance(tick.label)
        if x + width / 2 < name_left - 10:
            painter.drawText(QPointF(x - width / 2, baseline), tick.label)


def paint_curves(
    painter: QPainter, view: Viewport, style: PlotStyle, traces: Sequence[Trace], *, column_px: float, row_px: float
) -> None:
    """All bands first, then all lines, so that no curve's noise hides another's course; then what is cut off."""
    painter.save()
    painter.setClipRect(QRectF(view.left, view.top, view.width, view.height))
    for t in reversed(traces):  # the first curve is the one a person cares for most: its band lies on top
        if t.smooth is not None:
            _paint_raw(painter, view, style, t, column_px=column_px, row_px=row_px, is_faint=True)
    validated = {t.curve.colour for t in traces if t.curve.line.is_exact}
    # Validation last: its dots must not drown in the training noise, which steps back beside it.
    for t in sorted(traces, key=lambda t: t.curve.line.is_exact):
        if t.smooth is None:
            is_beside = t.curve.line is LineStyle.TRAIN and t.curve.colour in validated
            amount = _BESIDE_FAINT if is_beside else 0.0
            _paint_raw(painter, view, style, t, column_px=column_px, row_px=row_px, is_faint=False, sunk_by=amount)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = _pen(style.series(t.curve.colour), dashed=t.curve.line is LineStyle.DASHED)
            x = view.x_to_px(t.x)
            breaks = _smooth_breaks(t, x)
            _paint_strong_line(painter, pen, x, view.y_to_px(t.smooth), row_px=row_px, breaks=breaks)
    painter.restore()
    for t in traces:
        _paint_cut_off(painter, view, style, t)


def y_label_room(view: Viewport, metrics: QFontMetricsF) -> float:
    """How much the labels of y take left of the curves."""
    return max((metrics.horizontalAdvance(tick.label) for tick in _y_ticks(view)), default=0.0) + _TICK_GAP


def _y_ticks(view: Viewport) -> list[Tick]:
    count = max(2, int(view.height / _Y_TICK_SPACING))
    if view.is_log:
        low, high = max(view.y0, -300.0), min(view.y1, 300.0)
        return log_ticks(10.0**low, 10.0**high, max_count=count)
    return linear_ticks(view.y0, view.y1, max_count=count)


def _paint_raw(
    painter: QPainter,
    view: Viewport,
    style: PlotStyle,
    t: Trace,
    *,
    column_px: float,
    row_px: float,
    is_faint: bool,
    sunk_by: float = 0.0,
) -> None:
    colour = style.faint(t.curve.colour, amount=sunk_by) if sunk_by else style.series(t.curve.colour)
    x, highs = view.x_to_px(t.x), view.y_to_px(t.highs)
    breaks = _breaks(t, x)
    if t.is_dense:
        lows = view.y_to_px(t.lows)
        # A column that reaches to zero or below has no foot on a logarithmic axis: its top is drawn.
        lows = np.where(np.isnan(lows), highs, lows)
        ink = (
            style.faint(t.curve.colour) if is_faint else style.faint(t.curve.colour, amount=max(_DENSE_FAINT, sunk_by))
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        draw_columns(painter, x, highs, lows, column_px=column_px, row_px=row_px, colour=ink, breaks=breaks)
        return
    is_dashed = t.curve.line is LineStyle.DASHED
    # Antialiasing a zigzag from pixel to pixel costs 30 times more, and nothing of it can be seen.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(x) * 2 < view.width)
    if is_faint:
        painter.setPen(_pen(style.faint(t.curve.colour), dashed=is_dashed))
        draw_polyline(painter, x, highs, breaks=breaks)
        _paint_lone(painter, style.faint(t.curve.colour), x, highs, seldom=_seldom(t, x))
        return
    pen = _pen(colour, dashed=is_dashed)
    if len(x) * 2 < view.width:
        _paint_strong_line(painter, pen, x, highs, row_px=row_px, breaks=breaks)
    else:
        painter.setPen(pen)
        draw_polyline(painter, x, highs, breaks=breaks)
    if t.curve.line is LineStyle.TEST:
        _paint_diamonds(painter, style, colour, x, highs)
    elif t.curve.line is LineStyle.VALIDATION or len(x) == 1:
        _paint_dots(painter, style, colour, x, highs, first=t.span[0])
    else:
        _paint_lone(painter, colour, x, highs, seldom=_seldom(t, x))


def _breaks(t: Trace, x: Floats) -> Flags:
    """Where a line would pretend that something was measured: over a stretch much longer than those beside it. Between
    points that are measured each so many steps, with a dot each, none does."""
    spacing = np.diff(x)
    if t.curve.line.is_exact or len(spacing) < 2:
        return np.zeros(len(t.skips), dtype=bool)
    beside = np.maximum(np.append(spacing[1:], 0), np.insert(spacing[:-1], 0, 0))
    return _seldom(t, x) & (spacing > _LONG_STRETCH * beside)


def _seldom(t: Trace, x: Floats) -> Flags:
    """Between each point and the next, whether they are apart to the eye and not each step between was measured."""
    return t.skips & (np.diff(x) > _JOINED_SPACING)


def _smooth_breaks(t: Trace, x: Floats) -> Flags:
    """An average goes on from point to point, but not over a stretch that is longer than all others."""
    spacing = np.diff(x)
    return _breaks(t, x) & (
        spacing > max(_DOT_SPACING, _LONG_STRETCH * float(np.median(spacing)) if len(spacing) else 0)
    )


def _paint_lone(painter: QPainter, colour: QColor, x: Floats, y: Floats, *, seldom: Flags) -> None:
    """A dot at each point beside which there are steps at which nothing was measured."""
    lone = np.flatnonzero(np.append(seldom, False) | np.insert(seldom, 0, False))
    if len(lone):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colour, _LONE_SIZE)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        draw_points(painter, x[lone], y[lone])


def _paint_strong_line(painter: QPainter, pen: QPen, x: Floats, y: Floats, *, row_px: float, breaks: Flags) -> None:
    """A line nearly two pixels wide: strokes of one device pixel, where a wider pen takes ten times longer."""
    painter.setPen(pen)
    num_strokes = max(2, round(2 / row_px))
    for stroke in range(num_strokes):
        draw_polyline(painter, x, y + (stroke - (num_strokes - 1) / 2) * 0.8 * row_px, breaks=breaks)


def _paint_dots(painter: QPainter, style: PlotStyle, colour: QColor, x: Floats, y: Floats, *, first: int) -> None:
    """Dots at real points, at least 18 px apart, ringed by the background so that they stand out on a line.

    ``first``: number of the first point. Thinned by number and by powers of two: a point keeps its dot while one pans.
    """
    spacing = float(x[-1] - x[0]) / (len(x) - 1) if len(x) > 1 else _DOT_SPACING
    every = 1 << max(0, int(np.ceil(np.log2(_DOT_SPACING / max(spacing, 1e-6)))))
    x, y = x[-first % every :: every], y[-first % every :: every]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for size, ink in ((_DOT_SIZE + 2, QColor(style.background)), (_DOT_SIZE, colour)):
        pen = QPen(ink, size)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        draw_points(painter, x, y)


def _paint_diamonds(painter: QPainter, style: PlotStyle, colour: QColor, x: Floats, y: Floats) -> None:
    """Larger than dots and rimmed by the ink of text: there is often but one, at the end."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(style.text), 1.5))
    painter.setBrush(colour)
    for at_x, at_y in zip(x, y, strict=True):
        if np.isfinite(at_y):
            painter.drawPolygon(diamond(float(at_x), float(at_y)))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def diamond(x: float, y: float) -> QPolygonF:
    """The mark of a test."""
    return QPolygonF(
        [QPointF(x + dx, y + dy) for dx, dy in ((0, -_DIAMOND), (_DIAMOND, 0), (0, _DIAMOND), (-_DIAMOND, 0))]
    )


def _paint_cut_off(painter: QPainter, view: Viewport, style: PlotStyle, t: Trace) -> None:
    """A small triangle at the edge for each place where the curve goes beyond it or is infinite."""
    if not len(t.infinite_x) and not (len(t.x) and view.is_beyond(float(t.lows.min()), float(t.highs.max()))):
        return
    x = view.x_to_px(t.x)
    above = x[view.y_to_px(t.highs) < view.top]
    below = x[view.y_to_px(t.lows) > view.bottom]
    infinite_x = view.x_to_px(t.infinite_x)
    above = np.concatenate((above, infinite_x[t.infinite_y > 0]))
    below = np.concatenate((below, infinite_x[t.infinite_y < 0]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.series(t.curve.colour))
    for places, edge, towards in ((above, view.top, 1.0), (below, view.bottom, -1.0)):
        inside = places[(places >= view.left) & (places <= view.right)]
        for place in np.unique(np.round(inside / _EDGE_SPACING)) * _EDGE_SPACING:
            tip = QPointF(place, edge + towards)
            foot = edge + 7 * towards
            painter.drawPolygon(QPolygonF([tip, QPointF(place - 4, foot), QPointF(place + 4, foot)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _pen(colour: QColor, *, dashed: bool = False) -> QPen:
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    if dashed:
        pen.setDashPattern([6, 4])
    return pen
