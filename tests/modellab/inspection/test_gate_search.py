"""Searching a corpus by what units do, against a plain loop; ranking units by a pattern, against scikit-learn."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from modellab.architectures import architectures
from modellab.data.base import LoadedDataset, Sample, Split
from modellab.errors import UserError
from modellab.inspection import gate_search
from modellab.inspection.gate_search import Corpus, CorpusSignals, Shelf, UnitKey, captured_in_turns, corpus_of, search
from modellab.inspection.gates import gates
from modellab.inspection.unit_ranks import area_under_curve, areas_under_curves, matched_tokens, rank_units
from modellab.nets.recurrent import Recurrent
from modellab.text.characters import ByteTokenizer, CharacterTokenizer

TOKENIZER = CharacterTokenizer(tuple('abcdefgh "'), lower_case=False)
TEXTS = Sample(kind="text", task="classification", shape=(30,), classes=("a", "b"), num_tokens=TOKENIZER.size)
STREAM = Sample(kind="text", task="language_modelling", shape=(10,), num_tokens=TOKENIZER.size)
UNIT = UnitKey(0, 0, "h", 0)


def build(sample: Sample, cell: str = "gru", **options: Any) -> Recurrent:
    torch.manual_seed(0)
    model = architectures()[cell](hidden_size=6, embedding_size=5, **options).build(sample).eval()
    assert isinstance(model, Recurrent)
    return model


def data_of(sample: Sample) -> LoadedDataset:
    rng = np.random.default_rng(0)
    if sample.task == "language_modelling":
        tokens = rng.integers(2, sample.num_tokens, 2001).astype(np.int32)
        split = Split(inputs=tokens[:-1], targets=tokens[1:])
    else:
        offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 50, 80))]).astype(np.int64)
        tokens = rng.integers(2, sample.num_tokens, int(offsets[-1])).astype(np.int32)
        split = Split(inputs=tokens, targets=np.zeros(80, np.int64), offsets=offsets)
    return LoadedDataset(sample=sample, train=split, validation=split)


def captured(signals: CorpusSignals) -> CorpusSignals:
    assert list(captured_in_turns(signals))[-1] is True
    return signals


def made_up(values: list[list[float]], offsets: list[int]) -> CorpusSignals:
    """Signals of unit 0, 1... that nobody computed."""
    corpus = Corpus(ids=np.full(offsets[-1], 2, dtype=np.int32), offsets=np.array(offsets, dtype=np.int64))
    found = CorpusSignals(build(TEXTS), corpus, ["h"])
    found.values = {(0, 0, "h"): np.array(values, dtype=np.float16)}
    found.num_done = found.total
    return found


@pytest.mark.parametrize("bidirectional", [False, True])
def test_that_the_signals_of_a_corpus_are_those_of_each_text(bidirectional: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate_search, "_BLOCK_TOKENS", 300)
    model, corpus = build(TEXTS, "lstm", bidirectional=bidirectional), corpus_of(data_of(TEXTS))
    assert max(np.diff(corpus.offsets)) == 30
    signals = captured(CorpusSignals(model, corpus, ["c", "f"]))
    assert signals.num_done == len(corpus.ids) == signals.total
    for text in (0, 7, 79):
        ids = corpus.ids[corpus.offsets[text] : corpus.offsets[text + 1]].astype(np.int64)
        named = gates(model, torch.from_numpy(ids)[None]).named() if len(ids) else {}
        for (layer, direction, signal), values in signals.values.items():
            if len(ids):
                wanted = named[f"{layer}/{direction}/{signal}"].numpy().T
                kept = values[:, corpus.offsets[text] : corpus.offsets[text + 1]]
                np.testing.assert_allclose(kept, wanted, atol=2e-3)


def test_that_a_stream_is_read_with_what_came_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate_search, "_BLOCK_TOKENS", 700)
    model, corpus = build(STREAM), corpus_of(data_of(STREAM))
    signals = captured(CorpusSignals(model, corpus, ["h"]))
    whole = gates(model, torch.from_numpy(corpus.ids.astype(np.int64))[None]).named()["0/0/h"].numpy().T
    np.testing.assert_allclose(signals.values[0, 0, "h"], whole, atol=5e-3)
    assert corpus.place(57) == (5, 7)


def test_that_no_letter_is_cut_in_the_context_of_a_place_and_its_class_is_told():
    tokenizer = ByteTokenizer()
    first, second = (np.array(tokenizer.encode(text).ids, dtype=np.int32) for text in ("漢 é“x”", "ab"))
    corpus = Corpus(
        ids=np.concatenate([first, second]),
        offsets=np.array([0, len(first), len(first) + 2], dtype=np.int64),
        labels=("Chinese", "Latin"),
    )
    assert corpus.in_context(4, 5, tokenizer, around=2) == (" ", "é", "“")
    assert corpus.in_context(5, 9, tokenizer, around=99) == ("漢 ", "é“", "x”")
    assert corpus.in_context(9, 10, tokenizer, around=2) == ("", "x", "”")
    assert corpus.in_context(len(first), len(first) + 1, tokenizer, around=9) == ("", "a", "b")
    assert [corpus.label(token) for token in (0, len(first) - 1, len(first))] == ["Chinese", "Chinese", "Latin"]


def test_that_a_stretch_is_found_once_and_none_crosses_two_texts():
    signals = made_up([[0, 0.9, 0.8, 0, 0.5, 0.5, 0.6, 0.6, 0, 0.4]], [0, 6, 10])
    runs = search(signals, [UNIT], threshold=0.3)
    assert [(run.start, run.stop) for run in runs] == [(1, 3), (6, 8), (4, 6), (9, 10)]
    assert runs[0].score == pytest.approx(0.85, abs=1e-3)
    assert [(run.start, run.stop) for run in search(signals, [UNIT], threshold=0.3, length=2)] == [
        (1, 3),
        (6, 8),
        (4, 6),
    ]
    assert [run.start for run in search(signals, [UNIT], threshold=0.3, whiskers=True)] == [9]
    assert [run.start for run in search(signals, [UNIT], threshold=0.3, most=1)] == [1]
    assert search(signals, [UNIT], threshold=0.95) == []


def test_that_all_units_must_be_on_and_negative_lobes_count_where_asked():
    signals = made_up([[0.9, 0.9, 0.9, 0], [0.9, -0.9, 0, -0.9]], [0, 4])
    both = [UNIT, UnitKey(0, 0, "h", 1)]
    assert [run.start for run in search(signals, both)] == [0]
    assert [run.start for run in search(signals, both, signs=(1, -1))] == [1]
    assert [run.start for run in search(signals, both[1:], signs=(-1,))] == [1, 3]


def test_that_with_whiskers_every_unit_is_off_beside_the_stretch():
    signals = made_up([[0, 0.9, 0, 0.9, 0.9, 0.9], [0, 0.9, 0.9, 0.9, 0, 0.9]], [0, 5, 6])
    both = [UNIT, UnitKey(0, 0, "h", 1)]
    assert [run.start for run in search(signals, both)] == [1, 3, 5]
    # After token 1 the second unit is still on; token 3 has one on either side; token 5 is a text of its own.
    assert [run.start for run in search(signals, both, whiskers=True)] == [5]


def test_that_of_many_places_the_strongest_are_found():
    rng = np.random.default_rng(0)
    signals = made_up([[0.0]], [0, 1])
    values = rng.normal(size=(6, 100_000)).astype(np.float16)
    signals.values = {(0, 0, "h"): values}
    signals.num_done = 100_000
    found = search(signals, [UnitKey(0, 0, "h", unit) for unit in range(3)], length=2)
    scores = [run.score for run in found]
    assert len(found) == 50
    assert scores == sorted(scores, reverse=True)
    for run in found:
        assert run.stop - run.start >= 2
        assert (values[:3, run.start : run.stop] > 0).all()


def test_that_what_was_captured_is_kept_and_the_oldest_goes_when_memory_is_short():
    model, corpus = build(STREAM), corpus_of(data_of(STREAM))
    shelf = Shelf(most_bytes=3 * 2000 * 6 * 2)
    first = shelf.get("a", model, corpus, ["h", "z"])
    assert shelf.get("a", model, corpus, ["h"]) is first
    second = shelf.get("b", model, corpus, ["h"])
    assert shelf.get("a", model, corpus, ["h"]) is first
    shelf.get("c", model, corpus, ["h"])
    assert shelf.get("b", model, corpus, ["h"]) is not second


@pytest.mark.parametrize("kind", ["distinct", "many ties"])
def test_that_the_area_under_the_curve_is_scikit_learns(kind: str):
    rng = np.random.default_rng(1)
    values = rng.normal(size=500).astype(np.float16)
    if kind == "many ties":
        values = np.round(values)
        values[:50] = np.float16(-0.0)
    labels = rng.random(500) < 0.3
    assert area_under_curve(values, labels) == pytest.approx(roc_auc_score(labels, values.astype(np.float64)))


def test_that_many_areas_at_once_are_those_one_by_one():
    rng = np.random.default_rng(2)
    values = np.round(rng.normal(size=(3, 400)), 1).astype(np.float16)
    labels = np.stack([rng.random(400) < 0.2, rng.random(400) < 0.7, np.zeros(400, dtype=bool)])
    found = areas_under_curves(values, labels)
    wanted = [[area_under_curve(row, label) for label in labels[:2]] for row in values]
    np.testing.assert_allclose(found[:, :2], wanted, atol=1e-6)
    assert np.isnan(found[:, 2]).all()


def test_that_the_unit_that_tells_a_pattern_comes_first():
    text = 'ab "cd" ef "gh" a'
    tokens = TOKENIZER.encode(text)
    corpus = Corpus(ids=np.array(tokens.ids, dtype=np.int32), offsets=np.array([0, len(text)]), window=10)
    is_matched = matched_tokens(corpus, TOKENIZER, r'"[^"]*"')
    assert "".join(text[place] for place in np.flatnonzero(is_matched)) == '"cd""gh"'
    signals = made_up([[0.0] * len(text), (-is_matched.astype(float)).tolist(), [0.0] * len(text)], [0, len(text)])
    best = rank_units(signals, is_matched, signal="h", most=2)[0]
    assert (best.layer, best.direction, best.unit, best.auc) == (0, 0, 1, 0.0)


def test_that_each_text_is_matched_by_itself():
    corpus = Corpus(ids=np.array([2, 3, 2, 3], dtype=np.int32), offsets=np.array([0, 2, 4]))  # "ab", "ab"
    assert matched_tokens(corpus, TOKENIZER, "^a").tolist() == [True, False, True, False]
    assert matched_tokens(corpus, TOKENIZER, "ba|b$").tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [("(", "no regular expression"), ("x", "No token"), (".", "Every token"), ("(a|a|aa)+$", "too long")],
)
def test_that_a_pattern_of_no_use_is_said_in_words_and_in_time(pattern: str, words: str):
    text = "a" * 60 + "b"
    corpus = Corpus(ids=np.array(TOKENIZER.encode(text).ids, dtype=np.int32), offsets=np.array([0, 61]))
    with pytest.raises(UserError, match=words):
        matched_tokens(corpus, TOKENIZER, pattern)
