"""Runs at a glance, for tables: a small cache the trainer keeps, and the end of the events. No torch."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import msgspec

from modellab.errors import UserError
from modellab.events import (
    AnyEvent,
    Evaluated,
    Failed,
    Finished,
    Paused,
    Progress,
    Resumed,
    Started,
)
from modellab.paths import home
from modellab.runs.atomic import write_bytes
from modellab.runs.folder import (
    Details,
    RunFolder,
    Status,
    create_run,
    events_after,
    run_folders,
    status_of,
    tail_events,
)

SUMMARY = "summary.json"
CURVE_POINTS = 64

_WRITE_SECONDS = 1.0
_TAIL_BYTES = 1 << 14
_NEWER_BYTES = 1 << 18  # of events that a cache does not hold: what is between is drawn straight
_VERSION = 1  # of the cache: one that summed up less, or more coarsely, is made anew from the events
_REBUILT_BYTES = 1 << 22  # of events that are read again for that
_ORIGIN = ".trashed-from"


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a table of runs.

    title: the preset or what the recipe calls itself; architecture, dataset: their titles. started: seconds since the
    epoch, 0 before it started; seconds: of training. train_loss: the newest batch's. validation, test, train: newest
    metrics of each split; steps: at which step they are. best: of each validation metric the best so far; best_steps:
    at which step, the first of equals. Of long runs that an older version summed up there may be no steps. curve: at
    most 64 training losses, evenly over the steps.
    """

    path: Path
    title: str = ""
    details: Details = Details()
    status: Status = "new"
    architecture: str = ""
    dataset: str = ""
    preset: str = ""
    started: float = 0.0
    seconds: float = 0.0
    step: int = 0
    total_steps: int = 0
    train_loss: float | None = None
    validation: dict[str, float] = {}
    steps: dict[str, int] = {}
    best: dict[str, float] = {}
    best_steps: dict[str, int] = {}
    test: dict[str, float] = {}
    train: dict[str, float] = {}
    curve: tuple[float, ...] = ()

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def created(self) -> float:
        """When the run was made, seconds since the epoch; 0 where nobody knows."""
        try:
            return (self.path / "recipe.json").stat().st_mtime
        except OSError:
            return 0.0


class _Cache(msgspec.Struct, kw_only=True):
    """`summary.json`. num_bytes: of the events it sums up; status: set at the end of a session only."""

    title: str = ""
    architecture: str = ""
    dataset: str = ""
    preset: str = ""
    started: float = 0.0
    seconds: float = 0.0
    step: int = 0
    total_steps: int = 0
    train_loss: float | None = None
    metrics: dict[str, dict[str, float]] = {}
    steps: dict[str, int] = {}
    best: dict[str, float] = {}
    best_steps: dict[str, int] = {}
    curve: list[tuple[int, float]] = []
    status: Status | None = None
    num_bytes: int = 0
    version: int = 0


class SummaryKeeper:
    """Sums up a run's events as they come, and keeps that in its folder."""

    def __init__(self, run: RunFolder) -> None:
        self._path = run.path / SUMMARY
        self._cache = _read_cache(run) or _fresh_cache(run)
        self._cache.status = None
        self._due = 0.0

    def see(self, event: AnyEvent, *, num_bytes: int) -> None:
        """Take in an event; `num_bytes` is how long the events file is with it."""
        _take_in(self._cache, event)
        self._cache.num_bytes = num_bytes
        is_last = isinstance(event, Finished | Failed)
        if is_last:
            self._cache.status = status_of([event], is_locked=False)
        is_news = is_last or isinstance(event, Started | Paused | Evaluated)
        if is_news and (not isinstance(event, Evaluated) or time.monotonic() >= self._due):
            self._due = time.monotonic() + _WRITE_SECONDS
            try:
                write_bytes(self._path, msgspec.json.encode(self._cache), durable=False)
            except OSError:
                # A cache: what it would have said is in the events, and a full disk is told of elsewhere.
                self._due = 0.0


def list_runs() -> list[RunSummary]:
    """Every run of this home, the newest first."""
    return [summarise_run(run) for run in run_folders()]


def summarise_run(run: RunFolder) -> RunSummary:
    """One run, from its cache where that is up to date, else from the end of its events too."""
    cache = _read_cache(run)
    size = _size(run.events_file)
    is_old = cache is not None and cache.version != _VERSION and 0 < size <= _REBUILT_BYTES and not run.is_locked()
    if cache is not None and cache.status is not None and cache.num_bytes == size and not is_old:
        return _summary(run, cache, cache.status)
    if cache is None or is_old:
        cache = _fresh_cache(run)
    events = tail_events(run.events_file, num_bytes=_TAIL_BYTES) if size else []
    # No cache was ever written: read it all, once.
    most = _NEWER_BYTES if cache.num_bytes else size
    for event in events_after(run.events_file, num_bytes=cache.num_bytes, most=most):
        _take_in(cache, event)
    status = status_of(events, is_locked=run.is_locked(), had_trainer=run.lock_file.exists())
    if is_old:
        _keep_rebuilt(run, cache, status, num_bytes=size)
    return _summary(run, cache, status)


def _keep_rebuilt(run: RunFolder, cache: _Cache, status: Status, *, num_bytes: int) -> None:
    """In place of what an older version's trainer kept; no trainer has the run."""
    cache.num_bytes = num_bytes
    cache.status = status if status in ("finished", "stopped", "failed") else None
    try:
        write_bytes(run.path / SUMMARY, msgspec.json.encode(cache), durable=False)
    except OSError:
        return  # a cache: a full disk is told of elsewhere


def trash(run: RunFolder) -> Path:
    """Move a run to the trash of this home; gives the place that `restore` takes it back from.

    Raises:
        UserError: it is being trained, or cannot be moved.
    """
    if run.is_locked():
        raise UserError(f"The run {run.id} is being trained; stop it first.")
    folder = home() / "trash"
    place = folder / f"{run.id}.{time.time_ns()}"
    try:
        folder.mkdir(exist_ok=True)
        (run.path / _ORIGIN).write_text(str(run.path.absolute()), encoding="utf-8")
        shutil.move(run.path, place)
    except OSError as error:
        raise UserError(f"Cannot move the run {run.id} to {folder}: {error.strerror or error}.") from None
    return place


def restore(place: Path) -> RunFolder:
    """Take a run back from the trash.

    Raises:
        UserError: it is not there, or its old place is taken.
    """
    try:
        origin = Path((place / _ORIGIN).read_text(encoding="utf-8"))
        if origin.exists():
            raise UserError(f"{origin} is taken; move it away first.")
        shutil.move(place, origin)
        (origin / _ORIGIN).unlink()
    except OSError as error:
        raise UserError(f"Cannot take {place} back from the trash: {error.strerror or error}.") from None
    return RunFolder(origin)


def duplicate(run: RunFolder) -> RunFolder:
    """A new run of the same recipe that has not started.

    Raises:
        UserError: the recipe cannot be read, or the folder not made.
    """
    return create_run(run.recipe())


def _read_cache(run: RunFolder) -> _Cache | None:
    try:
        return msgspec.json.decode((run.path / SUMMARY).read_bytes(), type=_Cache)
    except (OSError, msgspec.DecodeError):
        return None


def _fresh_cache(run: RunFolder) -> _Cache:
    try:
        recipe = run.recipe()
    except UserError:
        return _Cache(title=run.id, version=_VERSION)
    return _Cache(
        version=_VERSION,
        title=recipe.title(),
        architecture=recipe.architecture.title,
        dataset=recipe.dataset.title,
        preset=recipe.preset,
    )


def _summary(run: RunFolder, cache: _Cache, status: Status) -> RunSummary:
    return RunSummary(
        path=run.path,
        title=cache.title,
        details=run.details(),
        status=status,
        architecture=cache.architecture,
        dataset=cache.dataset,
        preset=cache.preset,
        started=cache.started,
        seconds=cache.seconds,
        step=cache.step,
        total_steps=cache.total_steps,
        train_loss=cache.train_loss,
        validation=cache.metrics.get("validation", {}),
        steps=cache.steps,
        best=cache.best,
        best_steps=cache.best_steps,
        test=cache.metrics.get("test", {}),
        train=cache.metrics.get("train", {}),
        curve=_evenly(cache.curve),
    )


def _take_in(cache: _Cache, event: AnyEvent) -> None:
    match event:
        case Started():
            cache.started = cache.started or event.time
            cache.total_steps = event.total_steps
            _go_to(cache, event.step)
        case Resumed():
            _go_to(cache, event.step)
        case Progress():
            cache.step, cache.seconds = event.step, event.times[1]
            losses = [loss for loss in event.columns.get("loss", []) if loss is not None]
            if losses:
                cache.train_loss = losses[-1]
                _add_point(cache, event.step, losses[-1])
        case Evaluated():
            cache.metrics[event.split], cache.steps[event.split] = event.metrics, event.step
            if event.split == "validation":
                _keep_best(cache, event)
        case Finished():
            cache.step, cache.seconds = event.step, event.seconds or cache.seconds
        case _:
            pass


def _go_to(cache: _Cache, step: int) -> None:
    cache.step = step
    cache.curve = [point for point in cache.curve if point[0] <= step]


def _add_point(cache: _Cache, step: int, loss: float) -> None:
    """Twice the points that are shown, at most: when there are more, those go that lie close together."""
    if cache.curve and step <= cache.curve[-1][0]:
        return
    cache.curve.append((step, loss))
    if len(cache.curve) > 2 * CURVE_POINTS:
        gap = (step - cache.curve[0][0]) / CURVE_POINTS
        kept = cache.curve[:1]
        for point in cache.curve[1:]:
            if point[0] - kept[-1][0] >= gap:
                kept.append(point)
        cache.curve = kept if kept[-1][0] == step else [*kept, (step, loss)]


def _evenly(curve: list[tuple[int, float]]) -> tuple[float, ...]:
    """The losses at even steps, so that no part of the training is drawn wider than another."""
    count = min(len(curve), CURVE_POINTS)
    if count < 3:
        return tuple(loss for _, loss in curve)
    first, last = curve[0][0], curve[-1][0]
    result, place = [], 0
    for number in range(count - 1):
        step = first + (last - first) * number / (count - 1)
        while curve[place + 1][0] <= step:
            place += 1
        (before, low), (after, high) = curve[place], curve[place + 1]
        result.append(low + (high - low) * (step - before) / (after - before))
    return (*result, curve[-1][1])


def is_lower_better(metric: str) -> bool:
    """Whether a smaller value of the metric is the better one."""
    return metric.endswith("loss") or metric in ("rmse", "perplexity")


def _keep_best(cache: _Cache, event: Evaluated) -> None:
    for name, value in event.metrics.items():
        before = cache.best.get(name)
        if before is None or (value < before if is_lower_better(name) else value > before):
            cache.best[name], cache.best_steps[name] = value, event.step


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
