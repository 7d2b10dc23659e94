"""A row of controls that goes on in a further line where the width is short, so that no word is cut."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget, QWidgetItem


class FlowRow(QLayout):
    """Widgets from left to right. What is added after `add_spring` stands at the right while one line holds all;
    a pinned widget stands at the right end of the first line always, and a filling one in what the last line leaves:
    while one line holds all, before the spring, so that no other moves as it comes and goes. The first line is as high
    as the highest widget, shown or not, so that what is below stays where it is as widgets come and go.
    """

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 12) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._stretchable: set[QLayoutItem] = set()
        self._pinned: list[QLayoutItem] = []
        self._filling: QLayoutItem | None = None
        self._spring_at = -1
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def add_stretching(self, widget: QWidget) -> None:
        """A widget that takes what is left of its line and gives way first."""
        self.addWidget(widget)
        self._stretchable.add(self._items[-1])

    def add_spring(self) -> None:
        """Whatever comes now stands at the right."""
        self._spring_at = len(self._items)

    def add_pinned(self, widget: QWidget) -> None:
        """Keep a widget at the right end of the first line, its room even while it is hidden."""
        policy = widget.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)
        self.addWidget(widget)
        self._pinned.append(self._items[-1])

    def add_filling(self, widget: QWidget) -> None:
        """A widget that takes what the others leave of the last line."""
        self.add_stretching(widget)
        self._filling = self._items[-1]

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def put_in_place(self, before: QWidget, widget: QWidget) -> None:
        """Put a widget where another one stands; that one is the caller's to delete."""
        place = next(place for place, item in enumerate(self._items) if item.widget() is before)
        self.addChildWidget(widget)
        self._items[place] = QWidgetItem(widget)
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        if not 0 <= index < len(self._items):
            return None
        if index < self._spring_at:
            self._spring_at -= 1
        item = self._items.pop(index)
        self._stretchable.discard(item)
        if item is self._filling:
            self._filling = None
        if item in self._pinned:
            self._pinned.remove(item)
        return item

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        margins = self.contentsMargins()
        inner = width - margins.left() - margins.right()
        return self._arrange(QRect(0, 0, inner, 0), moves=False) + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        shown = self._shown()
        width = sum(item.sizeHint().width() for item in shown) + self.spacing() * max(0, len(shown) - 1)
        return QSize(width, self._line_height(shown, is_first=True)).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        pinned = sum(item.sizeHint().width() + self.spacing() for item in self._pinned)
        others = [_least_width(item) for item in self._shown() if item not in self._pinned]
        # The height comes from the width alone; asking for one here would pin the layout open.
        margins = self.contentsMargins()
        return QSize(max(others, default=0) + pinned + margins.left() + margins.right(), 0)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect.marginsRemoved(self.contentsMargins()), moves=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, moves: bool) -> int:
        """Place the widgets, or only say how high they come."""
        pinned = [item for item in self._pinned if not item.isEmpty()]
        reserved = sum(item.sizeHint().width() + self.spacing() for item in pinned)
        lines = self._lines(rect.width(), reserved=reserved)
        top = rect.top()
        for number, line in enumerate(lines):
            room = rect.width() - (reserved if number == 0 else 0)
            on_line = [*line, *(pinned if number == 0 else [])]
            height = self._line_height(on_line, is_first=number == 0)
            if moves:
                self._place(line, QRect(rect.left(), top, room, height), is_only=len(lines) == 1)
                if number == 0:
                    self._place_pinned(pinned, QRect(rect.left(), top, rect.width(), height))
            top += height + (self.spacing() // 2 if number < len(lines) - 1 else 0)
        return top - rect.top()

    def _line_height(self, line: list[QLayoutItem], *, is_first: bool) -> int:
        heights = [item.sizeHint().height() for item in line]
        if is_first and line:
            hidden = (item.widget() for item in self._items if item.isEmpty())
            heights += [_height_when_shown(widget) for widget in hidden if widget is not None]
        return max(heights, default=0)

    def _lines(self, width: int, *, reserved: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = [[]]
        used = 0
        shown = self._shown()
        if self._filling in shown:
            shown = [*(item for item in shown if item is not self._filling), self._filling]
        for item in shown:
            if item in self._pinned:
                continue
            needed = self._needed(item)
            room = width - (reserved if len(lines) == 1 else 0)
            if lines[-1] and used + self.spacing() + needed > room:
                lines.append([])
                used = 0
            used += needed + (self.spacing() if lines[-1] else 0)
            lines[-1].append(item)
        if len(lines) == 1 and self._spring_at >= 0:
            lines[0].sort(key=lambda item: item is not self._filling and self._items.index(item) >= self._spring_at)
        return lines

    def _needed(self, item: QLayoutItem) -> int:
        """The width of which there must be as much on a line for it to stand there."""
        if item is self._filling and callable(good := getattr(item.widget(), "good_width", None)):
            return int(good())
        return _least_width(item) if item in self._stretchable else item.sizeHint().width()

    def _place(self, line: list[QLayoutItem], rect: QRect, *, is_only: bool) -> None:
        widths = [_least_width(item) if item in self._stretchable else item.sizeHint().width() for item in line]
        spare = rect.width() - sum(widths) - self.spacing() * max(0, len(line) - 1)
        stretching = [place for place, item in enumerate(line) if item in self._stretchable]
        stretching.sort(key=lambda place: line[place] is self._filling)  # it has what the others leave
        for number, place in enumerate(stretching):
            most = line[place].maximumSize().width() - widths[place]
            taken = max(0, min(most, spare // (len(stretching) - number)))
            widths[place] += taken
            spare -= taken
        left = rect.left()
        for item, width in zip(line, widths, strict=True):
            if is_only and self._items.index(item) == self._spring_at:
                left += max(0, spare)
            if width > (room := rect.right() + 1 - left):
                width = min(room, _least_width(item))
            height = min(item.sizeHint().height(), rect.height())
            item.setGeometry(QRect(left, rect.top() + (rect.height() - height) // 2, width, height))
            left += width + self.spacing()

    def _place_pinned(self, pinned: list[QLayoutItem], rect: QRect) -> None:
        right = rect.right() + 1
        for item in reversed(pinned):
            size = item.sizeHint()
            top = rect.top() + (rect.height() - size.height()) // 2
            item.setGeometry(QRect(right - size.width(), top, size.width(), size.height()))
            right -= size.width() + self.spacing()


def _height_when_shown(widget: QWidget) -> int:
    widget.ensurePolished()  # the style sheet tells its margins
    return min(max(widget.sizeHint().height(), widget.minimumHeight()), widget.maximumHeight())


def _least_width(item: QLayoutItem) -> int:
    widget = item.widget()
    least = getattr(widget, "least_width", None)  # of a control that has a narrower shape
    return least() if callable(least) else item.minimumSize().width()
