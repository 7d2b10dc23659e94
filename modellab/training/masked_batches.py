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
from modellab.training.text_batches import Indices

_EVALUATION_BATCH = 64
_HIDDEN, _MASKED, _RANDOM = 0.15, 0.8, 0.1  # 10 % of the hidden tokens stay as they are


class MaskedBatches:
    """Inputs int64 [B, T, 2], tokens ([CLS] first [SEP] second [SEP], padded) and segments; targets int64 [B, 1 + T],
    whether the second piece is another (half of them are), and the hidden tokens, 0 elsewhere.

    A split's examples are neighbouring pieces of a document. 15 % of the tokens are asked for; of these 80 % are read
    as [MASK], 10 % as any token and 10 % as they are (Devlin et al. 2019). All of it follows from (seed, epoch, batch)
    alone, and for evaluation is always the same.
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
        self._tokens = np.array(split.inputs, dtype=np.int64)
        self._starts, self._lengths = split.offsets[:-1], np.diff(split.offsets)
        self._firsts = np.asarray(split.targets, dtype=np.int64)  # which pieces have a neighbour: the next one

    def epoch(self, epoch: int, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from batch `start` on, in the order that (seed, epoch) gives."""
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self._firsts))
        for number in range(start, self.steps_per_epoch):
            rows = order[number * self.batch_size : (number + 1) * self.batch_size]
            yield self.made(rows, np.random.default_rng([self._seed, epoch, number]))

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
        second = np.where(is_other, rng.integers(len(self._lengths), size=len(rows)), first + 1)
        is_other = second != first + 1  # by chance it is its own
        ids, segments = self._joined(first, second)
        read, asked = self._hidden(ids, rng)
        inputs = torch.from_numpy(np.stack([read, segments], axis=2))
        targets = torch.from_numpy(np.concatenate([is_other[:, None].astype(np.int64), asked], axis=1))
        return inputs.to(self.device), targets.to(self.device)

    def _joined(self, first: Indices, second: Indices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tokens and segments, int64 [B, T] each."""
        cls, sep = self._sample.special("[CLS]"), self._sample.special("[SEP]")
        lengths = self._lengths[first] + self._lengths[second] + 3
        ids = np.full((len(first), int(lengths.max())), PAD, dtype=np.int64)
        segments = np.zeros_like(ids)
        for row, (one, two) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
            middle = int(self._lengths[one]) + 2
            end = middle + int(self._lengths[two])
            ids[row, 0], ids[row, middle - 1], ids[row, end] = cls, sep, sep
            ids[row, 1 : middle - 1] = self._piece(one)
            ids[row, middle:end] = self._piece(two)
            segments[row, middle : end + 1] = 1
        return ids, segments

    def _hidden(self, ids: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The tokens as they are read, and those that are asked for, 0 elsewhere; int64 [B, T] each."""
        num_own = self._sample.num_tokens - len(self._sample.specials)
        is_asked = (ids > UNKNOWN) & (ids < num_own) & (rng.random(ids.shape) < _HIDDEN)
        how = rng.random(ids.shape)
        read = np.where(is_asked & (how < _MASKED), self._sample.special("[MASK]"), ids)
        is_random = is_asked & (how >= _MASKED) & (how < _MASKED + _RANDOM)
        read = np.where(is_random, rng.integers(UNKNOWN + 1, max(num_own, UNKNOWN + 2), size=ids.shape), read)
        return read, np.where(is_asked, ids, PAD)

    def _piece(self, number: int) -> NDArray[np.int64]:
        start = self._starts[number]
        return self._tokens[start : start + self._lengths[number]]
