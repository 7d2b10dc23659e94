"""Measures the curve plot, stock pyqtgraph beside it: pan frames of 6 and 20 curves of 1 M points, memory over redraws.

Run it as ``python -m benchmarks.plots``; offscreen, 1280 x 800. A frame is all that happens from the new range to the
painted window: both sides schedule a repaint and get it from the event loop.
"""

import argparse
import gc
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtWidgets import QApplication

from ui.plots import CurvePlot, Series
from ui.theme import apply_theme

NUM_POINTS = 1_000_000
WIDTH, HEIGHT = 1280, 800


def loss_curve(seed: int, *, num_points: int = NUM_POINTS) -> np.ndarray:
    generator = np.random.default_rng(seed)
    steps = np.arange(num_points)
    floor = 0.3 + 0.05 * seed
    course = (3 - floor) * np.exp(-steps / (num_points / 8)) + floor
    return course * np.exp(generator.normal(0, 0.06, num_points))


def our_plot(num_curves: int, *, smoothing: float) -> CurvePlot:
    plot = CurvePlot("Loss")
    plot.resize(WIDTH, HEIGHT)
    for i in range(num_curves):
        series = plot.add_curve(str(i), label=f"run {i}", colour=i)
        values = loss_curve(i)
        for begin in range(0, NUM_POINTS, 10_000):
            series.append(np.arange(begin, begin + 10_000), values[begin : begin + 10_000])
    plot.set_smoothing(smoothing)
    plot.show()
    return plot


def stock_plot(num_curves: int) -> Any:
    import pyqtgraph

    plot = pyqtgraph.PlotWidget()
    plot.resize(WIDTH, HEIGHT)
    steps = np.arange(NUM_POINTS, dtype=np.float64)
    for i in range(num_curves):
        item = plot.plot(steps, loss_curve(i), pen=pyqtgraph.mkPen(pyqtgraph.intColor(i), width=1))
        item.setDownsampling(auto=True, method="peak")
        item.setClipToView(True)
    plot.show()
    return plot


def pan_frames(set_x_range: Callable[[float, float], None], *, num_frames: int) -> np.ndarray:
    """Milliseconds of each frame while the window of 0.6 M points glides over the curves."""
    QApplication.processEvents()
    frames = []
    for frame in range(num_frames + 5):
        low = 300_000 * (0.5 + 0.5 * np.sin(frame / 20))
        begin = time.perf_counter()
        set_x_range(low, low + 600_000)
        QApplication.processEvents()
        frames.append((time.perf_counter() - begin) * 1000)
    return np.array(frames[5:])


def show_pan(num_curves: int, *, smoothing: float, num_frames: int) -> float:
    plot = our_plot(num_curves, smoothing=smoothing)
    frames = pan_frames(plot.set_x_range, num_frames=num_frames)
    median = float(np.median(frames))
    kind = f"smoothing {smoothing}" if smoothing else "raw"
    print(f"pan, {num_curves} curves, {kind}: median {median:.2f} ms, p99 {np.quantile(frames, 0.99):.2f} ms")
    plot.deleteLater()
    QApplication.processEvents()
    return median


def show_stock(num_curves: int, *, ours: float, num_frames: int) -> None:
    plot = stock_plot(num_curves)
    frames = pan_frames(partial(plot.setXRange, padding=0), num_frames=num_frames)
    median = float(np.median(frames))
    print(
        f"pan, {num_curves} curves, stock pyqtgraph: median {median:.2f} ms, p99 {np.quantile(frames, 0.99):.2f} ms; "
        f"ratio to ours raw {median / ours:.1f}"
    )
    plot.deleteLater()
    QApplication.processEvents()


def show_memory(num_redraws: int) -> None:
    plot = our_plot(6, smoothing=0.9)
    QApplication.processEvents()
    gc.collect()
    before = _resident_mb()
    begin = time.perf_counter()
    for redraw in range(num_redraws):
        plot.set_x_range(redraw, redraw + 500_000)
        QApplication.processEvents()
    per_frame = (time.perf_counter() - begin) / num_redraws * 1000
    after = _resident_mb()
    print(
        f"resident, 6 curves of 1 M: before {before:.1f} MB, after {num_redraws:,} redraws {after:.1f} MB, "
        f"ratio {after / before:.3f} ({per_frame:.2f} ms each)"
    )
    plot.deleteLater()
    QApplication.processEvents()


def show_series() -> None:
    values, steps = loss_curve(0), np.arange(NUM_POINTS, dtype=np.float64)
    series = Series()
    begin = time.perf_counter()
    for first in range(0, NUM_POINTS, 1000):
        series.append(steps[first : first + 1000], values[first : first + 1000])
    appended = time.perf_counter() - begin
    series.window(0, NUM_POINTS, WIDTH)
    windows = []
    for shift in range(200):
        begin = time.perf_counter()
        series.window(shift * 1000.0, shift * 1000.0 + 600_000, WIDTH)
        windows.append((time.perf_counter() - begin) * 1000)
    print(f"series: 1 M points in chunks of 1,000 appended in {appended * 1000:.0f} ms, {series.nbytes / 1e6:.1f} MB")
    print(f"series: window of 0.6 M points on {WIDTH} pixels: median {np.median(windows):.3f} ms")


def _resident_mb() -> float:
    return float(psutil.Process().memory_info().rss / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--redraws", type=int, default=10_000)
    arguments = parser.parse_args()
    app = QApplication([])
    apply_theme(app, "dark")
    print(f"resident, empty application: {_resident_mb():.1f} MB")
    show_series()
    if arguments.redraws:
        show_memory(arguments.redraws)
    for num_curves in (6, 20):
        ours = show_pan(num_curves, smoothing=0.0, num_frames=arguments.frames)
        show_pan(num_curves, smoothing=0.9, num_frames=arguments.frames)
        if importlib.util.find_spec("pyqtgraph") is None:
            print("stock pyqtgraph: not compared with; `make bench` installs it.")
        else:
            show_stock(num_curves, ours=ours, num_frames=max(20, arguments.frames // 10))


if __name__ == "__main__":
    main()
