"""Where an axis has its ticks, and how numbers are written: round, short, of one width."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ui.plots.axis_map import XUnit

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
MINUS = "−"


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line at ``value`` (data units); an empty label marks a minor one."""

    value: float
    label: str


def linear_ticks(low: float, high: float, *, max_count: int) -> list[Tick]:
    step = _nice_step((high - low) / max(1, max_count))
    return _labelled(_multiples(low, high, step), step)


def log_ticks(low: float, high: float, *, max_count: int) -> list[Tick]:
    """Ticks of a logarithmic axis from ``low`` to ``high`` (positive, data units)."""
    decades = math.log10(high / low)
    if decades < 0.7:
        return linear_ticks(low, high, max_count=max_count)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil(decades / max(1, max_count)))
    mantissas = (1, 2, 5) if decades * 3 <= max_count else (1,)
    ticks = []
    for exponent in range(first, last + 1):
        for mantissa in range(1, 10):
            value = mantissa * 10.0**exponent
            if not low <= value <= high:
                continue
            is_major = mantissa in mantissas and exponent % every == 0
            if is_major or every == 1:
                ticks.append(Tick(value, format_log(mantissa, exponent) if is_major else ""))
    return ticks


def x_ticks(low: float, high: float, *, unit: XUnit, max_count: int) -> list[Tick]:
    if unit is XUnit.WALL_TIME:
        wanted = (high - low) / max(1, max_count)
        step = next((float(s) for s in _TIME_STEPS if s >= wanted), math.ceil(wanted / 86400) * 86400.0)
        if wanted >= 0.5:
            return [Tick(value, format_time(value)) for value in _multiples(low, high, step)]
    step = _nice_step((high - low) / max(1, max_count))
    if unit is XUnit.STEP:
        step = max(1.0, step)
    values = _multiples(low, high, step)
    for size, suffix, smallest, finest in ((1e6, " M", 1e6, 1e5), (1e3, " k", 1e4, 1e1)):
        if values and max(abs(v) for v in values) >= smallest and step >= finest:
            return [Tick(t.value * size, t.label + suffix if t.value else "0") for t in _scaled(values, step, size)]
    return _labelled(values, step)


def format_value(value: float) -> str:
    """For a readout: 0.7781, 12.346, 3.214e−05; four decimals, fewer where the whole part takes their room."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    size = abs(value)
    if value == 0:
        return "0"
    if not 1e-3 <= size < 1e5:
        return f"{value:.3e}".replace("-", MINUS)
    return f"{value:.{max(0, 4 - max(0, math.floor(math.log10(size))))}f}".replace("-", MINUS)


def format_time(seconds: float) -> str:
    """m:ss, or h:mm:ss from an hour on."""
    sign, whole = (MINUS if seconds < 0 else ""), round(abs(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{sign}{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{sign}{minutes}:{whole % 60:02d}"


def format_x(value: float, *, unit: XUnit) -> str:
    """The crosshair's place: 12,345, 3.21, 0:12."""
    if unit is XUnit.WALL_TIME:
        return format_time(value)
    if unit is XUnit.EPOCH:
        return f"{value:.2f}"
    return f"{round(value):,}"


def format_log(mantissa: int, exponent: int) -> str:
    if -4 <= exponent <= 4:
        return f"{mantissa * 10.0**exponent:.{max(0, -exponent)}f}"
    power = "10" + str(exponent).translate(_SUPERSCRIPT)
    return power if mantissa == 1 else f"{mantissa}·{power}"


def _nice_step(wanted: float) -> float:
    if not wanted > 0 or not math.isfinite(wanted):
        return 1.0
    size = 10.0 ** math.floor(math.log10(wanted))
    return next(m * size for m in (1, 2, 5, 10) if m * size >= wanted * 0.999)


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [n * step for n in range(first, min(last, first + 200) + 1)]


def _labelled(values: Sequence[float], step: float) -> list[Tick]:
    size = max((abs(v) for v in values), default=0.0)
    if size >= 1e5 or 0 < size < 1e-3:
        exponent = math.floor(math.log10(size))
        decimals = max(0, exponent - math.floor(math.log10(step) + 1e-9))
        power = f"e{exponent}".replace("-", MINUS)
        return [Tick(v, _signed(v / 10.0**exponent, decimals) + power if v else "0") for v in values]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [Tick(v, _signed(v, decimals)) for v in values]


def _scaled(values: Sequence[float], step: float, size: float) -> list[Tick]:
    decimals = max(0, -math.floor(math.log10(step / size) + 1e-9))
    return [Tick(v / size, _signed(v / size, decimals)) for v in values]


def _signed(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", MINUS)
