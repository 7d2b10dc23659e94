"""Batches of pairs of texts: a source and the target that is to be written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from modellab.data.base import Sample, Split, num_batches
from modellab.text.tokenizer import PAD
from modellab.training.augment import Augment
from modellab.training.text_batches import Indices, bucketed, gathered

_EVALUATION_TOKENS = 2**15


class PairBatches:
    """Inputs int64 [B, T, 2], the source and the target behind a begin token, and targets int64 [B, T'] with an end
    token; each padded with 0 on the right to the longest of the batch.

    Sources keep their first tokens, and targets too, of which the sample's length leaves one for begin or end. The
    order follows from (seed, epoch) alone, in buckets of like length as labelled texts have them.
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
        assert split.offsets is not None, "sources are texts"
        assert split.target_offsets is not None, "targets are texts"
        assert len(split) > 0, "a split has examples"
        self.device = device
        self.batch_size = len(split) if full_batch else min(batch_size, len(split))
        self.steps_per_epoch = num_batches(split, sample, self.batch_size)
        self._seed = seed
        self._begin, self._end = sample.special("[BEGIN]"), sample.special("[END]")
        self._sources, self._source_starts = split.inputs, split.offsets[:-1]
        self._targets, self._target_starts = split.targets, split.target_offsets[:-1]
        self._source_lengths = np.minimum(np.diff(split.offsets), sample.shape[0])
        self._target_lengths = np.minimum(np.diff(split.target_offsets), sample.shape[0] - 1)
        self._lengths = self._source_lengths + self._target_lengths

    def epoch(self, epoch: int, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from batch `start` on, in the order that (seed, epoch) gives."""
        for rows in self.rows(epoch)[start:]:
            yield self.made(rows)

    def rows(self, epoch: int) -> list[Indices]:
        """Which pairs the batches of an epoch hold."""
        return bucketed(self._lengths, self.batch_size, np.random.default_rng([self._seed, epoch]))

    def whole(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Every pair once, for evaluation, from the shortest to the longest, fewer than `batch_size` where long."""
        size = max(1, min(batch_size, _EVALUATION_TOKENS // max(1, int(self._lengths.max()))))
        order = np.argsort(self._lengths, kind="stable")
        for place in range(0, len(order), size):
            yield self.made(order[place : place + size])

    def typical(self) -> tuple[Tensor, Tensor]:
        """The batch of the first epoch whose length is nearest to the mean."""
        batches = self.rows(0)
        lengths = np.array([self._lengths[rows].max() for rows in batches])
        return self.made(batches[int(np.abs(lengths - lengths.mean()).argmin())])

    def made(self, rows: Indices) -> tuple[Tensor, Tensor]:
        """The batch of these pairs."""
        sources = gathered(self._sources, self._source_starts[rows], self._source_lengths[rows])  # [B, S]
        wanted = self._target_lengths[rows]
        written = gathered(self._targets, self._target_starts[rows], wanted)  # [B, T' - 1]
        length = max(sources.shape[1], written.shape[1] + 1)
        inputs = np.full((len(rows), length, 2), PAD, dtype=np.int64)
        inputs[:, : sources.shape[1], 0] = sources
        inputs[:, 0, 1] = self._begin
        inputs[:, 1 : written.shape[1] + 1, 1] = written
        targets = np.full((len(rows), written.shape[1] + 1), PAD, dtype=np.int64)
        targets[:, :-1] = written
        targets[np.arange(len(rows)), wanted] = self._end
        return torch.from_numpy(inputs).to(self.device), torch.from_numpy(targets).to(self.device)
