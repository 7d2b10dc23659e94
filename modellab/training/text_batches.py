"""Batches of text: labelled texts in buckets of like length, and streams for language models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modellab.data.base import Sample, Split, num_batches, num_examples, num_shuffled_windows
from modellab.text.tokenizer import PAD
from modellab.training.augment import Augment

Indices = NDArray[np.int64]

_POOL_BATCHES = 100
_MAX_CHUNK_BATCHES = 256
_CPU_CHUNK_TOKENS = 2**18
_GPU_CHUNK_TOKENS = 2**23
_EVALUATION_TOKENS = 2**17
# A stream of evaluation is at least so many windows long: at its beginning a model knows nothing of what came before.
_EVALUATION_WINDOWS = 16
_EVALUATION_STREAMS = 64
_EVALUATION_LOGITS = 2**25


class TextBatches:
    """Inputs int64 [B, T], padded with 0 on the right to the longest of the batch, and targets int64 [B].

    The order follows from (seed, epoch) alone: shuffled, sorted by length within pools of 100 batches, cut up, and the
    batches shuffled. A split of at most `budget_bytes` is kept on the device whole, others are gathered where they
    are; the batches are the same. Many batches are gathered at once, each row exactly as long as its batch.
    """

    augment: Augment | None = None

    def __init__(
        self,
        split: Split,
        sample: Sample,
        device: torch.device,
        batch_size: int,
        seed: int,
        *,
        full_batch: bool = False,
        drop_last: bool = False,
        budget_bytes: int,
    ) -> None:
        assert split.offsets is not None, "labelled texts have offsets"
        assert len(split) > 0, "a split has examples"
        self.device = device
        self.batch_size = len(split) if full_batch else min(batch_size, len(split))
        self._seed = seed
        self._drop_last = drop_last and len(split) % self.batch_size != 0
        self.steps_per_epoch = num_batches(split, sample, self.batch_size) - int(self._drop_last)
        self.is_resident = split.inputs.nbytes <= budget_bytes
        self._stored = split.inputs
        self._tokens = torch.from_numpy(np.array(split.inputs)).to(device) if self.is_resident else None
        self._starts = split.offsets[:-1]
        self._lengths = np.minimum(np.diff(split.offsets), sample.shape[0])
        self._targets = np.asarray(split.targets, dtype=np.int64)
        self._chunk_tokens = _CPU_CHUNK_TOKENS if device.type == "cpu" else _GPU_CHUNK_TOKENS

    def epoch(self, epoch: int, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from batch `start` on, in the order that (seed, epoch) gives."""
        yield from self._made(self.rows(epoch)[start:])

    def rows(self, epoch: int) -> list[Indices]:
        """Which texts the batches of an epoch hold."""
        rng = np.random.default_rng([self._seed, epoch])
        return bucketed(self._lengths, self.batch_size, rng, drop_last=self._drop_last)

    def whole(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Every text once, for evaluation, from the shortest to the longest, fewer than `batch_size` where long."""
        size = max(1, min(batch_size, _EVALUATION_TOKENS // max(1, int(self._lengths.max()))))
        order = np.argsort(self._lengths, kind="stable")
        yield from self._made([order[place : place + size] for place in range(0, len(order), size)])

    def typical(self) -> tuple[Tensor, Tensor]:
        """The batch of the first epoch whose length is nearest to the mean."""
        batches = self.rows(0)
        lengths = np.array([self._lengths[rows].max() for rows in batches])
        return next(self._made([batches[int(np.abs(lengths - lengths.mean()).argmin())]]))

    def _made(self, batches: list[Indices]) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches, gathered a chunk of them at a time."""
        lengths = [max(1, int(self._lengths[rows].max())) for rows in batches]
        place = 0
        while place < len(batches):
            stop, tokens = place, 0
            while stop < len(batches) and stop - place < _MAX_CHUNK_BATCHES:
                tokens += lengths[stop] * len(batches[stop])
                if tokens > self._chunk_tokens and stop > place:
                    break
                stop += 1
            yield from self._gathered(batches[place:stop], lengths[place:stop])
            place = stop

    def _gathered(self, batches: list[Indices], lengths: list[int]) -> Iterator[tuple[Tensor, Tensor]]:
        rows = np.concatenate(batches)
        sizes = [len(batch) for batch in batches]
        widths = np.repeat(np.array(lengths, dtype=np.int64), sizes)
        # One copy to the device for all that says where the tokens of each row are.
        where = np.stack([self._starts[rows], self._lengths[rows], widths, self._targets[rows]])
        device = self.device if self._tokens is not None else torch.device("cpu")
        starts, kept, wide, targets = torch.from_numpy(where).to(device).unbind()
        cells = int(widths.sum())
        row = torch.repeat_interleave(wide, output_size=cells)  # [cells]: which row a cell belongs to
        column = torch.arange(cells, device=device) - (wide.cumsum(0) - wide)[row]
        is_token = column < kept[row]
        ids = self._taken((starts[row] + column).mul_(is_token)).mul_(is_token)  # 0 where there is none, which pads
        ids, targets = ids.to(self.device), targets.to(self.device)
        shapes = [(size, length) for size, length in zip(sizes, lengths, strict=True)]
        parts = ids.split([size * length for size, length in shapes])
        for part, shape, target in zip(parts, shapes, targets.split(sizes), strict=True):
            yield part.view(shape), target

    def _taken(self, places: Tensor) -> Tensor:
        """Tokens int64 at places of the stored array."""
        if self._tokens is not None:
            return self._tokens.index_select(0, places).long()
        return torch.from_numpy(self._stored[places.numpy()].astype(np.int64))


class StreamBatches:
    """Windows for a language model: inputs int64 [B, T] and targets int64 [B, T], the inputs shifted by one.

    In order, the stream is cut into B parallel ones of equal length (up to B - 1 tokens at the end are left over),
    which are read in step: row b of a batch goes on where row b of the batch before ended, so that a model may carry
    its state. An epoch reads them through; the last window may be shorter. Every epoch is the same.

    Shuffled, for models that carry nothing, the windows of an epoch lie end to end from a token on that follows, as
    their order does, from (seed, epoch) alone; less than two windows are left out.
    """

    augment: Augment | None = None

    def __init__(
        self,
        split: Split,
        sample: Sample,
        device: torch.device,
        batch_size: int,
        seed: int = 0,
        *,
        full_batch: bool = False,
        is_shuffled: bool = False,
        budget_bytes: int,
    ) -> None:
        assert len(split) > 0, "a stream has tokens"
        self.device = device
        self.is_resident = split.inputs.nbytes <= budget_bytes
        self._window = sample.shape[0]
        self._seed = seed
        self._num_shuffled = num_shuffled_windows(split, sample) if is_shuffled else 0
        self.is_shuffled = is_shuffled
        windows = num_examples(split, sample, is_shuffled=is_shuffled)
        self.batch_size = windows if full_batch else min(batch_size, windows)
        self.steps_per_epoch = num_batches(split, sample, self.batch_size, is_shuffled=is_shuffled)
        self._num_tokens = sample.num_tokens
        self._count = len(split)
        # The targets are the inputs shifted: what is missing is the last target.
        self._stored = split.inputs
        self._last = int(split.targets[-1])
        self._tokens = self._read(0, self._count + 1).to(device) if self.is_resident else None
        self._chunk_tokens = _CPU_CHUNK_TOKENS if device.type == "cpu" else _GPU_CHUNK_TOKENS

    def epoch(self, epoch: int, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from number `start` on."""
        if self._num_shuffled:
            yield from self._shuffled(epoch, start)
        else:
            yield from self._windows(self.batch_size, start)

    def whole(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Every token once, for evaluation, predicted from a past: in order, from at most 64 parallel streams, of which
        each is long enough to have one; shuffled, from windows that overlap by half, of which the first half counts
        only where the text begins (its other targets are padding)."""
        if self._num_shuffled:
            yield from self._overlapping(batch_size)
            return
        most = min(batch_size, _EVALUATION_STREAMS, self._count // (_EVALUATION_WINDOWS * self._window))
        yield from self._windows(max(1, min(most, _EVALUATION_LOGITS // (self._window * self._num_tokens))), 0)

    def typical(self) -> tuple[Tensor, Tensor]:
        """The first window."""
        return next(self.epoch(0))

    def first_starts(self, epoch: int) -> Indices:
        """Where in the stream the rows of an epoch's first batch begin."""
        if self._num_shuffled:
            return self._starts(epoch)[: self.batch_size]
        return np.arange(self.batch_size) * (self._count // self.batch_size)

    def _starts(self, epoch: int) -> Indices:
        """Where the windows of a shuffled epoch begin, in the order they are read."""
        rng = np.random.default_rng([self._seed, epoch])
        first = int(rng.integers(self._window))
        return first + self._window * rng.permutation(self._num_shuffled)

    def _shuffled(self, epoch: int, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        places = self._starts(epoch)[start * self.batch_size :]
        at_once = max(1, min(_MAX_CHUNK_BATCHES, self._chunk_tokens // (self.batch_size * self._window)))
        for place in range(0, len(places), at_once * self.batch_size):
            chunk = self._gathered(places[place : place + at_once * self.batch_size])  # [n B, T + 1]
            inputs, targets = chunk[:, :-1].contiguous(), chunk[:, 1:].contiguous()
            yield from zip(inputs.split(self.batch_size), targets.split(self.batch_size), strict=True)

    def _overlapping(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        half = max(1, self._window // 2)
        places = np.append(np.arange(0, self._count - self._window, half), self._count - self._window)
        counted = np.append(self._window, np.diff(places))  # of each window the last so many
        size = max(1, min(batch_size, _EVALUATION_LOGITS // (self._window * self._num_tokens)))
        columns = torch.arange(self._window, device=self.device)
        for place in range(0, len(places), size):
            chunk = self._gathered(places[place : place + size])  # [B, T + 1]
            first = self._window - torch.from_numpy(counted[place : place + size]).to(self.device)
            yield chunk[:, :-1], chunk[:, 1:].masked_fill(columns < first[:, None], PAD)

    def _gathered(self, places: Indices) -> Tensor:
        """The windows that begin at these places and the token after each, int64 [N, T + 1]."""
        if self._tokens is not None:
            columns = torch.arange(self._window + 1, device=self.device)
            return self._tokens[torch.from_numpy(places).to(self.device)[:, None] + columns].long()
        rows = [self._read(place, place + self._window + 1) for place in places.tolist()]
        return torch.stack(rows).to(self.device).long()

    def _windows(self, streams: int, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        length, window = self._count // streams, self._window
        at_once = max(1, min(_MAX_CHUNK_BATCHES, self._chunk_tokens // (streams * window)))
        for place in range(start * window, length, at_once * window):
            stop = min(place + at_once * window, length)
            chunk = self._cut(streams, length, place, stop)  # [B, n T + 1]
            full = (stop - place) // window
            inputs, targets = (
                side[:, : full * window].reshape(streams, full, window).transpose(0, 1).contiguous()
                for side in (chunk[:, :-1], chunk[:, 1:])
            )
            yield from zip(inputs, targets, strict=True)
            if (stop - place) % window:
                yield chunk[:, full * window : -1].contiguous(), chunk[:, full * window + 1 :].contiguous()

    def _cut(self, streams: int, length: int, place: int, stop: int) -> Tensor:
        """Tokens place..stop, the last included, of every stream, int64 [B, stop - place + 1]."""
        if self._tokens is not None:
            shape, strides = (streams, stop - place + 1), (length, 1)
            return torch.as_strided(self._tokens, shape, strides, place).long()
        rows = [self._read(row * length + place, row * length + stop + 1) for row in range(streams)]
        return torch.stack(rows).to(self.device).long()

    def _read(self, start: int, stop: int) -> Tensor:
        """Stored tokens, the last target among them."""
        found = np.empty(stop - start, dtype=np.int32)
        inside = min(stop, self._count)
        found[: inside - start] = self._stored[start:inside]
        found[inside - start :] = self._last
        return torch.from_numpy(found)


def bucketed(lengths: Indices, size: int, rng: np.random.Generator, *, drop_last: bool = False) -> list[Indices]:
    """Rows of batches of like length: shuffled, sorted by length within pools of 100 batches, cut up, and the batches
    shuffled; one batch of all keeps their order."""
    count = len(lengths)
    if size >= count:
        return [np.arange(count)]
    order = rng.permutation(count)
    pool = np.arange(count) // (_POOL_BATCHES * size)
    order = order[np.lexsort((lengths[order], pool))]
    batches = [order[place : place + size] for place in range(0, count, size)]
    if drop_last:
        batches.pop()
    return [batches[index] for index in rng.permutation(len(batches))]


def gathered(
    tokens: NDArray[np.generic],
    starts: Indices,
    lengths: Indices,
    *,
    at: Indices | int = 0,
    width: int | None = None,
) -> NDArray[np.int64]:
    """Texts tokens[start : start + length] as rows int64 [N, width or the longest], padded with 0; they begin at column
    `at`, one for all or one each."""
    columns = np.arange(int(lengths.max(initial=0)) if width is None else width) - np.reshape(at, (-1, 1))  # of a text
    is_token = (columns >= 0) & (columns < lengths[:, None])  # [N, T]
    found = np.full(is_token.shape, PAD, dtype=np.int64)
    found[is_token] = tokens[(starts[:, None] + columns)[is_token]]
    return found
