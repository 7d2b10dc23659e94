"""Colour maps as look-up tables of 256 RGBA rows; each is built once a theme."""

from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from ui.theme.palette import Palette, ThemeName
from ui.theme.series import class_colour
from ui.theme.state import theme

ColourMapName = Literal["viridis", "diverging", "attention"]
LookUpTable = npt.NDArray[np.uint8]  # (256, 4)

COLOUR_MAP_NAMES: tuple[ColourMapName, ...] = ("viridis", "diverging", "attention")

# Every fifth entry of viridis (Smith and van der Walt, CC0): between them a line is within one level of the original.
_VIRIDIS = """
440154 46085c 471063 481769 481d6f 482475 472a7a 46307e 453781 433d84 414287 3f4889 3d4e8a 3a538b 38598c 355e8d
33638d 31688e 2e6d8e 2c718e 2a768e 297b8e 27808e 25848e 23898e 218e8d 20928c 1f978b 1e9c89 1fa188 21a585 24aa83
28ae80 2eb37c 35b779 3dbc74 46c06f 50c46a 5ac864 65cb5e 70cf57 7cd250 89d548 95d840 a2da37 b0dd2f bddf26 cae11f
d8e219 e5e419 f1e51d fde725
"""
# Ends of one lightness, so that minus and plus of one size look equally strong.
_NEGATIVE: dict[ThemeName, tuple[str, str]] = {"dark": ("#3461b8", "#6fa0ff"), "light": ("#7fa6f2", "#1f56cf")}
_POSITIVE: dict[ThemeName, tuple[str, str]] = {"dark": ("#a5443c", "#ff7d6d"), "light": ("#ef8f85", "#c6312b")}
# No attention is the panel itself; the strongest tenth turns yellow in the dark and ink in the light.
_ATTENTION: dict[ThemeName, tuple[str, ...]] = {
    "dark": ("#263762", "#3a63c8", "#7f93d8", "#d9b98d", "#ffd479"),
    "light": ("#cfdcfa", "#8fb0f3", "#4f7fe6", "#2451b8", "#0b2666"),
}


def colour_map(name: ColourMapName, *, palette: Palette | None = None) -> LookUpTable:
    """The table of a map in the theme in force, read-only: viridis for 0..1, diverging about 0, attention for 0..1."""
    return _table(name, palette or theme().palette)


def class_colours(num_classes: int, *, palette: Palette | None = None) -> LookUpTable:
    """RGBA of each class, (num_classes, 4): what a decision surface blends from the panel's colour."""
    colours = [class_colour(index, palette=palette) for index in range(num_classes)]
    return np.array([[*bytes.fromhex(colour[1:]), 255] for colour in colours], dtype=np.uint8).reshape(-1, 4)


@cache
def _table(name: ColourMapName, palette: Palette) -> LookUpTable:
    if name == "viridis":
        rgb = _between(_rgb(_VIRIDIS.split()), at=np.linspace(0, 1, 256))
    elif name == "attention":
        anchors = (palette.panel, *_ATTENTION[palette.name])
        rgb = _perceptual(anchors, at=np.linspace(0, 1, 256))
    else:
        # The two middle entries are both neutral, so the map is symmetric although 256 is even.
        strength = np.linspace(0, 1, 128)
        negative = _perceptual((palette.panel, *_NEGATIVE[palette.name]), at=strength)
        positive = _perceptual((palette.panel, *_POSITIVE[palette.name]), at=strength)
        rgb = np.concatenate([negative[::-1], positive])
    table = np.full((256, 4), 255, dtype=np.uint8)
    table[:, :3] = np.clip(np.rint(rgb), 0, 255)
    table.setflags(write=False)
    return table


def _rgb(colours: list[str]) -> npt.NDArray[np.float64]:
    return np.array([[*bytes.fromhex(colour.removeprefix("#"))] for colour in colours], dtype=np.float64)


def _between(anchors: npt.NDArray[np.float64], *, at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    places = np.linspace(0, 1, len(anchors))
    return np.stack([np.interp(at, places, anchors[:, channel]) for channel in range(anchors.shape[1])], axis=1)


# OKLab (Ottosson 2020): a straight line in it looks evenly stepped, which one in RGB does not.
_TO_CONES = np.array([[0.4122214708, 0.5363325363, 0.0514459929],
                      [0.2119034982, 0.6806995451, 0.1073969566],
                      [0.0883024619, 0.2817188376, 0.6299787005]])  # fmt: skip
_TO_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468],
                    [1.9779984951, -2.4285922050, 0.4505937099],
                    [0.0259040371, 0.7827717662, -0.8086757660]])  # fmt: skip


def _perceptual(colours: tuple[str, ...], *, at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """RGB 0..255 along a path through ``colours``, even in OKLab."""
    srgb = _rgb(list(colours)) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lab = _between(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T, at=at)
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T, 0, 1)
    result = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(result * 255, dtype=np.float64)
