"""Documents in pieces of whole lines, for masked language modelling and next-sentence prediction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data._cache import cached, mapped, new_array
from modellab.data._text import TOKENIZER, tokenizer_state, write_tokens
from modellab.data._text_fields import tokenizer_options
from modellab.data._text_stream import StreamFields, StreamParts
from modellab.data._unknown import read_unknown
from modellab.data.base import LoadedDataset, Sample, Split
from modellab.errors import UserError
from modellab.text.fitting import fit_tokenizer
from modellab.text.tokenizer import Tokenizer, load_tokenizer

SPECIALS = ("[CLS]", "[SEP]", "[MASK]")
_LEAST_WINDOW = len(SPECIALS) + 2  # two pieces of a token each


class PieceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How many pieces, and how many of them have a neighbour, each split of the cached arrays has."""

    counts: dict[str, tuple[int, int]]
    notes: tuple[str, ...]


def load_pieces(
    config: StreamFields,
    *,
    source: object,
    fingerprint: object,
    read: Callable[[], StreamParts],
    train_limit: int | None = None,
    at_spaces: bool = False,
    field: str = "dataset",
) -> LoadedDataset:
    """The documents that `read` gives, of which "validation" is a split, tokenised and cut into pieces of whole lines,
    two of which fit a window with the special tokens between them. Documents of one piece each are one running text.

    Raises:
        UserError: as `read`; or the window is too short for two pieces, or no document has two.
    """
    if config.window < _LEAST_WINDOW:
        raise UserError(
            f"Window (dataset.window) is {config.window} tokens, and two pieces of text and the special tokens "
            f"around them need at least {_LEAST_WINDOW}; make it longer.",
            field="dataset.window",
        )
    options = tokenizer_options(config, at_spaces=at_spaces)
    state = (fingerprint, tokenizer_state(options.file))
    most = (config.window - len(SPECIALS)) // 2

    def build(folder: Path) -> PieceInfo:
        parts = read()
        tokenizer = fit_tokenizer(options, parts.splits["train"])
        tokenizer.save(folder / TOKENIZER)
        return PieceInfo(
            counts={name: _write(folder, name, found, tokenizer, most, field) for name, found in parts.splits.items()},
            notes=parts.notes,
        )

    info, folder = cached(("pieces", 3, source, options, most), state, PieceInfo, build, field=field)
    tokenizer = load_tokenizer(folder / TOKENIZER, field=field)
    splits = {name: _split(folder, name, *counts) for name, counts in info.counts.items()}
    if train_limit is not None:
        splits["train"] = _limited(splits["train"], train_limit)
    return LoadedDataset(
        sample=Sample(
            kind="text",
            task="masked_language_modelling",
            shape=(config.window, 2),
            target="hidden token",
            num_tokens=tokenizer.size + len(SPECIALS),
            specials=SPECIALS,
        ),
        train=splits["train"],
        validation=splits["validation"],
        test=splits.get("test"),
        notes=info.notes,
        tokenizer=tokenizer,
    )


def pieces(lengths: Sequence[int], most: int) -> list[tuple[int, int]]:
    """Places (start, stop) in the tokens of a document whose lines are so long: as many lines as fit in `most` tokens;
    a line that is longer is cut."""
    found: list[tuple[int, int]] = []
    start = stop = 0
    for length in lengths:
        if stop + length - start > most and stop > start:
            found.append((start, stop))
            start = stop
        stop += length
        while stop - start > most:
            found.append((start, start + most))
            start += most
    if stop > start:
        found.append((start, stop))
    return found


def _write(
    folder: Path, name: str, documents: Sequence[str], tokenizer: Tokenizer, most: int, field: str
) -> tuple[int, int]:
    tokens, lengths, firsts, unknown = _cut(documents, tokenizer, most)
    if not firsts:  # each a line or two: one running text
        tokens, lengths, firsts, unknown = _cut(["".join(documents)], tokenizer, most)
    if not firsts:
        raise UserError(
            f"No {name} text is long enough for two pieces of {most:,} tokens; make the window shorter.", field=field
        )
    write_tokens(folder, name, np.concatenate(tokens), unknown)
    new_array(folder, f"{name}-lengths", (len(lengths),), "int64")[:] = lengths
    new_array(folder, f"{name}-firsts", (len(firsts),), "int64")[:] = firsts
    return len(lengths), len(firsts)


def _cut(
    documents: Sequence[str], tokenizer: Tokenizer, most: int
) -> tuple[list[NDArray[np.int32]], list[int], list[int], list[str]]:
    """The tokens of each document; of all their pieces the lengths, and which have a neighbour; the unknown tokens."""
    tokens: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    firsts: list[int] = []
    unknown: list[str] = []
    for document in documents:
        ids, offsets, its_unknown = tokenizer.encode_all(document.splitlines(keepends=True))
        cuts = pieces(np.diff(offsets).tolist(), most)
        firsts += range(len(lengths), len(lengths) + len(cuts) - 1)
        lengths += [stop - start for start, stop in cuts]
        tokens.append(ids)
        unknown += its_unknown
    return tokens, lengths, firsts, unknown


def _split(folder: Path, name: str, count: int, num_firsts: int) -> Split:
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(mapped(folder, f"{name}-lengths")[:count], out=offsets[1:])
    return Split(
        inputs=mapped(folder, f"{name}-tokens")[: offsets[-1]],
        targets=np.array(mapped(folder, f"{name}-firsts")[:num_firsts], dtype=np.int64),
        offsets=offsets,
        unknown=read_unknown(folder, name),
    )


def _limited(split: Split, most: int) -> Split:
    """The first pieces, of so many tokens together; two at least."""
    assert split.offsets is not None
    count = max(2, int(np.searchsorted(split.offsets, most, side="right")) - 1)
    offsets = split.offsets[: count + 1]
    firsts = split.targets[split.targets + 1 < count]
    if not len(firsts):
        return split
    return Split(inputs=split.inputs[: offsets[-1]], targets=firsts, offsets=offsets, unknown=split.unknown)
