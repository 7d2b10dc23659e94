"""Text as one stream of tokens, for language models: tokenised once, kept in the cache, memory-mapped afterwards."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from modellab.data._cache import cached, mapped
from modellab.data._text import TOKENIZER, tokenizer_state, write_tokens
from modellab.data._text_fields import TokenFields, tokenizer_options
from modellab.data._unknown import read_unknown
from modellab.data.base import LoadedDataset, Sample, Split
from modellab.errors import UserError
from modellab.text.fitting import fit_tokenizer
from modellab.text.tokenizer import load_tokenizer

# Tokenizers take long over one long text; cut at line ends, only a token across the cut would be another.
_PIECE_CHARACTERS = 1 << 16


class StreamParts(msgspec.Struct, frozen=True, kw_only=True):
    """The text of each split in pieces, one after the other. Without "validation" the last share of "train" is."""

    splits: dict[str, Sequence[str]]
    notes: tuple[str, ...] = ()


class StreamInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How many tokens each split of the cached arrays has."""

    counts: dict[str, int]
    notes: tuple[str, ...]


class StreamFields(TokenFields, Protocol):
    """A dataset config for language modelling."""

    @property
    def window(self) -> int: ...


def load_stream(
    config: StreamFields,
    *,
    source: object,
    fingerprint: object,
    read: Callable[[], StreamParts],
    validation_share: float = 0.0,
    train_limit: int | None = None,
    at_spaces: bool = False,
    field: str = "dataset",
) -> LoadedDataset:
    """The text that `read` gives, tokenised; read and tokenised only when `source`, `fingerprint` or the options that
    decide the tokens have changed.

    Raises:
        UserError: as `read`; or a split is shorter than a window.
    """
    options = tokenizer_options(config, at_spaces=at_spaces)
    state = (fingerprint, tokenizer_state(options.file))

    def build(folder: Path) -> StreamInfo:
        parts = read()
        splits = divided(parts, validation_share)
        tokenizer = fit_tokenizer(options, splits["train"])
        tokenizer.save(folder / TOKENIZER)
        counts = {}
        for name, pieces in splits.items():
            ids, _, unknown = tokenizer.encode_all(pieces)
            write_tokens(folder, name, ids, unknown)
            counts[name] = len(ids)
        return StreamInfo(counts=counts, notes=parts.notes)

    info, folder = cached(("stream", 2, source, options, validation_share), state, StreamInfo, build, field=field)
    if validation_share:
        _check_length(info, window=config.window, field=field)
    tokenizer = load_tokenizer(folder / TOKENIZER, field=field)
    part = functools.partial(_split, folder, info, window=config.window, field=field)
    return LoadedDataset(
        sample=Sample(
            kind="text",
            task="language_modelling",
            shape=(config.window,),
            target="next token",
            num_tokens=tokenizer.size,
        ),
        train=part("train", most=train_limit),
        validation=part("validation"),
        test=part("test") if "test" in info.counts else None,
        notes=info.notes,
        tokenizer=tokenizer,
    )


def pieces_of(text: str) -> list[str]:
    """A long text in pieces that end where lines do, as far as there are any."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        stop = min(start + _PIECE_CHARACTERS, len(text))
        end = text.rfind("\n", start, stop) + 1 if stop < len(text) else stop
        stop = end if end > start else stop
        pieces.append(text[start:stop])
        start = stop
    return pieces


def divided(parts: StreamParts, share: float) -> dict[str, Sequence[str]]:
    """The splits; where none validates, the text is cut so that the last `share` of its characters does."""
    if "validation" in parts.splits:
        return dict(parts.splits)
    text = "".join(parts.splits["train"])
    cut = len(text) - max(1, round(len(text) * share))
    line_end = text.rfind("\n", 0, cut) + 1
    # At a line end, unless there is none or that would give away much of a text without lines.
    cut = line_end if 0 < line_end and line_end > cut - max(200, len(text) // 100) else cut
    rest = {name: part for name, part in parts.splits.items() if name != "train"}
    return {"train": pieces_of(text[:cut]), "validation": pieces_of(text[cut:]), **rest}


def _check_length(info: StreamInfo, *, window: int, field: str) -> None:
    """Of a text that was divided here, both parts: a person knows the whole alone."""
    train, validation = info.counts["train"], info.counts["validation"]
    if train <= window or validation < 2:
        total = train + validation
        raise UserError(
            f"The text has {total:,} tokens, of which {train:,} are to learn from: fewer than a window of {window:,} "
            "and the one after it. Make the window shorter or pick a longer text.",
            field=field if total < 4 else "dataset.window",
        )


def _split(folder: Path, info: StreamInfo, name: str, *, window: int, field: str, most: int | None = None) -> Split:
    count = info.counts[name]
    if count < (window + 1 if name == "train" else 2):
        raise UserError(
            f"The {name} text has {count:,} tokens, fewer than a window of {window:,} and the one after it; make the "
            "window shorter or pick a longer text.",
            field=field if count < 3 else "dataset.window",
        )
    tokens = mapped(folder, f"{name}-tokens")[: min(count, count if most is None else max(most, window) + 1)]
    return Split(inputs=tokens[:-1], targets=tokens[1:], unknown=read_unknown(folder, name))
