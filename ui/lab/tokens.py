"""From tokens as they are shown to the text they stand for, which depends on how the dataset's tokenizer cuts."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

PADDING, UNKNOWN = 0, 1  # ids that every vocabulary has

_SIGNS = {"␣": " ", "⏎": "\n", "⇥": "\t", "⍽": "\u00a0", "\u25cc": ""}
_SIGNS |= {chr(0x2400 + code): chr(code) for code in range(32)}
_TABLE = str.maketrans(_SIGNS)
_NUMBERED = re.compile(r"‹([0-9A-F]{2,6})›")
_CLOSES, _OPENS = ".,;:!?)]}’”»…%\n", "([{‘“«\n"
_FEW = 4  # of so few tokens none says whether there are spaces
_APART = ("words", "wordpiece")
HIDDEN = ("[MASK]", "<mask>")  # as models name a token that is to be guessed


def token_number(place: int) -> int:
    """What a person is told of a place in a text: the first token is the first, not the zeroth."""
    return place + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """A text and where each of its tokens is in it, (start, end) in characters."""

    text: str
    spans: tuple[tuple[int, int], ...]


def spelled(tokens: Sequence[str], *, tokenizer: str) -> Spelled:
    """The text of tokens as they are shown. tokenizer: as the dataset names it.

    Close to the original, not always equal to it: words have lost the spaces between them, and what is unknown is �.
    """
    if tokenizer == "bytes":
        return _of_bytes(tokens)
    tokenizer = _told_by(tokens, tokenizer)
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    length, last = 0, ""
    for shown in tokens:
        gap, piece = _piece(last, shown, tokenizer=tokenizer)
        parts += [gap, piece]
        spans.append((length + len(gap), length + len(gap) + len(piece)))
        length, last = spans[-1][1], piece or last
    return Spelled(text="".join(parts), spans=tuple(spans))


def reading_on(tokens: Sequence[str], *, tokenizer: str) -> tuple[str, ...]:
    """Tokens as they are shown, as a text that reads on: each as it is written, what stands between at its end.

    What has no look of its own when written, such as a lone accent or a part of a letter, stays as it is shown.
    """
    return tuple(tokens) if tokenizer == "bytes" else _reading_on(tuple(tokens), _told_by(tokens, tokenizer))


def added_text(text: str, shown: str, *, tokenizer: str) -> str:
    """What one more token adds to a text; nothing where it is padding, the unknown or a part of a letter."""
    is_part = tokenizer == "bytes" and _NUMBERED.fullmatch(shown) is not None
    if shown in ("", "∅", "\ufffd") or is_part:
        return ""
    return "".join(_piece(text[-1:], shown, tokenizer=tokenizer))


@functools.lru_cache(maxsize=8)  # of one text numbers come again and again while a run trains
def _reading_on(tokens: tuple[str, ...], tokenizer: str) -> tuple[str, ...]:
    found: list[str] = []
    last = ""
    for shown in tokens:
        gap, piece = _piece(last, shown, tokenizer=tokenizer)
        if found:
            found[-1] += gap
        is_plain = piece.strip("\u200b") and not any(ord(letter) < 32 and letter != "\n" for letter in piece)
        found.append(piece if is_plain and "\u25cc" not in shown else shown)
        last = piece or last
    return tuple(found)


def _told_by(tokens: Sequence[str], tokenizer: str) -> str:
    """Of a tokenizer.json the tokens tell whether spaces are part of them; where they are not, it cuts as WordPiece."""
    has_spaces = len(tokens) < _FEW or any("␣" in token for token in tokens)
    return "wordpiece" if tokenizer == "file" and not has_spaces else tokenizer


def _piece(last: str, shown: str, *, tokenizer: str) -> tuple[str, str]:
    """What stands between, and the token itself."""
    if tokenizer == "wordpiece" and shown.startswith("##"):
        return "", shown[2:]
    piece = _NUMBERED.sub(lambda found: chr(int(found.group(1), 16)), shown.translate(_TABLE))
    is_apart = tokenizer in _APART and bool(last) and not last[-1].isspace()
    if is_apart and piece[:1] not in _CLOSES and last[-1] not in _OPENS:
        return " ", piece
    return "", piece


def _of_bytes(tokens: Sequence[str]) -> Spelled:
    """The bytes of one letter share its span."""
    content, firsts = bytearray(), []
    for shown in tokens:
        firsts.append(len(content))
        number = _NUMBERED.fullmatch(shown)
        content += bytes([int(number.group(1), 16)]) if number else shown.translate(_TABLE).encode()
    text = bytes(content).decode("utf-8", "replace")
    places: list[int] = []  # of each byte, its letter
    for place, letter in enumerate(text):
        places += [place] * (1 if letter == "\ufffd" else len(letter.encode()))
    places += [len(text)] * (len(content) + 1 - len(places))
    return Spelled(text=text, spans=tuple((places[first], min(len(text), places[first] + 1)) for first in firsts))
