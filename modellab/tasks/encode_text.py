"""A person's own text as tokens, and what was done to it on the way. Imports no torch."""

from __future__ import annotations

import msgspec

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.text.direction import isolated
from modellab.text.tokenizer import UNKNOWN, Tokenizer

# Of one text: the longest that is looked into. Training cuts at the sample's own length.
MAX_TOKENS = 4096
_MAX_CHARACTERS = 200_000
_MOST_NAMED = 5


class EncodedText(msgspec.Struct, frozen=True, kw_only=True):
    """Token ids, their places in the text as it was typed, how they read, and notes for a person.

    num_tokens: of the whole text, more than ids where it was cut; 0 where nobody counted. unknown: what stands in the
    text for each token that is not in the vocabulary, by its place.
    """

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    tokens: tuple[str, ...]
    num_tokens: int = 0
    unknown: dict[int, str] = {}
    notes: tuple[str, ...] = ()


def encode_text(text: str, sample: Sample, tokenizer: Tokenizer | None, *, context: int | None = None) -> EncodedText:
    """Cut a text as the model's own were: only the first tokens of one that is longer than it reads.

    context: the most tokens a language model reads at once; it reads the last of a longer text, which it continues.

    Raises:
        UserError: the text is empty, or the model reads none.
    """
    tokenizer = tokenizer_for(sample, tokenizer)
    notes: list[str] = []
    if len(text) > _MAX_CHARACTERS:
        text = text[:_MAX_CHARACTERS]
        notes.append(f"Only the first {_MAX_CHARACTERS:,} characters are read.")
    if "\0" in text:
        notes.append("The text holds NUL characters, which are read as spaces.")
        text = text.replace("\0", " ")  # of the same length, so that the spans still fit
    found = tokenizer.encode(text)
    if not found.ids:
        raise UserError("Type some text.")
    most = MAX_TOKENS if sample.task == "language_modelling" else min(sample.shape[0], MAX_TOKENS)
    if len(found.ids) > most:
        notes.append(f"Only the first {most:,} of {len(found.ids):,} tokens are read.")
    ids, spans = found.ids[:most], found.spans[:most]
    if context is not None and context < len(ids):
        notes = [f"Only the last {context:,} of {len(found.ids):,} tokens are read, which is the model's context."]
        ids, spans = found.ids[-context:], found.spans[-context:]
    unknown = {
        k: text[slice(*span)] for k, (token, span) in enumerate(zip(ids, spans, strict=True)) if token == UNKNOWN
    }
    if len(unknown) == len(ids):
        where = "of this text" if len(ids) == len(found.ids) else "of the part that is read"
        notes.append(f"Not one token {where} is in the vocabulary: the model reads only unknown ones.")
    elif unknown:
        pieces = list(dict.fromkeys(unknown.values()))
        named = ", ".join("spaces" if piece == " " else isolated(repr(piece)) for piece in pieces[:_MOST_NAMED])
        more = f" and {len(pieces) - _MOST_NAMED} more" if len(pieces) > _MOST_NAMED else ""
        notes.append(f"Not in the vocabulary, read as unknown: {named}{more}.")
    tokens = tuple(tokenizer.token(token) for token in ids)
    return EncodedText(
        ids=ids, spans=spans, tokens=tokens, num_tokens=len(found.ids), unknown=unknown, notes=tuple(notes)
    )


def tokenizer_for(sample: Sample, tokenizer: Tokenizer | None) -> Tokenizer:
    """The tokenizer, of a model that reads text.

    Raises:
        UserError: it reads none, or has no tokenizer.
    """
    if sample.kind != "text":
        raise UserError("This model does not read text.")
    if tokenizer is None:
        raise UserError("The run has no tokenizer.json, without which text cannot be read; train it anew.")
    return tokenizer
