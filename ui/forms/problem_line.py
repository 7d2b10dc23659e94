"""What is wrong with a field, in one sentence: under it, or beside the form while somebody works in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.labels import TextLabel
from ui.widgets.painting import draw_rounded

_NOTE_PX, _LEAST_PX, _BESIDE_PX, _EDGE_PX = 320, 160, 6, 4


class ProblemLine(QObject):
    """Stands in a row's grid. A sentence that comes or goes would push all fields below it, and with them what a person
    is about to click: so it takes or gives up its room only when nobody has the keyboard in the form, and is told
    beside the form until then.
    """

    def __init__(self, row: QWidget, grid: QGridLayout, *, at: int) -> None:
        super().__init__(row)
        self._row, self._text = row, ""
        self._label = TextLabel(style="small", role="bad")
        self._label.setWordWrap(True)
        self._label.setContentsMargins(0, 0, 0, 4)
        self._label.hide()
        grid.addWidget(self._label, at, 0, 1, 3)
        self._note: _Note | None = None
        self._is_waiting = False

    def show(self, text: str, *, at_once: bool = False) -> None:
        """Tell it, or nothing any more; at_once: it brings something to press, which has to stand somewhere."""
        is_told = text == self._text and self._label.isHidden() != bool(text)
        self._text = text
        if is_told and not self._is_waiting:
            return
        if at_once or not self._is_in_use():
            self._settle()
            return
        is_short = False
        if not self._label.isHidden():
            self._label.setFixedHeight(self._label.height())  # its room stays as it is
            self._label.setText(text)
            is_short = self._label.heightForWidth(self._label.width()) <= self._label.height()
            self._label.setText(text if is_short else "")
        self._tell_beside("" if is_short else text)
        self._wait()

    def text(self) -> str:
        """What is told, wherever."""
        return self._text

    def _settle(self) -> None:
        self._label.setMinimumHeight(0)
        self._label.setMaximumHeight(1 << 20)
        self._label.setText(self._text)
        self._label.setVisible(bool(self._text))
        self._tell_beside("")
        if self._is_waiting:
            self._is_waiting = False
            _application().focusChanged.disconnect(self._on_focus_changed)

    def _wait(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            _application().focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and not self._is_in_use():  # no window has the keyboard: somebody may be back soon
            self._settle()

    def _is_in_use(self) -> bool:
        """Whether the keyboard is in what scrolls together with the row."""
        focused = QApplication.focusWidget()
        return focused is not None and self._row.isVisible() and self._area().isAncestorOf(focused)

    def _area(self) -> QWidget:
        area, widget = self._row, self._row
        while (parent := widget.parentWidget()) is not None and not widget.isWindow():
            widget = area = parent
            if isinstance(parent, QScrollArea):
                break
        return area

    def _tell_beside(self, text: str) -> None:
        if not text:
            if self._note is not None:
                self._note.hide()
            return
        if self._note is None:
            self._note = _Note(self._row, area=self._area())
        self._note.tell(text)


class _Note(QWidget):
    """A sentence on a level with a row, beside the area that it scrolls in; whatever is pressed there is pressed."""

    def __init__(self, row: QWidget, *, area: QWidget) -> None:
        super().__init__(row.window())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._row, self._area = row, area
        self._label = TextLabel(style="small", role="bad")
        self._label.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.addWidget(self._label)
        row.destroyed.connect(self.deleteLater)
        for widget in (self.parentWidget(), area, row):
            if widget is not None:
                widget.installEventFilter(self)
        if isinstance(area, QScrollArea):
            area.verticalScrollBar().valueChanged.connect(self._place)

    def tell(self, text: str) -> None:
        """Say this."""
        self._label.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        """Right of the area where there is room, else left of it, else under the row."""
        window = self._row.window()
        over, corner = window.rect(), self._row.mapTo(window, QPoint())
        left, right = self._area.mapTo(window, QPoint()).x(), self._area.mapTo(window, self._area.rect().topRight()).x()
        room_right, room_left = over.right() - right - _BESIDE_PX - _EDGE_PX, left - _BESIDE_PX - _EDGE_PX
        width = min(_NOTE_PX, self._label.fontMetrics().horizontalAdvance(self._label.text()) + 24)
        if max(room_right, room_left) >= _LEAST_PX:
            width = min(width, max(room_right, room_left))
            x = right + _BESIDE_PX if room_right >= min(width, room_left) else left - _BESIDE_PX - width
            y = corner.y()
        else:
            width = min(_NOTE_PX, max(1, over.width() - 2 * _EDGE_PX))
            x, y = corner.x(), corner.y() + self._row.height() + 2
        height = self._label.heightForWidth(width - 20) + 12
        self.setGeometry(
            max(_EDGE_PX, min(x, over.right() - width - _EDGE_PX)),
            max(_EDGE_PX, min(y, over.bottom() - height - _EDGE_PX)),
            width,
            height,
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._place()
        elif watched is self._row and event.type() == QEvent.Type.Hide:
            self.hide()
        return False

    def sizeHint(self) -> QSize:
        return QSize(_NOTE_PX, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().toRectF()
        draw_rounded(painter, rect, theme().palette.bad, radius=6)
        draw_rounded(painter, rect.adjusted(1, 1, -1, -1), theme().palette.raised, radius=5)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
