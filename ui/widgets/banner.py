"""A stripe with one sentence over a view: something to know, to mind, or to mend."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from ui.theme import theme
from ui.theme.icons import icon_pixmap
from ui.widgets.buttons import IconButton, QuietButton
from ui.widgets.labels import TextLabel

Severity = Literal["info", "good", "warn", "error"]

_ICONS: dict[Severity, tuple[str, str]] = {
    "info": ("info", "link"),
    "good": ("done", "good"),
    "warn": ("warning", "warn"),
    "error": ("error", "bad"),
}


class Banner(QFrame):
    """One sentence with its severity's icon and tint, up to a few actions, and a cross to close it."""

    action_chosen = Signal(str)
    closed = Signal()

    def __init__(
        self,
        sentence: str,
        *,
        severity: Severity = "info",
        actions: Sequence[tuple[str, str]] = (),
        is_closable: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._severity = severity
        self.setProperty("severity", severity)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._icon = QLabel()
        self._sentence = TextLabel(sentence)
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._sentence, 1)
        for key, text in actions:
            button = QuietButton(text, variant="link")
            button.setProperty("action", key)
            button.clicked.connect(self._on_action_clicked)
            row.addWidget(button)
        if is_closable:
            cross = IconButton("close", self.tr("Close this message"))
            cross.clicked.connect(self._on_cross_clicked)
            row.addWidget(cross)
        self.setAccessibleName(sentence)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_sentence(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)

    def _on_action_clicked(self) -> None:
        self.action_chosen.emit(self.sender().property("action"))

    def _on_cross_clicked(self) -> None:
        self.hide()
        self.closed.emit()

    def _on_theme_changed(self) -> None:
        name, role = _ICONS[self._severity]
        self._icon.setPixmap(icon_pixmap(name, role, size=16, ratio=self.devicePixelRatioF()))
