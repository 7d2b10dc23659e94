"""Batches for a BERT: pieces joined as told, tokens hidden in the paper's shares, always the same for a seed."""

import numpy as np
import pytest
import torch

from modellab.data._pieces import pieces
from modellab.data.base import Sample, Split
from modellab.training.batches import make_batches
from modellab.training.masked_batches import MaskedBatches

CPU = torch.device("cpu")
SAMPLE = Sample(
    kind="text", task="masked_language_modelling", shape=(33, 2), num_tokens=503, specials=("[CLS]", "[SEP]", "[MASK]")
)
CLS, SEP, MASK = 500, 501, 502


@pytest.fixture
def split() -> Split:
    """400 pieces of 10 to 15 tokens, in documents of 4; the first token of a piece is its number."""
    lengths = np.random.default_rng(0).integers(10, 16, 400)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = np.full(offsets[-1], 450, dtype=np.int32)
    tokens[offsets[:-1]] = np.arange(400) + 2
    firsts = np.array([number for number in range(400) if number % 4 != 3])
    return Split(inputs=tokens, targets=firsts, offsets=offsets)


def original(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return torch.where(targets[:, 1:] != 0, targets[:, 1:], inputs[..., 0])


def test_that_pairs_are_joined_and_half_of_the_second_ones_are_others(split: Split):
    batches = make_batches(split, SAMPLE, CPU, 30, 1)
    assert isinstance(batches, MaskedBatches)
    seen, others = [], []
    for inputs, targets in batches.epoch(0):
        for ids, segments, is_other in zip(original(inputs, targets), inputs[..., 1], targets[:, 0], strict=True):
            ends = (ids == SEP).nonzero()[:, 0].tolist()
            assert ids[0] == CLS
            assert len(ends) == 2
            assert segments.nonzero()[:, 0].tolist() == list(range(ends[0] + 1, ends[1] + 1))
            first, second = int(ids[1]) - 2, int(ids[ends[0] + 1]) - 2
            assert (second != first + 1) is bool(is_other)
            seen.append(first)
            others.append(int(is_other))
    assert sorted(seen) == split.targets.tolist()
    assert 0.4 < np.mean(others) < 0.6


def test_that_15_percent_are_asked_for_and_most_of_them_hidden(split: Split):
    found = [batch for epoch in range(5) for batch in make_batches(split, SAMPLE, CPU, 300, 1).epoch(epoch)]
    asked = torch.cat([targets[:, 1:].flatten() for _, targets in found])
    read = torch.cat([inputs[..., 0].flatten() for inputs, _ in found])
    is_asked = asked != 0
    num_own = int(((read != 0) & (read != CLS) & (read != SEP)).sum())
    assert int(is_asked.sum()) / num_own == pytest.approx(0.15, abs=0.01)
    shares = [(read[is_asked] == MASK).float().mean(), (read[is_asked] == asked[is_asked]).float().mean()]
    assert float(shares[0]) == pytest.approx(0.8, abs=0.02)
    assert float(shares[1]) == pytest.approx(0.1, abs=0.02)
    assert not ((read == MASK) & ~is_asked).any()
    assert int(asked.max()) < CLS


def test_that_seed_epoch_and_batch_decide_it_all_and_evaluation_is_always_the_same(split: Split):
    first, again = (make_batches(split, SAMPLE, CPU, 30, 1) for _ in range(2))
    whole, rest = list(first.epoch(2)), list(again.epoch(2, start=3))
    for one, other in zip(whole[3:], rest, strict=True):
        assert torch.equal(one[0], other[0])
        assert torch.equal(one[1], other[1])
    assert not torch.equal(whole[0][0], next(first.epoch(3))[0])
    for one, other in zip(first.whole(64), again.whole(64), strict=True):
        assert torch.equal(one[0], other[0])


def test_that_pieces_are_whole_lines_where_they_fit():
    assert pieces([3, 3, 3, 3], 6) == [(0, 6), (6, 12)]
    assert pieces([4, 3, 3], 6) == [(0, 4), (4, 10)]
    assert pieces([2, 14, 1], 6) == [(0, 2), (2, 8), (8, 14), (14, 17)]
    assert pieces([], 6) == []
