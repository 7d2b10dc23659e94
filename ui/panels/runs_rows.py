"""One run as a row of the table, and how its numbers read."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from modellab.runs.folder import ALIVE, Details, Status

_CONTEXT = "RunsPanel"


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Marks a text for the translators; Qt's own is typed as an object."""
    return text


_NO_DETAILS = Details()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """What the table knows of a run. `score`, `best`: accuracy or R² on the validation split; `curve`: thinned losses.
    val_step, best_step: the steps of the newest validation and of the best one; 0 where nobody knows.

    title: of the recipe, shown where a person gave no name. started: seconds since the epoch, 0 before it started;
    created: when its folder was made, known of those that never started.
    colour: index of its colour in the curves, None while it is not shown there.
    """

    path: Path
    title: str
    details: Details = _NO_DETAILS
    status: Status = "new"
    architecture: str = ""
    dataset: str = ""
    train_loss: float | None = None
    val_loss: float | None = None
    score: float | None = None
    best: float | None = None
    val_step: int = 0
    best_step: int = 0
    is_r2: bool = False
    steps: int = 0
    total_steps: int = 0
    seconds: float = 0.0
    started: float = 0.0
    created: float = 0.0
    curve: tuple[float, ...] = ()
    colour: int | None = None
    is_current: bool = False

    @property
    def name(self) -> str:
        """The name a person gave it, else the recipe's."""
        return self.details.name or self.title

    @property
    def is_alive(self) -> bool:
        """Whether a trainer works or waits on it."""
        return self.status in ALIVE

    def urgency(self) -> tuple[int, float]:
        """Sorts the runs, last first: what trains, what is held, what waits (first come first), then the newest."""
        rank = {"training": 3, "paused": 2, "queued": 1}.get(self.status, 0)
        when = self.started or self.created
        return (rank, -when if self.status == "queued" else when)

    def haystack(self) -> str:
        """The text that the filter line looks in."""
        parts = (
            self.name,
            self.details.note,
            self.architecture,
            self.dataset,
            status_word(self.status),
            self.path.name,
        )
        return "\n".join(parts).casefold()

    def with_session(self, *, colour: int | None, is_current: bool) -> RunRow:
        """The same run as the curves show it, or not."""
        return replace(self, colour=colour, is_current=is_current)


STATUS_ICONS: dict[Status, tuple[str, str]] = {
    "new": ("clock", "muted"),
    "queued": ("clock", "muted"),
    "training": ("play", "good"),
    "paused": ("pause", "warn"),
    "finished": ("check", "good"),
    "stopped": ("stop", "muted"),
    "failed": ("error", "bad"),
    "interrupted": ("warning", "warn"),
}

_STATUS_WORDS: dict[Status, str] = {
    "new": QT_TRANSLATE_NOOP("RunsPanel", "New"),
    "queued": QT_TRANSLATE_NOOP("RunsPanel", "Queued"),
    "training": QT_TRANSLATE_NOOP("RunsPanel", "Training"),
    "paused": QT_TRANSLATE_NOOP("RunsPanel", "Paused"),
    "finished": QT_TRANSLATE_NOOP("RunsPanel", "Finished"),
    "stopped": QT_TRANSLATE_NOOP("RunsPanel", "Stopped"),
    "failed": QT_TRANSLATE_NOOP("RunsPanel", "Failed"),
    "interrupted": QT_TRANSLATE_NOOP("RunsPanel", "Interrupted"),
}
STATUS_HELP: dict[Status, str] = {
    "new": QT_TRANSLATE_NOOP("RunsPanel", "Made, but no trainer has taken it yet."),
    "queued": QT_TRANSLATE_NOOP("RunsPanel", "Waits until the run before it gives the device free."),
    "training": QT_TRANSLATE_NOOP("RunsPanel", "A trainer works on it now."),
    "paused": QT_TRANSLATE_NOOP("RunsPanel", "Its trainer holds still until it is resumed."),
    "finished": QT_TRANSLATE_NOOP("RunsPanel", "Trained to its end."),
    "stopped": QT_TRANSLATE_NOOP("RunsPanel", "Stopped by a person; it can be resumed from its last checkpoint."),
    "failed": QT_TRANSLATE_NOOP("RunsPanel", "A fault ended it; the log says which."),
    "interrupted": QT_TRANSLATE_NOOP("RunsPanel", "Its trainer is gone; it can be resumed from its last checkpoint."),
}


def status_word(status: Status) -> str:
    """The status in a word."""
    return translated(_STATUS_WORDS[status])


def translated(text: str) -> str:
    """A text of this table in the person's language."""
    return QCoreApplication.translate(_CONTEXT, text)


def loss_text(value: float | None) -> str:
    """A loss with the digits that tell runs apart; NaN and infinity by their names."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value != 0 and (abs(value) >= 10_000 or abs(value) < 0.0005):
        return f"{value:.1e}".replace("e-0", "e−").replace("e+0", "e").replace("-", "−")
    return (f"{value:.3f}" if abs(value) < 100 else f"{value:,.1f}").replace("-", "−")


def score_text(value: float | None, *, is_r2: bool) -> str:
    """An accuracy or an R², to three places."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "NaN"
    return ("R² " if is_r2 else "") + (f"{value:.3f}" if abs(value) < 1000 else f"{value:.1e}").replace("-", "−")


def duration_text(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any: 0:09, 12:40, 3:05:00."""
    whole = int(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def started_text(started: float, *, now: float | None = None) -> str:
    """When it started: the time today, else the day, with the year where it is another."""
    if not started:
        return "–"
    then, today = time.localtime(started), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%d %b %H:%M" if then.tm_year == today.tm_year else "%d %b %Y", then)


def steps_text(row: RunRow) -> str:
    """The steps taken; a run that stopped short also says of how many."""
    if row.total_steps and row.steps < row.total_steps:
        return f"{row.steps:,} / {row.total_steps:,}"
    return f"{row.steps:,}"
