"""Colours of series and classes: Okabe and Ito's eight, tuned so that each reads on both themes."""

from ui.theme.palette import PALETTES, Palette, ThemeName, mix
from ui.theme.state import theme

# Sky blue, orange, green, vermillion, purple, blue, yellow, grey: the order keeps neighbours far apart.
_SERIES: dict[ThemeName, tuple[str, ...]] = {
    "dark": ("#56b4e9", "#e69f00", "#12b385", "#ee6a2b", "#cc79a7", "#3d7dd8", "#f0e442", "#a7afbe"),
    "light": ("#1f86c2", "#b97a00", "#008a64", "#c85600", "#b8598f", "#005f96", "#8c8200", "#5a6374"),
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
