"""One run as the window knows it: columns, evaluations, status; built from its events alone."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal

from modellab import events as ev
from modellab.data.base import Sample
from modellab.recipe import Recipe
from modellab.runs.folder import Details, RunFolder, Status
from modellab.runs.summary import is_lower_better
from ui.lab.option_words import change_words, value_at
from ui.lab.stream import Floats, Item, Steps
from ui.plots.axis_map import AxisMap, XUnit
from ui.plots.series import Series

MAX_LOG_LINES = 5_000
LogLevel = Literal["info", "warning", "error"]


class LogLine(NamedTuple):
    """A line of the log; level: as the trainer said it, None where its process just printed the line."""

    text: str
    level: LogLevel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """Something worth a mark on the curves. kind: "option", "checkpoint", "paused" or "failed"."""

    step: int
    kind: str
    text: str


class RunModel(QObject):
    """Grows with every batch of items; signals say what grew, once a batch."""

    advanced = Signal()  # columns, evaluations, markers or step grew
    rewound = Signal(int)  # everything after this step no longer counts
    status_changed = Signal(str)
    options_applied = Signal(dict)  # dotted path -> value
    captured = Signal(object)  # Captured
    published = Signal(int)  # newer weights are to be had; step
    logged = Signal(object)  # list[LogLine]
    details_changed = Signal()

    def __init__(self, folder: RunFolder, *, recipe: Recipe, colour: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.recipe = recipe
        self.colour = colour
        self.details: Details = folder.details()
        self.status: Status = "new"
        self.sample: Sample | None = None
        self.started: ev.Started | None = None
        self.first_time = 0.0
        self.step = 0
        self.seconds = 0.0
        self.samples_per_second = 0.0
        self.memory_bytes = 0
        self.columns: dict[str, Series] = {}  # by metric: x is the step
        self.evaluations: dict[tuple[str, str], Series] = {}  # by (split, metric)
        self.axis_maps: dict[XUnit, AxisMap] = {XUnit.WALL_TIME: AxisMap()}  # step -> seconds, epochs
        self.markers: list[Marker] = []
        self.checkpoint_steps: list[int] = []
        self.captures: dict[str, list[ev.Captured]] = {}
        self.published_step: int | None = None
        self.applied: dict[str, Any] = {}
        self.end: ev.Finished | ev.Failed | None = None
        self.pause: ev.Paused | None = None
        self.queue: ev.Queued | None = None
        self.log: deque[LogLine] = deque(maxlen=MAX_LOG_LINES)
        self.was_launched = False  # by this window
        self.is_set_aside = False  # followed, but not shown in the curves
        self.created = _made(folder)
        self._is_locked: bool | None = None
        self._had_trainer = folder.lock_file.exists()
        self._is_over = False

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.id

    @property
    def path(self) -> Path:
        """The folder."""
        return self.folder.path

    @property
    def title(self) -> str:
        """The name a person gave it, else the one it was made with."""
        return self.details.name or self.recipe.title()

    @property
    def total_steps(self) -> int:
        """Steps the run is to take; 0 until it says so."""
        return self.started.total_steps if self.started else 0

    @property
    def newest_step(self) -> int | None:
        """The newest step whose weights can be looked into, published or kept; None before there is one."""
        published = () if self.published_step is None else (self.published_step,)
        return max((*self.checkpoint_steps, *published), default=None)

    @property
    def is_alive(self) -> bool:
        """Whether a trainer works or waits on it."""
        return self.status in ("queued", "training", "paused")

    @property
    def is_starting(self) -> bool:
        """Whether this window asked a trainer to take it, which has not said a word yet."""
        return self.status == "new" and self.was_launched

    @property
    def is_being_read(self) -> bool:
        """Whether it has told more than is known here yet, as right after a launch of the window."""
        return self.status == "new" and not self.was_launched and _has_told(self.folder)

    def epoch_of(self, step: float) -> float:
        """The step in passes over the training set."""
        return step / max(1, self.started.steps_per_epoch) if self.started else 0.0

    def seconds_left(self) -> float | None:
        """Estimate from the mean step time so far; None while unknown."""
        if not self.total_steps or self.step <= 0 or self.seconds <= 0:
            return None
        return max(0, self.total_steps - self.step) * self.seconds / self.step

    def latest(self, metric: str, *, split: str = "validation") -> float | None:
        """The newest value of a metric on a split."""
        last = self.newest(metric, split=split)
        return last[1] if last else None

    def newest(self, metric: str, *, split: str = "validation") -> tuple[float, float] | None:
        """Step and value of the newest evaluation on a split; None before there is one."""
        series = self.evaluations.get((split, metric))
        return series.latest() if series is not None else None

    def best(self, metric: str) -> tuple[float, float] | None:
        """Step and value of the best validation, the first of equals; None before there is one."""
        series = self.evaluations.get(("validation", metric))
        if series is None or not len(series):
            return None
        steps, values = series.slice(0, len(series))
        is_number = np.isfinite(values)
        if not is_number.any():
            return None
        worth = np.where(is_number, -values if is_lower_better(metric) else values, -np.inf)
        place = int(np.argmax(worth))
        return float(steps[place]), float(values[place])

    def take(self, items: list[Item]) -> None:
        """Add a batch of items and tell the views once."""
        applied: dict[str, Any] = {}
        for item in items:
            if isinstance(item, Steps):
                self._take_steps(item)
            elif isinstance(item, ev.OptionApplied):
                self._take_option(item, {**self.applied, **applied})
                applied[item.name] = item.value
            else:
                self._take_event(item)
        self._update_status()
        if applied:
            self.applied.update(applied)
            self.options_applied.emit(applied)
        self.advanced.emit()

    def set_locked(self, is_locked: bool) -> None:
        """A trainer took or let go of the run."""
        self._is_locked = is_locked
        self._had_trainer = self._had_trainer or is_locked
        self._update_status()

    def set_details(self, details: Details) -> None:
        """A new name, note or star."""
        self.details = details
        self.details_changed.emit()

    def take_log(self, lines: list[str], *, level: LogLevel | None = None) -> None:
        """Add lines of the trainer's own output; the newest are kept."""
        found = [LogLine(line, level) for line in lines]
        self.log.extend(found)
        self.logged.emit(found)

    def _take_steps(self, steps: Steps) -> None:
        x = range_of(steps)
        for name, values in steps.columns.items():
            self.columns.setdefault(name, Series()).append(x, values)
        self.step = steps.last
        self.seconds = max(self.seconds, float(steps.seconds[-1]))
        self.axis_maps[XUnit.WALL_TIME].append([steps.last], [self.seconds])
        self.samples_per_second = steps.samples_per_second
        self.memory_bytes = steps.memory_bytes
        for name, value in (("samples_per_second", steps.samples_per_second), ("memory_mb", steps.memory_bytes / 1e6)):
            if value:
                self.columns.setdefault(name, Series()).append([steps.last], [value])

    def _take_option(self, event: ev.OptionApplied, applied: dict[str, Any]) -> None:
        before = applied[event.name] if event.name in applied else value_at(self.recipe, event.name)
        words = change_words(self.recipe, event.name, before=before, after=event.value)
        text = self.tr("{0} from step {1:,} on").format(words, event.step + 1)
        self.markers.append(Marker(step=event.step, kind="option", text=text))
        self.take_log([f"{text}."], level="info")

    def _take_event(self, event: ev.Event) -> None:
        match event:
            case ev.Started():
                self._rewind(event.step)
                self.started, self.end, self.pause, self.queue, self._is_over = event, None, None, None, False
                self.first_time = self.first_time or event.time
                self.axis_maps[XUnit.EPOCH] = AxisMap([0, max(1, event.steps_per_epoch)], [0, 1])
                if event.sample:
                    self.sample = msgspec.convert(event.sample, Sample)
                self.take_log(
                    [f"Training on {event.device_name} from step {event.step:,}.", *event.notes], level="info"
                )
            case ev.Queued():
                self.queue, self._is_over = event, False
            case ev.Evaluated():
                for name, value in event.metrics.items():
                    self.evaluations.setdefault((event.split, name), Series()).append([event.step], [value])
            case ev.Checkpointed():
                gone = {Path(folder).name for folder in event.removed}
                kept = [step for step in self.checkpoint_steps if f"step-{step:08d}" not in gone]
                self.checkpoint_steps = sorted({*kept, event.step})
                what = self.tr("Checkpoint of step {0:,}")
                if event.is_best:
                    what = self.tr("Checkpoint of step {0:,}: the lowest validation loss up to there")
                self.markers.append(Marker(step=event.step, kind="checkpoint", text=what.format(event.step)))
            case ev.Captured():
                self.captures.setdefault(event.kind, []).append(event)
                self.captured.emit(event)
            case ev.Published():
                self.published_step = event.step
                self.published.emit(event.step)
            case ev.Paused():
                self.pause = event
                text = event.message or self.tr("Paused at step {0:,}").format(event.step)
                self.markers.append(Marker(step=event.step, kind="paused", text=text))
                level: LogLevel = "info" if event.reason == "asked" else "warning"
                self.take_log([event.message or f"{text}."], level=level)
            case ev.Resumed():
                self._rewind(event.step)
                self.take_log([self.tr("Resumed at step {0:,}.").format(event.step)], level="info")
                self.pause = self.queue = None
            case ev.Logged():
                self.take_log([event.message], level=event.level)
            case ev.Finished() | ev.Failed():
                self.end, self.pause, self.queue, self._is_over = event, None, None, True
                if isinstance(event, ev.Failed):
                    self.markers.append(Marker(step=event.step, kind="failed", text=event.message))
                    self.take_log([event.message, *event.traceback.splitlines()], level="error")

    def _rewind(self, step: int) -> None:
        """A resumed trainer went back to a checkpoint: what came after it no longer counts."""
        if self.step <= step:
            return
        parts: list[Series | AxisMap] = [*self.columns.values(), *self.evaluations.values()]
        for part in [*parts, self.axis_maps[XUnit.WALL_TIME]]:
            part.truncate_from(step + 0.5)
        self.markers = [marker for marker in self.markers if marker.step <= step]
        self.checkpoint_steps = [kept for kept in self.checkpoint_steps if kept <= step]
        self.step = step
        self.rewound.emit(step)

    def _update_status(self) -> None:
        status = self._status()
        if status != self.status:
            self.status = status
            self.status_changed.emit(status)

    def _status(self) -> Status:
        if isinstance(self.end, ev.Failed):
            return "failed"
        if self.end is not None:
            return "stopped" if self.end.reason == "stopped" else "finished"
        if self._is_locked is False and (self.started or self.queue or self._had_trainer):
            return "interrupted"
        if self.queue is not None:
            return "queued"
        if self.pause is not None:
            return "paused"
        return "training" if self.started else "new"


def _has_told(folder: RunFolder) -> bool:
    try:
        return folder.events_file.stat().st_size > 0
    except OSError:
        return False


def _made(folder: RunFolder) -> float:
    """When the run was made, seconds since the epoch."""
    try:
        return folder.recipe_file.stat().st_mtime
    except OSError:
        return 0.0


def range_of(steps: Steps) -> Floats:
    """The step numbers as float64."""
    return np.arange(steps.first, steps.last + 1, dtype=np.float64)
