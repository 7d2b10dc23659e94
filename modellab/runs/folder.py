"""One run on disk: its files by name, its lock, its status."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import filelock
import msgspec

from modellab.commands import Command, encode_command
from modellab.errors import UserError
from modellab.events import (
    AnyEvent,
    Evaluated,
    Failed,
    Finished,
    Paused,
    Progress,
    Queued,
    Resumed,
    Started,
    decode_event,
)
from modellab.paths import runs_folder
from modellab.recipe import Recipe, recipe_from_file, recipe_to_json
from modellab.runs.atomic import write_bytes
from modellab.runs.lines import append_line

Status = Literal["new", "queued", "training", "paused", "finished", "stopped", "failed", "interrupted"]
ALIVE: frozenset[Status] = frozenset({"queued", "training", "paused"})

_LOCK_PATIENCE_SECONDS = 3.0


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wrote about a run; `details.json`, never written by the trainer."""

    name: str = ""
    note: str = ""
    starred: bool = False


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """How windows draw a run; `look.json`, written by the first that shows it."""

    colour: Annotated[int, msgspec.Meta(ge=0)]


class RunFolder:
    """A run's folder. Makes nothing by itself; `create` does."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def recipe_file(self) -> Path:
        """The frozen recipe."""
        return self.path / "recipe.json"

    @property
    def tokenizer_file(self) -> Path:
        """The vocabulary of a run that reads text, written by the trainer when it starts."""
        return self.path / "tokenizer.json"

    @property
    def model_folder(self) -> Path:
        """What the architecture keeps beside the recipe, where it does."""
        return self.path / "model"

    @property
    def events_file(self) -> Path:
        """Append-only, written by the trainer alone."""
        return self.path / "events.jsonl"

    @property
    def commands_file(self) -> Path:
        """Append-only, written by whoever steers."""
        return self.path / "commands.jsonl"

    @property
    def checkpoints(self) -> Path:
        """One folder a checkpoint."""
        return self.path / "checkpoints"

    @property
    def captures(self) -> Path:
        """Safetensors files that events name."""
        return self.path / "captures"

    @property
    def live_file(self) -> Path:
        """The newest weights while a trainer runs."""
        return self.path / "live.safetensors"

    @property
    def log_file(self) -> Path:
        """The trainer's stdout and stderr."""
        return self.path / "worker.log"

    @property
    def lock_file(self) -> Path:
        """Locked by the trainer while it lives."""
        return self.path / "lock"

    def recipe(self) -> Recipe:
        """Read the recipe.

        Raises:
            UserError: it is missing or broken; names the file or field.
        """
        return recipe_from_file(self.recipe_file)

    def send(self, command: Command) -> None:
        """Ask something of the trainer."""
        append_line(self.commands_file, encode_command(command))

    def details(self) -> Details:
        """Name, note and star; the defaults where there are none."""
        try:
            return msgspec.json.decode((self.path / "details.json").read_bytes(), type=Details)
        except (OSError, msgspec.DecodeError):
            return Details()

    def set_details(self, details: Details) -> None:
        """Keep name, note and star."""
        write_bytes(self.path / "details.json", msgspec.json.encode(details), durable=False)

    def colour(self) -> int | None:
        """The number of the colour that windows draw it in; None before one gave it any."""
        try:
            return msgspec.json.decode((self.path / "look.json").read_bytes(), type=_Look).colour
        except (OSError, msgspec.DecodeError):
            return None

    def set_colour(self, colour: int) -> None:
        """Keep the colour."""
        write_bytes(self.path / "look.json", msgspec.json.encode(_Look(colour=colour)), durable=False)

    def lock(self) -> filelock.BaseFileLock:
        """The lock a trainer holds while it lives (not yet taken)."""
        return filelock.FileLock(self.lock_file, blocking=False, thread_local=False)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            UserError: a trainer has it.
        """
        lock, deadline = self.lock(), time.monotonic() + _LOCK_PATIENCE_SECONDS
        while not lock.is_locked:
            try:
                lock.acquire()
            except filelock.Timeout:
                # Whoever asks for the run's status holds the lock for an instant.
                if time.monotonic() > deadline:
                    raise UserError(f"Another process is training {self.path}.") from None
                time.sleep(0.01)
        try:
            yield
        finally:
            lock.release()

    def is_locked(self) -> bool:
        """Whether a trainer lives, whatever a process id says."""
        if not self.lock_file.exists():
            return False
        lock = self.lock()
        try:
            lock.acquire()
        except filelock.Timeout:
            return True
        lock.release()
        return False

    def last_event(self) -> AnyEvent | None:
        """The last whole event, read from the end of the file; None before there is one."""
        return next(reversed(tail_events(self.events_file)), None)

    def status(self) -> Status:
        """What the run is doing, from its lock and its last events."""
        is_locked = self.is_locked()
        return status_of(
            tail_events(self.events_file), is_locked=is_locked, had_trainer=is_locked or self.lock_file.exists()
        )


def status_of(events: list[AnyEvent], *, is_locked: bool, had_trainer: bool = False) -> Status:
    """The status that the last events and the lock together mean; had_trainer: one has held the lock before."""
    for event in reversed(events):
        if isinstance(event, Finished):
            return "stopped" if event.reason == "stopped" else "finished"
        if isinstance(event, Failed):
            return "failed"
        if isinstance(event, Queued):
            return "queued" if is_locked else "interrupted"
        if isinstance(event, Paused):
            return "paused" if is_locked else "interrupted"
        if isinstance(event, Started | Progress | Resumed | Evaluated):
            return "training" if is_locked else "interrupted"
    return "training" if is_locked else ("interrupted" if events or had_trainer else "new")


def tail_events(path: Path, *, num_bytes: int = 1 << 16) -> list[AnyEvent]:
    """The whole events in the last bytes of an event file; unknown lines are passed over."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - num_bytes))
            lines = file.read().split(b"\n")
    except OSError:
        return []
    lines = lines[(1 if size > num_bytes else 0) : -1]
    if not lines and 0 < size and num_bytes < size:
        return tail_events(path, num_bytes=num_bytes * 8)
    return _decoded(lines)


def events_after(path: Path, *, num_bytes: int, most: int) -> list[AnyEvent]:
    """The whole events that follow the first `num_bytes` of an event file, of the last `most` bytes alone."""
    try:
        with open(path, "rb") as file:
            start = max(num_bytes, os.fstat(file.fileno()).st_size - most)
            file.seek(start)
            lines = file.read().split(b"\n")
    except OSError:
        return []
    return _decoded(lines[(1 if start > num_bytes else 0) : -1])


def _decoded(lines: list[bytes]) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    for line in lines:
        try:
            events.append(decode_event(line))
        except msgspec.DecodeError:
            continue
    return events


def create_run(recipe: Recipe, *, path: Path | None = None) -> RunFolder:
    """Make the folder of a new run and freeze its recipe in it.

    Raises:
        UserError: the folder holds a run already, or cannot be made.
    """
    if path is not None and RunFolder(path).recipe_file.exists():
        raise UserError(f"{path} already holds a run; name another folder.")
    try:
        folder = RunFolder(path if path is not None else new_run_path(recipe.title()))
        for made in (folder.path, folder.checkpoints, folder.captures):
            made.mkdir(parents=True, exist_ok=True)
        write_bytes(folder.recipe_file, recipe_to_json(recipe))
    except OSError as error:
        raise UserError(f"Cannot make the run folder {error.filename}: {error.strerror or error}.") from None
    return folder


def number(run: RunFolder, *, title: str) -> None:
    """Name a new run "words-lstm 2" where there is one of that title already, as the names of the folders tell."""
    like = re.compile(rf"\d{{8}}-\d{{6}}-{re.escape(_slug(title))}(-\d+)?")
    others = [path for path in runs_folder().iterdir() if like.fullmatch(path.name) and path != run.path]
    if others:
        taken = {RunFolder(path).details().name for path in others}
        free = next(count for count in itertools.count(2) if f"{title} {count}" not in taken)
        run.set_details(Details(name=f"{title} {free}"))


def run_folders() -> list[RunFolder]:
    """Every run of this home, the newest first."""
    found = [RunFolder(path) for path in runs_folder().iterdir() if (path / "recipe.json").is_file()]
    return sorted(found, key=lambda run: run.id, reverse=True)


def find_run(text: str) -> RunFolder:
    """The run at a path, or of that id, or the one whose id ends so.

    Raises:
        UserError: there is none, or more than one.
    """
    if (Path(text) / "recipe.json").is_file():
        return RunFolder(Path(text))
    runs = run_folders()
    matches = [run for run in runs if run.id == text] or [run for run in runs if text and run.id.endswith(text)]
    if len(matches) == 1:
        return matches[0]
    problem = "more than one run is" if matches else "there is no run"
    raise UserError(f"{text}: {problem} named so; `modellab runs` lists them.")


def new_run_path(title: str) -> Path:
    """A folder made anew, whose name sorts by time and says what the run is: 20261122-142913-spiral-mlp."""
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{_slug(title)}"
    path, count = runs_folder() / stem, 2
    while True:
        try:
            path.mkdir()  # made, not looked for: another process may make its own in the same second
        except FileExistsError:
            path, count = runs_folder() / f"{stem}-{count}", count + 1
        else:
            return path


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "run"
