"""Where things live on disk."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder of runs, settings and caches: `MODELLAB_HOME`, else the platform's data folder. Made when missing."""
    chosen = os.environ.get("MODELLAB_HOME")
    folder = Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("modellab", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def runs_folder() -> Path:
    """The folder that holds one folder a run."""
    folder = home() / "runs"
    folder.mkdir(exist_ok=True)
    return folder


def cache_folder() -> Path:
    """The folder of decoded datasets; all of it can be made again."""
    folder = home() / "cache"
    folder.mkdir(exist_ok=True)
    return folder


def settings_file() -> Path:
    """The window's settings, an INI file."""
    return home() / "settings.ini"


def datasets_folder() -> Path | None:
    """Where public datasets are looked for first, as <owner>/<name>/: `MODELLAB_DATASETS`, else <home>/datasets if it is
    there."""
    chosen = os.environ.get("MODELLAB_DATASETS")
    folder = Path(chosen).expanduser() if chosen else home() / "datasets"
    return folder if folder.is_dir() else None


def models_folder() -> Path | None:
    """Where pretrained model folders are looked for first: `MODELLAB_MODELS`, else <home>/models if it is there."""
    chosen = os.environ.get("MODELLAB_MODELS")
    folder = Path(chosen).expanduser() if chosen else home() / "models"
    return folder if folder.is_dir() else None
