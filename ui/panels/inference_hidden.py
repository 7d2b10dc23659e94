"""A text for a model that guesses hidden tokens: whether it asks anything, and how one of its tokens is hidden."""

from __future__ import annotations

import random
from collections.abc import Sequence

from modellab.text.tokenizer import MARK
from ui.lab.tokens import HIDDEN, Spelled, spelled

_SEPARATORS = ("[SEP]", "</s>")


def asks(text: str, second: str) -> bool:
    """Whether there is something to guess: a hidden token, or whether a second text follows."""
    return bool(text.strip()) and (bool(second.strip()) or any(mark in text for mark in (*HIDDEN, *_SEPARATORS)))


def one_hidden(tokens: Sequence[str], *, tokenizer: str) -> tuple[str, str]:
    """The text of tokens as they are shown, one of them hidden, and that one; a whole word where there is one, so that
    what stands around it is read as before. The text alone where no token can be hidden."""
    found = spelled(tokens, tokenizer=tokenizer)
    any_of = [place for place, token in enumerate(tokens) if _is_letters(found, place) and MARK not in token]
    words = [place for place in any_of if _is_word(found, place)]
    if not any_of:
        return found.text, ""
    place = random.choice(words or any_of)
    start, end = found.spans[place]
    return f"{found.text[:start]}{HIDDEN[0]}{found.text[end:]}", tokens[place]


def _is_letters(found: Spelled, place: int) -> bool:
    """Whether a token is all of what stands there: the parts of one letter share its place."""
    start, end = found.spans[place]
    is_shared = any(first < end and start < last for first, last in _beside(found, place))
    return bool(found.text[start:end].strip()) and not is_shared


def _beside(found: Spelled, place: int) -> list[tuple[int, int]]:
    return [*found.spans[max(0, place - 1) : place], *found.spans[place + 1 : place + 2]]


def _is_word(found: Spelled, place: int) -> bool:
    start, end = found.spans[place]
    word = found.text[start:end]
    is_begun = word[0].isspace() or not found.text[:start][-1:].isalnum()
    return word.strip().isalpha() and is_begun and not found.text[end : end + 1].isalnum()
