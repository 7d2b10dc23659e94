"""What a trainer says: one JSON object a line in `events.jsonl`. The stream is the run."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Something that happened at a step. `time`: seconds since the epoch (UTC)."""

    step: int
    time: float = 0.0


class Started(Event, frozen=True, kw_only=True):
    """Training begins, or goes on after a resume: what came after `step` in an earlier session no longer counts."""

    device: str
    device_name: str
    num_parameters: int
    steps_per_epoch: int
    total_steps: int
    sample: dict[str, Any] = {}
    pid: int = 0
    notes: tuple[str, ...] = ()


class Queued(Event, frozen=True, kw_only=True):
    """Waits for a device; `behind` is the id of the run that holds it."""

    device: str
    behind: str = ""


class Progress(Event, frozen=True, kw_only=True):
    """Every step since the last Progress. Column k has one entry for each of the steps first..step; null: not measured.

    Columns: loss, accuracy, learning_rate, gradient_norm (before clipping), and so on. times: wall seconds of training
    at `first - 1` and at `step` (pauses do not count); samples_per_second over these steps; memory_bytes on the device.
    """

    first: int
    columns: dict[str, list[float | None]]
    times: tuple[float, float] = (0.0, 0.0)
    samples_per_second: float = 0.0
    memory_bytes: int = 0


class Evaluated(Event, frozen=True, kw_only=True):
    """Metrics on a whole split: loss, accuracy, f1 (macro); loss, rmse, r2."""

    split: str
    metrics: dict[str, float]
    seconds: float = 0.0


class Checkpointed(Event, frozen=True, kw_only=True):
    """A checkpoint is complete at `folder` (relative to the run); `removed` were thinned out for it."""

    folder: str
    num_bytes: int = 0
    removed: tuple[str, ...] = ()
    is_best: bool = False


class Captured(Event, frozen=True, kw_only=True):
    """A capture is at `file` (relative to the run); `kind` names what: "surface", "filters" ..."""

    kind: str
    file: str


class Published(Event, frozen=True, kw_only=True):
    """`live.safetensors` now holds the weights of this step, for whoever looks inside."""


class OptionApplied(Event, frozen=True, kw_only=True):
    """A changed option takes effect after this step; `name` is its dotted path."""

    name: str
    value: Any


class Paused(Event, frozen=True, kw_only=True):
    """Training waits. `reason`: who or what stopped it; `message` says it to a person and what to do."""

    reason: Literal["asked", "not_finite", "disk_full"]
    message: str = ""


class Resumed(Event, frozen=True, kw_only=True):
    """Training goes on from `step`: columns after it no longer count."""


class Logged(Event, frozen=True, kw_only=True):
    """A line for the log."""

    level: Literal["info", "warning", "error"]
    message: str


class Finished(Event, frozen=True, kw_only=True):
    """The run is over."""

    reason: Literal["completed", "stopped", "early_stopping"]
    seconds: float = 0.0


class Failed(Event, frozen=True, kw_only=True):
    """The run is over for a fault. `message` is for a person; `suggestion` maps dotted options to better values."""

    message: str
    traceback: str = ""
    suggestion: dict[str, Any] = {}


AnyEvent = (
    Started
    | Queued
    | Progress
    | Evaluated
    | Checkpointed
    | Captured
    | Published
    | OptionApplied
    | Paused
    | Resumed
    | Logged
    | Finished
    | Failed
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode_event(event: Event) -> bytes:
    """One line, without its newline."""
    return _encoder.encode(event)


def decode_event(line: bytes) -> AnyEvent:
    """Read one line.

    Raises:
        msgspec.DecodeError: it is no event of this version.
    """
    return _decoder.decode(line)


TERMINAL = (Finished, Failed)
