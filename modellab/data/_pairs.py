"""Pairs of texts for translation: split, tokenised once with one vocabulary for both sides, kept in the cache."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data._cache import cached, mapped, new_array
from modellab.data._rows import RowSources
from modellab.data._splits import split_indices
from modellab.data._text import TOKENIZER, tokenizer_state, write_tokens
from modellab.data._text_fields import TokenFields, tokenizer_options
from modellab.data._unknown import read_unknown
from modellab.data.base import LoadedDataset, Sample, Split
from modellab.errors import UserError
from modellab.text.fitting import fit_tokenizer
from modellab.text.tokenizer import Tokenizer, load_tokenizer

SPECIALS = ("[BEGIN]", "[END]")


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """Sources and their targets; rows: the number of each in its file."""

    sources: Sequence[str]
    targets: Sequence[str]
    rows: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.sources)

    def part(self, indices: NDArray[np.int64]) -> Pairs:
        """Some of them, in that order."""
        return Pairs(
            sources=[self.sources[index] for index in indices],
            targets=[self.targets[index] for index in indices],
            rows=None if self.rows is None else self.rows[indices],
        )


class PairParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a source of pairs gave, by split. Without "validation" a part of "train" validates.

    notes: sentences that a person should read.
    """

    splits: dict[str, Pairs]
    notes: tuple[str, ...] = ()


class PairInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the cached arrays are."""

    counts: dict[str, int]
    notes: tuple[str, ...]


class PairFields(TokenFields, Protocol):
    """A dataset config of pairs."""

    @property
    def max_length(self) -> int: ...


def load_pairs(
    config: PairFields,
    *,
    source: object,
    fingerprint: object,
    read: Callable[[], PairParts],
    validation_share: float | None = None,
    seed: int = 0,
    field: str = "dataset",
) -> LoadedDataset:
    """The pairs that `read` gives, tokenised; where no split of them validates, a share of the train split does.

    They are read and tokenised only when `source`, `fingerprint` (the state of its files) or the options that decide
    the tokens have changed.

    Raises:
        UserError: as `read`; or there are too few pairs.
    """
    options = tokenizer_options(config)
    decides = (options, validation_share, seed)
    state = (fingerprint, tokenizer_state(options.file))
    build = functools.partial(_build, config, read, validation_share, seed, field)
    info, folder = cached(("pairs", 2, source, decides), state, PairInfo, build, field=field)
    tokenizer = load_tokenizer(folder / TOKENIZER, field=field)
    splits = {name: _split(folder, name, count) for name, count in info.counts.items()}
    return LoadedDataset(
        sample=Sample(
            kind="text",
            task="translation",
            shape=(config.max_length, 2),
            target="translation",
            num_tokens=tokenizer.size + len(SPECIALS),
            specials=SPECIALS,
        ),
        train=splits["train"],
        validation=splits["validation"],
        test=splits.get("test"),
        notes=(*info.notes, *_length_notes(splits["train"], config.max_length)),
        tokenizer=tokenizer,
    )


def _build(
    config: PairFields,
    read: Callable[[], PairParts],
    validation_share: float | None,
    seed: int,
    field: str,
    folder: Path,
) -> PairInfo:
    parts = read()
    splits, whole = dict(parts.splits), parts.splits["train"]
    if len(whole) < 4:
        have = "is 1 pair" if len(whole) == 1 else f"are {len(whole)} pairs"
        raise UserError(f"There {have} of texts to learn from; at least 4 are needed.", field=field)
    if "validation" not in splits:
        assert validation_share is not None, "a source without a validation split has a share"
        train, validation = split_indices(len(whole), validation_share, seed=seed)
        splits |= {"train": whole.part(train), "validation": whole.part(validation)}
    tokenizer = fit_tokenizer(tokenizer_options(config), [*splits["train"].sources, *splits["train"].targets])
    tokenizer.save(folder / TOKENIZER)
    for name, part in splits.items():
        _write(folder, name, part, tokenizer)
    return PairInfo(counts={name: len(part) for name, part in splits.items()}, notes=parts.notes)


def _write(folder: Path, name: str, part: Pairs, tokenizer: Tokenizer) -> None:
    for side, texts in ((name, part.sources), (f"{name}-target", part.targets)):
        ids, offsets, unknown = tokenizer.encode_all(texts)
        write_tokens(folder, side, ids, unknown)
        new_array(folder, f"{side}-offsets", (len(offsets),), "int64")[:] = offsets
    if part.rows is not None:
        new_array(folder, f"{name}-rows", (max(1, len(part)),), "int64")[: len(part)] = part.rows


def _split(folder: Path, name: str, count: int) -> Split:
    offsets, target_offsets = (
        np.array(mapped(folder, f"{side}-offsets"), dtype=np.int64) for side in (name, f"{name}-target")
    )
    sources: Sequence[str] = ()
    if (folder / f"{name}-rows.npy").exists():
        sources = RowSources(np.array(mapped(folder, f"{name}-rows")[:count], dtype=np.int64))
    return Split(
        inputs=mapped(folder, f"{name}-tokens")[: offsets[-1]],
        targets=mapped(folder, f"{name}-target-tokens")[: target_offsets[-1]],
        offsets=offsets,
        target_offsets=target_offsets,
        sources=sources,
        unknown=read_unknown(folder, name),
    )


def _length_notes(train: Split, most: int) -> tuple[str, ...]:
    """What is cut, in a sentence; a target loses one place to the token that begins or ends it."""
    assert train.offsets is not None
    assert train.target_offsets is not None
    lengths, targets = np.diff(train.offsets), np.diff(train.target_offsets)
    longer = int(((lengths > most) | (targets > most - 1)).sum())
    if not longer:
        return ()
    longest = max(int(lengths.max()), int(targets.max()) + 1)
    return (
        f"{longer:,} training pairs have a text longer than {most:,} tokens, which is cut; the longest has "
        f"{longest:,} tokens.",
    )
