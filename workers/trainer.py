"""The trainer's process: `python -m workers.trainer RUN_DIR`, or `--spare` to wait, warm, for a run on stdin."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from modellab.errors import UserError
from modellab.events import Failed
from modellab.runs.folder import RunFolder, tail_events
from modellab.training.session import CommandReader, run_session

READY = b"ready\n"


def main(arguments: list[str]) -> int:
    """Train one run; 0 when it ended as it should, 1 when it failed."""
    if arguments == ["--spare"]:
        run = _wait_as_spare()
        return 0 if run is None else train_run(run)
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m workers.trainer RUN_DIR | --spare\n")
        return 2
    return train_run(RunFolder(Path(arguments[0])))


def train_run(run: RunFolder) -> int:
    """Train (or go on with) a run; what the process prints goes to the run's log."""
    if not run.path.is_dir():
        sys.stderr.write(f"There is no run folder {run.path}.\n")
        return 2
    _send_output_to(run.log_file)
    is_new = not tail_events(run.events_file)
    reader = CommandReader(run, is_new=is_new)
    _stop_on_signals(reader)
    last = None
    try:
        for event in run_session(run, is_interactive=True, commands=reader):
            last = event
    except UserError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 1 if isinstance(last, Failed) else 0


def _wait_as_spare() -> RunFolder | None:
    """Get warm, say so, and wait for a run folder on stdin; None when whoever started us is gone."""
    from workers.warmth import warm_up

    warm_up()
    with contextlib.suppress(OSError):  # whoever started us may be gone, and have left a run
        os.write(sys.stdout.fileno(), READY)
    line = sys.stdin.buffer.readline()
    return RunFolder(Path(line.decode("utf-8").rstrip("\n"))) if line.endswith(b"\n") else None


def _send_output_to(path: Path) -> None:
    """Whatever is printed from here on, by Python or by a library in C, goes to the log; the pipes are let go."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    sys.stdout.flush()
    sys.stderr.flush()
    for place, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, place)
    os.close(log)
    os.close(nothing)


def _stop_on_signals(reader: CommandReader) -> None:
    """A polite signal stops with a checkpoint. A closed terminal is none of a trainer's business."""
    signal.signal(signal.SIGTERM, lambda number, frame: reader.stop())
    signal.signal(signal.SIGINT, lambda number, frame: reader.stop())
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
