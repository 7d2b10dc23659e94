"""A window in a process of its own, for tests that kill it: opens a recipe, presses Start, says which run it was."""

import sys
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from modellab.paths import settings_file
from ui.app import LabWindow, open_window
from ui.window.parting import TOLD_KEY


def main(recipe: Path) -> int:
    """Stay until the window is closed, which a line on stdin asks for."""
    app = QApplication([])
    QSettings(str(settings_file()), QSettings.Format.IniFormat).setValue(TOLD_KEY, True)
    opened = open_window(app, [recipe])
    opened.furnish()
    timer = QTimer()
    timer.setInterval(20)
    timer.timeout.connect(lambda: press_start(opened, timer))
    timer.start()
    code = app.exec()
    opened.shut_down()
    return code


def press_start(opened: LabWindow, timer: QTimer) -> None:
    """As soon as the recipe is in the form; then tell the run's folder, once it trains."""
    session, button = opened.window.lab.session, opened.window.bar.main_button
    run = session.current
    if run is None:
        draft = session.draft
        if draft is not None and draft.training.max_steps is not None and not opened.window.property("pressed"):
            opened.window.setProperty("pressed", True)
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    elif run.step > 0:
        sys.stdout.write(f"{run.path}\n")
        sys.stdout.flush()
        timer.stop()
        close_when_asked(opened)


def close_when_asked(opened: LabWindow) -> None:
    """A line on stdin closes the window as its cross does."""

    def wait() -> None:
        sys.stdin.readline()
        QTimer.singleShot(0, opened.window, opened.window.close)

    Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
