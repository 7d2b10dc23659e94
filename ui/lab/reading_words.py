"""What is said, wherever something of a run will appear, while what there is of it is still being read."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ui.lab.run_model import RunModel


def reading_words(run: RunModel | None) -> str:
    """One sentence; nothing where there is no run, or none that has told anything."""
    if run is not None and run.newest_step is not None:
        told = QCoreApplication.translate("RunModel", "The weights of step {0:,} are being read…")
        return told.format(run.newest_step)
    if run is not None and run.is_being_read:
        return QCoreApplication.translate("RunModel", "This run is being read…")
    return ""
