"""One choice as a picture, a title, a sentence and a hint: a preset in the gallery."""

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget
from shiboken6 import isValid

from ui.theme import font, theme
from ui.theme.icons import icon_pixmap
from ui.widgets.focus_ring import FocusRing
from ui.widgets.painting import draw_focus_ring, draw_rounded, wrapped

# Paints into the rectangle it is given, in the colours of the theme in force.
Picture = Callable[[QPainter, QRectF], None]

_PADDING, _RADIUS, _SENTENCE_LINES, _LINE = 16, 10, 3, 17


class Tile(FocusRing, QAbstractButton):
    """Click, Enter or Space chooses it. The picture is painted once a size and theme, and kept.

    On the screen the words come first: pictures follow, one a turn of the event loop, so that a window full of them is
    there at once.
    """

    activated = Signal()

    def __init__(
        self,
        title: str,
        *,
        sentence: str = "",
        hint: str = "",
        hint_icon: str = "clock",
        picture: Picture | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._sentence = title, sentence
        self._hint, self._hint_icon = hint, hint_icon
        self._picture = picture
        self._painted: QPixmap | None = None
        self.setAccessibleName(title)
        self._describe()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.clicked.connect(self.activated)
        theme().changed.connect(self._on_theme_changed)

    def set_hint(self, hint: str) -> None:
        """Another hint, such as a time measured since."""
        self._hint = hint
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(" ".join(filter(None, (self._sentence, self._hint))))

    def _on_theme_changed(self) -> None:
        self._painted = None
        self.update()

    def _picture_rect(self) -> QRectF:
        height = round(self.width() * 0.5) if self._picture else 0
        return QRectF(0, 0, self.width(), height)

    def _text_height(self) -> int:
        return 14 + 20 + (4 + _LINE * _SENTENCE_LINES) * bool(self._sentence) + 26 * bool(self._hint) + 14

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return (round(width * 0.5) if self._picture else 0) + self._text_height()

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(240))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(160))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self._painted = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = colours.pressed if self.isDown() else colours.hover if self.underMouse() else colours.raised
        draw_rounded(painter, QRectF(self.rect()), fill, radius=_RADIUS)
        if self._picture is not None:
            self._draw_picture(painter)
        self._paint_text(painter, top=self._picture_rect().bottom() + 14)
        if self._shows_ring:
            draw_focus_ring(painter, QRectF(self.rect()), radius=_RADIUS)

    def _paint_text(self, painter: QPainter, *, top: float) -> None:
        colours = theme().palette
        width = self.width() - 2 * _PADDING
        painter.setFont(font("strong"))
        painter.setPen(colours.text if self.isEnabled() else colours.faint)
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(_PADDING, top, width, 20), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(font("small"))
        painter.setPen(colours.muted if self.isEnabled() else colours.faint)
        lines = wrapped(self._sentence, metrics=painter.fontMetrics(), width=width, max_lines=_SENTENCE_LINES)
        for place, line in enumerate(lines):
            row = QRectF(_PADDING, top + 24 + place * _LINE, width, _LINE)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, line)
        if self._hint:
            below = QRectF(_PADDING, self.height() - 14 - 18, width, 18)
            pixmap = icon_pixmap(self._hint_icon, "muted", size=14, ratio=self.devicePixelRatioF())
            painter.drawPixmap(below.topLeft() + QPointF(0, 2), pixmap)
            painter.drawText(below.adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._hint)

    def paint_picture(self) -> None:
        """Paint the picture now, unless the one there is suits."""
        if self._picture is None or self._is_painted():
            return
        rect = self._picture_rect()
        self._painted = QPixmap(self._pixel_size())
        self._painted.setDevicePixelRatio(self.devicePixelRatioF())
        self._painted.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._painted)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.4)
        painter.setClipPath(_rounded_above(rect))
        painter.fillRect(rect, theme().colour("input"))
        self._picture(painter, rect)
        painter.end()
        self.update()

    def _draw_picture(self, painter: QPainter) -> None:
        if self.isVisible():
            if not self._is_painted():
                _paint_soon(self)
        else:
            self.paint_picture()
        if self._painted is None:
            painter.fillPath(_rounded_above(self._picture_rect()), theme().colour("input"))
        else:
            painter.drawPixmap(self._picture_rect(), self._painted, QRectF(self._painted.rect()))

    def _is_painted(self) -> bool:
        return self._painted is not None and self._painted.size() == self._pixel_size()

    def _pixel_size(self) -> QSize:
        return (self._picture_rect().size() * self.devicePixelRatioF()).toSize()


_waiting: deque[Tile] = deque()


def _paint_soon(tile: Tile) -> None:
    if tile not in _waiting:
        _waiting.append(tile)
        if len(_waiting) == 1:
            QTimer.singleShot(0, _paint_next)


def _paint_next() -> None:
    tile = _waiting.popleft()
    if isValid(tile) and tile.isVisible():
        tile.paint_picture()
    if _waiting:
        QTimer.singleShot(0, _paint_next)


def pixmap_picture(pixmap: QPixmap) -> Picture:
    """A picture that fills its rectangle with a pixmap, cut evenly where the shapes differ."""

    def paint(painter: QPainter, rect: QRectF) -> None:
        size = QSize(pixmap.size()).scaled(rect.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(rect.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    return paint


def _rounded_above(rect: QRectF) -> QPainterPath:
    """Rounded at the top, straight where the text follows."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(rect, _RADIUS, _RADIUS)
    path.addRect(rect.adjusted(0, rect.height() / 2, 0, 0))
    return path.simplified()
