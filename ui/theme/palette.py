"""The two palettes of named colours, and the arithmetic of colours they are checked with."""

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["dark", "light"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Named colours, each ``#rrggbb``: what every widget and plot paints with."""

    name: ThemeName
    window: str  # behind the panels
    panel: str  # a dock, a card, a plot's background
    raised: str  # a button, a tile, the track of a bar
    input: str  # a field one types in
    line: str  # the few hairlines: field borders, table rules, plot axes
    text: str
    muted: str  # captions, units, secondary text
    faint: str  # disabled text and grid lines: never for what must be read
    accent: str  # lines, bars, underlines, sliders
    accent_fill: str  # behind on_accent text: deep enough for white to be read
    accent_hover: str
    accent_pressed: str
    on_accent: str
    link: str  # accent-coloured text
    focus: str  # the ring around what has the keyboard
    hover: str  # a raised thing under the pointer
    pressed: str
    selection: str  # behind selected rows and selected text
    good: str
    warn: str
    bad: str
    good_tint: str  # backgrounds of banners, one a severity
    warn_tint: str
    bad_tint: str
    info_tint: str
    tooltip: str  # dark in both themes, as a note laid on top
    tooltip_text: str
    tooltip_muted: str
    shadow: str

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"


DARK = Palette(
    name="dark",
    window="#14161b",
    panel="#1a1d24",
    raised="#232731",
    input="#111318",
    line="#2c313c",
    text="#e7e9ef",
    muted="#98a1b3",
    faint="#5c6475",
    accent="#5b8cff",
    accent_fill="#3a6cf0",
    accent_hover="#2f62e6",
    accent_pressed="#2754cc",
    on_accent="#ffffff",
    link="#7ea4ff",
    focus="#7ea4ff",
    hover="#2b303c",
    pressed="#1e222b",
    selection="#26375f",
    good="#3ecf8e",
    warn="#e8b04a",
    bad="#ff7a6b",
    good_tint="#16291f",
    warn_tint="#2b2619",
    bad_tint="#301f20",
    info_tint="#1b2438",
    tooltip="#2b303c",
    tooltip_text="#f2f4f8",
    tooltip_muted="#b0b8c8",
    shadow="#090a0d",
)

LIGHT = Palette(
    name="light",
    window="#f3f4f7",
    panel="#ffffff",
    raised="#eceef3",
    input="#f7f8fa",
    line="#dfe3ea",
    text="#1b1f27",
    muted="#5a6374",
    faint="#a3abb9",
    accent="#2f66e8",
    accent_fill="#2f66e8",
    accent_hover="#2559d8",
    accent_pressed="#1f4cbd",
    on_accent="#ffffff",
    link="#2258d6",
    focus="#2f66e8",
    hover="#e2e5ec",
    pressed="#d6dae3",
    selection="#d9e4fd",
    good="#0b7a4b",
    warn="#8f5a00",
    bad="#c2302c",
    good_tint="#e3f4ec",
    warn_tint="#fbf1dc",
    bad_tint="#fdebe9",
    info_tint="#e7eefd",
    tooltip="#1b1f27",
    tooltip_text="#f2f4f8",
    tooltip_muted="#b0b8c8",
    shadow="#c3c8d2",
)

PALETTES: dict[ThemeName, Palette] = {"dark": DARK, "light": LIGHT}


def relative_luminance(colour: str) -> float:
    """Luminance 0..1 of ``#rrggbb`` (WCAG 2.2)."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(first: str, second: str) -> float:
    """Contrast 1..21 between two colours (WCAG 2.2)."""
    darker, lighter = sorted((relative_luminance(first), relative_luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(first: str, second: str, *, amount: float) -> str:
    """``first`` moved towards ``second`` by ``amount`` 0..1."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * amount):02x}" for a, b in pairs)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
