"""A pill switch: one of a few, all of them in sight."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from ui.theme import font, theme
from ui.theme.icons import draw_icon
from ui.widgets.focus_ring import FocusRing
from ui.widgets.painting import draw_focus_ring, draw_rounded

_HEIGHT, _PADDING, _INSET, _CHEVRON = 28, 12, 2, 14


class Segmented(FocusRing, QWidget):
    """Shows (key, label) options side by side; the arrow keys, Home and End move the choice."""

    chosen = Signal(str)

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        *,
        value: str = "",
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        assert options, "a switch needs something to choose from"
        self._keys = [key for key, _ in options]
        self._labels = [label for _, label in options]
        self._tooltips = [""] * len(options)
        self._index = self._keys.index(value) if value else 0
        self._hovered = -1
        self._menu = QMenu(self)
        self._group_name = accessible_name
        self.setFont(_font())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._tell_assistive_technology()
        theme().changed.connect(self.update)

    def value(self) -> str:
        """The key of the option chosen."""
        return self._keys[self._index]

    def choose(self, key: str) -> None:
        """Choose by key; ``chosen`` is emitted only if that changes anything."""
        index = self._keys.index(key)
        if index != self._index:
            self._index = index
            self._tell_assistive_technology()
            self.update()
            self.chosen.emit(key)

    def set_tooltip(self, key: str, text: str) -> None:
        """Say on hover what an option shows."""
        self._tooltips[self._keys.index(key)] = text

    def _tell_assistive_technology(self) -> None:
        self.setAccessibleName(f"{self._group_name} {self._labels[self._index]}".strip())

    def least_width(self) -> int:
        """How narrow it can be: then the option chosen alone is in sight, and a click opens a menu of all."""
        widest = max(self.fontMetrics().horizontalAdvance(label) for label in self._labels)
        return min(self.sizeHint().width(), widest + 2 * _PADDING + 2 * _INSET + _CHEVRON + 4)

    @property
    def _is_narrow(self) -> bool:
        return self.width() < self.sizeHint().width()

    def _rects(self) -> list[QRectF]:
        if self._is_narrow:
            whole = QRectF(self.rect().adjusted(_INSET, _INSET, -_INSET, -_INSET))
            return [whole if place == self._index else QRectF() for place in range(len(self._labels))]
        return self._wide_rects()

    def _open_menu(self) -> None:
        menu = self._menu
        menu.clear()
        for key, label in zip(self._keys, self._labels, strict=True):
            action = menu.addAction(label)
            action.setCheckable(True)
            action.setChecked(key == self.value())
            action.triggered.connect(lambda _=False, key=key: self.choose(key))
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def _wide_rects(self) -> list[QRectF]:
        left, result = float(_INSET), []
        for label in self._labels:
            width = self.fontMetrics().horizontalAdvance(label) + 2.0 * _PADDING
            result.append(QRectF(left, _INSET, width, _HEIGHT - 2 * _INSET))
            left += width
        return result

    def _index_at(self, event: QMouseEvent) -> int:
        return next((i for i, rect in enumerate(self._rects()) if rect.contains(event.position())), -1)

    def sizeHint(self) -> QSize:
        return QSize(round(self._wide_rects()[-1].right()) + _INSET, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event)
        if event.button() != Qt.MouseButton.LeftButton or index < 0:
            return
        if self._is_narrow:
            self._open_menu()
        else:
            self.choose(self._keys[index])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event)
        if index != self._hovered:
            self._hovered = index
            QToolTip.showText(event.globalPosition().toPoint(), self._tooltips[index] if index >= 0 else "", self)
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._keys) - 1
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                target = max(0, self._index - 1)
            case Qt.Key.Key_Right | Qt.Key.Key_Down:
                target = min(last, self._index + 1)
            case Qt.Key.Key_Home:
                target = 0
            case Qt.Key.Key_End:
                target = last
            case Qt.Key.Key_Space | Qt.Key.Key_Return if self._is_narrow:
                self._open_menu()
                return
            case _:
                super().keyPressEvent(event)
                return
        self._shows_ring = True
        self.choose(self._keys[target])

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_rounded(painter, QRectF(0, 0, self.width(), _HEIGHT), colours.raised, radius=_HEIGHT / 2)
        for index, (rect, label) in enumerate(zip(self._rects(), self._labels, strict=True)):
            if rect.isEmpty():
                continue
            is_chosen = index == self._index
            if is_chosen:
                fill = colours.accent_fill if self.isEnabled() else colours.hover
                draw_rounded(painter, rect, fill, radius=rect.height() / 2)
            pen = colours.on_accent if is_chosen else colours.text if index == self._hovered else colours.muted
            painter.setPen(pen if self.isEnabled() else colours.faint)
            if self._is_narrow:
                at = QPoint(round(rect.right()) - _CHEVRON - 8, (_HEIGHT - _CHEVRON) // 2)
                draw_icon(painter, "chevron-down", at, role="on_accent", size=_CHEVRON)
                room = rect.adjusted(_PADDING, 0, -_CHEVRON - 10, 0)
                shown = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, int(room.width()))
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
            else:
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, label)
        if self._shows_ring:
            draw_focus_ring(painter, self._rects()[self._index], radius=_HEIGHT / 2 - _INSET, role="text")


def _font() -> QFont:
    result = font("body")
    result.setWeight(QFont.Weight.Medium)
    return result
