"""Batches for a BERT: pieces joined as told, tokens hidden in the paper's shares, always the same for a seed."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from modellab.data._pieces import pieces
from modellab.data.base import Sample, Split
from modellab.tasks.masked_language_modelling import MaskedLanguageModelling
from modellab.training.batches import make_batches
from modellab.training.masked_batches import MaskedBatches
from modellab.training.options import TrainingOptions

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


def joined(split: Split, pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and segments, pair by pair."""
    assert split.offsets is not None
    texts = [split.inputs[start:stop].tolist() for start, stop in itertools.pairwise(split.offsets)]
    length = max(len(texts[first]) + len(texts[second]) for first, second in pairs) + 3
    rows = [([CLS, *texts[one], SEP], [*texts[two], SEP]) for one, two in pairs]
    ids = [first + second + [0] * (length - len(first + second)) for first, second in rows]
    segments = [[0] * len(first) + [1] * len(second) + [0] * (length - len(first + second)) for first, second in rows]
    return np.array(ids), np.array(segments)


def test_that_a_batch_holds_what_its_pairs_hold_one_by_one(split: Split):
    batches = make_batches(split, SAMPLE, CPU, 30, 1)
    assert isinstance(batches, MaskedBatches)
    starts = np.asarray(split.offsets)[:-1]
    for rows, (inputs, targets) in zip(batches.rows(3), batches.epoch(3), strict=True):
        ids = original(inputs, targets).numpy()
        pairs = [
            (int(first), int(row[row.tolist().index(SEP) + 1]) - 2)
            for first, row in zip(split.targets[rows], ids, strict=True)
        ]
        assert (split.inputs[starts[pairs]] == np.array(pairs) + 2).all()
        wanted_ids, wanted_segments = joined(split, pairs)
        np.testing.assert_array_equal(ids, wanted_ids)
        np.testing.assert_array_equal(inputs[..., 1], wanted_segments)


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


def test_that_other_pieces_are_of_other_documents_all_of_them_as_likely(split: Split):
    batches = make_batches(split, SAMPLE, CPU, 300, 1)
    counts = np.zeros(400)
    for epoch in range(30):
        for inputs, targets in batches.epoch(epoch):
            for ids, is_other in zip(original(inputs, targets), targets[:, 0], strict=True):
                first, second = int(ids[1]) - 2, int(ids[ids.tolist().index(SEP) + 1]) - 2
                assert (first // 4 != second // 4) is bool(is_other)
                counts[second] += int(is_other)
    by_document = counts.reshape(100, 4).sum(1)
    assert by_document.min() > 0.4 * by_document.mean()
    assert counts[0::4].sum() == pytest.approx(counts.sum() / 4, rel=0.1), "a document's first piece too"


def test_that_pairs_of_a_single_document_are_joined_with_any_piece():
    single = Split(inputs=np.arange(2, 42), targets=np.arange(9, dtype=np.int64), offsets=np.arange(0, 41, 4))
    others = torch.cat(
        [targets[:, 0] for epoch in range(20) for _, targets in make_batches(single, SAMPLE, CPU, 9, 1).epoch(epoch)]
    )
    assert 0.3 < float(others.float().mean()) < 0.6


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


def short_pieces(token: int) -> Split:
    """40 pieces of 2 of the same token each; of the four of a pair 15 % seldom hide one."""
    return Split(
        inputs=np.full(80, token, dtype=np.int32), targets=np.arange(39, dtype=np.int64), offsets=np.arange(0, 81, 2)
    )


def test_that_every_pair_hides_a_token_and_only_one_where_chance_hid_none():
    batches = make_batches(short_pieces(7), SAMPLE, CPU, 1, 1)
    counts = [int((targets[:, 1:] != 0).sum()) for epoch in range(5) for _, targets in batches.epoch(epoch)]
    assert min(counts) == 1
    assert 1.0 < np.mean(counts) < 1.3  # 0.85^4 + 4 * 0.15 = 1.12


def test_that_a_pair_of_unknown_tokens_alone_has_a_loss():
    inputs, targets = next(make_batches(short_pieces(1), SAMPLE, CPU, 1, 1).epoch(0))
    assert not (targets[:, 1:] != 0).any()
    said = torch.zeros(1, inputs.shape[1], SAMPLE.num_tokens, requires_grad=True)
    follows = torch.zeros(1, 2, requires_grad=True)
    outputs: Any = (said, follows)
    loss = MaskedLanguageModelling(SAMPLE).loss(TrainingOptions())(outputs, targets)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(np.log(2))
    assert said.grad is not None
    assert not said.grad.any()
