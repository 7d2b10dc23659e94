"""The colours a plot paints with, out of the theme's palette."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor

from ui.theme import Palette, mix, series_colour, theme


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotStyle:
    """Colours as ``#rrggbb``."""

    palette: Palette
    background: str
    grid: str
    axis: str
    text: str
    muted: str
    accent: str
    label_background: str

    def series(self, colour: int | str) -> QColor:
        """A series index follows the theme; ``#rrggbb`` is taken as it is."""
        return QColor(_series_colour(colour, self.palette))

    def faint(self, colour: int | str, *, amount: float = 0.66) -> QColor:
        """The series colour sunk into the background: opaque, for alpha costs Qt up to a hundred times more."""
        return QColor(_faint_colour(colour, self.palette, amount))


def plot_style(palette: Palette | None = None) -> PlotStyle:
    """The style of a palette, the theme's own by default."""
    palette = palette or theme().palette
    return PlotStyle(
        palette=palette,
        background=palette.panel,
        grid=mix(palette.line, palette.panel, amount=0.45),
        axis=palette.line,
        text=palette.text,
        muted=palette.muted,
        accent=palette.accent,
        label_background=palette.raised,
    )


@lru_cache(maxsize=256)
def _series_colour(colour: int | str, palette: Palette) -> str:
    return series_colour(colour, palette=palette) if isinstance(colour, int) else colour


@lru_cache(maxsize=256)
def _faint_colour(colour: int | str, palette: Palette, amount: float) -> str:
    return mix(_series_colour(colour, palette), palette.panel, amount=amount)
