"""The child of `benchmarks.startup`: opens the real window and says when something was painted, as one line of JSON.

`python -m benchmarks._window paint` prints the time of the first picture; with `--torch` the process imports torch
before, as a program does whose window and training share a process. `python -m benchmarks._window start` presses Start
and prints how long the first point took to be on the curve; with `--cold` no spare trainer waits.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable

_PATIENCE_SECONDS = 60.0


def paint(*, imports_torch: bool) -> None:
    """Print `time.time()` when the window's first picture is through, and when the launch's next step is: the session
    behind a gallery that is painted already, or the workbench's first picture."""
    if imports_torch:
        import torch

        assert torch
    from PySide6.QtWidgets import QApplication

    from ui.app import LabWindow, open_window

    times: dict[str, float] = {}
    furnish = LabWindow.furnish

    def clocked_furnish(opened: LabWindow) -> None:
        times["first"] = time.time()
        furnish(opened)

    def end_instead(_opened: LabWindow) -> None:
        print(json.dumps({**times, "then": time.time(), "torch": "torch" in sys.modules}), flush=True)
        os._exit(0)

    # What each step of the launch waits for is that the one before has been painted.
    LabWindow.furnish = clocked_furnish  # type: ignore[method-assign]
    LabWindow.start_processes = end_instead  # type: ignore[method-assign]
    app = QApplication([])
    opened = open_window(app, [])
    app.exec()
    assert opened


def start(*, is_cold: bool) -> None:
    """Print the seconds from the click on Start to the first painted point of a curve."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from ui.app import open_window
    from ui.plots.canvas import Canvas
    from workers.spare import WarmSpare

    painted: list[float] = []
    paint_event = Canvas.paintEvent

    def clocked_paint_event(canvas: Canvas, event: QPaintEvent) -> None:
        paint_event(canvas, event)
        if any(len(curve.series) for curve in canvas.visible_curves()):
            painted.append(time.perf_counter())

    Canvas.paintEvent = clocked_paint_event  # type: ignore[method-assign]
    if is_cold:
        WarmSpare.start = lambda self: None  # type: ignore[method-assign]
    app = QApplication([])
    opened = open_window(app, [])
    opened.furnish()
    window = opened.window
    window.show_workbench()
    button = window.bar.main_button
    _wait(app, lambda: opened.inspector.is_ready and button.isEnabled())
    _wait(app, lambda: is_cold or opened.spare.wait_until_warm(timeout=0))
    _rest(app, 1.0)
    clicked = time.perf_counter()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    _wait(app, lambda: bool(painted))
    print(json.dumps({"seconds": painted[0] - clicked, "torch": "torch" in sys.modules}), flush=True)
    session = window.lab.session
    session.stop()
    _wait(app, lambda: session.current is not None and not session.current.is_alive)
    window.close()
    opened.shut_down()


def _wait(app: object, is_so: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    deadline = time.perf_counter() + _PATIENCE_SECONDS
    while not is_so():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        time.sleep(0.001)
        if time.perf_counter() > deadline:
            raise TimeoutError("It never came.")


def _rest(app: object, seconds: float) -> None:
    end = time.perf_counter() + seconds
    _wait(app, lambda: time.perf_counter() > end)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("paint", "start"))
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("--cold", action="store_true")
    arguments = parser.parse_args()
    if arguments.what == "paint":
        paint(imports_torch=arguments.torch)
    else:
        start(is_cold=arguments.cold)


if __name__ == "__main__":
    main()
