"""One run trains on a device at a time: a queue across windows and terminals, made of files and OS locks alone."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock

from modellab.events import Queued
from modellab.paths import home
from modellab.runs.folder import RunFolder

POLL_SECONDS = 0.25


class DeviceSlot:
    """The right to train on a device. Whoever asks waits its turn by `since`, the time its run was made or resumed.

    A ticket is a file that names its run; it counts while that run's own lock is held, so the killed block nobody.
    """

    def __init__(self, run: RunFolder, device: str) -> None:
        self._run = run
        self._since_ns = _made_ns(run)
        self.move(device)

    def move(self, device: str) -> None:
        """Ask for another device from now on; the one before was released."""
        self.device = device
        slug = re.sub(r"[^a-z0-9]+", "-", device.lower())
        self._tickets = home() / "queue" / slug
        self._tickets.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(self._tickets / "lock", blocking=False, thread_local=False)

    def acquire(self, *, gives_up: Callable[[], bool]) -> Iterator[Queued]:
        """Wait for the device; a Queued event when it is taken, another when the run ahead changes."""
        ticket = self._tickets / f"{self._since_ns:020d}-{os.getpid()}.ticket"
        ticket.write_text(str(self._run.path.resolve()), encoding="utf-8")
        behind: str | None = None
        try:
            while True:
                ahead = self._ahead_of(ticket)
                if ahead is None and self._take():
                    return
                found = ahead if ahead is not None else self._holder()
                if found != behind:
                    behind = found
                    yield Queued(step=0, time=time.time(), device=self.device, behind=found)
                if gives_up():
                    return
                time.sleep(POLL_SECONDS)
        finally:
            ticket.unlink(missing_ok=True)
            # A run that gives the device up while paused queues anew, behind who came meanwhile.
            self._since_ns = time.time_ns()

    def release(self) -> None:
        """Let the next run have the device."""
        self._since_ns = time.time_ns()
        self._lock.release()

    @property
    def is_held(self) -> bool:
        """Whether the device is ours."""
        return bool(self._lock.is_locked)

    def _take(self) -> bool:
        try:
            self._lock.acquire()
        except filelock.Timeout:
            return False
        (self._tickets / "holder").write_text(self._run.id, encoding="utf-8")
        return True

    def _holder(self) -> str:
        try:
            return (self._tickets / "holder").read_text(encoding="utf-8")
        except OSError:
            return ""

    def _ahead_of(self, ticket: Path) -> str | None:
        """The id of the run that waits just ahead, None when ours is first. Removes tickets of the dead."""
        behind: str | None = None
        for other in sorted(self._tickets.glob("*.ticket")):
            if other.name >= ticket.name:
                break
            try:
                place = other.read_text(encoding="utf-8")
            except OSError:
                continue
            if not place:  # it is being written
                continue
            run = RunFolder(Path(place))
            if run.path.is_dir() and run.is_locked():
                behind = run.id
            else:
                other.unlink(missing_ok=True)
        return behind


def probable_device(name: str) -> str:
    """The device that a recipe's "auto" will most likely mean, told without importing torch."""
    if name == "cuda":
        return "cuda:0"
    if name != "auto":
        return name
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "mps"
    return "cuda:0" if _has_nvidia() and _torch_knows_cuda() else "cpu"


def _has_nvidia() -> bool:
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return False
    if os.name == "nt":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll").exists()
    return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()


def _torch_knows_cuda() -> bool:
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        text = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"^cuda[^=]*= '", text, re.MULTILINE) is not None


def _made_ns(run: RunFolder) -> int:
    try:
        return run.recipe_file.stat().st_mtime_ns
    except OSError:
        return time.time_ns()
