"""What goes out of a run: its recipe as a file, its model as a folder that other programs open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modellab.errors import UserError
from modellab.recipe import recipe_to_json
from modellab.runs.atomic import write_bytes
from modellab.runs.folder import RunFolder
from ui.lab.background import in_background
from ui.lab.session import Session
from ui.panels.runs_rows import RunRow
from ui.widgets.choose_path import choose_target
from workers.command import run_command


def export_recipe(parent: QWidget, row: RunRow, session: Session) -> None:
    """Ask where to, and write the recipe there."""
    title = _tr("Export the recipe of {0}").format(row.name)
    file = choose_target(parent, title, of="recipes", name=f"{row.title}.json", names=_tr("Recipes (*.json)"))
    if file:
        done = _tr("The recipe is in {0}.").format(file)
        _do(lambda: _write_recipe(RunFolder(row.path), Path(file)), done, session)


def export_model(parent: QWidget, row: RunRow, session: Session) -> None:
    """Ask where to, and write the model there as a Hugging Face folder."""
    title = _tr("Export the model of {0} as a folder").format(row.name)
    folder = choose_target(parent, title, of="models", name=row.title, names=_tr("A new folder (*)"))
    if folder:
        session.say("info", _tr("Exporting the model of {0}…").format(row.name))
        done = _tr("The model of {0} is in {1}, a Hugging Face folder.").format(row.name, folder)
        _do(lambda: run_command("export", str(row.path), "--to", folder), done, session)


def _do(work: Callable[[], object], done: str, session: Session) -> None:
    in_background(
        work,
        lambda _said: session.say("info", done),
        on_problem=lambda error: session.say("error", error.message),
    )


def _write_recipe(source: RunFolder, target: Path) -> None:
    data = recipe_to_json(source.recipe())
    try:
        write_bytes(target, data)
    except OSError as error:
        raise UserError(f"Cannot write {target}: {error.strerror or error}.") from None


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunsPanel", text)
