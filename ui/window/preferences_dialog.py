"""Folders and theme, set once for all."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from modellab.preferences import Preferences
from ui.widgets.buttons import IconButton
from ui.widgets.labels import TextLabel

_THEMES = ("system", "dark", "light")


class PreferencesDialog(QDialog):
    """Shows preferences; `preferences()` is what they were changed to."""

    def __init__(self, preferences: Preferences, *, runs_folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.setMinimumWidth(560)
        self._before = preferences
        self._datasets = QLineEdit(preferences.datasets_folder)
        self._models = QLineEdit(preferences.models_folder)
        self._theme = QComboBox()
        self._theme.addItems([self.tr("As the system"), self.tr("Dark"), self.tr("Light")])
        self._theme.setCurrentIndex(_THEMES.index(preferences.theme))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow(self.tr("&Datasets folder"), self._with_browse(self._datasets, self.tr("Datasets folder")))
        form.addRow(
            "",
            _note(self.tr("Public datasets are looked for here first, as owner/name, then on the Hugging Face hub.")),
        )
        form.addRow(self.tr("&Models folder"), self._with_browse(self._models, self.tr("Models folder")))
        form.addRow("", _note(self.tr("Pretrained models are looked for here first.")))
        form.addRow(self.tr("&Theme"), self._theme)
        form.addRow(self.tr("Runs are kept in"), _note(runs_folder))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addWidget(buttons)

    def preferences(self) -> Preferences:
        """What the fields say now."""
        return Preferences(
            datasets_folder=self._datasets.text().strip(),
            models_folder=self._models.text().strip(),
            theme=_THEMES[self._theme.currentIndex()],  # type: ignore[arg-type]
        )

    def _with_browse(self, line: QLineEdit, title: str) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(line, 1)
        line.setAccessibleName(title)
        browse = IconButton("folder", self.tr("Choose a folder"))
        browse.clicked.connect(lambda: self._on_browse_clicked(line, title))
        row.addWidget(browse)
        box.setFocusProxy(line)
        return box

    def _on_browse_clicked(self, line: QLineEdit, title: str) -> None:
        if chosen := QFileDialog.getExistingDirectory(self, title, line.text()):
            line.setText(chosen)


def _note(text: str) -> TextLabel:
    label = TextLabel(text, style="small", role="muted")
    label.setWordWrap(True)
    return label
