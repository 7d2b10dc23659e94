"""Where surfaces come from: captures that the trainer wrote, else the inspector, for any step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from modellab.errors import UserError
from modellab.events import Captured
from ui.inspector import Inspector
from ui.lab.background import in_background
from ui.lab.run_model import RunModel
from ui.views._surface_data import Surface, load_arrays, surface_from
from workers.protocol import AnyAnswer, Model, Problem, ShowSurface, SurfaceHeader

_RESOLUTION = 64


class SurfaceSource(QObject):
    """Gives the newest surface of a run, or the one of a step; what it cannot keep up with it passes over."""

    arrived = Signal(object)  # Surface
    failed = Signal(str)

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._run: RunModel | None = None
        self._step: int | None = None
        self._shown: tuple[str, str] | None = None  # run and file, or run and "step N"
        self._is_loading = False
        self._is_gone = is_gone = [False]  # the view may be closed before a thread is done
        self.destroyed.connect(lambda: is_gone.__setitem__(0, True))

    def follow(self, run: RunModel | None, *, step: int | None) -> None:
        """Give surfaces of this run from now on; step None: the newest."""
        if run is not self._run:
            self._shown = None
        self._run, self._step = run, step

    def refresh(self) -> None:
        """Fetch what is wanted now, if it is another than the last."""
        if self._run is None or self._is_loading:
            return
        captured = self._captured()
        if captured is not None:
            if self._shown != (self._run.id, captured.file):
                self._load(self._run, captured)
        elif self._step is not None or self._run.published_step is not None or self._run.checkpoint_steps:
            self._ask(self._run)

    def _captured(self) -> Captured | None:
        assert self._run is not None
        captures = self._run.captures.get("surface", [])
        if self._step is None:
            return captures[-1] if captures else None
        return next((one for one in reversed(captures) if one.step == self._step), None)

    def _load(self, run: RunModel, captured: Captured) -> None:
        self._is_loading = True
        self._shown = (run.id, captured.file)
        widths = _widths(run)
        file = run.path / captured.file

        def work() -> Surface | None:
            return surface_from(load_arrays(file), step=captured.step, widths=widths)

        def on_done(surface: Surface | None) -> None:
            self._is_loading = False
            if run is self._run:
                if surface is not None and self._step in (None, captured.step):
                    self.arrived.emit(surface)
                self.refresh()

        def on_problem(_error: UserError) -> None:
            # Captures are thinned out; the weights may still be there.
            self._is_loading = False
            if run is self._run and captured is self._captured():
                self._ask(run, step=captured.step)

        in_background(work, self._unless_gone(on_done), on_problem=self._unless_gone(on_problem))

    def _unless_gone(self, then: Callable[[Any], None]) -> Callable[[Any], None]:
        is_gone = self._is_gone
        return lambda result: None if is_gone[0] else then(result)

    def _ask(self, run: RunModel, *, step: int | None = None) -> None:
        wanted = self._step if step is None else step
        key = (run.id, f"step {wanted if wanted is not None else run.published_step or run.checkpoint_steps[-1]}")
        if key == self._shown:
            return
        self._shown = key

        def is_stale() -> bool:
            return run is not self._run or self._shown != key

        def on_answer(header: AnyAnswer, arrays: dict[str, Any]) -> None:
            assert isinstance(header, SurfaceHeader)
            if not is_stale():
                surface = surface_from(arrays, step=header.step, widths=_widths(run))
                if surface is not None:
                    self.arrived.emit(surface)

        def on_problem(problem: Problem) -> None:
            if not is_stale():
                self.failed.emit(problem.message)

        request = ShowSurface(slot="surface", model=Model(run=str(run.path), step=wanted), resolution=_RESOLUTION)
        self._inspector.ask(request, on_answer, on_problem=on_problem, owner=self)


def _widths(run: RunModel) -> tuple[int, ...]:
    """Units of each hidden layer where the recipe says so."""
    return tuple(getattr(run.recipe.architecture, "hidden_layers", ()))
