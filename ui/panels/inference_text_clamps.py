"""One small line where the model that is tried is not as it was trained, and one click that makes it so again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.lab.clamp_words import clamp_text, interventions_text
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel
from workers.protocol import Intervention

_MOST_NAMED = 12


class ClampLine(QWidget):
    """Hidden while there are no interventions; each on a line of its own on hover."""

    removal_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = ElidedLabel(style="small", role="warn")
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.remove = IconButton("close", self.tr("Remove all interventions (Ctrl+Z takes that back)"))
        self.remove.clicked.connect(self.removal_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._line, 1)
        row.addWidget(self.remove)
        self.hide()

    def text(self) -> str:
        """What is told."""
        return self._line.text()

    def show_clamps(self, clamps: tuple[Intervention, ...]) -> None:
        """Tell of these."""
        self.setVisible(bool(clamps))
        if not clamps:
            return
        lines = [_sentence(clamp) for clamp in clamps[:_MOST_NAMED]]
        told = "  ·  ".join(lines)  # one has little room beside how many they are
        self._line.setText(told if len(clamps) == 1 else f"{interventions_text(len(clamps))}: {told}")
        lines += [self.tr("and {0} more").format(len(clamps) - _MOST_NAMED)] if len(clamps) > _MOST_NAMED else []
        self._line.setToolTip("\n".join(lines))


def _sentence(clamp: Intervention) -> str:
    return clamp_text(clamp, tells_layer=True)
