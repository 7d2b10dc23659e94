"""A corpus through a recurrent model: the places where units behave as wanted, and the units that tell a pattern."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from modellab.data.base import LoadedDataset, UnknownTexts
from modellab.errors import UserError
from modellab.inspection.gates import gates
from modellab.nets.recurrent import Recurrent
from modellab.text.tokenizer import MARK, Tokenizer

MAX_TOKENS = 1_000_000
_MOST_BYTES = 384_000_000  # of one signal of all units, float16
_BLOCK_TOKENS = 16_384
_MOST_PARTS = 3  # tokens of one letter, beside the first
_ROW_TOKENS = 256
# Tokens that a row of a stream reads first, so that its state is what it would be had it read all before.
_WARM_UP = 64

Mask = NDArray[np.bool_]


class UnitKey(NamedTuple):
    """One unit's signal."""

    layer: int
    direction: int
    signal: str
    unit: int


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """Texts end to end: ids int32 [N]; text i is ids[offsets[i]:offsets[i + 1]], as the model reads it (cut short).

    window: of a language model, whose stream is one text, the tokens of an example; else 0. starts: of each text, where
    it begins in the split that `unknown` tells of: what stands there for tokens that the model does not know. labels:
    the class of each text, where texts have one.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    window: int = 0
    starts: NDArray[np.int64] | None = None
    unknown: UnknownTexts | None = None
    labels: tuple[str, ...] = ()

    def in_context(self, start: int, stop: int, tokenizer: Tokenizer, *, around: int) -> tuple[str, str, str]:
        """What stands before the tokens start..stop in their text, what they are, and what follows: of each side up to
        so many tokens.

        A letter is never cut: one that begins before them and ends among them is theirs.
        """
        text = int(np.searchsorted(self.offsets, start, side="right")) - 1
        first, last = int(self.offsets[text]), int(self.offsets[text + 1])
        low, high = max(first, start - around), min(last, stop + around)
        while first < low < start and start - low > around - _MOST_PARTS and self._is_cut(low, start, tokenizer, at=0):
            low += 1
        while high < last and high < stop + around + _MOST_PARTS and self._is_cut(low, high, tokenizer, at=-1):
            high += 1
        whole = self.decoded(low, high, tokenizer)
        before, until = self.decoded(low, start, tokenizer), self.decoded(low, stop, tokenizer)
        begin, end = _num_common(whole, before), _num_common(whole, until)
        end = max(begin, end + 1 if end < len(until) else end)
        return whole[:begin], whole[begin:end], whole[end:]

    def label(self, token: int) -> str:
        """The class of the text that a token is in; nothing where texts have none."""
        return self.labels[self.place(token)[0]] if self.labels else ""

    def _is_cut(self, first: int, stop: int, tokenizer: Tokenizer, *, at: int) -> bool:
        return self.decoded(first, stop, tokenizer)[at:][:1] == MARK

    def decoded(self, first: int, stop: int, tokenizer: Tokenizer) -> str:
        """The tokens first..stop as they stand in the text, what the model does not know too."""
        text = tokenizer.decode(self.ids[first:stop].tolist())
        if self.unknown is None or self.starts is None or MARK not in text:
            return text
        places = np.arange(first, stop)
        texts = np.searchsorted(self.offsets, places, side="right") - 1
        found = self.unknown.among(self.starts[texts] + places - self.offsets[texts])
        pieces = text.split(MARK)
        # A mark that the text itself holds cannot be told from those of the tokenizer.
        if len(pieces) != len(found) + 1:
            return text
        letters = [found[place] for place in sorted(found)]
        return pieces[0] + "".join(letter + piece for letter, piece in zip(letters, pieces[1:], strict=True))

    def place(self, token: int) -> tuple[int, int]:
        """The example that a token is in, and which of its tokens it is."""
        if self.window:
            return divmod(token, self.window)
        text = int(np.searchsorted(self.offsets, token, side="right")) - 1
        return text, token - int(self.offsets[text])


def corpus_of(data: LoadedDataset, *, most: int = MAX_TOKENS) -> Corpus:
    """The first `most` tokens of the validation split."""
    split, length = data.validation, data.sample.shape[0]
    if split.offsets is None:
        ids = np.asarray(split.inputs[:most], dtype=np.int32)
        offsets, starts = np.array([0, len(ids)], dtype=np.int64), np.zeros(1, dtype=np.int64)
        return Corpus(ids=ids, offsets=offsets, window=length, starts=starts, unknown=split.unknown)
    lengths = np.minimum(np.diff(split.offsets), length)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    num_texts = max(1, int(np.searchsorted(offsets, most, side="right")) - 1)
    pieces = [
        split.inputs[start : start + size] for start, size in zip(split.offsets[:num_texts], lengths, strict=False)
    ]
    return Corpus(
        ids=np.concatenate(pieces).astype(np.int32),
        offsets=offsets[: num_texts + 1],
        starts=np.asarray(split.offsets[:num_texts], dtype=np.int64),
        unknown=split.unknown,
        labels=_labels(data, num_texts),
    )


def _num_common(text: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((place for place, (one, its) in pairs if one != its), min(len(text), len(other)))


def _labels(data: LoadedDataset, num_texts: int) -> tuple[str, ...]:
    if data.sample.task != "classification":
        return ()
    return tuple(data.sample.classes[target] for target in data.validation.targets[:num_texts].tolist())


class CorpusSignals:
    """Some signals of every unit over a corpus, captured block by block: `advance` until `is_complete`.

    values: for each (layer, direction, signal) float16 [H, N], a row a unit, of which the first `num_done` columns are
    there.
    """

    def __init__(self, model: Recurrent, corpus: Corpus, signals: Sequence[str]) -> None:
        self.corpus = corpus
        self.signals = frozenset(signals)
        self.num_done = 0
        self._model = model
        num_rows = model.hidden_size * len(model.layers) * len(model.directions[0]) * len(self.signals)
        self.total = min(len(corpus.ids), max(_BLOCK_TOKENS, _MOST_BYTES // (2 * num_rows)))
        if not corpus.window:  # whole texts
            self.total = int(corpus.offsets[np.searchsorted(corpus.offsets, self.total, side="right") - 1])
        self.values = {
            (layer, direction, signal): np.empty((model.hidden_size, self.total), dtype=np.float16)
            for layer in range(len(model.layers))
            for direction in range(len(model.directions[0]))
            for signal in self.signals
        }

    @property
    def is_complete(self) -> bool:
        """Whether all is captured."""
        return self.num_done >= self.total

    @property
    def num_bytes(self) -> int:
        """Memory of the values."""
        return sum(values.nbytes for values in self.values.values())

    def advance(self) -> None:
        """Capture the next block."""
        start = self.num_done
        if self.corpus.window:
            stop = min(start + _BLOCK_TOKENS, self.total)
            for first in range(start, stop, _ROW_TOKENS * 64):
                starts = np.arange(first, min(first + _ROW_TOKENS * 64, stop), _ROW_TOKENS)
                self._capture([(max(0, at - _WARM_UP), at, min(at + _ROW_TOKENS, stop)) for at in starts.tolist()])
        else:
            offsets = self.corpus.offsets
            text = int(np.searchsorted(offsets, start, side="right")) - 1
            last = max(text + 1, int(np.searchsorted(offsets, min(start + _BLOCK_TOKENS, self.total), "right")) - 1)
            stop = int(offsets[last])
            rows = [
                (at, at, end)
                for at, end in zip(offsets[text:last].tolist(), offsets[text + 1 :].tolist(), strict=False)
            ]
            rows.sort(key=lambda row: row[2] - row[0])
            for place in range(0, len(rows), 64):
                self._capture([row for row in rows[place : place + 64] if row[2] > row[0]])
        self.num_done = stop

    def _capture(self, rows: list[tuple[int, int, int]]) -> None:
        """Read tokens [first, stop) of each row (first, start, stop), and keep those from start on."""
        if not rows:
            return
        ids = np.zeros((len(rows), max(stop - first for first, _, stop in rows)), dtype=np.int64)
        for row, (first, _, stop) in enumerate(rows):
            ids[row, : stop - first] = self.corpus.ids[first:stop]
        found = gates(self._model, torch.from_numpy(ids)).signals
        for (layer, direction, signal), kept in self.values.items():
            halves = found[layer][direction][signal].half().transpose(1, 2).contiguous().numpy()  # [B, H, T]
            for row, (first, start, stop) in enumerate(rows):
                kept[:, start:stop] = halves[row, :, start - first : stop - first]


class Run(NamedTuple):
    """Tokens [start, stop) of the corpus on which all units are on, and how strongly on average."""

    start: int
    stop: int
    score: float


def search(
    signals: CorpusSignals,
    units: Sequence[UnitKey],
    *,
    signs: Sequence[int] = (),
    threshold: float = 0.3,
    length: int = 1,
    whiskers: bool = False,
    most: int = 50,
) -> list[Run]:
    """Places where sign * value is above the threshold for all units on at least `length` tokens in a row.

    whiskers: on exactly as many, and every unit off just before and after. Each stretch counts once; the strongest
    first.
    """
    return search_and_count(
        signals, units, signs=signs, threshold=threshold, length=length, whiskers=whiskers, most=most
    )[0]


def search_and_count(
    signals: CorpusSignals,
    units: Sequence[UnitKey],
    *,
    signs: Sequence[int],
    threshold: float,
    length: int,
    whiskers: bool,
    most: int,
) -> tuple[list[Run], int]:
    """As `search`, and how many places there are in all."""
    num_done = signals.num_done
    rows = [signals.values[key.layer, key.direction, key.signal][key.unit, :num_done] for key in units]
    is_on: Mask = np.ones(num_done, dtype=bool)
    is_off: Mask = np.ones(num_done + 1, dtype=bool)  # behind the last token everything is
    for row, sign in zip(rows, [*signs, *[1] * len(units)], strict=False):
        is_one: Mask = row > threshold if sign >= 0 else row < -threshold
        is_on &= is_one
        is_off[:-1] &= ~is_one
    is_first: Mask = np.zeros(num_done + 1, dtype=bool)
    is_first[signals.corpus.offsets[signals.corpus.offsets <= num_done]] = True
    begins: Mask = is_on.copy()
    begins[1:] &= ~is_on[:-1] | is_first[1:-1]
    ends: Mask = is_on.copy()
    ends[:-1] &= ~is_on[1:] | is_first[1:-1]
    starts, stops = np.flatnonzero(begins), np.flatnonzero(ends) + 1
    lengths = stops - starts
    fits: Mask = lengths >= length
    if whiskers:
        fits = (lengths == length) & (is_first[starts] | is_off[starts - 1]) & (is_first[stops] | is_off[stops])
    starts, stops = starts[fits], stops[fits]
    if not len(starts):
        return [], 0
    strength = np.zeros(num_done + 1)
    for row in rows:
        strength[1:] += np.abs(row)
    np.cumsum(strength, out=strength)
    scores = (strength[stops] - strength[starts]) / ((stops - starts) * len(rows))
    best = np.argsort(-scores, kind="stable")[:most]
    return [Run(int(starts[place]), int(stops[place]), float(scores[place])) for place in best], len(starts)


def check_units(units: Sequence[UnitKey], model: Recurrent) -> None:
    """Whether the model has these units.

    Raises:
        UserError: it has not, or none are named.
    """
    from modellab.inspection.clamps import Clamp
    from modellab.inspection.gates import check_clamp

    if not units:
        raise UserError("Choose at least one unit to search for.")
    for key in units:
        clamp = Clamp(layer=key.layer, direction=key.direction, signal=key.signal, unit=key.unit, value=0.0)
        check_clamp(clamp, model)


class Shelf:
    """The signals captured last, by what they are of, within a budget of memory."""

    def __init__(self, *, most_bytes: int = 2 * _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[object, CorpusSignals] = {}

    def get(self, identity: object, model: Recurrent, corpus: Corpus, signals: Sequence[str]) -> CorpusSignals:
        """The signals, perhaps not yet captured; `identity` is of weights and corpus."""
        key = (identity, frozenset(signals))
        for other in list(self._kept):
            if isinstance(other, tuple) and other[0] == identity and frozenset(signals) <= other[1]:
                key = other
        found = self._kept.pop(key, None) or CorpusSignals(model, corpus, signals)
        while self._kept and sum(kept.num_bytes for kept in self._kept.values()) + found.num_bytes > self._most_bytes:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = found
        return found


def captured_in_turns(signals: CorpusSignals, *, every_seconds: float = 0.4) -> Iterator[bool]:
    """Capture what is missing, and say now and then whether all is there; at last True."""
    due = time.perf_counter() + every_seconds
    while not signals.is_complete:
        signals.advance()
        if time.perf_counter() >= due and not signals.is_complete:
            yield False
            due = time.perf_counter() + every_seconds
    yield True
