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
from typing import NamedTuple

from modellab.errors import UserError
from modellab.events import TERMINAL, Failed, Logged, encode_event
from modellab.runs.folder import RunFolder
from modellab.runs.lines import append_line

READY, DONE = b"ready\n", b"done\n"  # what a spare says: it is warm; its run has ended well
_Process = subprocess.Popen[bytes]


class _Handed(NamedTuple):
    """num_bytes: of its events when it was handed over."""

    run: RunFolder
    num_bytes: int


class WarmSpare:
    """Starts trainers that outlive us. Every method may be called from any thread and returns soon.

    A trainer whose run ended well is the next spare: warming one costs seconds of a processor that a run would miss,
    and so the next Start is as quick as the first. Another is warmed only when there is none and no run comes back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: _Process | None = None
        self._handed: dict[_Process, list[_Handed]] = {}  # what each has not done yet
        self._is_warm = threading.Event()
        self._is_stopped = False

    def start(self) -> None:
        """Warm a spare, unless there is one."""
        with self._lock:
            if self._is_stopped or (self._spare is not None and self._spare.poll() is None):
                return
            self._is_warm.clear()
            self._spare = _start(["--spare"], has_pipes=True)
            _thread(self._listen, self._spare)

    def wait_until_warm(self, *, timeout: float) -> bool:
        """Wait until there is a spare and it is warm; whether it is so."""
        return self._is_warm.wait(timeout)

    def launch(self, run: RunFolder) -> None:
        """Let the spare take the run, or a cold trainer when there is none.

        One that is still warming, or that has just ended its run, takes it too: its stdin keeps the line.
        """
        with self._lock:
            taker, self._spare = self._spare or self._just_ended(), None
            self._is_warm.clear()
            if taker is not None:
                self._handed.setdefault(taker, []).append(_Handed(run, _size(run.events_file)))
        if taker is None or (not _hand_over(taker, run) and self._is_taken_back(taker, run)):
            self._start_cold(run)

    def stop(self) -> None:
        """Let an unused spare go; trainers with a run go on with it, and then go too."""
        with self._lock:
            self._is_stopped = True
            spare, self._spare = self._spare, None
            processes = [*self._handed, *filter(None, [spare])]
        for process in processes:
            _let_go(process)

    def _listen(self, process: _Process) -> None:
        """What a spare says, until it ends."""
        assert process.stdout is not None
        with process.stdout:  # closed here and nowhere else: closing what another thread reads would wait for it
            for word in process.stdout:
                if word == DONE:
                    self._welcome_back(process)
                elif word == READY:
                    with self._lock:
                        if process is self._spare:
                            self._is_warm.set()
        process.wait()
        self._see_off(process)

    def _welcome_back(self, process: _Process) -> None:
        """Its run has ended: it is the spare, unless there is one."""
        with self._lock:
            self._handed[process].pop(0)
            if self._handed[process]:
                return
            del self._handed[process]
            is_needed = not self._is_stopped and (self._spare is None or self._spare.poll() is not None)
            if is_needed:
                self._spare = process
                self._is_warm.set()
        if not is_needed:
            _let_go(process)

    def _see_off(self, process: _Process) -> None:
        """It has ended: the runs that it never touched get trainers of their own."""
        with self._lock:
            if process is self._spare:
                self._spare = None
                self._is_warm.clear()
            handed = self._handed.pop(process, [])
        untouched = [run for run, num_bytes in handed if _size(run.events_file) == num_bytes and run.path.is_dir()]
        for run in untouched:
            self._start_cold(run)
        if handed and not untouched:
            self.start()

    def _just_ended(self) -> _Process | None:
        """One whose run has said its last word, and that will say so at once; of those that were let go none."""
        for process, handed in self._handed.items() if not self._is_stopped else ():
            run, num_bytes = handed[-1]
            if _size(run.events_file) > num_bytes and isinstance(run.last_event(), TERMINAL):
                return process
        return None

    def _is_taken_back(self, process: _Process, run: RunFolder) -> bool:
        """Whether the run is still ours to give to another."""
        with self._lock:
            handed = self._handed.pop(process, [])
            kept = [one for one in handed if one.run is not run]
            if kept:
                self._handed[process] = kept
            return len(kept) < len(handed)

    def _start_cold(self, run: RunFolder) -> None:
        """A trainer for this run alone; a spare is warmed when it has ended, if there is none then."""
        num_bytes, log_bytes = _size(run.events_file), _size(run.log_file)
        process = _start([str(run.path.absolute())], has_pipes=False, log=run.log_file)

        def see_end() -> None:
            _see_end(process, run, num_bytes, log_bytes)
            self.start()

        _thread(see_end)


def _start(arguments: list[str], *, has_pipes: bool, log: Path | None = None) -> _Process:
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


def _see_end(process: _Process, run: RunFolder, num_bytes: int, log_bytes: int) -> None:
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


def _hand_over(spare: _Process, run: RunFolder) -> bool:
    """Whether the spare was there to take the run."""
    assert spare.stdin is not None
    try:
        spare.stdin.write(f"{run.path.absolute()}\n".encode())
        spare.stdin.flush()
    except OSError:
        return False
    return True


def _let_go(process: _Process) -> None:
    """It ends when it has nothing left to do."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()


def _thread(work: Callable[..., object], *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()
