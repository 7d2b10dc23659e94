"""Opens the lab: `python -m ui.app [RECIPE.json | RUN_FOLDER ...]`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QLoggingCategory, QSettings, QSize, QTimer
from PySide6.QtWidgets import QApplication

from modellab.paths import home, runs_folder, settings_file
from modellab.preferences import load_preferences
from ui.lab.background import in_background
from ui.theme import apply_theme
from ui.window.drops import open_path
from ui.window.first_picture import FirstPicture
from ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from ui.inspector import Inspector
    from ui.lab.follower import RunFollower
    from workers.spare import WarmSpare

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(8, 40)  # what a window manager puts around it, at most


def main(arguments: list[str] | None = None) -> int:
    """Open the window and stay until it is closed; 0 when all went well."""
    # For each script that no font here has, Qt tells of every font it tried; such letters are told by their numbers.
    QLoggingCategory.setFilterRules("qt.text.font.db=false")
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
    """The window and what is behind it, which comes in three steps, each when the one before has been painted.

    The frame, with the gallery where nothing was ever done; `furnish`: the session, and the workbench where something
    was; `start_processes`: the follower, the inspector and the spare.
    """

    follower: RunFollower
    inspector: Inspector
    spare: WarmSpare

    def __init__(self, app: QApplication, paths: list[Path]) -> None:
        apply_theme(app, load_preferences(home()).theme)
        self._paths = paths
        self._settings = QSettings(str(settings_file()), QSettings.Format.IniFormat)
        self._is_furnished = False
        self._has_processes = False
        self.window = MainWindow(self._settings)
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.window.restoreGeometry(geometry)):
            self.window.resize(first_size(self.window.screen().availableSize()))
        # A window that was killed has kept no layout, but its runs are there.
        has_runs = any(runs_folder().glob("*/recipe.json"))
        self._is_known = bool(paths) or has_runs or self._settings.contains("layout/workbench")
        if self._is_known:
            self.window.say_opening()
        else:
            self.window.show_gallery()
        FirstPicture(self.window, self.furnish)
        self.window.show()

    def furnish(self) -> None:
        """Make the session and the first page; the first time."""
        if self._is_furnished:
            return
        self._is_furnished = True
        # Imported here: the window is there in half the time without them.
        from ui.inspector import Inspector
        from ui.lab.focus import SharedFocus
        from ui.lab.follower import RunFollower
        from ui.lab.session import Session
        from ui.views.base import Lab
        from ui.window.faults import show_faults_of
        from workers.spare import WarmSpare

        show_faults_of(self.window)
        self.follower, self.inspector, self.spare = RunFollower(), Inspector(), WarmSpare()
        session = Session(follower=self.follower, launcher=self.spare)
        session.current_status_changed.connect(self._warm_another)
        self.window.furnish(Lab(session=session, focus=SharedFocus(), inspector=self.inspector))
        if self._is_known:
            FirstPicture(self.window.show_workbench(), self.start_processes)
        else:
            QTimer.singleShot(0, self.window, self.start_processes)

    def start_processes(self) -> None:
        """Have everything run that a person does not wait for; the first time."""
        if self._has_processes:
            return
        self._has_processes = True
        self.follower.start()
        self.inspector.start()
        in_background(self.spare.start)
        in_background(_import_workbench)
        session = self.window.lab.session
        for path in self._paths:
            open_path(path.resolve(), session)
        if not self._paths:
            from ui.lab.shown_runs import show_remembered

            show_remembered(session, self._settings, then=session.open_living_runs)

    def _warm_another(self, status: str) -> None:
        """A paused run keeps its trainer and leaves the device to others."""
        if status == "paused":
            in_background(self.spare.start)

    def shut_down(self) -> None:
        """End the follower, the inspector and an unused spare; trainers go on. What has not begun does not begin."""
        was_furnished, self._is_furnished, self._has_processes = self._is_furnished, True, True
        if was_furnished:
            self.follower.stop()
            self.inspector.stop()
            self.spare.stop()


def open_window(app: QApplication, paths: list[Path]) -> LabWindow:
    """Make and show the window; what is slow comes after its first picture."""
    return LabWindow(app, paths)


def first_size(screen: QSize) -> QSize:
    """The window's size on a screen with that much room, its frame and title bar included."""
    return _FIRST_SIZE.boundedTo(screen - _FRAME)


def _import_workbench() -> None:
    """Have it ready before the first click, without holding up the gallery."""
    importlib.import_module("ui.window.setup_link")
    importlib.import_module("ui.views").views()


if __name__ == "__main__":
    sys.exit(main())
