"""Where gates come from: captures that the trainer wrote, else the inspector, for any step, text and clamps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from modellab.errors import UserError
from modellab.events import Captured
from ui.inspector import Inspector
from ui.lab.background import in_background
from ui.lab.clamps import Clamps, signal_clamps
from ui.lab.run_model import RunModel
from ui.views._gates_capture import load_gates
from ui.views._gates_data import Gates, gates_from
from ui.views._patience import Patience
from workers.protocol import AnyAnswer, GatesHeader, Model, Problem, ShowGates

# Up to so many values the answer is asked for in full precision: every digit told is then a measured one.
_MOST_EXACT = 2_000_000
Whose = Literal["model", "person", "trainer", "nobody"]
# What is read where nobody has typed anything and the trainer has shown nothing yet.
_SENTENCE = "The quick brown fox said: “it's 9 o'clock.”"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One state of one model on one text. newest: what stood for "the newest" when it was asked for."""

    run: str
    step: int | None
    newest: int | str
    text: str
    clamps: Clamps
    probe: int = 0
    ids: tuple[int, ...] = ()

    def differs_only_in_age(self, other: _Wanted | None) -> bool:
        return other is not None and _whatever_age(self) == _whatever_age(other)


def _whatever_age(wanted: _Wanted) -> tuple[object, ...]:
    """What is wanted, whatever the newest step is; a text that is being written is the same when it has grown."""
    return wanted.run, wanted.step, wanted.text, bool(wanted.ids), wanted.clamps, wanted.probe


class GatesSource(QObject):
    """Gives what is newest of what is wanted; while training runs ahead, it passes over what it cannot keep up with."""

    arrived = Signal(object)  # Gates
    failed = Signal(str)
    waiting_changed = Signal(bool)  # whether an answer is overdue
    num_probes_changed = Signal(int)  # how many texts the trainer has pinned

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._run: RunModel | None = None
        self._step: int | None = None
        self._text = ""
        self._ids: tuple[int, ...] = ()
        self._layer = 0
        self._probe = 0
        self._num_probes = 0
        self._probe_text = ""
        self._clamps: Clamps = ()
        self._under_way: _Wanted | None = None
        self._shown: _Wanted | None = None
        self._is_exact = True
        self._patience = Patience(self)
        self._patience.changed.connect(self.waiting_changed)
        self._is_gone = is_gone = [False]  # the view may be closed before a thread is done
        self.destroyed.connect(lambda: is_gone.__setitem__(0, True))

    @property
    def text(self) -> str:
        """The text that is looked at: a person's own, else the one the trainer captures, else a sentence."""
        return self._text or self._probe_text or _SENTENCE

    @property
    def whose(self) -> Whose:
        """Where the text that is looked at is from."""
        return "model" if self._ids else "person" if self._text else "trainer" if self._probe_text else "nobody"

    @property
    def num_probes(self) -> int:
        """How many texts the trainer has pinned; 0 while nothing was captured."""
        return self._num_probes

    @property
    def ids(self) -> tuple[int, ...]:
        """The tokens that are read in place of a text, where a language model wrote them."""
        return self._ids

    def follow(
        self,
        run: RunModel | None,
        *,
        step: int | None,
        text: str,
        clamps: Clamps,
        ids: tuple[int, ...] = (),
        layer: int | None = None,
    ) -> None:
        """Give the gates of this from now on; step None: the newest, text empty: the run's own; ids: what a language
        model wrote, in place of the text; layer: the one looked at, which comes first where that takes a while."""
        if run is not self._run:
            self._shown = self._under_way = None
            self._is_exact = True
            self._probe, self._probe_text = 0, ""
            self._tell_probes(0)
            self._patience.end()
        self._run, self._step, self._text, self._clamps, self._ids = run, step, text, clamps, ids
        self._layer = layer or 0

    def show_next_probe(self) -> None:
        """Another of the texts that the trainer has pinned."""
        self._probe = (self._probe + 1) % max(1, self._num_probes)
        self.refresh()

    def refresh(self) -> None:
        """Fetch what is wanted now, if it is another than the last."""
        run = self._run
        if run is None:
            return
        captured = self._captured(run)
        wanted = self._wanted(run, captured)
        if wanted is None or wanted in (self._shown, self._under_way):
            return
        # A newer step of the same waits its turn, or a slow answer would never come through.
        if self._under_way is not None and wanted.differs_only_in_age(self._under_way):
            return
        self._under_way = wanted
        self._patience.begin()
        if captured is not None:
            self._load(run, captured, wanted)
        else:
            self._ask(run, wanted)

    def _captured(self, run: RunModel) -> Captured | None:
        """The trainer's own capture, where it is what is wanted."""
        if self._text or self._ids or self._clamps:
            return None
        captures = run.captures.get("gates", [])
        if self._step is None:
            return captures[-1] if captures else None
        return next((one for one in reversed(captures) if one.step == self._step), None)

    def _wanted(self, run: RunModel, captured: Captured | None) -> _Wanted | None:
        newest: int | str
        if captured is not None:
            newest = captured.file
        elif self._step is not None:
            newest = self._step
        elif run.newest_step is not None:
            newest = run.newest_step
        else:
            return None
        return _Wanted(
            run=run.id,
            step=self._step,
            newest=newest,
            text=self._text,
            clamps=self._clamps,
            probe=self._probe,
            ids=self._ids,
        )

    def _load(self, run: RunModel, captured: Captured, wanted: _Wanted) -> None:
        file, tokenizer_file = run.path / captured.file, run.folder.tokenizer_file

        def on_done(found: tuple[Gates | None, int]) -> None:
            gates, num_probes = found
            self._tell_probes(num_probes)
            if gates is None:
                self._ask(run, wanted, step=captured.step)
            else:
                self._probe_text = gates.text
                self._deliver(gates, wanted)

        def on_problem(_error: UserError) -> None:
            # Captures are thinned out; the weights may still be there.
            self._ask(run, wanted, step=captured.step)

        in_background(
            lambda: load_gates(file, tokenizer_file=tokenizer_file, step=captured.step, probe=wanted.probe),
            self._unless_gone(on_done, wanted),
            on_problem=self._unless_gone(on_problem, wanted),
        )

    def _unless_gone(self, then: Callable[[Any], None], wanted: _Wanted) -> Callable[[Any], None]:
        is_gone = self._is_gone
        return lambda result: then(result) if not is_gone[0] and wanted == self._under_way else None

    def _ask(self, run: RunModel, wanted: _Wanted, *, step: int | None = None) -> None:
        found: dict[str, Any] = {}

        def on_answer(header: AnyAnswer, arrays: dict[str, Any]) -> None:
            assert isinstance(header, GatesHeader)
            if wanted != self._under_way:
                return
            found.update(arrays)
            gates = gates_from(header, found, text="" if request.ids else request.text)
            if header.is_last or gates is None:
                self._deliver(gates, wanted)
            else:
                self._patience.end()
                self.arrived.emit(gates)  # of the layer looked at; the others follow

        def on_problem(problem: Problem) -> None:
            if wanted == self._under_way:
                self._under_way, self._shown = None, wanted
                self._patience.end()
                self.failed.emit(problem.message)

        request = ShowGates(
            slot="gates",
            model=Model(run=str(run.path), step=self._step if step is None else step),
            text=self.text,
            ids=wanted.ids,
            clamps=signal_clamps(wanted.clamps),
            exact=self._is_exact,
            layer=self._layer,
        )
        self._inspector.ask(request, on_answer, on_problem=on_problem, owner=self)

    def _deliver(self, gates: Gates | None, wanted: _Wanted) -> None:
        self._under_way, self._shown = None, wanted
        self._patience.end()
        if gates is None:
            self.failed.emit(self.tr("This text has no tokens."))
        else:
            self._is_exact = sum(array.size for array in gates.arrays.values()) <= _MOST_EXACT
            self.arrived.emit(gates)
        self.refresh()

    def _tell_probes(self, count: int) -> None:
        if count != self._num_probes:
            self._num_probes = count
            self.num_probes_changed.emit(count)
