"""One warm spare trainer: it has imported torch and waits for a run. Seen from the window; no Qt, no torch."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from modellab.errors import UserError
from modellab.events import Failed, Finished, Logged, Progress, encode_event
from modellab.runs.folder import RunFolder, tail_events
from modellab.runs.lines import append_line

_READY = b"ready\n"
_STEPS_PATIENCE_SECONDS = 20.0
_POLL_SECONDS = 0.1


class WarmSpare:
    """Starts trainers that outlive us. Every method may be called from any thread and returns soon."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: subprocess.Popen[bytes] | None = None
        self._is_ready = threading.Event()
        self._is_stopped = False

    def start(self) -> None:
        """Warm a spare, unless there is one."""
        with self._lock:
            if self._is_stopped or (self._spare is not None and self._spare.poll() is None):
                return
            self._is_ready = threading.Event()
            self._spare = _start(["--spare"], has_pipes=True)
            _thread(_wait_for_ready, self._spare, self._is_ready)

    def wait_until_warm(self, *, timeout: float) -> bool:
        """Wait until the spare is ready; whether it is."""
        return self._is_ready.wait(timeout)

    def launch(self, run: RunFolder) -> None:
        """Let the spare take the run, or a cold trainer when there is none; then warm the next one.

        A spare that is still warming takes it too: its stdin keeps the line, and two that warm at once are slower.
        """
        with self._lock:
            spare, self._spare = self._spare, None
            self._is_ready = threading.Event()
        if spare is None or not _hand_over(spare, run):
            _start_cold(run)
        _thread(self._warm_next, run)

    def stop(self) -> None:
        """Let an unused spare go; trainers with a run go on."""
        with self._lock:
            self._is_stopped = True
            spare, self._spare = self._spare, None
        if spare is not None and spare.stdin is not None:
            with contextlib.suppress(OSError):
                spare.stdin.close()
            _reap(spare)

    def _warm_next(self, run: RunFolder) -> None:
        """Not before the run's first steps are through: both would be slower."""
        deadline = time.monotonic() + _STEPS_PATIENCE_SECONDS
        while time.monotonic() < deadline and not self._is_stopped:
            if any(isinstance(event, Progress | Finished | Failed) for event in tail_events(run.events_file)):
                break
            time.sleep(_POLL_SECONDS)
        self.start()


def _start(arguments: list[str], *, has_pipes: bool, log: Path | None = None) -> subprocess.Popen[bytes]:
    """A trainer of its own session: closing the window or its terminal does not end it. log: takes its stderr."""
    pipe = subprocess.PIPE if has_pipes else subprocess.DEVNULL
    root = str(Path(__file__).resolve().parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    with open(os.devnull if log is None else log, "ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "workers.trainer", *arguments],
            stdin=pipe,
            stdout=pipe,
            stderr=errors,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
            creationflags=flags,
        )


def _start_cold(run: RunFolder) -> None:
    num_bytes, log_bytes = _size(run.events_file), _size(run.log_file)
    process = _start([str(run.path.absolute())], has_pipes=False, log=run.log_file)
    _thread(_see_end, process, run, num_bytes, log_bytes)


def _see_end(process: subprocess.Popen[bytes], run: RunFolder, num_bytes: int, log_bytes: int) -> None:
    """A trainer that died before its first word cannot say so: it is said for it, or the run would be new for ever.

    num_bytes, log_bytes: how long the files of events and of its own output were before it began.
    """
    code = process.wait()
    if _size(run.events_file) != num_bytes or not run.path.is_dir():
        return
    how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    words = _last_line(run.log_file, start=log_bytes)
    message = f"The trainer {how} before it began" + (f": {words}" if words else ".")
    now = time.time()
    with contextlib.suppress(OSError, UserError), run.held():
        event = Logged(step=0, time=now, level="error", message=message)
        failed = Failed(step=0, time=now, message=message)  # one that was resumed stays as it was
        append_line(run.events_file, encode_event(event if num_bytes else failed))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _last_line(path: Path, *, start: int) -> str:
    """The last line behind the first `start` bytes; empty where there is none."""
    try:
        lines = path.read_bytes()[start:][-4096:].decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _wait_for_ready(spare: subprocess.Popen[bytes], is_ready: threading.Event) -> None:
    assert spare.stdout is not None
    with spare.stdout:  # closed here and nowhere else: closing what another thread reads would wait for it
        if spare.stdout.readline() == _READY:
            is_ready.set()


def _hand_over(spare: subprocess.Popen[bytes], run: RunFolder) -> bool:
    """Whether the spare was there to take the run."""
    assert spare.stdin is not None
    try:
        spare.stdin.write(f"{run.path.absolute()}\n".encode())
        spare.stdin.close()  # flushes
    except OSError:
        _reap(spare)
        return False
    _thread(_see_off, spare, run)
    return True


def _see_off(spare: subprocess.Popen[bytes], run: RunFolder) -> None:
    """A spare that died while it warmed never touched the run: it gets a trainer of its own."""
    spare.wait()
    if not run.events_file.exists() and run.path.is_dir():
        _start_cold(run)


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Take in its exit status when it ends, so that no zombie stays; never waited for."""
    _thread(process.wait)


def _thread(work: Callable[..., object], *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()
