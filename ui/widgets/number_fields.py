"""Fields for numbers: they show no more digits than the number has, and scrolling past them changes nothing."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget


class IntegerField(QSpinBox):
    """A whole number within limits."""

    def __init__(
        self, value: int = 0, *, minimum: int = 0, maximum: int = 2**31 - 1, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setRange(minimum, maximum)
        self.setValue(value)
        self.setAccelerated(True)
        _settle(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _scroll_if_focused(self, event)


class NumberField(QDoubleSpinBox):
    """A number within limits, written as short as it can be: 0.003, 1e-08."""

    def __init__(
        self,
        value: float = 0.0,
        *,
        minimum: float = 0.0,
        maximum: float = 1e12,
        num_decimals: int = 10,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setDecimals(num_decimals)
        self.setRange(minimum, maximum)
        # A step of a tenth of the number's own size: a learning rate and a batch of thousands step alike.
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setValue(value)
        _settle(self)

    def textFromValue(self, value: float) -> str:
        return f"{value:.10g}"

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        # Qt's own check knows no exponents.
        try:
            is_within = self.minimum() <= float(text.replace(",", ".")) <= self.maximum()
        except ValueError:
            is_partial = all(letter in "0123456789+-.,eE" for letter in text)
            return (QValidator.State.Intermediate if is_partial else QValidator.State.Invalid), text, pos
        return (QValidator.State.Acceptable if is_within else QValidator.State.Intermediate), text, pos

    def valueFromText(self, text: str) -> float:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def wheelEvent(self, event: QWheelEvent) -> None:
        _scroll_if_focused(self, event)


def _settle(field: QAbstractSpinBox) -> None:
    # Qt's stylesheets pad every field but this one.
    field.lineEdit().setTextMargins(6, 0, 0, 0)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


def _scroll_if_focused(field: QSpinBox | QDoubleSpinBox, event: QWheelEvent) -> None:
    if field.hasFocus():
        field.stepBy(1 if event.angleDelta().y() > 0 else -1)
        event.accept()
    else:
        event.ignore()
