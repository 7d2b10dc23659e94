"""Characters and bytes as tokens, a whole corpus at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modellab.text.clean import cleaned, lowered, shown, shown_bytes
from modellab.text.saved import SavedBytes, SavedCharacters, write_saved
from modellab.text.tokenizer import PAD, UNKNOWN, Encoded, Tokens

_FIRST = 2


class CharacterTokenizer:
    """One token a character (a Unicode code point)."""

    def __init__(self, characters: Sequence[str], *, lower_case: bool = False) -> None:
        self._characters = tuple(characters)
        self._lower_case = lower_case
        codes = np.array([ord(character) for character in self._characters], dtype=np.int64)
        # One place beyond the highest code, where every higher one is looked up.
        self._table = np.full(int(codes.max(initial=0)) + 2, UNKNOWN, dtype=np.int32)
        self._table[codes] = np.arange(_FIRST, _FIRST + len(codes))

    @classmethod
    def fitted(cls, texts: Sequence[str], *, lower_case: bool = False) -> CharacterTokenizer:
        """Every character of the texts, the commonest first."""
        codes = _codes("".join(_prepared(text, lower_case) for text in texts))
        found, counts = np.unique(codes, return_counts=True)
        order = np.lexsort((found, -counts))
        return cls([chr(code) for code in found[order]], lower_case=lower_case)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The characters in the order of their ids."""
        return self._characters

    @property
    def lower_case(self) -> bool:
        """Whether capitals count as small letters."""
        return self._lower_case

    @property
    def size(self) -> int:
        """Characters and the two special tokens."""
        return _FIRST + len(self._characters)

    def encode(self, text: str) -> Tokens:
        """One token a character."""
        ids = self.encode_all([text]).ids
        return Tokens(ids=tuple(ids.tolist()), spans=tuple((place, place + 1) for place in range(len(text))))

    def encode_all(self, texts: Sequence[str]) -> Encoded:
        """As the protocol has it."""
        prepared = [_prepared(text, self._lower_case) for text in texts]
        codes = _codes("".join(prepared))
        ids = self._table[np.minimum(codes, len(self._table) - 1)]
        unknown = [chr(code) for code in codes[ids == UNKNOWN].tolist()]
        return Encoded(ids=ids, offsets=_offsets([len(text) for text in prepared]), unknown=unknown)

    def decode(self, ids: Sequence[int]) -> str:
        """The characters; the unknown is �."""
        return "".join(self._character(token_id) for token_id in ids if token_id != PAD)

    def token(self, token_id: int) -> str:
        """One character for the eye."""
        return special(token_id) or shown(self._characters[token_id - _FIRST])

    def save(self, path: Path) -> None:
        """As the protocol has it."""
        write_saved(SavedCharacters(tokens=self._characters, lower_case=self._lower_case), path)

    def _character(self, token_id: int) -> str:
        return self._characters[token_id - _FIRST] if token_id >= _FIRST else "\ufffd"


class ByteTokenizer:
    """One token a byte of UTF-8; nothing is unknown."""

    @property
    def size(self) -> int:
        """256 and the two special tokens."""
        return _FIRST + 256

    def encode(self, text: str) -> Tokens:
        """The bytes; those of one character share its span."""
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        for place, character in enumerate(cleaned(text)):
            found = character.encode()
            ids.extend(byte + _FIRST for byte in found)
            spans.extend([(place, place + 1)] * len(found))
        return Tokens(ids=tuple(ids), spans=tuple(spans))

    def encode_all(self, texts: Sequence[str]) -> Encoded:
        """As the protocol has it."""
        encoded = [cleaned(text).encode() for text in texts]
        ids = np.frombuffer(b"".join(encoded), dtype=np.uint8).astype(np.int32) + _FIRST
        return Encoded(ids=ids, offsets=_offsets([len(part) for part in encoded]), unknown=[])

    def decode(self, ids: Sequence[int]) -> str:
        """The text; bytes that are no UTF-8 and the unknown are �."""
        content = b"".join(
            bytes([token_id - _FIRST]) if token_id >= _FIRST else "\ufffd".encode()
            for token_id in ids
            if token_id != PAD
        )
        return content.decode("utf-8", "replace")

    def token(self, token_id: int) -> str:
        """An ASCII character as it is, another byte by its number."""
        return special(token_id) or shown_bytes(bytes([token_id - _FIRST]))

    def save(self, path: Path) -> None:
        """As the protocol has it."""
        write_saved(SavedBytes(), path)


def special(token_id: int) -> str:
    """How the padding and the unknown read; empty for other tokens."""
    return {PAD: "∅", UNKNOWN: "\ufffd"}.get(token_id, "")


def _prepared(text: str, lower_case: bool) -> str:
    return lowered(cleaned(text)) if lower_case else cleaned(text)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")


def _offsets(lengths: Sequence[int]) -> NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
