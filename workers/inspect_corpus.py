"""What the inspector answers about a whole corpus: where units behave as wanted, and which units tell a pattern."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from modellab.errors import UserError
from modellab.inspection.gate_search import (
    MAX_TOKENS,
    Corpus,
    Run,
    Shelf,
    UnitKey,
    captured_in_turns,
    check_units,
    corpus_of,
    search_and_count,
)
from modellab.inspection.load import LoadedModel, recurrent_of, weights_at
from modellab.inspection.unit_ranks import areas_under_curves, matched_tokens, matches, rank_units
from modellab.nets.recurrent import Recurrent
from modellab.nets.recurrent_cells import SIGNALS
from modellab.runs.folder import RunFolder
from modellab.text.tokenizer import Tokenizer
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf
from workers.protocol import (
    Answer,
    GateMatch,
    GateMatches,
    Model,
    RankUnits,
    SearchGates,
    TellUnits,
    UnitRank,
    UnitRanks,
    UnitsTold,
)
from workers.wire import Arrays

_CONTEXT_TOKENS = 48
_MOST_SHOWN = 120
_MOST_ANSWERS = 1000


class CorpusSearcher:
    """Searches the validation texts of a run. What was captured of a step stays, for the next search.

    While texts are still being read, the answers so far come about twice a second.
    """

    def __init__(self, models: ModelShelf, datasets: DatasetShelf) -> None:
        self._models = models
        self._datasets = datasets
        self._signals = Shelf()
        self._corpora: dict[tuple[str, int], Corpus] = {}

    def answer(self, request: SearchGates | RankUnits | TellUnits) -> Iterator[tuple[Answer, Arrays]]:
        """What is asked about the texts."""
        if isinstance(request, SearchGates):
            return self.answer_search(request)
        return self.answer_ranks(request) if isinstance(request, RankUnits) else self.answer_told(request)

    def answer_search(self, request: SearchGates) -> Iterator[tuple[GateMatches, Arrays]]:
        """Places as keyword in context, the strongest first."""
        began = time.perf_counter()
        loaded, tokenizer, corpus = self._read(request.model)
        model = recurrent_of(loaded, "searched")
        units = [UnitKey(*unit) for unit in request.units]
        check_units(units, model)
        if request.length < 1:
            raise UserError(f"Search for at least one token in a row, not {request.length}.")
        signals = self._signals.get(
            self._identity(request.model, corpus), model, corpus, sorted({key.signal for key in units})
        )
        for is_last in captured_in_turns(signals):
            found, num_places = search_and_count(
                signals,
                units,
                signs=request.signs,
                threshold=request.threshold,
                length=request.length,
                whiskers=request.whiskers,
                most=min(request.most, _MOST_ANSWERS),
            )
            answer = GateMatches(
                step=loaded.step,
                matches=tuple(_in_context(run, corpus, tokenizer) for run in found),
                num_places=num_places,
                searched=signals.num_done,
                total=signals.total,
                seconds=time.perf_counter() - began,
                is_last=is_last,
            )
            yield answer, {}

    def answer_ranks(self, request: RankUnits) -> Iterator[tuple[UnitRanks, Arrays]]:
        """The units that tell the pattern best; once, when all is read."""
        loaded, tokenizer, corpus = self._read(request.model)
        model = recurrent_of(loaded, "ranked")
        _check_signal(request.signal, model)
        is_matched = matched_tokens(corpus, tokenizer, request.pattern)
        signals = self._signals.get(self._identity(request.model, corpus), model, corpus, [request.signal])
        for is_last in captured_in_turns(signals):
            ranks = (
                rank_units(signals, is_matched, signal=request.signal, most=min(request.most, _MOST_ANSWERS))
                if is_last
                else []
            )
            answer = UnitRanks(
                step=loaded.step,
                ranks=tuple(UnitRank(**rank._asdict()) for rank in ranks),
                num_matched=int(is_matched[: signals.num_done].sum()),
                searched=signals.num_done,
                total=signals.total,
                is_last=is_last,
            )
            yield answer, {}

    def answer_told(self, request: TellUnits) -> Iterator[tuple[UnitsTold, Arrays]]:
        """How well every unit tells each of the patterns, over the first texts; once, when they are read."""
        loaded, tokenizer, corpus = self._read(request.model, most=request.most_tokens)
        model = recurrent_of(loaded, "ranked")
        _check_signal(request.signal, model)
        labels = matches(corpus, tokenizer, request.patterns)  # [P, N]
        signals = self._signals.get(self._identity(request.model, corpus), model, corpus, [request.signal])
        for is_last in captured_in_turns(signals):
            arrays: Arrays = {}
            labels = labels[:, : signals.total]
            if is_last:
                # In the order of layers, and of directions in each.
                lanes = [values for (_, _, name), values in signals.values.items() if name == request.signal]
                areas = np.stack([areas_under_curves(values, labels) for values in lanes])  # [LD, H, P]
                shape = (len(model.layers), len(model.directions[0]), *areas.shape[1:])
                arrays["auc"] = np.ascontiguousarray(areas.reshape(shape).transpose(3, 0, 1, 2))
            answer = UnitsTold(
                step=loaded.step,
                num_matched=tuple(labels[:, : signals.num_done].sum(axis=1).tolist()),
                searched=signals.num_done,
                total=signals.total,
                is_last=is_last,
            )
            yield answer, arrays

    def _read(self, wanted: Model, *, most: int = MAX_TOKENS) -> tuple[LoadedModel, Tokenizer, Corpus]:
        """The model, and the texts it is searched with."""
        loaded = self._models.get(wanted)
        recurrent_of(loaded, "searched")
        if loaded.tokenizer is None:
            raise UserError("The run has no tokenizer.json, without which its texts cannot be read; train it anew.")
        key = (wanted.run, most)
        if key not in self._corpora:
            kept = {known: corpus for known, corpus in self._corpora.items() if known[0] == wanted.run}
            self._corpora = {**kept, key: corpus_of(self._datasets.get(loaded.recipe.data()), most=most)}
        corpus = self._corpora[key]
        if not len(corpus.ids):
            raise UserError("This run's dataset has no validation texts to search.")
        return loaded, loaded.tokenizer, corpus

    def _identity(self, wanted: Model, corpus: Corpus) -> object:
        return wanted.run, weights_at(RunFolder(Path(wanted.run)), wanted.step).identity(), len(corpus.ids)


def _check_signal(signal: str, model: Recurrent) -> None:
    if signal not in SIGNALS[model.cell]:
        raise UserError(f"There is no signal {signal}; there are {', '.join(SIGNALS[model.cell])}.")


def _in_context(run: Run, corpus: Corpus, tokenizer: Tokenizer) -> GateMatch:
    """A place and what stands around it in its text."""
    stop = min(run.stop, run.start + _MOST_SHOWN)
    before, match, after = corpus.in_context(run.start, stop, tokenizer, around=_CONTEXT_TOKENS)
    example, token = corpus.place(run.start)
    return GateMatch(
        before=before,
        match=match,
        after=after,
        example=example,
        token=token,
        score=run.score,
        label=corpus.label(run.start),
    )
