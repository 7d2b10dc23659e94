"""Text of whatever direction among other text: what stands before and behind it keeps its place (Unicode UAX 9)."""

from __future__ import annotations

import unicodedata

_OTHERS = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_FIRST_STRONG, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"


def isolated(text: str) -> str:
    """The text as one part of a sentence or row, of the direction of its first letter; itself where all of it runs
    from left to right, so that what is copied or written to a terminal has no marks in it."""
    if text.isascii() or not any(unicodedata.bidirectional(letter) in _OTHERS for letter in text):
        return text
    return f"{_FIRST_STRONG}{text}{_END}"


def left_to_right(text: str) -> str:
    """A number or sign of ours amid letters of another direction."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}"


def is_right_to_left(text: str) -> bool:
    """Whether its first letter is written from right to left."""
    if text.isascii():
        return False
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"
