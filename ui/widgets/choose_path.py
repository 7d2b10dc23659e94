"""Dialogs for files and folders that begin where something of that kind was last opened or saved."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

from modellab.paths import datasets_folder, models_folder, runs_folder, settings_file

PathKind = Literal["data", "images", "models", "runs", "recipes"]


def choose_file(parent: QWidget, title: str, *, of: PathKind, names: str = "") -> str:
    """A file that is there, by names such as "Tables (*.csv *.tsv)"; empty where none was chosen."""
    chosen, _ = QFileDialog.getOpenFileName(parent, title, start_folder(of), names)
    return remembered(chosen, of=of)


def choose_folder(parent: QWidget, title: str, *, of: PathKind) -> str:
    """A folder that is there; empty where none was chosen."""
    return remembered(QFileDialog.getExistingDirectory(parent, title, start_folder(of)), of=of)


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


def _settings() -> QSettings:
    return QSettings(str(settings_file()), QSettings.Format.IniFormat)
