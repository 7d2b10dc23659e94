"""How the window writes numbers: 421,642; 4.2 M; 12.4 MB; 3 min 20 s; 0.0314."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

MINUS = "−"
_POWERS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def whole(value: int) -> str:
    """All digits, in threes: 421,642."""
    return f"{value:,}".replace("-", MINUS)


def short(value: float, unit: str = "") -> str:
    """Two or three digits and a power's letter: 4.2 M, 812, 12.4 GFLOPs with a unit."""
    for size, letter in _POWERS:
        if abs(value) >= 0.9995 * size:
            return _joined(
                _three_digits(value / size), f"{letter}{unit}" if unit == "B" else f"{letter} {unit}".strip()
            )
    return _joined(f"{value:.0f}".replace("-", MINUS), unit)


def size(num_bytes: int) -> str:
    """Bytes in powers of 1,000: 12.4 MB."""
    return short(num_bytes, "B")


def duration(seconds: float) -> str:
    """0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds >= 0.05 else "< 0.1 s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"


def roughly(seconds: float) -> str:
    """What is not known more exactly: 0.4 s, 12 s, 3 min, 2.5 h."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def about(seconds: float) -> str:
    """How long something is expected to take: under 1 s, about 3 min."""
    tr = QCoreApplication.translate
    return tr("numbers", "under 1 s") if seconds < 1 else tr("numbers", "about {0}").format(roughly(seconds))


def number(value: float, *, digits: int = 4) -> str:
    """A measured value to so many significant digits: 0.03142, 12.35, 1.2e−05."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.{digits - 1}e}".replace("-", MINUS)
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:,.{min(places, 10)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text and value == round(value) else text).replace("-", MINUS)


def given(value: float) -> str:
    """A value of the data itself, no longer than it need be: 7.25, 262,012."""
    return f"{value:,.7g}".replace("-", MINUS)


def fixed(value: float, *, decimals: int) -> str:
    """So many decimals always, with a true minus, but for zero: what changes in place must keep its width."""
    return f"{value:z.{decimals}f}".replace("-", MINUS)


def _three_digits(value: float) -> str:
    decimals = 1 if abs(value) < 99.95 else 0
    return f"{value:.{decimals}f}".removesuffix(".0").replace("-", MINUS)


def _joined(figures: str, unit: str) -> str:
    return f"{figures} {unit}".strip()
