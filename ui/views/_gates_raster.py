"""The raster: a lane a signal, a row a unit, a column a token; one crosshair through all of them."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import font, theme
from ui.views import _gates_colours as colours
from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_lane_marks import paint_beyond, paint_crosshair, paint_head, points_beyond, reach_of, strip_image
from ui.views._gates_lanes import GUTTER, Lane, arrange, in_sight, lane_at
from ui.views._gates_order import Order, Rows, Span, order_units, order_values
from ui.views._gates_words import help_of, title_of
from ui.views._token_axis import Axis, SharedAxis
from ui.views._tokens import TokenLabels
from ui.widgets.help_dot import rich_tooltip

_CLICK_PX = 4.0
_STRIP = int(GUTTER) - 4
Gesture = Literal["", "press", "pan", "brush"]


class GatesRaster(QWidget):
    """Draws images made from whole arrays, never an item a cell."""

    pointed = Signal(object, str)  # Place | None, signal
    chosen = Signal(object, str)  # Place, signal
    brushed = Signal(object)  # Span | None
    opened = Signal()  # the unit chosen last

    def __init__(self, axis: SharedAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self._units = Axis.whole(1)
        self._gates: Gates | None = None
        self._place = Place()
        self._order: Order = "keep"
        self._rows: Rows = np.arange(0)
        self._ranks: Rows = np.arange(0)  # the row of each unit
        self._strip: NDArray[np.float32] | None = None
        self._span: Span | None = None
        self._labels = TokenLabels(())
        self._reaches: dict[str, float] = {}
        self.clipped: frozenset[str] = frozenset()  # signals with values beyond their reach
        self._indices: dict[str, colours.Bytes] = {}
        self._images: dict[str, tuple[QRectF, QImage]] = {}
        self._beyond: dict[str, list[QPointF]] = {}  # by lane, where values are that no colour tells
        self._bars: QImage | None = None
        self._is_sort_due = False  # newer numbers came while the rows were to stay
        self._is_held = False
        self._gesture: Gesture = ""
        self._pressed = QPointF()
        self._panned_from: tuple[Axis, Axis] = (self._axis.value, self._units)
        self._brush_start = 0
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Raster of the gates: rows are units, columns are tokens"))
        axis.changed.connect(self._forget_images)
        theme().changed.connect(self._forget_images)

    # What is shown

    def set_gates(self, gates: Gates | None, place: Place, *, keeps_rows: bool = True, is_held: bool = False) -> None:
        """Other arrays, or another layer or direction of them; keeps_rows: the run trains, more will come.

        is_held: a unit is chosen, or looked for in a list of this order: no row goes anywhere, whoever sees it.
        """
        before, seen = self._gates, self._place
        is_same_layer = (seen.layer, seen.direction) == (place.layer, place.direction)
        is_same_lane = is_same_layer and before is not None and gates is not None and before.has_same(gates, place)
        self._gates, self._place, self._is_held = gates, place, is_held
        if gates is None or is_same_lane:
            if not (is_held or (keeps_rows and self.isVisible())):
                self.sort_if_due()
            self.update()
            return
        if before is None or (before.tokens, before.unknown) != (gates.tokens, gates.unknown):
            self._labels = TokenLabels(gates.tokens, unknown=gates.unknown)
        if self._units.num_cells != gates.num_units:
            self._units = Axis.whole(gates.num_units)
        # While numbers come and go, rows stay where they are under the pointer.
        is_on = before is not None and gates.tokens[: len(before.tokens)] == before.tokens  # the same, or written on
        is_same_text = is_on and len(self._rows) == gates.num_units
        is_written = before is not None and len(before.tokens) < len(gates.tokens)
        is_still = is_held or (keeps_rows and self.isVisible() and (self.underMouse() or is_written))
        self._is_sort_due = is_still and is_same_text and is_same_layer
        self._sort(keeps_rows=self._is_sort_due)
        self._indices.clear()
        self._reaches = {name: reach_of(gates, place, name) for name in gates.lanes if name not in GATES}
        lanes = {name: (gates.lane(place, name), reach) for name, reach in self._reaches.items()}
        self.clipped = frozenset(name for name, (lane, reach) in lanes.items() if colours.is_beyond(lane, reach))
        self._forget_images()

    def set_order(self, order: Order) -> None:
        """Other rows on top."""
        self._order = order
        self._sort()
        self._indices.clear()
        self._forget_images()

    def set_span(self, span: Span | None) -> None:
        """Another stretch of tokens is marked."""
        if span != self._span:
            self._span = span
            if self._order == "span":
                self.set_order("span")
            self.update()

    def sort_if_due(self) -> bool:
        """Put the rows in the order that is named, if they were kept still; whether they were."""
        was_due, self._is_sort_due = self._is_sort_due, False
        if was_due:
            self._sort()
            self._indices.clear()
            self._forget_images()
        return was_due

    @property
    def is_kept_unsorted(self) -> bool:
        """Whether newer numbers would order the rows otherwise, which stay for the unit that is chosen."""
        values = None if self._strip is None else self._strip[self._rows]
        is_kept = self._is_held and self._is_sort_due and self._place.unit is not None
        return is_kept and (values is None or not np.all(values[:-1] >= values[1:]))

    @property
    def reaches(self) -> dict[str, float]:
        """By signed signal, the value in full colour."""
        return dict(self._reaches)

    @property
    def order(self) -> Rows:
        """Units from the top row to the last."""
        return self._rows

    def neighbour(self, unit: int | None, *, rows: int) -> int:
        """The unit so many rows below."""
        if unit is None or unit >= len(self._ranks):
            return int(self._rows[0])
        return int(self._rows[np.clip(self._ranks[unit] + rows, 0, len(self._rows) - 1)])

    def show_place(self) -> None:
        """Bring the unit and the token looked at into sight."""
        if self._place.unit is not None and self._place.unit < len(self._ranks):
            units = self._units.showing(int(self._ranks[self._place.unit]))
            if units != self._units:
                self._units = units
                self._forget_images()
        if self._place.token is not None:
            self._axis.set(self._axis.value.showing(self._place.token))

    def lanes(self) -> list[Lane]:
        """Where everything lies."""
        names = self._gates.lanes if self._gates else ()
        return arrange(names, width=self.width(), height=self.height())

    def cell_rect(self, lane: Lane, *, unit: int, token: int) -> QRectF:
        """Where one value is drawn."""
        cells, axis, units = lane.cells, self._axis.value, self._units
        width, height = cells.width() / axis.length, cells.height() / units.length
        left = cells.left() + (token - axis.first) * width
        return QRectF(left, cells.top() + (int(self._ranks[unit]) - units.first) * height, width, height)

    def dotted(self) -> frozenset[str]:
        """Signals with values in sight that lie beyond the map, each under a dot."""
        gates = self._gates
        return frozenset(lane.name for lane in self.lanes() if gates and self._points_beyond(lane, gates))

    def _points_beyond(self, lane: Lane, gates: Gates) -> list[QPointF]:
        if lane.name not in self._beyond:
            reach = self._reaches.get(lane.name, 1.0)
            values, axis, units = gates.lane(self._place, lane.name), self._axis.value, self._units
            points = points_beyond(lane, values, self._rows, reach=reach, axis=axis, units=units)
            self._beyond[lane.name] = points
        return self._beyond[lane.name]

    def pooled(self) -> int:
        """How many units or tokens, whichever are more, share a pixel; 1: each has one."""
        lanes, ratio = self.lanes(), self.devicePixelRatioF()
        if not lanes:
            return 1
        room = lanes[0].cells.size() * ratio
        return max(math.ceil(self._units.length / room.height()), math.ceil(self._axis.value.length / room.width()))

    def _sort(self, *, keeps_rows: bool = False) -> None:
        if self._gates is None:
            return
        if not keeps_rows:
            self._rows = order_units(self._gates, self._place, by=self._order, span=self._span)
            self._ranks = np.empty_like(self._rows)
            self._ranks[self._rows] = np.arange(len(self._rows))
        self._strip = order_values(self._gates, self._place, by=self._order, span=self._span)

    def _forget_images(self) -> None:
        self._images.clear()
        self._beyond.clear()
        self._bars = None
        self.update()

    # Pointing

    def _place_at(self, lane: Lane, point: QPointF) -> Place | None:
        token = self._axis.value.cell_at((point.x() - lane.cells.left()) / lane.cells.width())
        row = self._units.cell_at((point.y() - lane.cells.top()) / lane.cells.height())
        if token is None or row is None or row >= len(self._rows):
            return None
        seen = self._place
        return Place(layer=seen.layer, direction=seen.direction, unit=int(self._rows[row]), token=token)

    def _token_near(self, lane: Lane, x: float) -> int:
        share = (x - lane.cells.left()) / lane.cells.width()
        return self._axis.value.cell_at(min(0.999999, max(0.0, share))) or 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        lane = lane_at(self.lanes(), event.position())
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) or lane is None:
            return
        self._pressed = event.position()
        self._panned_from = (self._axis.value, self._units)
        self._brush_start = self._token_near(lane, event.position().x())
        is_brush = lane.labels.contains(event.position()) or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        is_pan = event.button() == Qt.MouseButton.MiddleButton
        self._gesture = "pan" if is_pan else "brush" if is_brush else "press"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._gesture == "press" and (at - self._pressed).manhattanLength() > _CLICK_PX:
            moved = at - self._pressed
            is_along_rows = abs(moved.y()) > abs(moved.x()) and not self._units.is_whole
            self._gesture = "pan" if is_along_rows else "brush"
        if self._gesture:
            lane = lane_at(self.lanes(), self._pressed)
            if lane is not None and self._gesture == "pan":
                self._pan(lane, at)
            elif lane is not None and self._gesture == "brush":
                end = self._token_near(lane, at.x())
                self.set_span((min(self._brush_start, end), max(self._brush_start, end)))
            return
        lane = lane_at(self.lanes(), at)
        is_over_labels = lane is not None and lane.labels.contains(at)
        self.setCursor(Qt.CursorShape.IBeamCursor if is_over_labels else Qt.CursorShape.CrossCursor)
        place = self._place_at(lane, at) if lane is not None else None
        self.pointed.emit(place, lane.name if lane is not None and place is not None else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, ""
        lane = lane_at(self.lanes(), self._pressed)
        if lane is None:
            return
        is_click = (event.position() - self._pressed).manhattanLength() <= _CLICK_PX
        if gesture == "brush":
            if is_click:
                self.set_span(None)
            self.brushed.emit(self._span)
        elif gesture == "press" and (place := self._place_at(lane, self._pressed)) is not None:
            self.chosen.emit(place, lane.name)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A row opens its unit; the tokens below show all again."""
        lane = lane_at(self.lanes(), event.position())
        if lane is not None and self._place_at(lane, event.position()) is not None:
            self.opened.emit()
            return
        self._units = Axis.whole(self._units.num_cells)
        self._axis.set(Axis.whole(self._axis.value.num_cells))
        self._forget_images()

    def _pan(self, lane: Lane, at: QPointF) -> None:
        axis, units = self._panned_from
        moved = self._pressed - at
        self._units = units.moved(moved.y() / lane.cells.height() * units.length)
        self._axis.set(axis.moved(moved.x() / lane.cells.width() * axis.length))
        self._forget_images()

    def wheelEvent(self, event: QWheelEvent) -> None:
        lane = lane_at(self.lanes(), event.position())
        if lane is None:
            return
        turned = event.angleDelta()
        axis = self._axis.value
        if abs(turned.x()) > abs(turned.y()):
            self._axis.set(axis.moved(-turned.x() / 120 * axis.length / 8))
            return
        factor = 0.8 ** (turned.y() / 120)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            share = (event.position().y() - lane.cells.top()) / lane.cells.height()
            self._units = self._units.zoomed(factor, about=self._units.first + share * self._units.length)
            self._forget_images()
        else:
            share = (event.position().x() - lane.cells.left()) / lane.cells.width()
            self._axis.set(axis.zoomed(factor, about=axis.first + share * axis.length))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None, "")
        if not self._is_held:
            self.sort_if_due()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._gates is not None:
            lane = lane_at(self.lanes(), QPointF(event.pos()))
            if lane is not None and lane.head.contains(QPointF(event.pos())):
                text = rich_tooltip(f"{lane.name}  {title_of(lane.name)}", help_of(lane.name, self._gates.cell))
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(680, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._forget_images()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._gates is None:
            return
        painter = QPainter(self)
        lanes = self.lanes()
        for lane in lanes:
            paint_head(painter, lane, value=self._gates.value(self._place, lane.name))
            target, image = self._image(lane, self._gates)
            painter.setClipRect(lane.cells)
            painter.drawImage(target, image)
            paint_beyond(painter, self._points_beyond(lane, self._gates))
            painter.setClipping(False)
            self._labels.paint(painter, self._axis.value, rect=lane.labels, held=self._place.token, span=self._span)
            self._paint_marks(painter, lane)
            if lane.cells.left() <= GUTTER + 1:
                self._paint_strip(painter, lane.cells)

    def _paint_marks(self, painter: QPainter, lane: Lane) -> None:
        """The crosshair, and the sides of the span."""
        cells, axis, place = lane.cells, self._axis.value, self._place
        painter.setClipRect(cells)
        if self._span is not None:
            cell = cells.width() / axis.length
            sides = (self._span[0] - axis.first) * cell, (self._span[1] + 1 - axis.first) * cell
            painter.setPen(QPen(theme().colour("text"), 1, Qt.PenStyle.DashLine))
            for side in sides:
                x = round(cells.left() + side) + (0.5 if side <= 0 else -0.5)
                painter.drawLine(QPointF(x, cells.top()), QPointF(x, cells.bottom()))
        if place.unit is None or place.unit >= len(self._ranks):
            painter.setClipping(False)
            return
        cell_rect = self.cell_rect(lane, unit=place.unit, token=place.token or 0)
        paint_crosshair(painter, cells, middle=cell_rect.center(), has_token=place.token is not None)
        painter.setClipping(False)

    def _paint_strip(self, painter: QPainter, cells: QRectF) -> None:
        """At the left of the rows, what they are ordered by, as bars."""
        if self._strip is None or not len(self._rows):
            return
        if self._bars is None or self._bars.height() != round(cells.height()):
            is_log = self._order == "half_life"
            values = self._strip[self._rows]
            self._bars = strip_image(values, self._units, height=cells.height(), width=_STRIP, is_log=is_log)
        painter.drawImage(QPointF(cells.left() - 3 - _STRIP, cells.top()), self._bars)

    def _image(self, lane: Lane, gates: Gates) -> tuple[QRectF, QImage]:
        """The part of a lane in sight, and where it is to be drawn."""
        if lane.name not in self._images:
            tokens, rows, target = in_sight(lane, self._axis.value, self._units)
            ratio = self.devicePixelRatioF()
            index = colours.pooled(
                self._index(lane.name, gates)[rows, tokens],
                num_rows=round(target.height() * ratio),
                num_columns=round(target.width() * ratio),
            )
            image = colours.picture(index, "viridis" if lane.name in GATES else "diverging")
            self._images[lane.name] = (target, image)
        return self._images[lane.name]

    def _index(self, name: str, gates: Gates) -> colours.Bytes:
        if name not in self._indices:
            reach = self._reaches.get(name, 1.0)
            low = 0.0 if name in GATES else -reach
            self._indices[name] = colours.to_index(gates.lane(self._place, name), low=low, high=reach)[self._rows]
        return self._indices[name]
