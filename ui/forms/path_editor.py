"""The editor of a path: typed, browsed for, or dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from modellab.config import FieldSpec
from ui.forms.editor import Editor, Phase, shrink
from ui.forms.line_field import LineField
from ui.forms.words import words
from ui.widgets.buttons import IconButton
from ui.widgets.choose_path import PathKind, remembered, start_folder


class PathEditor(Editor):
    """A line with a button that browses; a file or folder may be dropped on either."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        is_folder = spec.path != "file"
        self._line = LineField(has_way_back=True)
        self._line.show_end()
        self._line.setPlaceholderText(self.tr("drop a folder") if is_folder else self.tr("drop a file"))
        self._line.setAcceptDrops(False)  # else a dropped file would be typed as file:///...
        self._name(self._line)
        self._browse = IconButton("folder" if is_folder else "file", self.tr("Browse"))
        shrink(self._browse, width=26)
        self._name(self._browse, self.tr("browse"))
        self.setAcceptDrops(True)
        self._fill(self._line, self._browse)
        layout = self.layout()
        assert layout is not None
        layout.setSpacing(2)
        self._line.setMinimumWidth(40)
        self._line.typed.connect(lambda text: self.edited.emit("", text, Phase.TYPING))
        self._line.finished.connect(lambda: self.edited.emit("", self._line.text(), Phase.FINISHED))
        self._browse.clicked.connect(self._on_browse_clicked)

    def show_value(self, value: Any) -> None:
        self._line.show_text(str(value or ""))
        self._line.setToolTip(str(value or ""))

    def tab_widgets(self) -> list[QWidget]:
        return [self._line, self._browse]

    def _choose(self, path: str) -> None:
        if path:
            self.show_value(path)
            self.edited.emit("", path, Phase.FINISHED)

    def _on_browse_clicked(self) -> None:
        title, start = words(self.spec.title), self._line.text()
        kind: PathKind = "models" if self.spec.path == "model" else "data"
        dialog = QFileDialog(self.window(), title, str(Path(start).parent) if start else start_folder(kind))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_folder = self.spec.path != "file"
        dialog.setFileMode(QFileDialog.FileMode.Directory if is_folder else QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._choose(remembered(path, of=kind)))
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._choose(_dropped(event))
        event.acceptProposedAction()


def _dropped(event: QDropEvent) -> str:
    """The path of the first local file dropped."""
    return next((url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()), "")
