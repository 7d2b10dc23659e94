"""One small line where the model that is tried is not as it was trained: units of it are held."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.widgets.labels import ElidedLabel
from workers.protocol import Clamp

_MOST_NAMED = 12


class ClampLine(ElidedLabel):
    """Hidden while nothing is held; each held signal on hover."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(style="small", role="warn", parent=parent)
        self.hide()

    def show_clamps(self, clamps: tuple[Clamp, ...]) -> None:
        """Tell of these."""
        self.setVisible(bool(clamps))
        if not clamps:
            return
        if len(clamps) == 1:
            self.setText(self.tr("held: {0}").format(self._sentence(clamps[0])))
        else:
            self.setText(self.tr("{0} interventions are in force").format(len(clamps)))
        lines = [self._sentence(clamp) for clamp in clamps[:_MOST_NAMED]]
        lines += [self.tr("and {0} more").format(len(clamps) - _MOST_NAMED)] if len(clamps) > _MOST_NAMED else []
        self.setToolTip("\n".join(lines))

    def _sentence(self, clamp: Clamp) -> str:
        unit = self.tr("all units") if clamp.unit is None else self.tr("unit {0}").format(clamp.unit)
        value = f"{clamp.value:g}".replace("-", "−")
        return self.tr("layer {0}, {1}, {2} = {3}").format(clamp.layer + 1, unit, clamp.signal, value)
