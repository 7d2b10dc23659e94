"""Tokenizers on disk: our own JSON, and the `tokenizer.json` of the `tokenizers` library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from modellab.errors import UserError
from modellab.runs.atomic import write_bytes
from modellab.text.tokenizer import Tokenizer

# A tokenizer.json of 250,000 tokens with its merges has about 20 MB.
_MAX_BYTES = 200_000_000


class Saved(msgspec.Struct, frozen=True, kw_only=True, tag_field="modellab"):
    """Our own tokenizers as a file: the tag says which, `tokens` are those from number 2 on."""

    tokens: tuple[str, ...] = ()
    lower_case: bool = False


class SavedCharacters(Saved, frozen=True, kw_only=True, tag="characters"):
    """Single characters."""


class SavedBytes(Saved, frozen=True, kw_only=True, tag="bytes"):
    """The 256 bytes of UTF-8."""


class SavedWords(Saved, frozen=True, kw_only=True, tag="words"):
    """Words; `at_spaces`: cut at white space alone."""

    at_spaces: bool = False


AnySaved = SavedCharacters | SavedBytes | SavedWords


def write_saved(saved: AnySaved, path: Path) -> None:
    """Write one of ours."""
    write_bytes(path, msgspec.json.encode(saved))


def read_tokenizer(path: Path, *, field: str) -> Tokenizer:
    """As `load_tokenizer`."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UserError(f"{path} is larger than any tokenizer.json; pick another file.", field=field)
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"The tokenizer {path} cannot be read: {error.strerror or error}.", field=field) from None
    try:
        values: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UserError(f"{path} is not a tokenizer.json: it is not JSON; pick another file.", field=field) from None
    if not isinstance(values, dict):
        raise UserError(f"{path} is not a tokenizer.json: it holds no JSON object; pick another file.", field=field)
    if "modellab" in values:
        return _ours(values, path, field)
    if not isinstance(values.get("model"), dict):
        raise UserError(
            f"{path} is not a tokenizer.json: it has no “model”, which says how text is cut; pick another file.",
            field=field,
        )
    from modellab.text.subwords import read_subwords

    return read_subwords(content, path=path, field=field)


def _ours(values: dict[str, Any], path: Path, field: str) -> Tokenizer:
    from modellab.text.characters import ByteTokenizer, CharacterTokenizer
    from modellab.text.words import WordTokenizer

    try:
        saved = msgspec.convert(values, AnySaved)
    except msgspec.ValidationError as error:
        raise UserError(f"{path} is a broken tokenizer: {error}.", field=field) from None
    match saved:
        case SavedCharacters():
            if any(len(token) != 1 for token in saved.tokens):
                raise UserError(f"{path} is a broken tokenizer: a character has more than one letter.", field=field)
            return CharacterTokenizer(saved.tokens, lower_case=saved.lower_case)
        case SavedWords():
            return WordTokenizer(saved.tokens, lower_case=saved.lower_case, at_spaces=saved.at_spaces)
    return ByteTokenizer()
