"""Which runs a window showed, for the next one: those that the curves compare, and the one that the views are of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings

from ui.lab.background import in_background
from ui.lab.session import Session

_SHOWN_KEY, _CURRENT_KEY = "session/shown", "session/current"


def remember_shown(session: Session, settings: QSettings) -> None:
    """Keep which runs are shown."""
    settings.setValue(_SHOWN_KEY, json.dumps([str(run.path) for run in session.compared_runs]))
    settings.setValue(_CURRENT_KEY, str(session.current.path) if session.current is not None else "")


def show_remembered(session: Session, settings: QSettings, *, then: Callable[[], object]) -> None:
    """Show the runs that a window before this one showed and that are still there."""
    try:
        kept = [Path(str(path)) for path in json.loads(str(settings.value(_SHOWN_KEY, "[]")))]
    except (ValueError, TypeError):  # another version's
        kept = []
    current = str(settings.value(_CURRENT_KEY, ""))

    def show(found: list[Path]) -> None:
        for path in found:
            run = session.open_run(path, make_current=False)
            if run is not None and str(path) == current:
                session.make_current(run)
        then()

    in_background(lambda: [path for path in kept if (path / "recipe.json").is_file()], show)
