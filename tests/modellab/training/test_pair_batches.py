"""Batches of pairs: every pair once, begun, ended, padded and cut as the model reads them."""

import numpy as np
import pytest
import torch

from modellab.data.base import Sample, Split, num_batches
from modellab.training.batches import make_batches
from modellab.training.pair_batches import PairBatches

CPU = torch.device("cpu")
SAMPLE = Sample(kind="text", task="translation", shape=(12, 2), num_tokens=700, specials=("[BEGIN]", "[END]"))
BEGIN, END = 698, 699


@pytest.fixture
def split() -> Split:
    """203 pairs of 1 to 15 and 0 to 14 tokens; the first of a source is the pair's number."""
    rng = np.random.default_rng(0)
    sides = []
    for least in (1, 0):
        offsets = np.concatenate([[0], np.cumsum(rng.integers(least, least + 15, 203))])
        sides.append((rng.integers(2, 600, offsets[-1]).astype(np.int32), offsets))
    (inputs, offsets), (targets, target_offsets) = sides
    inputs[offsets[:-1]] = np.arange(203) + 2
    return Split(inputs=inputs, targets=targets, offsets=offsets, target_offsets=target_offsets)


def test_that_each_pair_is_read_once_an_epoch_as_it_is_stored(split: Split):
    batches = make_batches(split, SAMPLE, CPU, 16, 5)
    assert isinstance(batches, PairBatches)
    assert batches.steps_per_epoch == num_batches(split, SAMPLE, 16)
    assert split.offsets is not None
    assert split.target_offsets is not None
    seen: list[int] = []
    for inputs, targets in batches.epoch(0):
        for pair, target in zip(inputs.tolist(), targets.tolist(), strict=True):
            row = pair[0][0] - 2
            seen.append(row)
            source = split.inputs[split.offsets[row] : split.offsets[row + 1]][:12].tolist()
            wanted = split.targets[split.target_offsets[row] : split.target_offsets[row + 1]][:11].tolist()
            assert [token for token, _ in pair if token] == source
            assert [token for _, token in pair if token] == [BEGIN, *wanted]
            assert [token for token in target if token] == [*wanted, END]
    assert sorted(seen) == list(range(203))


def test_that_the_order_follows_from_seed_and_epoch_and_goes_on_where_it_stood(split: Split):
    first, again = (make_batches(split, SAMPLE, CPU, 16, 5) for _ in range(2))
    whole = [inputs for inputs, _ in first.epoch(1)]
    rest = [inputs for inputs, _ in again.epoch(1, start=4)]
    assert all(torch.equal(one, other) for one, other in zip(whole[4:], rest, strict=True))
    assert not torch.equal(whole[0], next(first.epoch(2))[0])


def test_that_evaluation_reads_each_pair_once(split: Split):
    found = list(make_batches(split, SAMPLE, CPU, 16, 5).whole(1024))
    assert sorted(int(number) for inputs, _ in found for number in inputs[:, 0, 0]) == [row + 2 for row in range(203)]
    assert all(inputs.shape[1] <= 12 and targets.shape[1] <= 12 for inputs, targets in found)
