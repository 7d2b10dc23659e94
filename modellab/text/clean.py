"""Text as every tokenizer takes it: whole characters, and lower case that keeps their number."""

from __future__ import annotations

import itertools
import re

_SURROGATES = re.compile("[\ud800-\udfff]")
_SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\u00a0": "⍽"}


def cleaned(text: str) -> str:
    """The text with each half of a broken surrogate pair, which is no character, as �."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def lowered(text: str) -> str:
    """Lower case, as many characters as before: what would become two (İ) stays, so that spans hold."""
    found = text.lower()
    if len(found) == len(text):
        return found
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def shown(token: str) -> str:
    """A token for the eye: white space and control characters as signs, a mark that combines on a circle."""
    return "".join(_SHOWN.get(letter) or _visible(letter) for letter in token)


def shown_bytes(content: bytes) -> str:
    """Bytes for the eye: whole characters as they are, parts of one by their numbers, ‹xE280›."""
    found: list[str] = []
    for is_part, letters in itertools.groupby(content.decode(errors="surrogateescape"), key=_is_part):
        text = "".join(letters)
        found.append(f"‹x{text.encode(errors='surrogateescape').hex().upper()}›" if is_part else shown(text))
    return "".join(found)


def _is_part(letter: str) -> bool:
    return "\udc80" <= letter <= "\udcff"


def _visible(letter: str) -> str:
    code = ord(letter)
    if code < 32:
        return chr(0x2400 + code)
    if letter.isprintable():
        return letter if len(letter.encode()) == 1 else _based(letter)
    return f"‹{code:X}›"


def _based(letter: str) -> str:
    import unicodedata

    return f"\u25cc{letter}" if unicodedata.combining(letter) else letter
