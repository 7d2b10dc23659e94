"""Folders and theme, set once for all."""

from __future__ import annotations

from pathlib import Path

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

from modellab.paths import DATASETS, HOME, MODELS, from_environment, home
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
        self._datasets = _folder_line(preferences.datasets_folder, DATASETS, usual="datasets")
        self._models = _folder_line(preferences.models_folder, MODELS, usual="models")
        self._theme = QComboBox()
        self._theme.addItems([self.tr("As the system"), self.tr("Dark"), self.tr("Light")])
        self._theme.setCurrentIndex(_THEMES.index(preferences.theme))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow(self.tr("&Datasets folder"), self._with_browse(self._datasets, self.tr("Datasets folder")))
        usual = self.tr("Public datasets are looked for here first, as owner/name, then on the Hugging Face hub.")
        form.addRow("", _note(self._set_by(DATASETS, usual=usual)))
        form.addRow(self.tr("&Models folder"), self._with_browse(self._models, self.tr("Models folder")))
        usual = self.tr("Pretrained models are looked for here first.")
        form.addRow("", _note(self._set_by(MODELS, usual=usual)))
        form.addRow(self.tr("&Theme"), self._theme)
        kept_in = self.tr("{0} (set by {1})").format(runs_folder, HOME) if from_environment(HOME) else runs_folder
        form.addRow(self.tr("Runs are kept in"), _note(kept_in))
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
            datasets_folder=_chosen(self._datasets, self._before.datasets_folder),
            models_folder=_chosen(self._models, self._before.models_folder),
            theme=_THEMES[self._theme.currentIndex()],  # type: ignore[arg-type]
        )

    def _set_by(self, variable: str, *, usual: str) -> str:
        """What is said below a folder: that an environment variable names it, else what is usual."""
        named = from_environment(variable)
        if not named:
            return usual
        said = self.tr("Set by {0}, which comes before what is chosen here.").format(variable)
        return said if Path(named).is_dir() else f"{said} {self.tr('There is no such folder.')}"

    def _with_browse(self, line: QLineEdit, title: str) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(line, 1)
        line.setAccessibleName(title)
        browse = IconButton("folder", self.tr("Choose a folder"))
        browse.clicked.connect(lambda: self._on_browse_clicked(line, title))
        browse.setEnabled(not line.isReadOnly())
        row.addWidget(browse)
        box.setFocusProxy(line)
        return box

    def _on_browse_clicked(self, line: QLineEdit, title: str) -> None:
        if chosen := QFileDialog.getExistingDirectory(self, title, line.text()):
            line.setText(chosen)


def _folder_line(chosen: str, variable: str, *, usual: str) -> QLineEdit:
    """With the folder in force; usual: that of the home folder where none is chosen."""
    named = from_environment(variable)
    line = QLineEdit(named or chosen)
    line.setPlaceholderText(str(home() / usual))
    line.setReadOnly(bool(named))
    return line


def _chosen(line: QLineEdit, before: str) -> str:
    """What a person has chosen; what the environment names is no choice of theirs."""
    return before if line.isReadOnly() else line.text().strip()


def _note(text: str) -> TextLabel:
    label = TextLabel(text, style="small", role="muted")
    label.setWordWrap(True)
    return label
