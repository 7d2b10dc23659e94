"""A fault of our own becomes one sentence in the window and a traceback in a file; the window goes on."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from types import TracebackType
from typing import TYPE_CHECKING

from modellab.errors import UserError
from modellab.paths import home

if TYPE_CHECKING:
    from ui.window.main_window import MainWindow


def show_faults_of(window: MainWindow) -> None:
    """Catch what no one caught in this process's Python code."""
    log = logging.getLogger("modellab.window")
    handler = logging.handlers.RotatingFileHandler(home() / "window.log", maxBytes=1_000_000, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)

    def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        if isinstance(error, UserError):
            window.messages.say("error", error.message)
            return
        log.error("%s", error, exc_info=(kind, error, trace))
        sentence = window.tr(
            "Something went wrong in the window ({0}: {1}). Runs are not affected; details are in {2}."
        )
        window.messages.say("error", sentence.format(kind.__name__, error, handler.baseFilename))

    sys.excepthook = on_exception
