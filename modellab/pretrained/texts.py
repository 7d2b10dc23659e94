"""A person's text as a pretrained model reads it: ids, special tokens, and how each token reads for the eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from modellab.errors import UserError
from modellab.text.byte_letters import shown_part

_MOST_TOKENS = 1024
_MOST_CHARACTERS = 200_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadText:
    """inputs: what the model is called with, [1, N] each. special: places of tokens that stand for no text."""

    inputs: dict[str, Tensor]
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    special: tuple[int, ...]
    notes: tuple[str, ...] = ()


def read_text(
    tokenizer: Any,
    text: str,
    *,
    pair: str = "",
    most: int = _MOST_TOKENS,
    is_target: bool = False,
    has_segments: bool = False,
    keeps_last: bool = False,
) -> ReadText:
    """Cut a text, or two as one pair; longer than `most` tokens is cut short, and a note says so.

    has_segments: the model tells the first text from the second by their tokens' types.
    keeps_last: of a long text the last tokens are read, which a model that writes goes on from.

    Raises:
        UserError: there is no text.
    """
    if not text.strip():
        raise UserError("Type some text.")
    notes = []
    if len(text) > _MOST_CHARACTERS:
        notes.append(f"Only the first {_MOST_CHARACTERS:,} characters are read.")
        text = text[:_MOST_CHARACTERS]
    most = min(most, _MOST_TOKENS)
    texts: dict[str, Any] = {"text_target": text} if is_target else {"text": text, "text_pair": pair or None}
    options: dict[str, Any] = {"return_tensors": "pt"}
    if has_segments:
        options["return_token_type_ids"] = True
    found = tokenizer(**texts, verbose=False, **options)
    num_all = found["input_ids"].shape[1]
    if num_all > most:
        side, tokenizer.truncation_side = tokenizer.truncation_side, "left" if keeps_last else "right"
        found = tokenizer(**texts, truncation=True, max_length=most, **options)
        tokenizer.truncation_side = side
        part, num_read = "last" if keeps_last else "first", found["input_ids"].shape[1]
        own = tokenizer.num_special_tokens_to_add(pair=bool(pair))  # which are none of the text's
        notes.append(f"Only the {part} {num_read - own:,} of {num_all - own:,} tokens are read.")
    ids = [int(token) for token in found["input_ids"][0]]
    special_ids = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    if not ids:
        raise UserError("Type some text.")
    return ReadText(
        inputs={name: found[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in found},
        ids=tuple(ids),
        tokens=tokens_for_the_eye(tokenizer, ids),
        special=tuple(place for place, token in enumerate(ids) if token in special_ids),
        notes=tuple(notes),
    )


def tokens_for_the_eye(tokenizer: Any, ids: list[int]) -> tuple[str, ...]:
    """How each token reads: a space before it as ␣, a line's end as ⏎, parts of a character by their bytes; a special
    token by its name."""
    special = set(tokenizer.all_special_ids)
    shown = []
    for token_id, raw in zip(ids, tokenizer.convert_ids_to_tokens(ids), strict=True):
        text = str(raw)
        if token_id not in special and not text.startswith("##"):
            read = tokenizer.decode([token_id], clean_up_tokenization_spaces=False)
            is_spaced = text.startswith(("Ġ", "▁")) or read.startswith(" ")
            text = shown_part(text) if "\ufffd" in read else ("␣" if is_spaced else "") + read.lstrip(" ")
        shown.append(text.replace("\n", "⏎").replace("\t", "⇥") or "␣")
    return tuple(shown)
