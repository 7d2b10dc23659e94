"""A model folder that was exported here comes back as a run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ui.lab.background import in_background
from ui.lab.session import Session
from ui.widgets.choose_path import choose_folder
from workers.command import run_command


def import_model(parent: QWidget, session: Session) -> None:
    """Ask which folder, make a run of it among the others, and show it."""
    if folder := choose_folder(parent, _tr("Import an exported GPT or BERT as a run"), of="models"):
        import_folder(folder, session)


def import_folder(folder: str, session: Session) -> None:
    """Make a run of the folder, and show it."""
    session.say("info", _tr("Importing {0}…").format(folder))

    def show(said: str) -> None:
        session.open_run(Path(said.rpartition(": ")[0]))
        session.say("info", _tr("{0} is a run now; it holds weights alone, so it has no curves.").format(folder))

    in_background(
        lambda: run_command("import", folder), show, on_problem=lambda error: session.say("error", error.message)
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("MainWindow", text)
