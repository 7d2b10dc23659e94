"""Writes a plot to a file: PNG pixels, SVG shapes, CSV numbers, or the same to the clipboard."""

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from ui.plots.axis_map import XUnit
from ui.plots.curve import Curve

_ROWS_AT_ONCE = 10_000


def write_csv(
    out: TextIO, curves: Iterable[Curve], *, unit: XUnit = XUnit.STEP, window: tuple[float, float] | None = None
) -> None:
    """One row a measured point, every digit kept: curve, step, the x unit where it is not the step, value.

    ``window``: only points with x (axis units) in it.
    """
    writer = csv.writer(out, lineterminator="\n")
    unit_names = [] if unit is XUnit.STEP else [{XUnit.EPOCH: "epoch", XUnit.WALL_TIME: "seconds"}[unit]]
    writer.writerow(["curve", "step", *unit_names, "value"])
    for curve in curves:
        writer.writerows(_rows(curve, unit=unit, window=window))


def write_svg(path: Path, widget: QWidget, *, title: str) -> None:
    """The widget as shapes; whoever paints from a kept picture must have been told not to."""
    # Loading QtSvg costs 10 ms that a window's start need not pay.
    from PySide6.QtSvg import QSvgGenerator

    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(widget.width(), widget.height()))
    generator.setViewBox(widget.rect())
    generator.setTitle(title)
    widget.render(generator)


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in its place: never half a file, OSError if it fails."""
    beside = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        write(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _rows(curve: Curve, *, unit: XUnit, window: tuple[float, float] | None) -> Iterator[list[str | float]]:
    series = curve.series
    start, stop = 0, len(series)
    first, last = -np.inf, np.inf
    if window is not None:
        first, last = (float(v) for v in curve.to_step(np.array(window), unit=unit))
        start, stop = (int(i) for i in series.search(np.array([first, np.nextafter(last, np.inf)])))
    infinite_x, infinite_y = series.infinities
    inside = (infinite_x >= first) & (infinite_x <= last)
    pending = list(zip(infinite_x[inside].tolist(), infinite_y[inside].tolist(), strict=True))[::-1]
    for begin in range(start, stop, _ROWS_AT_ONCE):
        xs, ys = series.slice(begin, min(stop, begin + _ROWS_AT_ONCE))
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
            while pending and pending[-1][0] < x:
                yield _row(curve, *pending.pop(), unit=unit)
            yield _row(curve, x, y, unit=unit)
    while pending:
        yield _row(curve, *pending.pop(), unit=unit)


def _row(curve: Curve, step: float, value: float, *, unit: XUnit) -> list[str | float]:
    shown: float = int(step) if step.is_integer() else step
    if unit is XUnit.STEP:
        return [curve.key, shown, value]
    return [curve.key, shown, float(curve.to_axis(np.array([step]), unit=unit)[0]), value]
