"""Labelled texts: split, tokenised once, kept in the cache and memory-mapped on every later load."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data._cache import cached, mapped, new_array
from modellab.data._rows import RowSources
from modellab.data._splits import split_indices, stratified_order
from modellab.data._text_fields import TokenFields, tokenizer_options
from modellab.data._unknown import read_unknown, write_unknown
from modellab.data.base import LoadedDataset, Sample, Split
from modellab.errors import UserError
from modellab.text.fitting import fit_tokenizer
from modellab.text.tokenizer import Tokenizer, load_tokenizer

TOKENIZER = "tokenizer.json"


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """Texts and their classes, int64 [N]; rows: the number of each in its file, or names: its own file."""

    texts: Sequence[str]
    labels: NDArray[np.int64]
    rows: NDArray[np.int64] | None = None
    names: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, indices: NDArray[np.int64]) -> Texts:
        """Some of them, in that order."""
        return Texts(
            texts=[self.texts[index] for index in indices],
            labels=self.labels[indices],
            rows=None if self.rows is None else self.rows[indices],
            names=[self.names[index] for index in indices] if self.names else (),
        )


class TextParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a source of labelled texts gave, by split. With "all" alone (or "train" alone) a part of it validates."""

    classes: tuple[str, ...]
    splits: dict[str, Texts]
    notes: tuple[str, ...] = ()


class TextInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the cached arrays are."""

    classes: tuple[str, ...]
    counts: dict[str, int]
    names: dict[str, list[str]]
    notes: tuple[str, ...]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many examples, every class in its proportion; None is all. evaluation: of each split but train."""

    train: int | None = None
    evaluation: int | None = None


class LabelledFields(TokenFields, Protocol):
    """A dataset config of labelled texts."""

    @property
    def max_length(self) -> int: ...
    @property
    def validation_share(self) -> float: ...


def load_texts(
    config: LabelledFields,
    *,
    source: object,
    fingerprint: object,
    read: Callable[[], TextParts],
    seed: int = 0,
    limits: Limits | None = None,
    field: str = "dataset",
) -> LoadedDataset:
    """The texts that `read` gives, tokenised; read and tokenised only when `source`, `fingerprint` (the state of its
    files) or the options that decide the tokens have changed.

    Raises:
        UserError: as `read`; or there are too few texts or classes.
    """
    options, limits = tokenizer_options(config), limits or Limits()
    decides: tuple[object, ...] = (options, config.validation_share, seed, limits.train)
    decides = decides if limits.evaluation is None else (*decides, limits.evaluation)
    state = (fingerprint, tokenizer_state(options.file))
    build = functools.partial(_build, config, read, seed, limits, field)
    info, folder = cached(("texts", 2, source, decides), state, TextInfo, build, field=field)
    tokenizer = load_tokenizer(folder / TOKENIZER, field=field)
    splits = {name: _split(folder, name, info) for name in info.counts}
    return LoadedDataset(
        sample=Sample(
            kind="text",
            task="classification",
            shape=(config.max_length,),
            classes=info.classes,
            target="class",
            num_tokens=tokenizer.size,
        ),
        train=splits["train"],
        validation=splits["validation"],
        test=splits.get("test"),
        notes=(*info.notes, *_length_notes(splits["train"], config.max_length)),
        tokenizer=tokenizer,
    )


def tokenizer_state(file: str) -> tuple[int, int] | None:
    """Size and time of a tokenizer file; None without one."""
    if not file.strip():
        return None
    try:
        found = Path(file.strip()).expanduser().stat()
    except OSError:
        return None  # fitting says what is wrong
    return found.st_size, found.st_mtime_ns


def write_tokens(folder: Path, name: str, ids: NDArray[np.int32], unknown: list[str]) -> None:
    """Token ids as an array of the cache, and what stands in the text for each that is unknown."""
    new_array(folder, f"{name}-tokens", (max(1, len(ids)),), "int32")[: len(ids)] = ids
    write_unknown(folder, name, ids, unknown)


def _build(
    config: LabelledFields,
    read: Callable[[], TextParts],
    seed: int,
    limits: Limits,
    field: str,
    folder: Path,
) -> TextInfo:
    parts = read()
    splits = _divided(config, parts, seed, limits, field)
    tokenizer = fit_tokenizer(tokenizer_options(config), splits["train"].texts)
    tokenizer.save(folder / TOKENIZER)
    for name, part in splits.items():
        _write(folder, name, part, tokenizer)
    return TextInfo(
        classes=parts.classes,
        counts={name: len(part) for name, part in splits.items()},
        names={name: list(part.names) for name, part in splits.items() if part.names},
        notes=parts.notes,
    )


def _divided(config: LabelledFields, parts: TextParts, seed: int, limits: Limits, field: str) -> dict[str, Texts]:
    splits = dict(parts.splits)
    whole = splits.pop("train" if "train" in splits else "all")
    if len(whole) < 4 or len(np.unique(whole.labels)) < 2:
        classes = len(np.unique(whole.labels))
        raise UserError(
            f"There are {len(whole)} texts of {classes} class{'' if classes == 1 else 'es'} to train on; at least 4 "
            "texts of 2 classes are needed.",
            field=field,
        )
    counts = np.bincount(whole.labels, minlength=len(parts.classes))
    if not counts.all():
        missing = parts.classes[int(counts.argmin())]
        raise UserError(f"There is no text of the class {missing} to train on; add some or remove it.", field=field)
    if "validation" not in splits:
        train, validation = split_indices(len(whole), config.validation_share, seed=seed, labels=whole.labels)
        whole, splits["validation"] = whole.part(train), whole.part(validation)
    most = dict.fromkeys(splits, limits.evaluation) | {"train": limits.train}
    return {name: _limited(part, most[name], seed) for name, part in {"train": whole, **splits}.items()}


def _limited(part: Texts, most: int | None, seed: int) -> Texts:
    if most is None or most >= len(part):
        return part
    return part.part(stratified_order(part.labels, seed=seed)[:most])


def _write(folder: Path, name: str, part: Texts, tokenizer: Tokenizer) -> None:
    ids, offsets, unknown = tokenizer.encode_all(part.texts)
    write_tokens(folder, name, ids, unknown)
    new_array(folder, f"{name}-offsets", (len(offsets),), "int64")[:] = offsets
    new_array(folder, f"{name}-labels", (max(1, len(part)),), "int64")[: len(part)] = part.labels
    if part.rows is not None:
        new_array(folder, f"{name}-rows", (max(1, len(part)),), "int64")[: len(part)] = part.rows


def _split(folder: Path, name: str, info: TextInfo) -> Split:
    count = info.counts[name]
    offsets = np.array(mapped(folder, f"{name}-offsets"), dtype=np.int64)
    sources: Any = tuple(info.names.get(name, ()))
    if (folder / f"{name}-rows.npy").exists():
        sources = RowSources(np.array(mapped(folder, f"{name}-rows")[:count], dtype=np.int64))
    return Split(
        inputs=mapped(folder, f"{name}-tokens")[: offsets[-1]],
        targets=np.array(mapped(folder, f"{name}-labels")[:count], dtype=np.int64),
        offsets=offsets,
        sources=sources,
        unknown=read_unknown(folder, name),
    )


def _length_notes(train: Split, most: int) -> tuple[str, ...]:
    assert train.offsets is not None
    lengths = np.diff(train.offsets)
    longer = int((lengths > most).sum())
    if not longer:
        return ()
    share = 100 * longer / len(lengths)
    return (
        f"{longer:,} training texts ({share:.0f} %) are longer than {most:,} tokens and are cut; the longest has "
        f"{int(lengths.max()):,}.",
    )
