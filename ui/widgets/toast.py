"""A passing note over the window's lower edge, with one action: "Run deleted. Undo"."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QTimer, Signal, SignalInstance
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.buttons import IconButton, QuietButton
from ui.widgets.labels import TextLabel
from ui.widgets.painting import draw_rounded

_MARGIN_BELOW, _SHADOW = 24, 8


class Toast(QWidget):
    """Lies over ``over`` until its time is out; the time stands still while the pointer is on it.

    Exactly one of ``action_chosen`` and ``expired`` is emitted, once; then the toast deletes itself.
    """

    action_chosen = Signal()
    expired = Signal()

    def __init__(self, over: QWidget, *, sentence: str, action_text: str = "", duration_ms: int = 6000) -> None:
        super().__init__(over)
        row = QHBoxLayout(self)
        row.setContentsMargins(16 + _SHADOW, 4 + _SHADOW, 8 + _SHADOW, 4 + _SHADOW)
        row.setSpacing(8)
        row.addWidget(TextLabel(sentence))
        if action_text:
            button = QuietButton(action_text, variant="link")
            button.clicked.connect(self._on_action_clicked)
            row.addWidget(button)
        cross = IconButton("close", self.tr("Close this message"))
        cross.clicked.connect(self.dismiss)
        row.addWidget(cross)
        self.setAccessibleName(sentence)
        self._timer = QTimer(self, singleShot=True, interval=duration_ms)
        self._timer.timeout.connect(self.dismiss)
        self._remaining_ms = duration_ms
        self._is_finished = False
        self._strip: Callable[[], QRect] = QRect
        over.installEventFilter(self)
        theme().changed.connect(self.update)

    def popup(self, *, strip: Callable[[], QRect] = QRect) -> None:
        """Show it and start its time; strip: where in its parent it covers nothing, empty for the lower edge."""
        self._strip = strip
        self._place()
        self.show()
        self.raise_()
        self._timer.start(self._remaining_ms)

    def dismiss(self) -> None:
        """Take it away before its time, as when a newer one comes."""
        self._finish(self.expired)

    def _on_action_clicked(self) -> None:
        self._finish(self.action_chosen)

    def _finish(self, signal: SignalInstance) -> None:
        if not self._is_finished:
            self._is_finished = True
            self._timer.stop()
            self.hide()
            signal.emit()
            self.deleteLater()

    def _place(self) -> None:
        self.adjustSize()
        # Asked for, never kept: a reference of ours could be the window's last, and end it in the midst of our own end.
        over = self.parentWidget()
        assert over is not None
        strip = self._strip()
        if strip.width() >= self.width():
            self.move(strip.right() + 1 + _SHADOW - self.width(), strip.bottom() + 1 + _SHADOW - self.height())
        else:
            self.move((over.width() - self.width()) // 2, over.height() - self.height() - _MARGIN_BELOW)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._remaining_ms = max(1000, self._timer.remainingTime())
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        if not self._is_finished:
            self._timer.start(self._remaining_ms)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shadow = theme().colour("shadow")
        shadow.setAlphaF(0.09)
        full = QRectF(self.rect())
        for spread in range(_SHADOW):
            draw_rounded(painter, full.adjusted(spread, spread, -spread, -spread), shadow, radius=16 - spread)
        inner = full.adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        draw_rounded(painter, inner, theme().palette.line, radius=8)
        draw_rounded(painter, inner.adjusted(1, 1, -1, -1), theme().palette.raised, radius=7)
