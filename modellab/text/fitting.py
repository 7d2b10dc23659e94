"""Make the tokenizer that a dataset's options ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from modellab.errors import UserError
from modellab.text.tokenizer import Tokenizer, load_tokenizer

TokenizerKind = Literal["characters", "bytes", "words", "bpe", "wordpiece", "file"]


class TokenizerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which tokenizer, and for those that are learnt the size of the vocabulary, special tokens counted.

    at_spaces: words are what white space parts, as in a corpus that is cut into words already.
    """

    kind: TokenizerKind
    vocabulary_size: int = 0
    file: str = ""
    lower_case: bool = False
    at_spaces: bool = False


def fit_tokenizer(options: TokenizerOptions, texts: Sequence[str]) -> Tokenizer:
    """Learn the vocabulary from the texts, or read the file.

    Raises:
        UserError: the file is no tokenizer; the field is `dataset.tokenizer_file`.
    """
    if options.kind == "file":
        return file_tokenizer(options.file)
    if options.kind in ("bpe", "wordpiece"):
        from modellab.text import subwords

        least = 256 + 2 if options.kind == "bpe" else 2
        if options.vocabulary_size < least:
            raise UserError(
                f"A BPE vocabulary holds the 256 bytes first; make it at least {least}.",
                field="dataset.vocabulary_size",
            )
        kind: Literal["bpe", "wordpiece"] = "bpe" if options.kind == "bpe" else "wordpiece"
        return subwords.trained(kind, texts, most=options.vocabulary_size, lower_case=options.lower_case)
    if options.kind == "words":
        from modellab.text.words import WordTokenizer

        return WordTokenizer.fitted(
            texts, most=options.vocabulary_size, lower_case=options.lower_case, at_spaces=options.at_spaces
        )
    from modellab.text.characters import ByteTokenizer, CharacterTokenizer

    return (
        ByteTokenizer() if options.kind == "bytes" else CharacterTokenizer.fitted(texts, lower_case=options.lower_case)
    )


def file_tokenizer(text: str) -> Tokenizer:
    """The tokenizer at a path a person gave.

    Raises:
        UserError: there is none, or it is no tokenizer.
    """
    field = "dataset.tokenizer_file"
    if not text.strip():
        raise UserError("No tokenizer file is chosen; pick a tokenizer.json.", field=field)
    path = Path(text.strip()).expanduser()
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise UserError(f"The tokenizer file {path} {what}; pick a tokenizer.json.", field=field)
    return load_tokenizer(path, field=field)
