"""In words and pictures: what a decision surface says at a place, what its colours mean, and its numbers as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QCoreApplication

from modellab.data.base import Sample
from ui.views._export import Table
from ui.views._surface_colours import class_flat, class_strip, diverging_strip
from ui.views._surface_data import Surface
from ui.views._surface_legend import Entry, flat_strip
from ui.views._surface_plot import Pointed
from ui.views._surface_points import Points
from ui.widgets.numbers import fixed, number

_MOST_CLASSES = 3


def _tr(text: str) -> str:
    return QCoreApplication.translate("SurfaceView", text)


def class_word(sample: Sample, index: int) -> str:
    """A class's name where it stands beside numbers: "class 1" where the name itself is a number."""
    name = sample.classes[index]
    return _tr("class {name}").format(name=name) if name.isdecimal() else name


def value_scale(surface: Surface | None, points: dict[str, Points], sample: Sample) -> tuple[float, float]:
    """Middle and reach of the diverging map for a regression: about the mean target, out to the farthest target."""
    middle = sample.target_mean
    targets = [np.abs(one.targets.astype(np.float32) - middle).max() for one in points.values() if len(one)]
    reach = max((float(target) for target in targets), default=0.0)
    if reach == 0.0 and surface is not None:
        reach = float(np.abs(surface.output - middle).max())
    return middle, reach or 1.0


def legend_entries(sample: Sample, *, is_flat: bool, scale: tuple[float, float]) -> tuple[str, tuple[Entry, ...]]:
    """Caption and strips for the output."""
    if sample.task == "regression":
        low, high = number(scale[0] - scale[1], digits=3), number(scale[0] + scale[1], digits=3)
        return sample.target, (Entry(strip=diverging_strip(), before=low, after=high, length=120),)
    num_classes = len(sample.classes)
    if is_flat:
        flats = (flat_strip(class_flat(index, num_classes)) for index in range(num_classes))
        return "", tuple(Entry(strip=flat, after=class_word(sample, k), length=14) for k, flat in enumerate(flats))
    caption = _tr("Probability {even} to 1").format(even=fixed(1 / max(2, num_classes), decimals=2))
    strips = (class_strip(index, num_classes) for index in range(num_classes))
    return caption, tuple(Entry(strip=strip, after=class_word(sample, k)) for k, strip in enumerate(strips))


def unit_entries(reach: float) -> tuple[str, tuple[Entry, ...]]:
    """Caption and strip for a hidden unit."""
    low, high = number(-reach, digits=3), number(reach, digits=3)
    return _tr("Activation"), (Entry(strip=diverging_strip(), before=low, after=high, length=120),)


def place_text(
    names: tuple[str, str], x: float, y: float, *, low: tuple[float, float], high: tuple[float, float]
) -> str:
    """x₁ 0.53  x₂ −1.20: to a hundredth of the range, which is what one can point at."""
    parts = []
    for name, value, least, most in zip(names, (x, y), low, high, strict=True):
        span = abs(most - least) or 1.0
        parts.append(f"{name} {fixed(value, decimals=max(0, 2 - math.floor(math.log10(span))))}")
    return "   ".join(parts)


def output_text(surface: Surface, pointed: Pointed, *, sample: Sample, names: tuple[str, str]) -> str:
    """The measured place nearest to the pointer and the output there."""
    row, column = surface.cell(pointed.x, pointed.y, size=surface.output.shape[1])
    x, y = surface.place(row, column, size=surface.output.shape[1])
    place = place_text(names, x, y, low=surface.low, high=surface.high)
    values = surface.output[:, row, column]
    if sample.task == "regression":
        return f"{place}   ·   {sample.target} {number(float(values[0]))}"
    order = np.argsort(-values, kind="stable") if len(values) > _MOST_CLASSES else np.arange(len(values))
    parts = [f"{class_word(sample, int(k))} {fixed(float(values[k]), decimals=3)}" for k in order[:_MOST_CLASSES]]
    return f"{place}   ·   {'   '.join(parts)}"


def unit_text(surface: Surface, pointed: Pointed, *, unit: tuple[int, int], names: tuple[str, str]) -> str:
    """The measured place nearest to the pointer and the unit's activation there."""
    maps = surface.unit(*unit)
    assert maps is not None
    row, column = surface.cell(pointed.x, pointed.y, size=len(maps))
    x, y = surface.place(row, column, size=len(maps))
    place = place_text(names, x, y, low=surface.low, high=surface.high)
    return f"{place}   ·   {_tr('activation')} {number(float(maps[row, column]))}"


def example_text(points: Points, index: int, *, split: str, sample: Sample) -> str:
    """The example under the pointer."""
    target = points.targets[index]
    if sample.task == "regression":
        label = f"{sample.target} {number(float(target))}"
    else:
        label = class_word(sample, int(target))
    return f"{split} {index}: {label}"


def unit_range_text(surface: Surface, unit: tuple[int, int]) -> str:
    """Least and greatest activation of a unit over the plane."""
    maps = surface.unit(*unit)
    assert maps is not None
    return _tr("activation {low} to {high} over the plane").format(
        low=number(float(maps.min())), high=number(float(maps.max()))
    )


def surface_table(surface: Surface, *, sample: Sample, names: tuple[str, str], unit: tuple[int, int] | None) -> Table:
    """Every measured place and what is shown there."""
    maps = None if unit is None else surface.unit(*unit)
    shown = surface.output if maps is None else maps[None]
    if maps is not None:
        columns: tuple[str, ...] = (_tr("activation"),)
    else:
        columns = sample.classes if sample.task == "classification" else (sample.target or "value",)

    def rows() -> Iterator[tuple[float, ...]]:
        for row in range(shown.shape[1]):
            for column in range(shown.shape[2]):
                x, y = surface.place(row, column, size=shown.shape[2])
                yield (round(x, 6), round(y, 6), *(round(float(value), 6) for value in shown[:, row, column]))

    return Table(columns=(*names, *columns), rows=rows())


def points_table(points: dict[str, Points], *, sample: Sample, names: tuple[str, str]) -> Table:
    """The examples themselves."""

    def rows() -> Iterator[tuple[object, ...]]:
        for split, one in points.items():
            for (x, y), target in zip(one.inputs.tolist(), one.targets.tolist(), strict=True):
                yield (split, round(x, 6), round(y, 6), sample.classes[int(target)] if sample.classes else target)

    return Table(columns=(_tr("split"), *names, sample.target or _tr("class")), rows=rows())
