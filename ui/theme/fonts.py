"""The bundled fonts and the text styles; figures are tabular everywhere, so no number makes its neighbours jump."""

from functools import cache
from typing import Literal

from PySide6.QtGui import QFont, QFontDatabase

from ui.theme.assets import assets_folder

TextStyle = Literal["title", "strong", "body", "small", "section", "mono"]

FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"
# Logical pixels: Qt scales them with the screen, and layouts on the 8 px grid stay true.
TITLE_PX, BODY_PX, SMALL_PX = 16, 13, 12

_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")


@cache
def load_fonts() -> None:
    """Register the bundled fonts with Qt; needs a QGuiApplication, does its work once."""
    for file in _FILES:
        path = assets_folder() / "fonts" / file
        number = QFontDatabase.addApplicationFont(str(path))
        assert number >= 0, f"cannot load the font {path}"


def font(style: TextStyle = "body") -> QFont:
    """A fresh font of one of the text styles; ``section`` is the small spaced capitals of headings."""
    if style == "mono":
        result = QFont(MONO_FAMILY)
        result.setStyleHint(QFont.StyleHint.Monospace)
        result.setPixelSize(SMALL_PX)
        return result
    result = QFont(FAMILY)
    result.setStyleHint(QFont.StyleHint.SansSerif)
    result.setPixelSize({"title": TITLE_PX, "small": SMALL_PX, "section": 11}.get(style, BODY_PX))
    if style in ("title", "strong", "section"):
        result.setWeight(QFont.Weight.DemiBold)
    if style == "section":
        result.setCapitalization(QFont.Capitalization.AllUppercase)
        result.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result
