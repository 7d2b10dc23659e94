"""From tokens as they are shown to the text they stand for, which depends on how the dataset's tokenizer cuts."""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from modellab.text.clean import shown_bytes

PADDING, UNKNOWN = 0, 1  # ids that every vocabulary has

_SIGNS = {"␣": " ", "⏎": "\n", "⇥": "\t", "⍽": "\u00a0", "\u25cc": ""}
_SIGNS |= {chr(0x2400 + code): chr(code) for code in range(32)}
_TABLE = str.maketrans(_SIGNS)
_NUMBERED = re.compile(r"‹([0-9A-F]{2,6})›")
_BYTES = re.compile(r"‹x((?:[0-9A-F]{2})+)›")  # parts of a letter; in between they are lone surrogates
_PARTS = re.compile("[\udc80-\udcff]+")
_MOST_PARTS = 3  # of a letter, beside the first
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
    Tokens that are parts of one letter share its span.
    """
    tokenizer = _told_by(tokens, tokenizer)
    parts: list[str] = []
    last = ""
    for shown in tokens:
        gap, piece = _piece(last, shown, tokenizer=tokenizer)
        parts += [gap, piece]
        last = piece or last
    text, starts, stops = _joined(parts)
    return Spelled(text=_PARTS.sub("\ufffd", text), spans=tuple(zip(starts[1::2], stops[1::2], strict=True)))


def reading_on(tokens: Sequence[str], *, tokenizer: str) -> tuple[str, ...]:
    """Tokens as they are shown, as a text that reads on: each as it is written, what stands between at its end.

    What has no look of its own when written, such as a lone accent, stays as it is shown; parts of a letter are as
    `with_whole_letters` has them.
    """
    return _reading_on(tuple(tokens), _told_by(tokens, tokenizer))


def with_whole_letters(tokens: Sequence[str]) -> tuple[str, ...]:
    """Tokens of a running text, a letter in place of its parts where all of them stand together: it is the first one's,
    and of a token that is but the rest of it nothing is left. Other parts stay as they are shown."""
    parts = [_BYTES.sub(_apart, token) for token in tokens]
    text, _, stops = _joined(parts)
    return tuple(_PARTS.sub(_marked, text[start:stop]) for start, stop in itertools.pairwise([0, *stops]))


def letter_around(tokens: Sequence[str], place: int) -> str:
    """The letter that a token is a part of, where its other parts stand beside it; else nothing."""
    first = max(0, place - _MOST_PARTS)
    near = [_BYTES.sub(_apart, token) for token in tokens[first : place + _MOST_PARTS + 1]]
    text, starts, stops = _joined(near)
    found = text[starts[place - first] : stops[place - first]]
    return "".join(letter for letter in found if letter not in near[place - first] and not _PARTS.match(letter))


def has_parts(token: str) -> bool:
    """Whether a token as it is shown holds a part of a letter."""
    return _BYTES.search(token) is not None


def added_text(text: str, shown: str, *, tokenizer: str) -> str:
    """What one more token adds to a text; nothing where it is padding, the unknown or a part of a letter."""
    if shown in ("", "∅", "\ufffd") or has_parts(shown):
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
    return with_whole_letters(found)


def _told_by(tokens: Sequence[str], tokenizer: str) -> str:
    """Of a tokenizer.json the tokens tell whether spaces are part of them; where they are not, it cuts as WordPiece."""
    has_spaces = len(tokens) < _FEW or any("␣" in token for token in tokens)
    return "wordpiece" if tokenizer == "file" and not has_spaces else tokenizer


def _piece(last: str, shown: str, *, tokenizer: str) -> tuple[str, str]:
    """What stands between, and the token itself."""
    if tokenizer == "wordpiece" and shown.startswith("##"):
        return "", shown[2:]
    piece = _NUMBERED.sub(lambda found: chr(int(found.group(1), 16)), shown.translate(_TABLE))
    piece = _BYTES.sub(_apart, piece)
    is_apart = tokenizer in _APART and bool(last) and not last[-1].isspace()
    if is_apart and piece[:1] not in _CLOSES and last[-1] not in _OPENS:
        return " ", piece
    return "", piece


def _joined(parts: Sequence[str]) -> tuple[str, list[int], list[int]]:
    """Strings as one, bytes that are a letter together as that letter; where in it each begins and ends: one cut within
    a letter from its beginning, or to its end."""
    text = "".join(parts)
    stops = list(itertools.accumulate(map(len, parts)))
    if not _PARTS.search(text):
        return text, [0, *stops[:-1]], stops
    content = [part.encode(errors="surrogateescape") for part in parts]
    whole = b"".join(content).decode(errors="surrogateescape")
    sizes = (len(letter.encode(errors="surrogateescape")) for letter in whole)
    edges = [0, *itertools.accumulate(sizes)]
    stops = list(itertools.accumulate(map(len, content)))
    starts = [0, *stops[:-1]]
    return (
        whole,
        [bisect.bisect_right(edges, place) - 1 for place in starts],
        [bisect.bisect_left(edges, place) for place in stops],
    )


def _apart(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1]).decode(errors="surrogateescape")


def _marked(found: re.Match[str]) -> str:
    return shown_bytes(found[0].encode(errors="surrogateescape"))
