"""What there is to say of a dataset of text: vocabulary, lengths, what is unknown; and pages of it as tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.data.base import LoadedDataset, Sample, Split
from modellab.text.tokenizer import PAD, UNKNOWN, Tokenizer

_NUM_COMMON = 200
_NUM_BINS = 32
_FAR_LONGER = 3  # times the length that three in four do not reach


class TextFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of a dataset of text, by split.

    num_tokens: whole texts, uncut. unknown_rate: share of the tokens that are not in the vocabulary. cut_rate: share of
    the texts that are longer than the model reads. length_edges, lengths: histogram of the lengths in tokens, bin i
    holds edges[i] <= length < edges[i + 1] (the last bin its upper edge too); empty for language modelling. common: the
    commonest tokens of the training split as they read, and how often each occurs.
    """

    vocabulary_size: int
    num_tokens: dict[str, int]
    unknown_rate: dict[str, float]
    cut_rate: dict[str, float]
    length_edges: tuple[int, ...]
    lengths: dict[str, tuple[int, ...]]
    common: tuple[tuple[str, int], ...]


class TextPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some texts as the model reads them.

    tokens: int32, end to end; text i is tokens[offsets[i]:offsets[i + 1]]. targets: classes int64 [N]; language
    modelling: the next tokens, laid out as `tokens`; 0 where the targets are texts. lengths: int64 [N],
    before they were cut. starts: int64 [N], the token of the split at which each begins. unknown: what stands in the
    texts for each token that is not in the vocabulary, by its place among `tokens`.
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    targets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    starts: NDArray[np.int64]
    unknown: dict[int, str] = {}


def text_facts(data: LoadedDataset) -> TextFacts:
    """Count everything once: some milliseconds for a million tokens."""
    assert data.tokenizer is not None, "text comes with a tokenizer"
    splits = data.splits()
    lengths = {name: np.diff(split.offsets) for name, split in splits.items() if split.offsets is not None}
    edges = _edges(lengths.values())
    counts = {name: np.bincount(split.inputs, minlength=data.sample.num_tokens) for name, split in splits.items()}
    most = data.sample.shape[0]
    return TextFacts(
        vocabulary_size=data.tokenizer.size,
        num_tokens={name: len(split.inputs) for name, split in splits.items()},
        unknown_rate={name: float(count[UNKNOWN] / max(1, count.sum())) for name, count in counts.items()},
        cut_rate={name: float((found > most).mean()) for name, found in lengths.items()},
        length_edges=edges,
        lengths={name: tuple(np.histogram(found, edges)[0].tolist()) for name, found in lengths.items()},
        common=_common(counts["train"], data.tokenizer),
    )


def text_page(
    split: Split, sample: Sample, rows: NDArray[np.int64], *, starts: NDArray[np.int64] | None = None
) -> TextPage:
    """The texts of these rows; of a stream, its windows of these numbers, or those that begin at tokens `starts`."""
    most = sample.shape[0]
    if split.offsets is None:
        starts = rows * most if starts is None else starts
        lengths = np.minimum(len(split) - starts, most)
    else:
        starts = split.offsets[rows]
        lengths = split.offsets[rows + 1] - starts
    kept = np.minimum(lengths, most)
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(kept, out=offsets[1:])
    places = np.repeat(starts - offsets[:-1], kept) + np.arange(offsets[-1])
    if sample.task != "masked_language_modelling" and split.target_offsets is None:
        targets = split.targets[places if split.offsets is None else rows]
    else:
        targets = np.zeros(len(rows), dtype=np.int64)
    return TextPage(
        tokens=np.asarray(split.inputs[places], dtype=np.int32),
        offsets=offsets,
        targets=np.asarray(targets, dtype=np.int64),
        lengths=np.asarray(lengths, dtype=np.int64),
        starts=np.asarray(starts, dtype=np.int64),
        unknown=split.unknown.among(places) if split.unknown is not None else {},
    )


def translations(split: Split, rows: NDArray[np.int64], tokenizer: Tokenizer) -> tuple[str, ...]:
    """What is to be written of the texts of these rows, whole; none where the targets are no texts."""
    offsets = split.target_offsets
    if offsets is None:
        return ()
    return tuple(tokenizer.decode(split.targets[offsets[row] : offsets[row + 1]].tolist()) for row in rows.tolist())


def unknown_in_batch(page: TextPage, padded: NDArray[Any], *, front: int = 0) -> dict[int, str]:
    """What stands for the unknown tokens of a batch [N, T] that holds the texts of a page, by place in its rows end to
    end; front: tokens that the batch has before each text."""
    width = padded.shape[1]
    flat = padded.ravel()
    found: dict[int, str] = {}
    for place, letters in page.unknown.items():
        row = int(np.searchsorted(page.offsets, place, side="right")) - 1
        column = front + place - int(page.offsets[row])
        if column < width and flat[row * width + column] == UNKNOWN:
            found[row * width + column] = letters
    return found


def tokens_for_the_eye(
    tokens: NDArray[np.int32], tokenizer: Tokenizer, specials: tuple[str, ...] = ()
) -> dict[int, str]:
    """How each of the tokens that occur reads; specials: as `Sample.specials` has them."""
    own = tokenizer.size
    return {
        number: tokenizer.token(number) if number < own else specials[number - own]
        for number in np.unique(tokens).tolist()
    }


def _edges(lengths: Iterable[NDArray[np.int64]]) -> tuple[int, ...]:
    """Whole numbers from 0, evenly spaced; above the longest text, or where few are far longer, those in a last bin."""
    found = [some for some in lengths if len(some)]
    longest = max((int(some.max()) for some in found), default=0)
    if not longest:
        return ()
    usual = max(int(np.quantile(some, 0.75)) for some in found) * _FAR_LONGER
    if 0 < usual < longest // 2:
        width = -(-(usual + 1) // (_NUM_BINS - 1))
        return (*range(0, usual + 1 + width, width), longest + 1)
    width = -(-(longest + 1) // _NUM_BINS)
    return tuple(range(0, longest + 1 + width, width))


def _common(counts: NDArray[np.int64], tokenizer: Tokenizer) -> tuple[tuple[str, int], ...]:
    order = np.argsort(-counts, kind="stable")[:_NUM_COMMON].tolist()
    return tuple((tokenizer.token(number), int(counts[number])) for number in order if number != PAD and counts[number])
