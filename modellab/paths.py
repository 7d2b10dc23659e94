"""Where things live on disk."""

from __future__ import annotations

import os
from pathlib import Path

from modellab.preferences import load_preferences

HOME, DATASETS, MODELS = "MODELLAB_HOME", "MODELLAB_DATASETS", "MODELLAB_MODELS"


def from_environment(variable: str) -> str:
    """The folder that an environment variable names, which comes before what a person has set; "" where it is not
    set."""
    chosen = os.environ.get(variable)
    return str(Path(chosen).expanduser()) if chosen else ""


def home() -> Path:
    """The folder of runs, settings and caches: `MODELLAB_HOME`, else the platform's data folder. Made when missing."""
    chosen = from_environment(HOME)
    folder = Path(chosen) if chosen else _platform_folder()
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
    """Where public datasets are looked for first, as <owner>/<name>/: `MODELLAB_DATASETS`, else the preference, else
    <home>/datasets; None where that is no folder."""
    chosen = from_environment(DATASETS) or load_preferences(home()).datasets_folder
    folder = Path(chosen).expanduser() if chosen else home() / "datasets"
    return folder if folder.is_dir() else None


def models_folder() -> Path | None:
    """Where pretrained model folders are looked for first: `MODELLAB_MODELS`, else the preference, else
    <home>/models; None where that is no folder."""
    chosen = from_environment(MODELS) or load_preferences(home()).models_folder
    folder = Path(chosen).expanduser() if chosen else home() / "models"
    return folder if folder.is_dir() else None


def _platform_folder() -> Path:
    import platformdirs  # the window's first picture waits for every import

    return Path(platformdirs.user_data_dir("modellab", appauthor=False))
