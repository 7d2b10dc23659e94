"""Colours of series and classes: eight hues after Okabe and Ito, each as light as keeps it apart from the others."""

from ui.theme.palette import PALETTES, Palette, ThemeName, mix
from ui.theme.state import theme

# Blue, orange, green, vermillion, purple, violet, yellow, grey: the order keeps neighbours far apart. No two are alike
# to an eye without the red, the green or the blue cones: where hues fall together there, the lightness tells.
_SERIES: dict[ThemeName, tuple[str, ...]] = {
    "dark": ("#4f9be0", "#e89006", "#5fdbc5", "#d63a10", "#b0528c", "#c0b0ff", "#efe05a", "#9a9a94"),
    "light": ("#1695fb", "#9f5501", "#187d6b", "#7e0701", "#ce71b3", "#17155b", "#90982b", "#424659"),
}


def series_colour(index: int, *, palette: Palette | None = None) -> str:
    """``#rrggbb`` of the series with this index; after eight they come again, nearer to the text's colour."""
    palette = palette or theme().palette
    colours = _SERIES[palette.name]
    turn, place = divmod(index, len(colours))
    return mix(colours[place], palette.text, amount=min(0.7, 0.35 * turn))


def class_colour(index: int, *, palette: Palette | None = None) -> str:
    """``#rrggbb`` of a class in points, decision surfaces and confusion: blue against orange first."""
    order = (0, 1, 4, 2, 3, 6, 5, 7)
    turn, place = divmod(index, len(order))
    return series_colour(order[place] + len(order) * turn, palette=palette)


def num_series_colours() -> int:
    """How many series have a colour that no other has."""
    return len(_SERIES[PALETTES["dark"].name])
