"""A slider whose groove, clicked, brings the handle there; from then on it is dragged."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget


class JumpSlider(QSlider):
    """Horizontal; Qt's own goes a page towards the click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control, style = QStyle.ComplexControl.CC_Slider, self.style()
        handle = style.subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(event.position().toPoint()):
            groove = style.subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
            at = round(event.position().x()) - groove.left() - handle.width() // 2
            room = groove.width() - handle.width()
            value = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room, option.upsideDown)
            self.setSliderDown(True)  # told before the value: what follows is one drag
            self.setValue(value)
        super().mousePressEvent(event)
