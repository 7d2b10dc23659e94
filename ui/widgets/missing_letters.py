"""Letters that no font of this machine has: each is told by its number, and one sentence says how to see them."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFontMetrics, QGuiApplication

from modellab.text.direction import left_to_right
from ui.theme import font
from ui.widgets.numbers import whole

# What Debian and Ubuntu call the fonts of these letters; of all others the last.
_EMOJI, _EAST_ASIAN, _OTHERS = "fonts-noto-color-emoji", "fonts-noto-cjk", "fonts-noto-core"
_BLOCKS = (
    (0x2600, 0x27BF, _EMOJI),
    (0x2E80, 0x9FFF, _EAST_ASIAN),
    (0xAC00, 0xD7AF, _EAST_ASIAN),
    (0xF900, 0xFAFF, _EAST_ASIAN),
    (0xFE30, 0xFE4F, _EAST_ASIAN),
    (0xFF00, 0xFFEF, _EAST_ASIAN),
    (0x1F000, 0x1FBFF, _EMOJI),
    (0x20000, 0x3FFFF, _EAST_ASIAN),
)
_MOST_NAMED = 3
_EVERYWHERE = "\u0370"  # letters before it are in the bundled font
_SELECTORS = ("\ufe00", "\ufe0f")  # they choose a look of the letter before them, and have none


@functools.lru_cache(maxsize=4096)
def has_shape(letter: str) -> bool:
    """Whether some font of this machine has it."""
    if letter < _EVERYWHERE or _SELECTORS[0] <= letter <= _SELECTORS[1] or QGuiApplication.instance() is None:
        return True
    return unicodedata.category(letter)[0] in "CZ" or QFontMetrics(font("small")).inFontUcs4(ord(letter))


def told_by_number(text: str) -> str:
    """The text, with ‹1F44D› where there would be an empty box; of one direction, whatever stands beside it."""
    if text.isascii():
        return text
    return "".join(letter if has_shape(letter) else left_to_right(f"‹{ord(letter):X}›") for letter in text)


def advice(texts: Iterable[str]) -> str:
    """What to install for letters that are told by their numbers; nothing where all can be drawn."""
    missing = _missing("".join(text for text in texts if not text.isascii()))
    if not missing:
        return ""
    said = (
        _tr("A number stands for 1 letter that no font here has: apt install {packages} (Debian, Ubuntu).")
        if len(missing) == 1
        else _tr("Numbers stand for {n} letters that no font here has: apt install {packages} (Debian, Ubuntu).")
    )
    return said.format(n=whole(len(missing)), packages=_packages(missing))


def advice_on_boxes(text: str) -> str:
    """The same of a text that is being typed, in which boxes stand for such letters: which they are."""
    missing = _missing(text)
    if not missing:
        return ""
    named = " ".join(map(told_by_number, missing[:_MOST_NAMED]))
    if len(missing) > _MOST_NAMED:
        named = _tr("{letters} and {n} more").format(letters=named, n=whole(len(missing) - _MOST_NAMED))
    said = (
        _tr("No font here has {letters}, shown as a box: apt install {packages} (Debian, Ubuntu).")
        if len(missing) == 1
        else _tr("No font here has {letters}, shown as boxes: apt install {packages} (Debian, Ubuntu).")
    )
    return said.format(letters=named, packages=_packages(missing))


def _missing(text: str) -> list[str]:
    """The letters that no font has, as they come."""
    return [] if text.isascii() else [letter for letter in dict.fromkeys(text) if not has_shape(letter)]


def _packages(letters: Iterable[str]) -> str:
    return " ".join(sorted({_package(letter) for letter in letters}))


def _package(letter: str) -> str:
    code = ord(letter)
    return next((package for first, last, package in _BLOCKS if first <= code <= last), _OTHERS)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TokenLabels", text)
