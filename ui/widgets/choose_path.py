"""Dialogs for files and folders that begin where something of that kind was last opened or saved."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QDir, QEvent, QObject, QSettings, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHeaderView, QLineEdit, QListView, QTreeView, QWidget

from modellab.paths import datasets_folder, models_folder, runs_folder, settings_file

_SIZE_COLUMN, _TYPE_COLUMN, _DATE_COLUMN = 1, 2, 3
_DIALOG_SIZE = QSize(820, 520)

PathKind = Literal["data", "images", "models", "runs", "recipes", "exports"]


def choose_file(parent: QWidget, title: str, *, of: PathKind, names: str = "") -> str:
    """A file that is there, by names such as "Tables (*.csv *.tsv)"; empty where none was chosen."""
    chosen, _ = QFileDialog.getOpenFileName(parent, title, start_folder(of), names)
    return remembered(chosen, of=of)


def choose_folder(parent: QWidget, title: str, *, of: PathKind) -> str:
    """A folder that is there; empty where none was chosen."""
    dialog = QFileDialog(parent, title, start_folder(of))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.setFilter(dialog.filter() | QDir.Filter.Hidden)  # models are kept in such folders; else Choose stays grey
    _tend(dialog)
    is_chosen = dialog.exec() == QFileDialog.DialogCode.Accepted
    chosen = dialog.selectedFiles()[0] if is_chosen and dialog.selectedFiles() else ""
    dialog.deleteLater()
    return remembered(chosen, of=of)


def choose_target(parent: QWidget, title: str, *, of: PathKind, name: str, names: str) -> str:
    """Where to write a file, called `name` unless a person says otherwise; empty where none was chosen."""
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(Path(start_folder(of)) / name), names)
    return remembered(chosen, of=of)


def start_folder(of: PathKind) -> str:
    """Where the last one was, while that is still there; else where things of that kind are kept, else home."""
    last = str(_settings().value(f"places/{of}", "") or "")
    if last and Path(last).is_dir():
        return last
    kept = {"data": datasets_folder, "images": datasets_folder, "models": models_folder, "runs": runs_folder}
    return str((kept[of]() if of in kept else None) or Path.home())


def remembered(chosen: str, *, of: PathKind) -> str:
    """What was chosen; the next dialog of that kind begins in the folder that holds it."""
    if chosen:
        _settings().setValue(f"places/{of}", str(Path(chosen).parent))
    return chosen


def _tend(dialog: QFileDialog) -> None:
    """Qt's own dialog, where the system has none: whole dates, and Enter chooses what was typed."""
    tree, line = dialog.findChild(QTreeView, "treeView"), dialog.findChild(QLineEdit, "fileNameEdit")
    if tree is None or line is None:
        return
    dialog.resize(_DIALOG_SIZE)
    for column in (_SIZE_COLUMN, _TYPE_COLUMN):  # of a folder they say nothing
        tree.setColumnHidden(column, True)
    tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    tree.header().setSectionResizeMode(_DATE_COLUMN, QHeaderView.ResizeMode.ResizeToContents)
    completer = line.completer()
    popup = completer.popup() if completer is not None else None
    if popup is not None:
        popup.installEventFilter(_EnterChooses(dialog))


class _EnterChooses(QObject):
    """Enter, while proposals are open and none of them is picked, is not lost on closing them."""

    def __init__(self, dialog: QFileDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and isinstance(watched, QListView):
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if is_enter and not watched.selectionModel().hasSelection():
                watched.hide()
                self._dialog.accept()
                return True
        return False


def _settings() -> QSettings:
    return QSettings(str(settings_file()), QSettings.Format.IniFormat)
