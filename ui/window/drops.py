"""What a dropped path is: a recipe file, a run folder, data of a person's own, or none of these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData

if TYPE_CHECKING:
    from ui.lab.session import Session


def openable(data: QMimeData) -> Path | None:
    """The first dropped path that the window can open; None when there is none."""
    for url in data.urls():
        path = Path(url.toLocalFile())
        if path.suffix == ".json" or (path / "recipe.json").is_file():
            return path
    return None


def own_data(data: QMimeData) -> Path | None:
    """The first dropped data of a person's own, to be learnt from; None when there is none."""
    from modellab.presets.own import first_own

    return first_own(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


def open_path(path: Path, session: Session) -> None:
    """Open a run folder (or a file in one), or put a recipe file into the form."""
    if (path / "recipe.json").is_file():
        session.open_run(path)
    elif path.is_dir():
        session.say("error", f"{path} holds no run: a run folder has a recipe.json in it.")
    elif path.suffix == ".json":
        session.open_recipe_file(path)
    else:
        session.say("error", f"{path.name} is neither a recipe (.json) nor a run folder.")
