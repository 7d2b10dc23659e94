"""The runs there are: read from disk in the background when something changed there, live ones from their models."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from modellab.paths import runs_folder
from modellab.runs.folder import ALIVE, Details, RunFolder, run_folders
from modellab.runs.summary import RunSummary, summarise_run
from ui.lab.background import in_background
from ui.lab.run_model import RunModel
from ui.lab.session import Session
from ui.panels.runs_rows import RunRow

_LOOK_MS = 1_500
_LIVE_MS = 250
_CURVE_POINTS = 96
_Signature = tuple[tuple[str, int], ...]
_Stamp = tuple[int, int]
_Known = dict[Path, tuple[_Stamp, RunSummary]]


class RunsListing(QObject):
    """Every run as a `RunRow`, open ones with what their models know right now."""

    listed = Signal(object)  # list[RunRow]: all there are
    updated = Signal(object)  # list[RunRow]: only these changed
    problem_found = Signal(str)

    def __init__(self, session: Session, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: dict[Path, RunRow] = {}
        self._signature: _Signature = ()
        self._known: _Known = {}  # touched by one background read at a time
        self._is_reading = self._must_read = False
        self._grown: set[Path] = set()
        self._look_timer = QTimer(self, interval=_LOOK_MS)
        self._look_timer.timeout.connect(lambda: self._read(only_if_changed=True))
        self._live_timer = QTimer(self, singleShot=True, interval=_LIVE_MS)
        self._live_timer.timeout.connect(self._update_grown)
        session.runs_changed.connect(self.refresh)
        session.opened.connect(self._on_opened)
        session.closed.connect(self._on_closed)
        session.current_changed.connect(self._on_current_changed)
        session.compared_changed.connect(lambda: self._on_current_changed(None))
        for run in session.open_runs:
            self._on_opened(run)

    def set_watching(self, watches: bool) -> None:
        """Look at the disk now and then, or not: a table that nobody sees needs no news."""
        if watches and not self._look_timer.isActive():
            self._look_timer.start()
            self.refresh()
        elif not watches:
            self._look_timer.stop()

    def refresh(self) -> None:
        """Read every run again."""
        self._read(only_if_changed=False)

    def set_details(self, path: Path, details: Details) -> None:
        """Show another name, note or star, before the disk has it."""
        if path in self._rows:
            self._rows[path] = replace(self._rows[path], details=details)
            self.updated.emit([self._rows[path]])

    def _read(self, *, only_if_changed: bool) -> None:
        if self._is_reading:
            self._must_read = self._must_read or not only_if_changed
            return
        self._is_reading, self._must_read = True, False
        seen, known = self._signature if only_if_changed else (), self._known
        alive = [row.path for row in self._rows.values() if row.is_alive and row.colour is None]
        in_background(
            lambda: _list(seen, alive, known), self._on_read, on_problem=lambda e: self._on_read(None, e.message)
        )

    def _on_read(self, found: tuple[_Signature, list[RunSummary] | None] | None, problem: str = "") -> None:
        if not isValid(self):
            return
        self._is_reading = False
        if problem:
            self.problem_found.emit(problem)
        if found is not None:
            self._signature = found[0]
            if found[1] is not None:
                self._take(found[1])
        if self._must_read:
            self.refresh()

    def _take(self, summaries: list[RunSummary]) -> None:
        rows = {summary.path: row_of_summary(summary) for summary in summaries}
        for run in self._session.open_runs:
            if run.path in rows or run.path.parent != runs_folder():
                rows[run.path] = self._row_of_open(run, before=rows.get(run.path))
        self._rows = rows
        self.listed.emit(list(rows.values()))

    def _row_of_open(self, run: RunModel, *, before: RunRow | None) -> RunRow:
        row = row_of_model(run)
        if before is not None and run.step < before.steps:  # its first events are still being read
            row = replace(before, details=run.details)
        colour = None if run.is_set_aside else run.colour
        return row.with_session(colour=colour, is_current=run is self._session.current)

    def _on_opened(self, run: RunModel) -> None:
        path = run.path
        run.advanced.connect(lambda: self._on_grown(path))
        run.status_changed.connect(lambda _: self._on_grown(path))
        run.details_changed.connect(lambda: self._on_grown(path))
        self._on_grown(path)

    def _on_closed(self, run: RunModel) -> None:
        self._grown.discard(run.path)
        row = self._rows.get(run.path)
        if row is not None:
            self._rows[run.path] = row.with_session(colour=None, is_current=False)
            self.updated.emit([self._rows[run.path]])

    def _on_current_changed(self, _: object) -> None:
        self._grown |= {run.path for run in self._session.open_runs}
        self._update_grown()

    def _on_grown(self, path: Path) -> None:
        self._grown.add(path)
        if not self._live_timer.isActive():
            self._live_timer.start()

    def _update_grown(self) -> None:
        changed = []
        for run in self._session.open_runs:
            if run.path in self._grown and run.path in self._rows:
                self._rows[run.path] = self._row_of_open(run, before=self._rows[run.path])
                changed.append(self._rows[run.path])
        self._grown.clear()
        if changed:
            self.updated.emit(changed)


def row_of_summary(summary: RunSummary) -> RunRow:
    """A run as its folder tells it."""
    is_r2 = "r2" in summary.validation
    metric = "r2" if is_r2 else "accuracy"
    return RunRow(
        path=summary.path,
        title=summary.title,
        details=summary.details,
        status=summary.status,
        architecture=summary.architecture,
        dataset=summary.dataset,
        train_loss=summary.train_loss,
        val_loss=summary.validation.get("loss"),
        score=summary.validation.get(metric),
        best=summary.best.get(metric),
        val_step=summary.steps.get("validation", 0),
        best_step=summary.best_steps.get(metric, 0),
        is_r2=is_r2,
        steps=summary.step,
        total_steps=summary.total_steps,
        seconds=summary.seconds,
        started=summary.started,
        created=0.0 if summary.started else summary.created,
        curve=summary.curve,
    )


def row_of_model(run: RunModel) -> RunRow:
    """A run as its events tell it, right now."""
    is_r2 = ("validation", "r2") in run.evaluations
    metric = "r2" if is_r2 else "accuracy"
    newest_loss, best = run.newest("loss"), run.best(metric)
    losses = run.columns.get("loss")
    newest = losses.latest() if losses is not None else None
    return RunRow(
        path=run.path,
        title=run.recipe.title(),
        details=run.details,
        status=run.status,
        architecture=run.recipe.architecture.title,
        dataset=run.recipe.dataset.title,
        train_loss=newest[1] if newest else None,
        val_loss=run.latest("loss"),
        score=run.latest(metric),
        best=best[1] if best else None,
        val_step=round(newest_loss[0]) if newest_loss else 0,
        best_step=round(best[0]) if best else 0,
        is_r2=is_r2,
        steps=run.step,
        total_steps=run.total_steps,
        seconds=run.seconds,
        started=run.first_time,
        created=0.0 if run.first_time else run.created,
        curve=_curve(run),
    )


def _curve(run: RunModel) -> tuple[float, ...]:
    """The training losses, thinned evenly to what a cell can show."""
    losses = run.columns.get("loss")
    if losses is None or not len(losses):
        return ()
    values = losses.values.view
    stride = max(1, len(values) // _CURVE_POINTS)
    return tuple(float(value) for value in values[::-1][::stride][::-1])


def _list(seen: _Signature, alive: list[Path], known: _Known) -> tuple[_Signature, list[RunSummary] | None]:
    """What the folder looks like, and all runs if that is news. `alive`: runs that others train, each looked at."""
    signature = _signature(alive)
    if signature == seen:
        return signature, None
    found: _Known = {}
    for run in run_folders():
        stamp = _stamp(run)
        before = known.get(run.path)
        is_settled = before is not None and before[0] == stamp and before[1].status not in ALIVE
        found[run.path] = before if before is not None and is_settled else (stamp, summarise_run(run))
    known.clear()
    known.update(found)
    return signature, [summary for _, summary in found.values()]


def _stamp(run: RunFolder) -> _Stamp:
    """Changes with the events, and with any file that is replaced in the folder: details, summary."""
    try:
        folder = os.stat(run.path).st_mtime_ns
    except OSError:
        return (0, 0)
    try:
        return (folder, os.stat(run.events_file).st_size)
    except OSError:
        return (folder, 0)


def _signature(alive: list[Path]) -> _Signature:
    found = [(str(path), RunFolder(path).is_locked() + 0) for path in alive]
    for path in (runs_folder(), *(RunFolder(folder).events_file for folder in alive)):
        try:
            found.append((str(path), os.stat(path).st_mtime_ns))
        except OSError:
            found.append((str(path), 0))
    return tuple(found)
