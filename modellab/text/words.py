"""Words as tokens: runs of letters and digits, each sign by itself, each line end; or what white space parts."""

from __future__ import annotations

import collections
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modellab.text.characters import special
from modellab.text.clean import cleaned, lowered, shown
from modellab.text.saved import SavedWords, write_saved
from modellab.text.tokenizer import PAD, UNKNOWN, Encoded, Tokens

_FIRST = 2
_PLAIN = re.compile(r"\n|\w+|[^\w\s]")
_AT_SPACES = re.compile(r"\n|[^\s]+")
_SET = re.compile(
    r" (?=[.,;:!?)\]}”»…%])|(?<=[(\[{‘“«]) | ?\n ?|(?<=\w) (?P<kept>['’]) (?=(?:s|t|d|m|ll|re|ve)\b)", re.IGNORECASE
)


class WordTokenizer:
    """A fixed list of words; every other is the unknown. The word "<unk>" of a prepared corpus is the unknown too."""

    def __init__(self, words: Sequence[str], *, lower_case: bool = False, at_spaces: bool = False) -> None:
        self._words = tuple(words)
        self._lower_case = lower_case
        self._at_spaces = at_spaces
        self._ids = {word: number for number, word in enumerate(self._words, start=_FIRST)}

    @classmethod
    def fitted(
        cls, texts: Iterable[str], *, most: int, lower_case: bool = False, at_spaces: bool = False
    ) -> WordTokenizer:
        """The commonest words of the texts, so many that the vocabulary has at most `most` tokens."""
        counts: collections.Counter[str] = collections.Counter()
        for text in texts:
            prepared = _prepared(text, lower_case)
            counts.update(_pattern_for(prepared, at_spaces=at_spaces).findall(prepared))
        counts.pop("<unk>", None)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        words = [word for word, _ in ranked[: max(1, most - _FIRST)]]
        return cls(words, lower_case=lower_case, at_spaces=at_spaces)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The words in the order of their ids."""
        return self._words

    @property
    def lower_case(self) -> bool:
        """Whether capitals count as small letters."""
        return self._lower_case

    @property
    def at_spaces(self) -> bool:
        """Whether words are what white space parts."""
        return self._at_spaces

    @property
    def size(self) -> int:
        """Words and the two special tokens."""
        return _FIRST + len(self._words)

    def encode(self, text: str) -> Tokens:
        """The words with their places."""
        prepared = _prepared(text, self._lower_case)
        found = list(_pattern_for(prepared, at_spaces=self._at_spaces).finditer(prepared))
        ids = tuple(self._ids.get(match.group(), UNKNOWN) for match in found)
        return Tokens(ids=ids, spans=tuple(match.span() for match in found))

    def encode_all(self, texts: Sequence[str]) -> Encoded:
        """As the protocol has it; of the unknown words the letters as they are looked up, lower case where all are."""
        parts: list[NDArray[np.int32]] = []
        unknown: list[str] = []
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        for index, text in enumerate(texts):
            prepared = _prepared(text, self._lower_case)
            words = _pattern_for(prepared, at_spaces=self._at_spaces).findall(prepared)
            part = np.fromiter(map(self._ids.get, words, itertools.repeat(UNKNOWN)), dtype=np.int32, count=len(words))
            parts.append(part)
            unknown += [words[place] for place in np.flatnonzero(part == UNKNOWN).tolist()]
            offsets[index + 1] = offsets[index] + len(part)
        ids = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
        return Encoded(ids=ids, offsets=offsets, unknown=unknown)

    def decode(self, ids: Sequence[int]) -> str:
        """The words with spaces between, as they are usually set; the unknown is �."""
        words = [self._words[number - _FIRST] if number >= _FIRST else "\ufffd" for number in ids if number != PAD]
        return _SET.sub(lambda match: match["kept"] or ("\n" if "\n" in match.group() else ""), " ".join(words))

    def token(self, token_id: int) -> str:
        """One word for the eye."""
        return special(token_id) or shown(self._words[token_id - _FIRST])

    def save(self, path: Path) -> None:
        """As the protocol has it."""
        write_saved(SavedWords(tokens=self._words, lower_case=self._lower_case, at_spaces=self._at_spaces), path)


def _prepared(text: str, lower_case: bool) -> str:
    return lowered(cleaned(text)) if lower_case else cleaned(text)


def _pattern_for(text: str, *, at_spaces: bool) -> re.Pattern[str]:
    """Python's \\w has no combining marks, without which Hindi words fall apart; looking for them takes time."""
    if at_spaces:
        return _AT_SPACES
    return _PLAIN if text.isascii() else _with_marks()


@functools.cache
def _with_marks() -> re.Pattern[str]:
    marks = _marks()
    return re.compile(rf"\n|[\w{marks}]+|[^\w\s{marks}]")


def _marks() -> str:
    """The combining marks and joiners as ranges for a character class."""
    codes = [code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code)).startswith("M")]
    codes += [0x200C, 0x200D, *range(0xE0100, 0xE01F0)]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in ranges)
