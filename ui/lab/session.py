"""The session decides: what the next run will be, which run is shown, and what is asked of trainers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from modellab import commands
from modellab.config import to_builtins
from modellab.data.base import Sample
from modellab.errors import UserError, spoken
from modellab.recipe import Recipe, recipe_from_builtins, recipe_from_file, with_values
from modellab.runs.folder import RunFolder, Status, create_run, number, run_folders
from ui.lab.background import in_background
from ui.lab.comparable import are_comparable
from ui.lab.follower import RunFollower
from ui.lab.run_colours import RunColours, colour_new
from ui.lab.run_model import RunModel

Level = Literal["info", "warning", "error"]


class Launcher(Protocol):
    """Starts trainers; `workers.spare.WarmSpare`, or a fake in tests."""

    def launch(self, run: RunFolder) -> None:
        """Let a trainer take the run; called from a thread."""


class Session(QObject):
    """Holds the draft recipe and the open runs; every change is announced once."""

    draft_changed = Signal(object)  # Recipe | None: what Start would train; from the form or from outside
    draft_loaded = Signal(object)  # Recipe: the form must show this one
    problem_changed = Signal(str)  # why Start cannot be pressed; empty when it can
    current_changed = Signal(object)  # RunModel | None
    run_chosen = Signal(object)  # RunModel: somebody wants to see it, though it may be the current one already
    opened = Signal(object)  # RunModel: is shown in the curves from now on
    closed = Signal(object)  # RunModel: no longer
    compared_changed = Signal()  # an open run is shown in the curves again, or set aside
    current_status_changed = Signal(str)
    runs_changed = Signal()  # the list on disk may be another
    said = Signal(str, str)  # level, sentence for a banner
    withdrawn = Signal(str)  # a sentence that was said and is no longer true

    def __init__(self, *, follower: RunFollower, launcher: Launcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._follower = follower
        self._launcher = launcher
        self._draft: Recipe | None = None
        self._problem = ""
        self._open: dict[str, RunModel] = {}
        self._current: RunModel | None = None
        self._colours = RunColours()
        self._is_creating = False
        follower.items_arrived.connect(self._on_items_arrived)
        follower.log_arrived.connect(self._on_log_arrived)
        follower.lock_changed.connect(self._on_lock_changed)

    # The draft: what Start would train

    @property
    def draft(self) -> Recipe | None:
        """The recipe that Start would train; None while the form has a problem."""
        return self._draft

    @property
    def problem(self) -> str:
        """Why there is no draft."""
        return self._problem

    def set_draft(self, recipe: Recipe | None, *, problem: str = "") -> None:
        """The form holds another recipe, or none that is valid."""
        if problem != self._problem:
            self._problem = problem
            self.problem_changed.emit(problem)
        if recipe != self._draft:
            self._draft = recipe
            self.draft_changed.emit(recipe)

    def load_draft(self, recipe: Recipe) -> None:
        """Put a recipe (a preset, a file, an old run's) into the form."""
        self.draft_loaded.emit(recipe)
        self.set_draft(recipe)

    def load_blank_draft(self) -> None:
        """The plainest recipe, every option at its default; no preset's."""
        values = {"architecture": {"name": "mlp"}, "dataset": {"name": "points"}}
        self.load_draft(recipe_from_builtins(values))

    def open_recipe_file(self, path: Path) -> None:
        """Read a recipe file into the form; says what is wrong with it otherwise."""
        in_background(lambda: recipe_from_file(path), self.load_draft, on_problem=self._say_problem)

    # Runs that are open

    @property
    def current(self) -> RunModel | None:
        """The run that the views show."""
        return self._current

    @property
    def open_runs(self) -> list[RunModel]:
        """Every run that is followed, in the order they were opened."""
        return list(self._open.values())

    @property
    def compared_runs(self) -> list[RunModel]:
        """Every run that the curves show, the current one first."""
        shown = [run for run in self._open.values() if not run.is_set_aside]
        return sorted(shown, key=lambda run: run is not self._current)

    @property
    def sample(self) -> Sample | None:
        """How one example of the current run looks; None before its trainer says so."""
        return self._current.sample if self._current else None

    def open_run(self, folder: Path, *, make_current: bool = True) -> RunModel | None:
        """Show a run, live or old; says what is wrong with it otherwise. Those that say nothing beside one that is made
        current make room for it."""
        run = self._open.get(str(folder))
        if run is None:
            run_folder = RunFolder(folder)
            try:
                recipe = run_folder.recipe()
            except UserError as error:
                self._say_problem(error)
                return None
            colour = self._colours.of(run_folder, beside=self._colours_shown())
            run = RunModel(run_folder, recipe=recipe, colour=colour, parent=self)
            self._open[str(folder)] = run
            run.status_changed.connect(self._on_status_changed)
            self.opened.emit(run)
            self._follower.follow(folder)
        if make_current:
            self.make_current(run)
            self._keep_comparable(run)
        self._set_aside(run, False)
        return run

    def make_current(self, run: RunModel | None) -> None:
        """The views show this run."""
        if run is not self._current:
            self._current = run
            self.current_changed.emit(run)
            self.current_status_changed.emit(run.status if run else "")
        if run is not None:
            self._set_aside(run, False)
            self.run_chosen.emit(run)

    def close_run(self, run: RunModel) -> None:
        """Show it no longer; a trainer goes on."""
        if self._open.pop(str(run.path), None) is None:
            return
        self._follower.unfollow(run.path)
        if run is self._current:
            self.make_current(next(reversed(self._open.values()), None))
        self.closed.emit(run)
        run.deleteLater()

    def open_living_runs(self) -> None:
        """Show every run that has a trainer right now; the one that trains, else the newest, is the current one."""
        in_background(
            lambda: [(run.path, run.status()) for run in run_folders()[:50] if run.is_locked()],
            self._on_living_runs_found,
        )

    # What is asked of trainers

    def start(self) -> None:
        """Train the draft; when the device is taken the run waits its turn, and the views stay where they are."""
        if self._draft is None or self._is_creating:
            return
        recipe, self._is_creating = self._draft, True
        beside = self._colours_shown()
        in_background(
            lambda: self._create_and_launch(recipe, beside), self._on_run_created, on_problem=self._on_not_created
        )

    def pause(self) -> None:
        """Hold the current run after the step under way."""
        self._send(commands.Pause())

    def resume(self) -> None:
        """Let the current run go on; one whose trainer is gone gets a new trainer."""
        run = self._current
        if run is None:
            return
        if run.status == "paused":
            self._send(commands.Resume())
        elif run.status in ("interrupted", "stopped", "failed"):
            in_background(lambda: self._launcher.launch(run.folder), on_problem=self._say_problem)

    def stop(self) -> None:
        """End the current run with a checkpoint."""
        self._send(commands.Stop())

    def stop_runs(self, folders: Iterable[Path]) -> None:
        """End these runs with a checkpoint, shown or not; one that waits for the device waits no longer."""
        runs = [RunFolder(folder) for folder in folders]

        def send() -> None:
            for run in runs:
                if run.is_locked():
                    run.send(commands.Stop())

        in_background(send, lambda _: None, on_problem=self._say_problem)

    def set_option(self, name: str, value: Any) -> None:
        """Ask for another value of a live option of the current run."""
        run = self._current
        if run is None or not run.is_alive:
            return
        try:
            with_values(run.recipe, {name: value})
        except UserError as error:
            self._say_problem(error)
            return
        self._send(commands.SetOption(name=name, value=value))

    def applied_options(self) -> dict[str, Any]:
        """The value in force of every changed live option of the current run, by dotted path."""
        run = self._current
        if run is None:
            return {}
        return {"training": to_builtins(run.recipe.training)} | dict(run.applied)

    def say(self, level: Level, sentence: str) -> None:
        """Tell a person something in a banner."""
        self.said.emit(level, spoken(sentence))

    def withdraw(self, sentence: str) -> None:
        """Take back what was said: it is no longer true."""
        self.withdrawn.emit(spoken(sentence))

    def _colours_shown(self) -> list[int]:
        return [run.colour for run in self._open.values()]

    def _create_and_launch(self, recipe: Recipe, beside: list[int]) -> Path:
        run = create_run(recipe)
        number(run, title=recipe.title())
        colour_new(run, beside=beside)
        self._launcher.launch(run)
        return run.path

    def _send(self, command: commands.Command) -> None:
        run = self._current
        if run is not None and run.is_alive:
            in_background(lambda: run.folder.send(command), on_problem=self._say_problem)

    def _say_problem(self, error: UserError) -> None:
        self.said.emit("error", spoken(error.message))

    def _on_run_created(self, folder: Path) -> None:
        self._is_creating = False
        before = self._current
        is_busy = before is not None and (before.status in ("training", "queued") or before.is_starting)
        run = self.open_run(folder, make_current=False)
        if run is not None:
            run.was_launched = True
            if not is_busy:
                self.make_current(run)
                self._keep_comparable(run)
            elif before is not None:
                self._set_aside(run, not are_comparable(run, before))
        self.runs_changed.emit()

    def _on_not_created(self, error: UserError) -> None:
        self._is_creating = False
        self._say_problem(error)

    def _keep_comparable(self, run: RunModel) -> None:
        """Curves of other data say nothing beside those of this run; what still trains is followed all the same."""
        for other in self.open_runs:
            if are_comparable(other, run):
                self._set_aside(other, False)
            elif other.is_alive or other.is_starting:
                self._set_aside(other, True)
            else:
                self.close_run(other)

    def _set_aside(self, run: RunModel, is_set_aside: bool) -> None:
        if run.is_set_aside != is_set_aside:
            run.is_set_aside = is_set_aside
            self.compared_changed.emit()

    def _on_living_runs_found(self, found: list[tuple[Path, Status]]) -> None:
        """found: the newest first."""
        trains = next((folder for folder, status in found if status == "training"), None)
        for folder, _ in reversed(found):
            self.open_run(folder)
        if trains is not None:
            self.open_run(trains)

    def _on_items_arrived(self, folder: str, items: Any) -> None:
        if run := self._open.get(folder):
            run.take(items)

    def _on_log_arrived(self, folder: str, lines: Any) -> None:
        if run := self._open.get(folder):
            run.take_log(lines)

    def _on_lock_changed(self, folder: str, is_locked: bool) -> None:
        if run := self._open.get(folder):
            run.set_locked(is_locked)

    def _on_status_changed(self, status: str) -> None:
        run = self.sender()
        self.runs_changed.emit()
        if run is self._current:
            self.current_status_changed.emit(status)
