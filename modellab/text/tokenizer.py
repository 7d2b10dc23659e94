"""A vocabulary and how text is cut into it. Token 0 pads, token 1 is the unknown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

PAD, UNKNOWN = 0, 1
MARK = "\ufffd"  # how the unknown reads


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """A text as tokens: their ids, and the (start, end) in characters of the text that each stands for."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


class Encoded(NamedTuple):
    """Many texts end to end: ids int32 [N], offsets int64 [texts + 1]: text i is ids[offsets[i]:offsets[i + 1]].

    unknown: what stands in the texts for each UNKNOWN among the ids, in their order.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    unknown: list[str]


class Tokenizer(Protocol):
    """Cuts text; the same after `save` and `load_tokenizer`."""

    @property
    def size(self) -> int:
        """Tokens in the vocabulary, the two special ones counted."""

    def encode(self, text: str) -> Tokens:
        """Cut a text; what is not in the vocabulary becomes UNKNOWN. Not truncated."""

    def encode_all(self, texts: Sequence[str]) -> Encoded:
        """Cut many texts, each as `encode` does."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, one after the other."""

    def token(self, token_id: int) -> str:
        """One token for the eye: a space as ␣, a newline as ⏎, the unknown as �."""

    def save(self, path: Path) -> None:
        """Write it as JSON (a `tokenizer.json` of the `tokenizers` library or our own), atomically."""


def load_tokenizer(path: Path, *, field: str = "") -> Tokenizer:
    """The tokenizer that `save` wrote, or any `tokenizer.json` of the `tokenizers` library.

    Raises:
        UserError: the file is missing, not JSON or no tokenizer; `field` is the option it is about.
    """
    from modellab.text.saved import read_tokenizer

    return read_tokenizer(path, field=field)
