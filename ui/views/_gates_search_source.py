"""Asks the inspector to search the validation texts; what is found so far comes while the rest is still being read."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from ui.inspector import Inspector
from ui.lab.run_model import RunModel
from workers.protocol import AnyAnswer, Model, Problem, RankUnits, SearchGates

UnitKey = tuple[int, int, str, int]


class SearchSource(QObject):
    """One search at a time: a newer one, or another run, leaves the answers to the older one unheard."""

    found = Signal(object)  # GateMatches | UnitRanks
    failed = Signal(str)

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._run: RunModel | None = None
        self._step: int | None = None
        self._number = 0

    def follow(self, run: RunModel | None, *, step: int | None) -> None:
        """Search with the weights of this."""
        if run is not self._run:
            self.forget()
        self._run, self._step = run, step

    def forget(self) -> None:
        """Hear no more of what was asked."""
        self._number += 1

    def search(
        self, units: tuple[UnitKey, ...], *, signs: tuple[int, ...], threshold: float, length: int, whiskers: bool
    ) -> None:
        """Find the places."""
        if self._run is None:
            return
        request = SearchGates(
            slot="gates-search",
            model=self._model(self._run),
            units=units,
            signs=signs,
            threshold=threshold,
            length=length,
            whiskers=whiskers,
        )
        self._ask(request)

    def rank(self, pattern: str, *, signal: str) -> None:
        """Rank the units."""
        if self._run is not None:
            self._ask(RankUnits(slot="gates-search", model=self._model(self._run), pattern=pattern, signal=signal))

    def _model(self, run: RunModel) -> Model:
        return Model(run=str(run.path), step=self._step)

    def _ask(self, request: SearchGates | RankUnits) -> None:
        self._number += 1
        number = self._number

        def on_answer(answer: AnyAnswer, _arrays: dict[str, Any]) -> None:
            if number == self._number:
                self.found.emit(answer)

        def on_problem(problem: Problem) -> None:
            if number == self._number:
                self.failed.emit(problem.message)

        self._inspector.ask(request, on_answer, on_problem=on_problem, owner=self)
