"""What the inspector answers about a whole corpus: where units behave as wanted, and which units tell a pattern."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from modellab.errors import UserError
from modellab.inspection.gate_search import (
    Corpus,
    Run,
    Shelf,
    UnitKey,
    captured_in_turns,
    check_units,
    corpus_of,
    search,
)
from modellab.inspection.load import LoadedModel, recurrent_of, weights_at
from modellab.inspection.unit_ranks import matched_tokens, rank_units
from modellab.nets.recurrent_cells import SIGNALS
from modellab.runs.folder import RunFolder
from modellab.text.tokenizer import Tokenizer
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf
from workers.protocol import GateMatch, GateMatches, Model, RankUnits, SearchGates, UnitRank, UnitRanks
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
        self._corpora: dict[str, Corpus] = {}

    def answer_search(self, request: SearchGates) -> Iterator[tuple[GateMatches, Arrays]]:
        """Places as keyword in context, the strongest first."""
        began = time.perf_counter()
        loaded, tokenizer, corpus = self._read(request.model)
        model = recurrent_of(loaded, "searched")
        units = [UnitKey(*unit) for unit in request.units]
        check_units(units, model)
        if request.length < 1:
            raise UserError(f"Search for at least one token in a row, not {request.length}.")
        signals = self._signals.get(self._identity(request.model), model, corpus, sorted({key.signal for key in units}))
        for is_last in captured_in_turns(signals):
            found = search(
                signals,
                units,
                signs=request.signs,
                threshold=request.threshold,
                length=request.length,
                whiskers=request.whiskers,
                most=min(request.most, _MOST_ANSWERS),
            )
            answer = GateMatches(
                matches=tuple(_in_context(run, corpus, tokenizer) for run in found),
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
        if request.signal not in SIGNALS[model.cell]:
            raise UserError(f"There is no signal {request.signal}; there are {', '.join(SIGNALS[model.cell])}.")
        is_matched = matched_tokens(corpus, tokenizer, request.pattern)
        signals = self._signals.get(self._identity(request.model), model, corpus, [request.signal])
        for is_last in captured_in_turns(signals):
            ranks = (
                rank_units(signals, is_matched, signal=request.signal, most=min(request.most, _MOST_ANSWERS))
                if is_last
                else []
            )
            answer = UnitRanks(
                ranks=tuple(UnitRank(**rank._asdict()) for rank in ranks),
                num_matched=int(is_matched[: signals.num_done].sum()),
                searched=signals.num_done,
                total=signals.total,
                is_last=is_last,
            )
            yield answer, {}

    def _read(self, wanted: Model) -> tuple[LoadedModel, Tokenizer, Corpus]:
        """The model, and the texts it is searched with."""
        loaded = self._models.get(wanted)
        recurrent_of(loaded, "searched")
        if loaded.tokenizer is None:
            raise UserError("The run has no tokenizer.json, without which its texts cannot be read; train it anew.")
        if wanted.run not in self._corpora:
            self._corpora = {wanted.run: corpus_of(self._datasets.get(loaded.recipe.data()))}
        corpus = self._corpora[wanted.run]
        if not len(corpus.ids):
            raise UserError("This run's dataset has no validation texts to search.")
        return loaded, loaded.tokenizer, corpus

    def _identity(self, wanted: Model) -> object:
        return wanted.run, weights_at(RunFolder(Path(wanted.run)), wanted.step).identity()


def _in_context(run: Run, corpus: Corpus, tokenizer: Tokenizer) -> GateMatch:
    """A place and what stands around it in its text."""
    offsets = corpus.offsets
    text = int(offsets.searchsorted(run.start, side="right")) - 1
    low, high = max(int(offsets[text]), run.start - _CONTEXT_TOKENS), int(offsets[text + 1])
    stop = min(run.stop, run.start + _MOST_SHOWN)
    example, token = corpus.place(run.start)
    return GateMatch(
        before=tokenizer.decode(corpus.ids[low : run.start].tolist()),
        match=tokenizer.decode(corpus.ids[run.start : stop].tolist()),
        after=tokenizer.decode(corpus.ids[stop : min(high, stop + _CONTEXT_TOKENS)].tolist()),
        example=example,
        token=token,
        score=run.score,
    )
