"""What mouse, wheel and keys do in a plot: pan, zoom, point, and drag the step cursor."""

from enum import Enum, auto

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from ui.plots.canvas import Canvas
from ui.plots.markers import HOVER_REACH

_REACH = 6.0  # px on either side of the step cursor that take hold of it
_CLICK_REACH = 3.0
_ZOOM_PER_NOTCH = 1.2
_KEY_ZOOM, _KEY_PAN = 1.5, 0.1


class _Drag(Enum):
    NONE = auto()
    PAN = auto()
    BOX = auto()
    CURSOR = auto()


class Interaction(QObject):
    """Drag: pan. Shift and drag: zoom into the box. Wheel: zoom x; with Shift, or over the y axis: zoom y.

    Double click, 0 or Home: show all and follow. Plus, minus, left, right: by keyboard. While y fits itself, a drag
    moves x alone.
    """

    step_dragged = Signal(float)
    step_clicked = Signal(float)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._drag = _Drag.NONE
        self._pressed_at = self._last = QPointF()
        canvas.setMouseTracking(True)
        canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._on_pressed(event)
            elif kind == QEvent.Type.MouseMove:
                self._on_moved(event.position())
            elif kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
                self._on_released(event.position())
            elif kind == QEvent.Type.MouseButtonDblClick:
                self._canvas.reset()
            else:
                return False
            return True
        if isinstance(event, QWheelEvent):
            self._on_wheel(event)
            return True
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        if kind == QEvent.Type.Leave:
            self._canvas.pointer_px = None
            self._canvas.shared.set_hover(None)
        return False

    def _on_pressed(self, event: QMouseEvent) -> None:
        self._pressed_at = self._last = event.position()
        if self._is_on_cursor(event.position()):
            self._drag = _Drag.CURSOR
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._drag = _Drag.BOX
        else:
            self._drag = _Drag.PAN

    def _on_moved(self, position: QPointF) -> None:
        canvas, view = self._canvas, self._canvas.view
        if self._drag is _Drag.NONE:
            # Markers stand on the plot's upper and lower edge, half outside of it.
            is_inside = view.left <= position.x() <= view.right and 0 <= position.y() <= view.bottom + HOVER_REACH
            canvas.pointer_px = position.x() if is_inside else None
            canvas.shared.set_hover(canvas.nearest_x(view.px_to_x(position.x())) if is_inside else None)
            on_cursor = self._is_on_cursor(position)
            canvas.setCursor(Qt.CursorShape.SizeHorCursor if on_cursor else Qt.CursorShape.ArrowCursor)
            return
        if self._drag is _Drag.CURSOR:
            self._drag_cursor(position)
        elif self._drag is _Drag.BOX:
            canvas.zoom_box = QRectF(self._pressed_at, position).normalized()
            canvas.update()
        elif (position - self._pressed_at).manhattanLength() > _CLICK_REACH or self._last != self._pressed_at:
            self._pan(position - self._last)
            self._last = position

    def _on_released(self, position: QPointF) -> None:
        canvas, view = self._canvas, self._canvas.view
        drag, self._drag = self._drag, _Drag.NONE
        if drag is _Drag.PAN and self._last == self._pressed_at and view.contains(position.x(), position.y()):
            self.step_clicked.emit(canvas.step_at(canvas.nearest_x(view.px_to_x(position.x()))))
        box, canvas.zoom_box = canvas.zoom_box, None
        if drag is _Drag.BOX and box is not None and box.width() > _CLICK_REACH and box.height() > _CLICK_REACH:
            canvas.y_range = (view.px_to_y(box.bottom()), view.px_to_y(box.top()))
            canvas.shared.set_range(view.px_to_x(box.left()), view.px_to_x(box.right()))
        canvas.update()

    def _on_wheel(self, event: QWheelEvent) -> None:
        view, position = self._canvas.view, event.position()
        delta = event.angleDelta()
        is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        # Some platforms turn a wheel with Shift sideways.
        notches = (delta.y() or (delta.x() if is_shift else 0)) / 120
        if is_shift or position.x() < view.left:
            self._zoom_y(position.y(), _ZOOM_PER_NOTCH**-notches)
        elif notches:
            self._zoom_x(position.x(), _ZOOM_PER_NOTCH**-notches)
        elif delta.x():
            self._pan(QPointF(delta.x() / 2, 0))

    def _on_key(self, event: QKeyEvent) -> bool:
        view = self._canvas.view
        middle = view.left + view.width / 2
        match event.key():
            case Qt.Key.Key_0 | Qt.Key.Key_Home:
                self._canvas.reset()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom_x(middle, 1 / _KEY_ZOOM)
            case Qt.Key.Key_Minus:
                self._zoom_x(middle, _KEY_ZOOM)
            case Qt.Key.Key_Left:
                self._pan(QPointF(_KEY_PAN * view.width, 0))
            case Qt.Key.Key_Right:
                self._pan(QPointF(-_KEY_PAN * view.width, 0))
            case _:
                return False
        return True

    def _pan(self, by: QPointF) -> None:
        canvas, view = self._canvas, self._canvas.view
        if canvas.y_range is not None:
            shift = by.y() * (view.y1 - view.y0) / view.height
            canvas.y_range = (view.y0 + shift, view.y1 + shift)
        dx = by.x() * (view.x1 - view.x0) / view.width
        low, high = canvas.shared.range
        canvas.shared.set_range(low - dx, high - dx)

    def _zoom_x(self, at: float, factor: float) -> None:
        x = self._canvas.view.px_to_x(at)
        low, high = self._canvas.shared.range
        self._canvas.shared.set_range(x + (low - x) * factor, x + (high - x) * factor)

    def _zoom_y(self, at: float, factor: float) -> None:
        view = self._canvas.view
        y = view.px_to_y(at)
        self._canvas.y_range = (y + (view.y0 - y) * factor, y + (view.y1 - y) * factor)
        self._canvas.redraw()

    def _drag_cursor(self, position: QPointF) -> None:
        canvas, view = self._canvas, self._canvas.view
        low, high = canvas.shared.extent
        x = min(max(view.px_to_x(position.x()), low, view.x0), high, view.x1)
        step = canvas.step_at(x)
        canvas.shared.set_cursor(step)
        self.step_dragged.emit(step)

    def _is_on_cursor(self, position: QPointF) -> bool:
        cursor = self._canvas.shared.cursor
        return cursor is not None and abs(self._canvas.px_of_step(cursor) - position.x()) <= _REACH
