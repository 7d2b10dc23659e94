"""What stands in an empty view: what will appear there, and how to get it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.theme import theme
from ui.theme.icons import icon_pixmap
from ui.widgets.buttons import PrimaryButton, QuietButton
from ui.widgets.labels import TextLabel


class EmptyState(QWidget):
    """An icon, one sentence, and at most one button, in the middle of the room there is."""

    action_chosen = Signal()

    def __init__(
        self,
        icon_name: str,
        sentence: str,
        *,
        title: str = "",
        action_text: str = "",
        is_primary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = TextLabel(title, style="strong")
        self._sentence = TextLabel(sentence, role="muted")
        self._sentence.setWordWrap(True)
        self._sentence.setMaximumWidth(380)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self._picture)
        for label in (self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._title)
        # Stretches at both sides, not an alignment: an aligned label would not be asked its height for its width.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._sentence, 1000)
        row.addStretch(1)
        column.addLayout(row)
        self._title.setVisible(bool(title))
        if action_text:
            button = PrimaryButton(action_text) if is_primary else QuietButton(action_text)
            button.clicked.connect(self.action_chosen)
            column.addSpacing(8)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.setAccessibleName(title or sentence)
        self.setAccessibleDescription(sentence)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_title(self, title: str) -> None:
        """Another heading."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self.setAccessibleName(title or self._sentence.text())

    def set_sentence(self, sentence: str) -> None:
        """Say something else will appear here."""
        self._sentence.setText(sentence)
        self.setAccessibleDescription(sentence)

    def _on_theme_changed(self) -> None:
        self._picture.setPixmap(icon_pixmap(self._icon_name, "faint", size=40, ratio=self.devicePixelRatioF()))
