"""How Model Lab looks: palettes, fonts, icons, colour maps and the one stylesheet."""

from ui.theme.fonts import font, load_fonts
from ui.theme.palette import Palette, ThemeName, contrast_ratio, mix
from ui.theme.series import class_colour, series_colour
from ui.theme.state import Theme, ThemeChoice, apply_theme, making_many_widgets, system_theme, theme

__all__ = [
    "Palette",
    "Theme",
    "ThemeChoice",
    "ThemeName",
    "apply_theme",
    "class_colour",
    "contrast_ratio",
    "font",
    "load_fonts",
    "making_many_widgets",
    "mix",
    "series_colour",
    "system_theme",
    "theme",
]
