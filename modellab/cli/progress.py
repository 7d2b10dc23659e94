"""How a training shows on a terminal, in a pipe, and as JSON."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from modellab.events import (
    AnyEvent,
    Evaluated,
    Failed,
    Finished,
    Logged,
    OptionApplied,
    Paused,
    Progress,
    Queued,
    Resumed,
    Started,
    encode_event,
)
from modellab.runs.folder import RunFolder

if TYPE_CHECKING:
    from rich.progress import TaskID

_LINE_SECONDS = 5.0


class Shown(Protocol):
    """Shows events as they come."""

    def show(self, event: AnyEvent) -> None:
        """Take in an event."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class JsonLines:
    """Every event as a line on stdout, as in events.jsonl."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def show(self, event: AnyEvent) -> None:
        """Write the line at once."""
        sys.stdout.write(encode_event(event).decode() + "\n")
        sys.stdout.flush()
        if isinstance(event, Failed):
            sys.stderr.write(f"modellab: {event.message}\n")


class Lines:
    """Plain lines, a few a minute: for logs and pipes."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._due = 0.0
        self._held: Evaluated | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def show(self, event: AnyEvent) -> None:
        """Write what a person would want to find in a log."""
        if isinstance(event, Started):
            self._write(f"run {self._run.path}")
        if isinstance(event, Failed):
            sys.stderr.write(f"modellab: {sentence(event)}\n")
            return
        if isinstance(event, Evaluated) and event.split == "validation":
            self._held = event
            if time.monotonic() < self._due:
                return
            self._due = time.monotonic() + _LINE_SECONDS
            self._held = None
        elif self._held is not None and not isinstance(event, Progress):
            self._write(sentence(self._held))
            self._held = None
        if text := sentence(event):
            self._write(text)

    def _write(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


class Bar:
    """One line that moves: loss, accuracy, samples a second, time left; what else happens stands above it."""

    def __init__(self, run: RunFolder) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._run = run
        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=Console(),
            transient=False,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, event: AnyEvent) -> None:
        """Move the bar, or write a line above it."""
        match event:
            case Started():
                self._bar.console.print(f"run {self._run.path}", highlight=False, markup=False, soft_wrap=True)
                if self._task is None:
                    self._task = self._bar.add_task("training", total=event.total_steps, numbers="")
                self._bar.update(self._task, completed=event.step)
                if event.notes:
                    self._bar.console.print(sentence(event), highlight=False, markup=False, soft_wrap=True)
            case Progress() if self._task is not None:
                self._bar.update(self._task, completed=event.step, numbers=numbers(event))
            case Evaluated(split="validation"):
                if self._task is not None:
                    self._bar.update(self._task, description=short(event.metrics))
            case Failed():
                self._bar.stop()
                sys.stderr.write(f"modellab: {sentence(event)}\n")
            case _:
                if text := sentence(event):
                    self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)


def sentence(event: AnyEvent) -> str:
    """What happened, in words; empty for what nobody needs to read."""
    match event:
        case Started():
            return "\n".join(event.notes)
        case Queued():
            return f"waiting for {event.device}" + (f", behind {event.behind}" if event.behind else "")
        case Evaluated():
            return f"step {event.step} {event.split}: {_metrics(event.metrics)}"
        case Paused():
            return event.message or "paused"
        case Resumed():
            return f"resumed at step {event.step}"
        case OptionApplied():
            return f"{event.name} is {event.value} from step {event.step + 1} on"
        case Logged():
            return event.message
        case Finished():
            return f"{event.reason.replace('_', ' ')} at step {event.step} after {event.seconds:.1f} s"
        case Failed():
            hints = ", ".join(f"--set {name}={value}" for name, value in event.suggestion.items())
            return event.message + (f" Try {hints}." if hints else "")
        case _:
            return ""


def numbers(event: Progress) -> str:
    """The newest loss and accuracy, and the speed."""
    parts = []
    for name in ("loss", "accuracy"):
        values = [value for value in event.columns.get(name, []) if value is not None]
        if values:
            parts.append(f"{name} {values[-1]:.4g}")
    return "  ".join([*parts, f"{event.samples_per_second:,.0f} samples/s"])


def short(metrics: dict[str, Any]) -> str:
    """One metric of the validation split."""
    name = next((name for name in ("accuracy", "r2", "loss") if name in metrics), "")
    return f"validation {name} {metrics[name]:.4f}" if name else "training"


def _metrics(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
