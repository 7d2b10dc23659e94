"""One small line where the model that is tried is not as it was trained, and one click that lets go of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.lab.clamp_words import clamp_text
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel
from workers.protocol import Intervention

_MOST_NAMED = 12


class ClampLine(QWidget):
    """Hidden while nothing is held; each on a line of its own on hover."""

    let_go_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = ElidedLabel(style="small", role="warn")
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.let_go = IconButton("close", self.tr("Let go of everything that is held (Ctrl+Z takes it back)"))
        self.let_go.clicked.connect(self.let_go_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._line, 1)
        row.addWidget(self.let_go)
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
        words = self.tr("held: {what}") if len(clamps) == 1 else self.tr("{n} held: {what}")
        self._line.setText(words.format(n=len(clamps), what="  ·  ".join(lines)))
        lines += [self.tr("and {0} more").format(len(clamps) - _MOST_NAMED)] if len(clamps) > _MOST_NAMED else []
        self._line.setToolTip("\n".join(lines))


def _sentence(clamp: Intervention) -> str:
    return clamp_text(clamp, tells_layer=True)
