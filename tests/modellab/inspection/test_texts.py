"""Facts and pages of text, counted by hand."""

from itertools import pairwise

import numpy as np

from modellab.data.base import LoadedDataset, Sample, Split
from modellab.inspection.texts import _edges, text_facts, text_page, tokens_for_the_eye
from modellab.text.characters import CharacterTokenizer
from modellab.text.tokenizer import UNKNOWN

TEXTS = ["aab", "b", "abxab", "aaaaaaaa"]
TOKENIZER = CharacterTokenizer("ab")


def labelled() -> LoadedDataset:
    ids, offsets, _ = TOKENIZER.encode_all(TEXTS)
    split = Split(inputs=ids, targets=np.array([0, 1, 1, 0]), offsets=offsets)
    sample = Sample(kind="text", task="classification", shape=(5,), classes=("x", "y"), num_tokens=4)
    return LoadedDataset(sample=sample, train=split, validation=split, tokenizer=TOKENIZER)


def stream() -> LoadedDataset:
    ids = TOKENIZER.encode_all(["abab" * 5 + "x"]).ids
    split = Split(inputs=ids[:-1], targets=ids[1:])
    sample = Sample(kind="text", task="language_modelling", shape=(8,), num_tokens=4)
    return LoadedDataset(sample=sample, train=split, validation=split, tokenizer=TOKENIZER)


def test_that_facts_are_counts():
    facts = text_facts(labelled())
    assert facts.vocabulary_size == 4
    assert facts.num_tokens == {"train": 17, "validation": 17}
    assert facts.unknown_rate["train"] == 1 / 17
    assert facts.cut_rate["train"] == 1 / 4
    assert facts.common == (("a", 12), ("b", 4), ("\ufffd", 1))
    by_edge = dict(zip(pairwise(facts.length_edges), facts.lengths["train"], strict=True))
    assert sum(by_edge.values()) == 4
    for length in (1, 3, 5, 8):
        assert sum(count for (low, high), count in by_edge.items() if low <= length < high) == 1


def test_that_a_stream_has_no_lengths():
    facts = text_facts(stream())
    assert (facts.length_edges, facts.lengths, facts.cut_rate) == ((), {}, {})
    assert facts.num_tokens["train"] == 20


def test_that_a_page_is_cut_as_the_model_reads():
    data = labelled()
    page = text_page(data.train, data.sample, np.array([3, 0]))
    assert page.offsets.tolist() == [0, 5, 8]
    assert page.tokens.tolist() == [2] * 5 + [2, 2, 3]
    assert page.lengths.tolist() == [8, 3]
    assert page.targets.tolist() == [0, 0]


def test_that_a_page_of_a_stream_is_windows_and_what_comes_next():
    data = stream()
    page = text_page(data.train, data.sample, np.array([1, 2]))
    assert page.offsets.tolist() == [0, 8, 12]
    assert page.tokens.tolist() == [2, 3] * 6
    assert page.targets.tolist() == [3, 2] * 5 + [3, UNKNOWN]
    shifted = text_page(data.train, data.sample, np.array([0]), starts=np.array([3]))
    assert shifted.tokens.tolist() == [3, 2] * 4


def test_that_only_tokens_that_occur_are_named():
    assert tokens_for_the_eye(np.array([2, 2, 1], dtype=np.int32), TOKENIZER) == {1: "\ufffd", 2: "a"}


def test_that_one_long_text_leaves_the_lengths_of_the_others_apart():
    edges = _edges([np.array([3, 4, 5, 5, 6, 6, 4000])])
    assert edges[:8] == tuple(range(8))
    assert edges[-1] == 4001
    assert edges[-2] < 30
