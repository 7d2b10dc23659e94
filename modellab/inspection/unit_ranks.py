"""How well each unit tells the characters that a regular expression matches from the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import regex
from numpy.typing import NDArray

from modellab.errors import UserError
from modellab.inspection.gate_search import Corpus, CorpusSignals, Mask
from modellab.text.tokenizer import Tokenizer

_MOST_SECONDS = 2.0


class Rank(NamedTuple):
    """A unit and the area under its ROC curve: the chance that it is higher on a matched token than on another."""

    layer: int
    direction: int
    unit: int
    auc: float


def matched_tokens(corpus: Corpus, tokenizer: Tokenizer, pattern: str) -> Mask:
    """Which tokens [N] hold a character that the pattern matches; `^` and `$` are the ends of a line.

    Raises:
        UserError: the pattern is none, takes too long (nested repetition), or matches nothing or everything.
    """
    is_matched: Mask = matches(corpus, tokenizer, [pattern])[0]
    num_matched = int(is_matched.sum())
    if num_matched in (0, len(is_matched)):
        which = "No" if num_matched == 0 else "Every"
        raise UserError(f"{which} token of the {len(is_matched):,} searched matches this pattern; try another.")
    return is_matched


def matches(corpus: Corpus, tokenizer: Tokenizer, patterns: Sequence[str]) -> Mask:
    """As `matched_tokens` of each pattern, [P, N], whatever they match.

    Raises:
        UserError: a pattern is none, or takes too long.
    """
    try:
        compiled = [regex.compile(pattern, regex.MULTILINE) for pattern in patterns]
    except (regex.error, RecursionError, OverflowError) as error:
        raise UserError(f"This is no regular expression: {' '.join(str(error).split())}.") from None
    is_matched = np.zeros((len(compiled), len(corpus.ids)), dtype=bool)
    for start, stop in zip(corpus.offsets[:-1].tolist(), corpus.offsets[1:].tolist(), strict=True):
        text, edges = _text(corpus.ids[start:stop].tolist(), tokenizer)
        for row, pattern in zip(is_matched, compiled, strict=True):
            try:
                # Lets go of the interpreter while it searches, and of a pattern that would never end.
                spans = [found.span() for found in pattern.finditer(text, timeout=_MOST_SECONDS, concurrent=True)]
            except TimeoutError:
                raise UserError(
                    "This pattern takes too long to search; do without repetitions inside of repetitions."
                ) from None
            row[start:stop] = _touched(edges, spans, len(text))
    return is_matched


def rank_units(signals: CorpusSignals, is_matched: NDArray[np.bool_], *, signal: str, most: int) -> list[Rank]:
    """The units whose AUC is farthest from 0.5 first. Exact for the float16 that are kept; ties count half."""
    num_done = signals.num_done
    labels = is_matched[:num_done]
    num_on = int(labels.sum())
    if num_on in (0, num_done):
        return []
    ranks: list[Rank] = []
    for (layer, direction, name), values in signals.values.items():
        if name == signal:
            ranks += [
                Rank(layer, direction, unit, area_under_curve(values[unit, :num_done], labels))
                for unit in range(len(values))
            ]
    ranks.sort(key=lambda rank: -abs(rank.auc - 0.5))
    return ranks[:most]


def area_under_curve(values: NDArray[np.float16], labels: NDArray[np.bool_]) -> float:
    """P(value of a labelled > value of another) + half of P(equal), by counting each of the 65,536 float16."""
    keys = _keys(values)
    positive = np.bincount(keys[labels], minlength=65_536).astype(np.float64)
    negative = np.bincount(keys, minlength=65_536) - positive
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / (positive.sum() * negative.sum()))


def areas_under_curves(values: NDArray[np.float16], labels: Mask) -> NDArray[np.float32]:
    """`area_under_curve` of units [H, N] for each of several labellings [P, N]: [H, P]; NaN where all or none is
    labelled.

    Each unit is sorted once: the area follows from the sum of the ranks of the labelled (Mann and Whitney 1947).
    """
    num_on = labels.sum(axis=1).astype(np.float64)  # [P]
    num_off = labels.shape[1] - num_on
    weights = np.ascontiguousarray(labels.T, dtype=np.float32)  # [N, P]
    found = np.empty((len(values), len(labels)), dtype=np.float32)
    for unit, row in enumerate(values):
        keys = _keys(row)
        counts = np.bincount(keys, minlength=65_536)
        ranks = np.cumsum(counts) - (counts - 1) / 2  # ties share the middle of theirs
        sums = _dot(ranks[keys], weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            found[unit] = (sums - num_on * (num_on + 1) / 2) / (num_on * num_off)
    return found


def _dot(ranks: NDArray[np.float64], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ranks [N] times weights [N, P], in doubles without a copy of all weights."""
    total = np.zeros(weights.shape[1])
    for start in range(0, len(ranks), 4096):
        total += ranks[start : start + 4096] @ weights[start : start + 4096].astype(np.float64)
    return total


def _keys(values: NDArray[np.float16]) -> NDArray[np.uint16]:
    """Whole numbers in the order of the values."""
    bits = (values + np.float16(0)).view(np.uint16)  # + 0 makes -0 a 0
    return np.where(bits & 0x8000, ~bits, bits | 0x8000)


def _text(ids: Sequence[int], tokenizer: Tokenizer) -> tuple[str, NDArray[np.int64]]:
    """The text of the tokens, and where each begins and ends in it, [T, 2]."""
    text = tokenizer.decode(ids)
    again = tokenizer.encode(text)
    if len(again.ids) == len(ids):
        return text, np.array(again.spans, dtype=np.int64).reshape(-1, 2)
    pieces = [tokenizer.decode([token]) for token in ids]  # cut elsewhere the second time: token by token
    stops = np.cumsum([len(piece) for piece in pieces])
    return "".join(pieces), np.stack([stops - [len(piece) for piece in pieces], stops], axis=1)


def _touched(edges: NDArray[np.int64], spans: list[tuple[int, int]], size: int) -> NDArray[np.bool_]:
    """Which tokens share a character with a span."""
    marks = np.zeros(size + 1, dtype=np.int64)
    for start, stop in spans:
        if stop > start:
            marks[start] += 1
            marks[stop] -= 1
    covered = np.concatenate([[0], np.cumsum(np.cumsum(marks[:-1]) > 0)])  # characters matched before each place
    found: NDArray[np.bool_] = covered[edges[:, 1]] > covered[edges[:, 0]]
    return found
