"""What happened during a run, marked on its x axis: an option changed, a checkpoint, a pause, the best value."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ui.plots.style import PlotStyle
from ui.plots.viewport import Viewport

# The corners of a cross, clockwise: how far from the middle, and which way.
_CROSS = tuple(
    (reach, dx, dy)
    for reach, dx, dy in (
        (1.4, 0, -1), (4.4, 0.64, -1), (4.4, 1, -0.64), (1.4, 1, 0), (4.4, 1, 0.64), (4.4, 0.64, 1),
        (1.4, 0, 1), (4.4, -0.64, 1), (4.4, -1, 0.64), (1.4, -1, 0), (4.4, -1, -0.64), (4.4, -0.64, -1),
    )
)  # fmt: skip
HOVER_REACH = 6.0  # px
GLYPH_SPACING = 11.0
_OVER_PX = 6  # the plot, where the shapes stand
_ROUNDING = 0.01  # px: the last step is on the edge, give or take


class MarkerKind(Enum):
    OPTION = "option changed"
    CHECKPOINT = "checkpoint"
    PAUSE = "pause"
    BEST = "best"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """``text`` is shown on hover; ``curve``: key of the curve whose run it belongs to, the first curve's by default."""

    step: float
    kind: MarkerKind
    text: str
    curve: str | None = None


def paint_markers(painter: QPainter, view: Viewport, style: PlotStyle, places: Sequence[tuple[Marker, float]]) -> None:
    """``places``: markers with their x in pixels. Checkpoints are many: a notch on the axis; the rest are lines."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for (marker, x), glyph_x in zip(places, glyph_places(places, right=view.right), strict=True):
        if not view.left - _ROUNDING <= x <= view.right + _ROUNDING:
            continue
        if marker.kind is MarkerKind.CHECKPOINT:
            _paint_glyph(painter, QColor(style.muted), _notch(x, view.bottom))
            continue
        colour = marker_colour(marker.kind, style)
        pen = QPen(colour, 1)
        pen.setDashPattern([1, 3] if marker.kind is MarkerKind.PAUSE else [4, 4])
        painter.setPen(pen)
        line_x = round(x) + 0.5
        painter.drawLine(QPointF(line_x, view.top), QPointF(line_x, view.bottom))
        if abs(glyph_x - line_x) > 1:  # which line it is of
            painter.setPen(QPen(colour, 1))
            painter.drawLine(QPointF(line_x, view.top), QPointF(glyph_x, view.top - _OVER_PX))
        paint_glyph(painter, marker.kind, QPointF(glyph_x, view.top - _OVER_PX), colour=colour)


def glyph_places(places: Sequence[tuple[Marker, float]], *, right: float) -> list[float]:
    """Where each marker's shape stands, in pixels: over its line, or as near to it as the shapes of others leave room
    for, and not right of the plot."""
    found = [x if marker.kind is MarkerKind.CHECKPOINT else round(x) + 0.5 for marker, x in places]
    over = [place for place in range(len(places)) if places[place][0].kind is not MarkerKind.CHECKPOINT]
    over.sort(key=lambda place: (places[place][1], list(MarkerKind).index(places[place][0].kind)))
    # Shapes that would hide one another stand side by side, about the middle of their lines.
    groups: list[list[int]] = []
    for place in over:
        groups.append([place])
        while len(groups) > 1 and _left_of(groups[-1], found) < _left_of(groups[-2], found) + _width(groups[-2]):
            last = groups.pop()
            groups[-1] += last
    stand = {
        place: left + GLYPH_SPACING * number
        for group in groups
        for left in (_left_of(group, found),)
        for number, place in enumerate(group)
    }
    for place, x in stand.items():
        found[place] = x
    for place, after in reversed(list(pairwise(over))):
        found[after] = min(found[after], right)
        found[place] = min(found[place], found[after] - GLYPH_SPACING)
    return found


def _left_of(group: Sequence[int], lines: Sequence[float]) -> float:
    """Where the first shape of a group stands, so that all of them are as near to their lines as can be."""
    return sum(lines[place] for place in group) / len(group) - _width(group[1:]) / 2


def _width(group: Sequence[int]) -> float:
    return GLYPH_SPACING * len(group)


def marker_colour(kind: MarkerKind, style: PlotStyle) -> QColor:
    """What a kind of marker is painted with."""
    return QColor({MarkerKind.BEST: style.palette.good, MarkerKind.FAILURE: style.palette.bad}.get(kind, style.muted))


def paint_glyph(painter: QPainter, kind: MarkerKind, at: QPointF, *, colour: QColor) -> None:
    """The shape that stands for a kind of marker, about this point."""
    for shape in _glyph(kind, at.x(), at.y()):
        _paint_glyph(painter, colour, shape)


def paint_marker_text(
    painter: QPainter, view: Viewport, style: PlotStyle, text: str, *, x: float, is_below: bool
) -> None:
    """The hovered marker's text in a small label beside it, flipped where it would leave the plot; on the edge that the
    marker stands on, so that it hides as little as can be."""
    metrics = QFontMetricsF(painter.font())
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, view.width - 24)
    width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 8
    left = x + 8 if x + 8 + width <= view.right else max(view.left, x - 8 - width)
    box = QRectF(left, view.bottom + 2 if is_below else 0.0, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(style.axis))
    painter.setBrush(QColor(style.label_background))
    painter.drawRoundedRect(box, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(style.text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _notch(x: float, bottom: float) -> QPolygonF:
    return QPolygonF([QPointF(x, bottom - 5), QPointF(x - 3.5, bottom), QPointF(x + 3.5, bottom)])


def _glyph(kind: MarkerKind, x: float, y: float) -> list[QPolygonF]:
    if kind is MarkerKind.PAUSE:
        return [QPolygonF(QRectF(x + side, y - 4, 2, 8)) for side in (-3, 1)]
    if kind is MarkerKind.CHECKPOINT:
        return [_notch(x, y + 2.5)]
    if kind is MarkerKind.FAILURE:
        return [QPolygonF([QPointF(x + a * dx, y + a * dy) for a, dx, dy in _CROSS])]
    reach = 4.5
    diamond = [QPointF(x, y - reach), QPointF(x + reach, y), QPointF(x, y + reach), QPointF(x - reach, y)]
    if kind is MarkerKind.BEST:
        return [QPolygonF([QPointF(x, y + 4.5), QPointF(x - 4.5, y - 3.5), QPointF(x + 4.5, y - 3.5)])]
    return [QPolygonF(diamond)]


def _paint_glyph(painter: QPainter, colour: QColor, shape: QPolygonF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(shape)
    painter.setBrush(Qt.BrushStyle.NoBrush)
