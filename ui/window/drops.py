"""What a dropped path is: a recipe file, a run, a pretrained model, data of a person's own, or none of these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from ui.window.drop_sign import DropSign

if TYPE_CHECKING:
    from ui.lab.session import Session


class Dropped(NamedTuple):
    """Something the window can take."""

    kind: Literal["run", "recipe", "model", "data", "neither"]  # neither: it is told why nothing comes of it
    path: Path


class DropTarget(QObject):
    """Takes what is dropped on a window, and says while it is dragged over it what will become of it."""

    taken = Signal(object)  # Dropped

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._sign = DropSign(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event:
            case QDragEnterEvent():
                if (found := dropped(event.mimeData())) is not None:
                    event.acceptProposedAction()
                    self._sign.show_for(self._sentence(found))
                return True
            case QDropEvent() if event.type() == QEvent.Type.Drop:
                self._sign.hide()
                if (found := dropped(event.mimeData())) is not None:
                    event.acceptProposedAction()
                    self.taken.emit(found)
                return True
        if event.type() == QEvent.Type.DragLeave:
            self._sign.hide()
        return False

    def _sentence(self, found: Dropped) -> str:
        words = {
            "run": self.tr("Opens the run {0}"),
            "recipe": self.tr("Puts the recipe {0} into the setup"),
            "model": self.tr("Opens the pretrained model {0}"),
            "data": self.tr("Learns from {0}: it goes into the setup"),
            "neither": self.tr("{0} holds neither a model nor data"),
        }
        return words[found.kind].format(found.path.name)


def dropped(data: QMimeData) -> Dropped | None:
    """The first of what is dropped, or about to be, that the window can take; None when there is none."""
    from modellab.presets.own import first_own

    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    for path in paths:
        if (path / "recipe.json").is_file():
            return Dropped("run", path)
        if path.suffix == ".json":
            return Dropped("recipe", path)
        if (path / "config.json").is_file():
            return _with_config(path)
    own = first_own(paths)
    return Dropped("data", own) if own is not None else None


def _with_config(folder: Path) -> Dropped:
    """A model's folder has a config.json, and so has many another."""
    from modellab.presets.own import data_in
    from modellab.pretrained.folder import is_model

    if is_model(folder):
        return Dropped("model", folder)
    own = data_in(folder)
    return Dropped("data", own) if own is not None else Dropped("neither", folder)


def neither(path: Path) -> str:
    """What is said of a folder that was dropped though nothing can be made of it."""
    return (
        f"{path} holds neither a model nor data: a model's folder has a config.json that names its model_type, and "
        ".safetensors weights; data has one subfolder a class with images or texts, or is a table or a text."
    )


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
