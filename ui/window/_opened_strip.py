"""One line over a view that is of the run, while a pretrained model's folder is looked into."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from modellab.pretrained.folder import folder_title
from ui.lab.focus import Focus
from ui.views.base import Lab
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import ElidedLabel


class OpenedStrip(QFrame):
    """Says whose the view below is, and leads back to the run; gone while no folder is open."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self.setProperty("severity", "info")
        self.sentence = ElidedLabel(style="small", elide=Qt.TextElideMode.ElideMiddle)
        self.back = QuietButton(self.tr("Close the folder"), variant="link")
        self.back.clicked.connect(lambda: lab.focus.lock(pretrained="", token=None))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(8)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.back)
        self._tell(lab.focus.value)
        lab.focus.changed.connect(self._tell)
        lab.session.current_changed.connect(lambda _run: self._tell(lab.focus.value))

    def _tell(self, focus: Focus) -> None:
        self.setVisible(bool(focus.pretrained))
        if not focus.pretrained:
            return
        run, folder = self._lab.session.current, folder_title(Path(focus.pretrained))
        told = self.tr("Of the run {run}, not of the open folder {folder}")
        if run is None:
            told = self.tr("Of runs, not of the open folder {folder}")
        self.sentence.setText(told.format(run=run.title if run is not None else "", folder=folder))
