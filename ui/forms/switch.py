"""A small on/off switch: a check box by behaviour and to assistive technology, painted as a slide."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from ui.theme import theme
from ui.widgets.focus_ring import FocusRing
from ui.widgets.painting import draw_focus_ring, draw_rounded

_TRACK = QSize(28, 16)
_RING_PX = 3


class Switch(FocusRing, QCheckBox):
    """On or off, at once; Space and a click change it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def show_on(self, is_on: bool) -> None:
        """Show a state that came from elsewhere; nothing is emitted."""
        blocked = self.blockSignals(True)
        self.setChecked(is_on)
        self.blockSignals(blocked)
        self.update()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return _TRACK + QSize(2 * _RING_PX, 2 * _RING_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _TRACK.height()) / 2
        track = QRectF(_RING_PX, top, _TRACK.width(), _TRACK.height())
        is_on, is_enabled = self.isChecked(), self.isEnabled()
        draw_rounded(
            painter, track, (colours.accent_fill if is_enabled else colours.muted) if is_on else colours.faint, radius=8
        )
        side = _TRACK.height() - 6
        left = track.right() - 3 - side if is_on else track.left() + 3
        knob = colours.on_accent if is_enabled or is_on else colours.panel
        draw_rounded(painter, QRectF(left, top + 3, side, side), knob, radius=side / 2)
        if self._shows_ring:
            draw_focus_ring(painter, track.adjusted(-3, -3, 3, 3), radius=11)
