"""When checkpoints are taken, and what is in them."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from safetensors.torch import load_file, save_file
from torch import Tensor

from modellab.errors import UserError
from modellab.events import Checkpointed
from modellab.runs.checkpoints import (
    STATE,
    STATE_TENSORS,
    WEIGHTS,
    Checkpoint,
    folder_name,
    thin_out,
    verify,
    writing_checkpoint,
)
from modellab.runs.folder import RunFolder
from modellab.training.shares import Share
from modellab.training.state import Tree, copied, packed, unpacked

# Each checkpoint's step is this many times the last one's, about.
_STEP_RATIO = 1.15
# A crash costs at most this much training, whatever the steps say.
_MOST_SECONDS_BETWEEN = 300.0
_TIME_SHARE = 0.003
# A net of many steps a second has learned most of what it will in its first seconds: those are what one goes back to.
_EARLY_SHARE, _EARLY_SECONDS, _EARLY_STEPS_A_SECOND = 0.05, 3.0, 500


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A whole state of training: weights by name, and everything else the next step depends on."""

    step: int
    seconds: float
    weights: dict[str, Tensor]
    state: Tree
    metrics: dict[str, float] = {}
    is_best: bool = False


class Checkpointer:
    """Takes log-spaced checkpoints within a disk budget; a thread of its own writes them, so that no step waits."""

    def __init__(self, run: RunFolder, *, budget_mb: int, last_step: int | None) -> None:
        self._run = run
        self._budget_bytes = budget_mb * 1_000_000
        self._share, self._early_share = Share(_TIME_SHARE), Share(_EARLY_SHARE)
        self._last_step = -1 if last_step is None else last_step
        self._last_time = self._began = time.perf_counter()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._pending: Future[tuple[Checkpointed, float]] | None = None
        self._pending_bytes = 0
        self._taking_seconds = 0.0

    def is_due(self, step: int, *, now: float, is_best: bool = False) -> bool:
        """Whether to take one at this step."""
        seconds = now - self._began
        is_early = seconds < _EARLY_SECONDS and step >= _EARLY_STEPS_A_SECOND * seconds
        share = self._early_share if is_early else self._share
        if self._pending is not None or step == self._last_step or not share.is_due(now):
            return False
        is_later = step >= max(self._last_step + 1, round(self._last_step * _STEP_RATIO))
        return is_best or is_later or now - self._last_time > _MOST_SECONDS_BETWEEN

    def take(self, snapshot: Snapshot) -> None:
        """Have it written; copies what is in it first."""
        assert self._pending is None
        start = time.perf_counter()
        kept = msgspec.structs.replace(
            snapshot, weights=copied(snapshot.weights, device="cpu"), state=copied(snapshot.state, device="cpu")
        )
        self._pending_bytes = _num_bytes(kept.weights) * 3
        self._last_step, self._last_time = snapshot.step, start
        self._pending = self._writer.submit(self._write, kept)
        self._taking_seconds = time.perf_counter() - start

    def finished(self, *, waits: bool = False) -> Checkpointed | None:
        """The event of the checkpoint under way, once it is written.

        Raises:
            OSError: it could not be written (the disk is full); the one before is intact.
        """
        pending = self._pending
        if pending is None or not (waits or pending.done()):
            return None
        self._pending = None
        try:
            event, seconds = pending.result()
        except BaseException:
            self._last_step = -1
            raise
        for share in (self._share, self._early_share):
            share.charge(self._taking_seconds + seconds, now=time.perf_counter())
        return event

    def close(self) -> None:
        """Wait for the thread."""
        self._writer.shutdown(wait=True)

    @property
    def last_step(self) -> int:
        """The step of the newest one, -1 when there is none."""
        return self._last_step

    @property
    def num_bytes(self) -> int:
        """About how many bytes the last one takes."""
        return self._pending_bytes

    def _write(self, snapshot: Snapshot) -> tuple[Checkpointed, float]:
        # Thread time: waiting for the disk costs the training nothing.
        start = time.thread_time()
        structure, tensors = packed(snapshot.state)
        with writing_checkpoint(
            self._run,
            snapshot.step,
            seconds=snapshot.seconds,
            metrics=snapshot.metrics,
            is_best=snapshot.is_best,
        ) as folder:
            save_tensors(snapshot.weights, folder / WEIGHTS)
            save_tensors(tensors, folder / STATE_TENSORS)
            (folder / STATE).write_bytes(msgspec.json.encode(structure))
        removed = thin_out(self._run, budget_bytes=self._budget_bytes)
        place = self._run.checkpoints / folder_name(snapshot.step)
        num_bytes = sum(path.stat().st_size for path in place.iterdir())
        event = Checkpointed(
            step=snapshot.step,
            time=time.time(),
            folder=f"checkpoints/{place.name}",
            num_bytes=num_bytes,
            removed=removed,
            is_best=snapshot.is_best,
        )
        return event, time.thread_time() - start


def save_tensors(tensors: dict[str, Tensor], path: Path, *, metadata: dict[str, str] | None = None) -> None:
    """Write safetensors; tensors that share memory are written each in full."""
    seen: set[int] = set()
    separate: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        found = tensor.detach().contiguous()
        pointer = found.untyped_storage().data_ptr()
        separate[name] = found.clone() if pointer in seen else found
        seen.add(pointer)
    save_file(separate, path, metadata=metadata)


def load_checkpoint(checkpoint: Checkpoint) -> Snapshot:
    """Read a checkpoint back, every file checked.

    Raises:
        UserError: a file is missing, cut short or changed, or it is of a run that was imported.
    """
    manifest = verify(checkpoint.folder)
    if STATE not in manifest.files:
        raise UserError(
            f"The checkpoint {checkpoint.folder} holds weights alone, as that of an imported run does: training cannot "
            "go on from it."
        )
    try:
        structure: Any = msgspec.json.decode((checkpoint.folder / STATE).read_bytes())
        state: Tree = unpacked(structure, load_file(checkpoint.folder / STATE_TENSORS))
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"Cannot read the checkpoint {checkpoint.folder}: {error}.") from None
    return Snapshot(
        step=manifest.step,
        seconds=manifest.seconds,
        weights=load_file(checkpoint.folder / WEIGHTS),
        state=state,
        metrics=manifest.metrics,
        is_best=manifest.is_best,
    )


def _num_bytes(tensors: dict[str, Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
