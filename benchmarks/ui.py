"""Measures the real window: gaps of its event loop under 10,000 steps a second, pan frames, idle load, memory.

Run it as ``python -m benchmarks.ui``; offscreen, 1280 x 800. Each figure stands beside its target, and beside the same
figure of something plain that is measured in the same breath.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.gates_view import untrained
from benchmarks.plots import loss_curve, pan_frames, stock_plot
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import RunFolder, create_run
from ui.app import LabWindow, open_window
from ui.lab.run_model import RunModel
from ui.lab.stream import Steps
from ui.plots import CurvePlot
from ui.views.curves import CurvesView

_ROOT = Path(__file__).resolve().parents[1]
NUM_POINTS = 1_000_000
GAP_MS, WORST_GAP_MS = 33.0, 100.0
FRAME_MS = {6: 8.0, 20: 16.7}
IDLE_SHARE, RESIDENT_MB = 0.02, 250.0
_BEAT_MS = 5
_SETTLING_SECONDS = 3.0


class Window:
    """The real window on its workbench, with the curves in front."""

    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.opened: LabWindow = open_window(app, [])
        self.opened.furnish()
        self.window = self.opened.window
        bench = self.window.show_workbench()
        bench.views_area.raise_view("curves")
        view = bench.views_area.view("curves")
        assert isinstance(view, CurvesView)
        self.view = view
        self.session = self.window.lab.session
        wait(lambda: self.opened.inspector.is_ready and self.opened.spare.wait_until_warm(timeout=0))

    def open(self, run: RunFolder) -> RunModel:
        model = self.session.open_run(run.path)
        assert model is not None
        return model

    def plots(self) -> list[CurvePlot]:
        return [plot for plot in self.view.findChildren(CurvePlot) if plot.isVisible()]

    def close(self) -> None:
        self.window.close()
        self.opened.shut_down()


def wait(is_so: Callable[[], bool], *, seconds: float = 60.0) -> None:
    deadline = time.perf_counter() + seconds
    while not is_so():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        time.sleep(0.001)
        if time.perf_counter() > deadline:
            raise TimeoutError("It never came.")


def gaps_ms(seconds: float) -> np.ndarray:
    """Between the beats of a 5 ms timer, less those 5 ms: how long an event had to wait."""
    loop, beats = QEventLoop(), [time.perf_counter()]
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(_BEAT_MS)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    timer.stop()
    return np.maximum(0, np.diff(beats) * 1000 - _BEAT_MS)


def new_run(*, name: str = "mlp") -> RunFolder:
    training = {"device": "cpu"}
    return create_run(
        recipe_from_builtins({"architecture": {"name": name}, "dataset": {"name": "points"}, "training": training})
    )


def show_gaps(window: Window, *, seconds: float) -> None:
    plain = gaps_ms(3.0)
    run = new_run()
    writer = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._writer", str(run.path), str(seconds + 2)],
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
    )
    model = window.open(run)
    wait(lambda: model.step > 0)
    found = gaps_ms(seconds)
    writer.wait()
    wait(lambda: model.status == "finished")
    p99, worst = float(np.percentile(found, 99)), float(found.max())
    print(
        f"event loop at 10,000 steps a second: p99 gap {p99:.1f} ms (target {GAP_MS:.0f}), worst {worst:.1f} ms "
        f"(target {WORST_GAP_MS:.0f}); without a run p99 {np.percentile(plain, 99):.1f} ms, worst {plain.max():.1f} "
        f"ms; ratio of the p99 to its target {p99 / GAP_MS:.2f}"
    )
    assert len(model.columns["loss"]) == model.total_steps, "a step got lost"


def show_idle(window: Window, *, seconds: float, front: str) -> None:
    """What the window takes while nobody touches it, a finished run on the workbench and a view of it in front."""
    area = window.window.show_workbench().views_area
    area.raise_view(front)
    gaps_ms(_SETTLING_SECONDS)
    share = _share_of_a_core(seconds)
    area.raise_view("curves")
    print(
        f"idle, {front} of a finished run in front: {share:.1%} of a core (target {IDLE_SHARE:.0%}), "
        f"ratio {share / IDLE_SHARE:.2f}"
    )


def _share_of_a_core(seconds: float) -> float:
    process = psutil.Process()
    gaps_free = QEventLoop()
    before, begin = process.cpu_times(), time.perf_counter()
    QTimer.singleShot(round(seconds * 1000), gaps_free.quit)
    gaps_free.exec()
    after = process.cpu_times()
    return float((after.user + after.system - before.user - before.system) / (time.perf_counter() - begin))


def show_memory(window: Window, *, num_redraws: int) -> None:
    process = psutil.Process()
    window.view.redraw()
    wait(lambda: True)
    before = process.memory_info().rss / 2**20
    plot = window.plots()[0]
    for redraw in range(num_redraws):
        plot.set_x_range(redraw % 1000, redraw % 1000 + 50_000)
        plot.repaint()
        QCoreApplication.processEvents()
    after = process.memory_info().rss / 2**20
    print(
        f"resident, a run of {len(window.session.open_runs[0].columns['loss']):,} steps open: {before:.0f} MB (target "
        f"{RESIDENT_MB:.0f}); after {num_redraws:,} redraws {after:.0f} MB, ratio {after / before:.3f}"
    )


def show_pan(window: Window, *, num_curves: int, num_frames: int) -> None:
    """The only plot of the curves view, its x range moved; a frame ends when the window is painted."""
    for run in list(window.session.open_runs):
        window.session.close_run(run)
    for number in range(num_curves):
        model = window.open(new_run())
        model.take([_million_steps(loss_curve(number))])
    wait(lambda: bool(window.plots()) and len(window.plots()[0].keys()) == num_curves)
    ours = pan_frames(window.plots()[0].set_x_range, num_frames=num_frames)
    stock = stock_plot(num_curves)
    theirs = pan_frames(partial(stock.setXRange, padding=0), num_frames=max(10, num_frames // 10))
    stock.deleteLater()
    target = FRAME_MS[num_curves]
    print(
        f"pan, {num_curves} curves of 1 M points in the curves view: {np.median(ours):.2f} ms a frame (target "
        f"{target}), p95 {np.percentile(ours, 95):.2f} ms; stock pyqtgraph {np.median(theirs):.2f} ms, "
        f"ratio {np.median(theirs) / np.median(ours):.1f}"
    )


def _million_steps(values: np.ndarray) -> Steps:
    seconds = np.arange(1, NUM_POINTS + 1, dtype=np.float64) / 1000
    return Steps(
        first=1, last=NUM_POINTS, columns={"loss": values}, seconds=seconds, samples_per_second=1.0, memory_bytes=0
    )


def show_modules() -> None:
    heavy = [name for name in ("torch", "transformers", "datasets", "sklearn") if name in sys.modules]
    print(f"model libraries in the window's process: {heavy or 'none'} (target none)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--redraws", type=int, default=10_000)
    parser.add_argument("--frames", type=int, default=200)
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="modellab-bench-", ignore_cleanup_errors=True) as home:
        os.environ["MODELLAB_HOME"] = home
        app = QApplication([])
        window = Window(app)
        window.window.resize(1280, 800)
        show_gaps(window, seconds=arguments.seconds)
        show_idle(window, seconds=10, front="curves")
        window.open(RunFolder(untrained(Path(home), layers=1, units=64)))
        show_idle(window, seconds=10, front="gates")
        show_memory(window, num_redraws=arguments.redraws)
        for num_curves in FRAME_MS:
            show_pan(window, num_curves=num_curves, num_frames=arguments.frames)
        show_modules()
        window.close()
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
