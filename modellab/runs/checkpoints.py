"""Checkpoints on disk: a folder each, whole when its MANIFEST is there and every file matches it. No torch."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from modellab.errors import UserError
from modellab.runs.atomic import fsync, fsync_folder
from modellab.runs.folder import RunFolder

MANIFEST = "MANIFEST.json"
WEIGHTS = "weights.safetensors"
STATE_TENSORS = "state.safetensors"
STATE = "state.json"


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of a checkpoint must be."""

    num_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`MANIFEST.json`. metrics: of the validation split at this step, where it was evaluated then."""

    step: int
    files: dict[str, FileEntry]
    seconds: float = 0.0
    metrics: dict[str, float] = {}
    is_best: bool = False


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint that has its manifest; whether its files match is what `verify` tells."""

    folder: Path
    step: int
    num_bytes: int
    is_best: bool = False
    metrics: dict[str, float] = {}

    @property
    def weights_file(self) -> Path:
        """The weights, safetensors."""
        return self.folder / WEIGHTS


def folder_name(step: int) -> str:
    """The name of the checkpoint of a step; sorts by step."""
    return f"step-{step:08d}"


@contextlib.contextmanager
def writing_checkpoint(
    run: RunFolder, step: int, *, seconds: float = 0.0, metrics: dict[str, float] | None = None, is_best: bool = False
) -> Iterator[Path]:
    """A folder to put files in; it becomes the checkpoint of that step when the block ends well, else it is removed."""
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    beside = run.checkpoints / f".{folder_name(step)}.{os.getpid()}.tmp"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        yield beside
        files = {path.name: _entry(path) for path in sorted(beside.iterdir())}
        manifest = Manifest(step=step, files=files, seconds=seconds, metrics=metrics or {}, is_best=is_best)
        (beside / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        for path in beside.iterdir():
            fsync(path)
        fsync_folder(beside)
        place = run.checkpoints / folder_name(step)
        if place.exists():
            remove(place)
        beside.replace(place)
        fsync_folder(run.checkpoints)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def list_checkpoints(run: RunFolder) -> list[Checkpoint]:
    """The checkpoints of a run that have a manifest, by rising step."""
    found: list[Checkpoint] = []
    try:
        folders = sorted(path for path in run.checkpoints.iterdir() if path.name.startswith("step-"))
    except OSError:
        return []
    for folder in folders:
        manifest = _manifest(folder)
        if manifest is not None:
            num_bytes = sum(entry.num_bytes for entry in manifest.files.values())
            found.append(
                Checkpoint(
                    folder=folder,
                    step=manifest.step,
                    num_bytes=num_bytes,
                    is_best=manifest.is_best,
                    metrics=manifest.metrics,
                )
            )
    return sorted(found, key=lambda checkpoint: checkpoint.step)


def verify(folder: Path) -> Manifest:
    """Check every file of a checkpoint against its manifest.

    Raises:
        UserError: the manifest is missing, or a file is missing, cut short or changed; names the file.
    """
    manifest = _manifest(folder)
    if manifest is None:
        raise UserError(f"{folder / MANIFEST} is missing or broken: the checkpoint was never completed.")
    for name, entry in manifest.files.items():
        path = folder / name
        try:
            size = path.stat().st_size
        except OSError:
            raise UserError(f"{path} is missing from its checkpoint.") from None
        if size != entry.num_bytes:
            raise UserError(f"{path} is {size} bytes long instead of {entry.num_bytes}: it was cut short or changed.")
        if _digest(path) != entry.sha256:
            raise UserError(f"{path} does not match its checksum: some of its bytes have changed.")
    return manifest


def newest_whole(run: RunFolder, *, before: int | None = None) -> tuple[Checkpoint | None, list[str]]:
    """The newest checkpoint whose files are all whole (None when there is none), and a sentence on each newer one that
    is not; of those before a step where one is given."""
    problems: list[str] = []
    for checkpoint in reversed(list_checkpoints(run)):
        if before is not None and checkpoint.step >= before:
            continue
        try:
            verify(checkpoint.folder)
        except UserError as error:
            problems.append(error.message)
        else:
            return checkpoint, problems
    return None, problems


def checkpoint_at(run: RunFolder, step: int | None) -> Checkpoint:
    """The whole checkpoint of a step (the nearest at or before it), the newest one when `step` is None.

    Raises:
        UserError: there is none, or its files are broken; names the file.
    """
    if step is None:
        newest, problems = newest_whole(run)
        if newest is None:
            raise UserError(problems[0] if problems else f"{run.path} has no checkpoint yet.")
        return newest
    found = [checkpoint for checkpoint in list_checkpoints(run) if checkpoint.step <= step]
    if not found:
        raise UserError(f"{run.path} has no checkpoint at or before step {step}.")
    verify(found[-1].folder)
    return found[-1]


def thin_out(run: RunFolder, *, budget_bytes: int) -> tuple[str, ...]:
    """Remove checkpoints until the rest fit the budget; gives the names of the removed.

    The first, the best and the last stay; of the others the one goes first whose loss leaves the steps most nearly
    log-spaced.
    """
    checkpoints = list_checkpoints(run)
    removed: list[str] = []
    while sum(checkpoint.num_bytes for checkpoint in checkpoints) > budget_bytes:
        last_best = max((c.step for c in checkpoints if c.is_best), default=-1)
        candidates = [
            (math.log((after.step + 1) / (before.step + 1)), middle)
            for before, middle, after in zip(checkpoints, checkpoints[1:], checkpoints[2:], strict=False)
            if middle.step != last_best
        ]
        if not candidates:
            break
        _, victim = min(candidates, key=lambda candidate: candidate[0])
        checkpoints.remove(victim)
        remove(victim.folder)
        removed.append(f"checkpoints/{victim.folder.name}")
    return tuple(removed)


def remove(folder: Path) -> None:
    """Remove a checkpoint, its manifest first: half removed it does not count as one."""
    with contextlib.suppress(FileNotFoundError):
        (folder / MANIFEST).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _manifest(folder: Path) -> Manifest | None:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def _entry(path: Path) -> FileEntry:
    return FileEntry(num_bytes=path.stat().st_size, sha256=_digest(path))


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
