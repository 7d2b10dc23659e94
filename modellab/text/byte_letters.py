"""The bytes that a piece of a byte-level vocabulary stands for, from the letters that it writes them with.

GPT-2's alphabet has a printable letter for each byte (Radford et al. 2019, `bytes_to_unicode`); SentencePiece names a
byte that it falls back to, <0xE2>.
"""

from __future__ import annotations

import functools
import re

from modellab.text.clean import shown_bytes

_FALLEN_BACK = re.compile(r"<0x([0-9A-F]{2})>")


def shown_part(piece: str) -> str:
    """A piece that is no whole text, for the eye; as it is, where it is of no such alphabet."""
    if found := fallen_back(piece):
        return found
    alphabet = _alphabet()
    if piece.isascii() or not all(letter in alphabet for letter in piece):
        return piece
    return shown_bytes(bytes(alphabet[letter] for letter in piece))


def fallen_back(piece: str) -> str:
    """A byte of SentencePiece for the eye; empty where the piece is none."""
    found = _FALLEN_BACK.fullmatch(piece)
    return shown_bytes(bytes.fromhex(found[1])) if found else ""


@functools.cache
def _alphabet() -> dict[str, int]:
    """The byte of each letter: printable Latin-1 is itself, the others follow one another from U+0100 on."""
    itself = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(itself)]
    return {chr(byte): byte for byte in itself} | {chr(0x100 + place): byte for place, byte in enumerate(others)}
