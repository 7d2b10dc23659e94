"""Opens the lab: `python -m ui.app [RECIPE.json | RUN_FOLDER ...]`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QApplication

from modellab.paths import home, settings_file
from modellab.preferences import load_preferences
from ui.inspector import Inspector
from ui.lab.background import in_background
from ui.lab.focus import SharedFocus
from ui.lab.follower import RunFollower
from ui.lab.session import Session
from ui.theme import apply_theme
from ui.views.base import Lab
from ui.window.drops import open_path
from ui.window.faults import show_faults_of
from ui.window.first_picture import FirstPicture
from ui.window.main_window import MainWindow
from workers.spare import WarmSpare

_FIRST_SIZE = (1280, 800)


def main(arguments: list[str] | None = None) -> int:
    """Open the window and stay until it is closed; 0 when all went well."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Model Lab")
    app.setDesktopFileName("modellab")
    paths = [Path(text) for text in (sys.argv[1:] if arguments is None else arguments)]
    lab_window = open_window(app, paths)
    code = app.exec()
    lab_window.shut_down()
    return code


class LabWindow:
    """The window and the processes behind it."""

    def __init__(self, window: MainWindow, follower: RunFollower, inspector: Inspector, spare: WarmSpare) -> None:
        self.window = window
        self.follower = follower
        self.inspector = inspector
        self.spare = spare

    def shut_down(self) -> None:
        """End the follower, the inspector and an unused spare; trainers go on."""
        self.follower.stop()
        self.inspector.stop()
        self.spare.stop()


def open_window(app: QApplication, paths: list[Path]) -> LabWindow:
    """Make and show the window; what is slow comes after its first picture."""
    apply_theme(app, load_preferences(home()).theme)
    settings = QSettings(str(settings_file()), QSettings.Format.IniFormat)
    follower = RunFollower()
    spare = WarmSpare()
    inspector = Inspector()
    lab = Lab(session=Session(follower=follower, launcher=spare), focus=SharedFocus(), inspector=inspector)
    window = MainWindow(lab, settings)
    show_faults_of(window)
    geometry = settings.value("window/geometry")
    if not (isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)):
        window.resize(*_FIRST_SIZE)
    if paths or settings.contains("layout/workbench"):
        window.show_workbench()
    else:
        window.show_gallery()

    def after_first_picture() -> None:
        follower.start()
        inspector.start()
        in_background(spare.start)
        in_background(_import_workbench)
        if paths:
            for path in paths:
                open_path(path.resolve(), lab.session)
        else:
            lab.session.open_living_runs()

    FirstPicture(window, after_first_picture)
    window.show()
    return LabWindow(window, follower, inspector, spare)


def _import_workbench() -> None:
    """Have it ready before the first click, without holding up the gallery."""
    importlib.import_module("ui.window.setup_link")
    importlib.import_module("ui.views").views()


if __name__ == "__main__":
    sys.exit(main())
