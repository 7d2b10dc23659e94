"""Numbers as a person types, reads and steps them."""

from __future__ import annotations

import math
import re

from modellab.config import FieldSpec

_SERIES = (1, 2, 5, 10)
_SMALLEST_STEP = 1e-5  # what a log-scaled number goes to from 0


def parsed(text: str, *, whole: bool) -> int | float | str:
    """The number, or the text itself where it is none: the check then says what was typed.

    1e-3, 1e4, 1 000, 1_000 and a decimal comma are understood; a whole number may be written 10.0, 1e4 or 1,000.
    """
    cleaned = re.sub(r"[\s_\u00a0\u202f]", "", text).replace("−", "-").removeprefix("+")
    if whole and re.fullmatch(r"-?\d{1,3}(,\d{3})+", cleaned):
        cleaned = cleaned.replace(",", "")
    if cleaned.count(",") == 1 and "." not in cleaned and not whole:
        cleaned = cleaned.replace(",", ".")
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", cleaned):
        return text
    if re.fullmatch(r"-?\d+", cleaned) and whole:
        return int(cleaned) if len(cleaned) < 20 else text
    number = float(cleaned)
    if not math.isfinite(number):
        return text
    if whole:
        return int(number) if number.is_integer() else number
    return number


def shown(value: object) -> str:
    """A number in the fewest characters that read back as the same; other text as it is."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    text = repr(value).removesuffix(".0")
    return re.sub(r"e([-+]?)0*(\d)", lambda match: f"e{match[1].replace('+', '')}{match[2]}", text)


def allows(spec: FieldSpec, value: float) -> bool:
    """Whether a number is within its field's limits."""
    low = (spec.ge is None or value >= spec.ge) and (spec.gt is None or value > spec.gt)
    return low and (spec.le is None or value <= spec.le) and (spec.lt is None or value < spec.lt)


def stepped(spec: FieldSpec, value: object, *, steps: int) -> int | float:
    """The number `steps` steps up (or down, below 0), within the limits.

    Log-scaled numbers go 1, 2, 5, 10, 20...; whole powers of two from 4 double and halve, as batch sizes do.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _nearest(spec, spec.default if isinstance(spec.default, (int, float)) else 1)
    if not allows(spec, value):
        return _nearest(spec, value)
    result: float = value
    for _ in range(abs(steps)):
        wanted = _one(spec, result, up=steps > 0)
        if not allows(spec, wanted):
            clamped = _clamped(spec, wanted)
            return _typed(spec, clamped if allows(spec, clamped) else result)
        result = wanted
    return _typed(spec, result)


def _one(spec: FieldSpec, value: float, *, up: bool) -> float:
    if not spec.log:
        step = _linear_step(spec)
        position = round(value / step, 9)
        target = math.floor(position) + 1 if up else math.ceil(position) - 1
        return float(f"{target * step:.12g}")
    whole = spec.kind == "int"
    if whole and value >= 4 and int(value) & (int(value) - 1) == 0:
        return value * 2 if up else value // 2
    if value == 0:
        return (1.0 if whole else _SMALLEST_STEP) if up else -1.0
    if value < 0:
        return -_series(-value, up=not up)
    following = _series(value, up=up)
    return 0.0 if following < (1 if whole else _SMALLEST_STEP) * 0.99 and allows(spec, 0.0) and not up else following


def _series(value: float, *, up: bool) -> float:
    """The next of 1, 2, 5, 10... above or below."""
    exponent = math.floor(math.log10(value))
    candidates = [mantissa * 10.0**power for power in range(exponent - 1, exponent + 2) for mantissa in _SERIES[:-1]]
    if up:
        found = next(c for c in candidates if c > value * (1 + 1e-9))
    else:
        found = next(c for c in reversed(candidates) if c < value * (1 - 1e-9))
    return float(f"{found:.12g}")


def _linear_step(spec: FieldSpec) -> float:
    """1 for whole numbers; else a nice fiftieth of the range, or a tenth where the range is open."""
    if spec.kind == "int":
        return 1.0
    low, high = spec.ge if spec.ge is not None else spec.gt, spec.le if spec.le is not None else spec.lt
    if low is None or high is None or high <= low:
        return 0.1
    wanted = (high - low) / 50
    size = 10.0 ** math.floor(math.log10(wanted))
    return float(f"{max(m * size for m in _SERIES if m * size <= wanted * 1.001):.12g}")


def _clamped(spec: FieldSpec, value: float) -> float:
    """Within the limits that belong to the range themselves."""
    value = value if spec.ge is None else max(spec.ge, value)
    return value if spec.le is None else min(spec.le, value)


def _nearest(spec: FieldSpec, value: float) -> int | float:
    clamped = _clamped(spec, value)
    if not allows(spec, clamped) and isinstance(spec.default, (int, float)):
        clamped = spec.default
    return _typed(spec, clamped)


def _typed(spec: FieldSpec, value: float) -> int | float:
    return round(value) if spec.kind == "int" else float(value)
