"""Batches for a BERT: two pieces of text, some of their tokens hidden, of which the second may be another's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modellab.data.base import Sample, Split
from modellab.text.tokenizer import PAD, UNKNOWN
from modellab.training.augment import Augment
from modellab.training.text_batches import Indices, gathered

_EVALUATION_BATCH = 64
_HIDDEN, _MASKED, _RANDOM = 0.15, 0.8, 0.1  # 10 % of the hidden tokens stay as they are


class MaskedBatches:
    """Inputs int64 [B, T, 2], tokens ([CLS] first [SEP] second [SEP], padded) and segments; targets int64 [B, 1 + T],
    whether the second piece is another (half of them are), and the hidden tokens, 0 elsewhere.

    A split's examples are neighbouring pieces of a document; another piece is one of another document, unless there is
    but one, as Devlin et al. 2019 draw it. 15 % of the tokens are asked for, and one at least of each pair that holds a
    known one; of these 80 % are read as [MASK], 10 % as any token and 10 % as they are. All of it follows from (seed,
    epoch, batch) alone, and for evaluation is always the same.
    """

    augment: Augment | None = None
    is_resident = False

    def __init__(
        self,
        split: Split,
        sample: Sample,
        device: torch.device,
        batch_size: int,
        seed: int,
        *,
        full_batch: bool = False,
    ) -> None:
        assert split.offsets is not None, "pieces have offsets"
        assert len(split) > 0, "a split has examples"
        self.device = device
        self.batch_size = len(split) if full_batch else min(batch_size, len(split))
        self.steps_per_epoch = -(-len(split) // self.batch_size)
        self._seed = seed
        self._sample = sample
        self._tokens = split.inputs
        self._starts, self._lengths = split.offsets[:-1], np.diff(split.offsets)
        self._firsts = np.asarray(split.targets, dtype=np.int64)  # which pieces have a neighbour: the next one
        self._begins, self._counts = _documents(len(self._lengths), self._firsts)

    def epoch(self, epoch: int, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from batch `start` on, in the order that (seed, epoch) gives."""
        for number, rows in enumerate(self.rows(epoch)[start:], start):
            yield self.made(rows, np.random.default_rng([self._seed, epoch, number]))

    def rows(self, epoch: int) -> list[Indices]:
        """Which pairs the batches of an epoch hold."""
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self._firsts))
        return [order[place : place + self.batch_size] for place in range(0, len(order), self.batch_size)]

    def whole(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Every pair once, for evaluation."""
        size = min(batch_size, _EVALUATION_BATCH)
        for place in range(0, len(self._firsts), size):
            rows = np.arange(place, min(place + size, len(self._firsts)))
            yield self.made(rows, np.random.default_rng(place))

    def typical(self) -> tuple[Tensor, Tensor]:
        """The first batch."""
        return next(self.epoch(0))

    def made(self, rows: Indices, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """The batch of these pairs."""
        first = self._firsts[rows]
        is_other = rng.random(len(rows)) < 0.5  # [B]
        second = np.where(is_other, self._others(first, rng), first + 1)
        is_other = second != first + 1  # by chance it is its own, where there is but one document
        ids, segments = self._joined(first, second)
        read, asked = self._hidden(ids, rng)
        inputs = torch.from_numpy(np.stack([read, segments], axis=2))
        targets = torch.from_numpy(np.concatenate([is_other[:, None].astype(np.int64), asked], axis=1))
        return inputs.to(self.device), targets.to(self.device)

    def _others(self, pieces: Indices, rng: np.random.Generator) -> Indices:
        """A piece of another document for each of these, all of them as likely; of any where there is but one."""
        total = len(self._lengths)
        begins, counts = self._begins[pieces], self._counts[pieces]
        counts = np.where(counts == total, 0, counts)
        drawn = rng.integers(total - counts)  # counted without the pieces of its own document
        return drawn + np.where(drawn >= begins, counts, 0)

    def _joined(self, first: Indices, second: Indices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tokens and segments, int64 [B, T] each."""
        cls, sep = self._sample.special("[CLS]"), self._sample.special("[SEP]")
        one, two = self._lengths[first], self._lengths[second]
        middle, end = one + 1, one + two + 2  # [B], the places of the two [SEP]
        width, rows = int(end.max()) + 1, np.arange(len(first))
        ids = gathered(self._tokens, self._starts[first], one, at=1, width=width)
        ids += gathered(self._tokens, self._starts[second], two, at=middle + 1, width=width)  # each 0 where it has none
        ids[:, 0], ids[rows, middle], ids[rows, end] = cls, sep, sep
        columns = np.arange(width)
        segments = (columns > middle[:, None]) & (columns <= end[:, None])
        return ids, segments.astype(np.int64)

    def _hidden(self, ids: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The tokens as they are read, and those that are asked for, 0 elsewhere; int64 [B, T] each."""
        num_own = self._sample.num_tokens - len(self._sample.specials)
        is_own = (ids > UNKNOWN) & (ids < num_own)
        draws = np.where(is_own, rng.random(ids.shape), 1.0)  # [B, T]
        is_lowest = np.arange(ids.shape[1]) == draws.argmin(axis=1)[:, None]  # where chance asks for none: this one
        is_asked = is_own & ((draws < _HIDDEN) | is_lowest)
        how = rng.random(ids.shape)
        read = np.where(is_asked & (how < _MASKED), self._sample.special("[MASK]"), ids)
        is_random = is_asked & (how >= _MASKED) & (how < _MASKED + _RANDOM)
        read = np.where(is_random, rng.integers(UNKNOWN + 1, max(num_own, UNKNOWN + 2), size=ids.shape), read)
        return read, np.where(is_asked, ids, PAD)


def _documents(num_pieces: int, firsts: Indices) -> tuple[Indices, Indices]:
    """Of each piece, the first piece of its document and how many pieces that has, int64 [N] each."""
    begins_one = np.ones(num_pieces, dtype=np.bool_)
    begins_one[firsts + 1] = False
    number = np.cumsum(begins_one) - 1  # of the document
    return np.flatnonzero(begins_one)[number], np.bincount(number)[number]
