"""Opens the real window with its real processes, and leaves no process behind."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modellab.recipe import recipe_from_builtins, recipe_to_json
from tests.e2e.hands import ENDLESS, Hands
from ui.app import LabWindow, open_window

Opener = Callable[..., Hands]


@pytest.fixture
def open_lab(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Opener]:
    """Opens a window, as `python -m ui.app PATHS` does; closed again, its trainers ended, when the test is over."""
    opened: list[LabWindow] = []

    def open_(*paths: Path) -> Hands:
        hook = sys.excepthook
        window = open_window(qapp, list(paths))
        window.furnish()
        sys.excepthook = hook  # what goes wrong in the window fails the test instead of becoming a banner
        opened.append(window)
        hands = Hands(qtbot, window)
        qtbot.waitExposed(window.window)
        window.window.activateWindow()
        hands.wait(lambda: QApplication.activeWindow() is window.window)
        return hands

    yield open_
    for window in opened:
        window.window.close()
        window.shut_down()
        window.window.deleteLater()
    end_processes_of(tmp_path)


@pytest.fixture
def lab(open_lab: Opener) -> Hands:
    """A window on its first launch."""
    return open_lab()


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    """An endless run of a small network."""
    values: dict[str, Any] = {
        "architecture": {"name": "mlp", "hidden_layers": [8]},
        "dataset": {"name": "points", "count": 200},
        "training": {"max_steps": ENDLESS, "epochs": 1_000_000, "device": "cpu"},
    }
    file = tmp_path / "endless.json"
    file.write_bytes(recipe_to_json(recipe_from_builtins(values)))
    return file


@pytest.fixture(scope="session", autouse=True)
def _no_process_left() -> Iterator[None]:
    """Whatever a test started and did not end."""
    yield
    end_processes_of(None)


def end_processes_of(folder: Path | None) -> None:
    """Kill the trainers, spares and inspectors whose home lies in `folder`, or that this process started."""
    ours = {child.pid for child in psutil.Process().children(recursive=True)}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if not any(part.startswith("workers.") for part in process.cmdline()):
                continue
            home = Path(process.environ().get("MODELLAB_HOME", ""))
            if process.pid in ours or (folder is not None and home.is_relative_to(folder)):
                process.kill()
