"""The trainer's process: `python -m workers.trainer RUN_DIR`, or `--spare` to wait, warm, for a run on stdin."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from pathlib import Path

from modellab.errors import UserError
from modellab.events import Failed
from modellab.runs.folder import RunFolder, tail_events
from modellab.training.session import CommandReader, run_session
from workers.spare import DONE, READY

# One that has grown beyond this is worth less than its memory.
_LARGEST_SPARE_BYTES = 1.5e9


def main(arguments: list[str]) -> int:
    """Train one run, or as a spare one after the other; 0 when they ended as they should, 1 when one failed."""
    if arguments == ["--spare"]:
        return _serve()
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


def _serve() -> int:
    """Get warm, say so, train the run whose folder comes on stdin, say so, and wait for the next.

    Ends when whoever started us is gone and no run is left, and after a run that failed or left much behind.
    """
    from workers.warmth import warm_up

    asked, told = os.fdopen(os.dup(sys.stdin.fileno()), "rb"), os.dup(sys.stdout.fileno())
    warm_up()
    _tell(told, READY)
    while (line := asked.readline()).endswith(b"\n"):
        run = RunFolder(Path(line.decode("utf-8").rstrip("\n")))
        if code := train_run(run):
            return code
        _let_go_of_the_run()
        if not _is_fit_for_another(run):
            return 0
        _tell(told, DONE)
    return 0


def _tell(descriptor: int, word: bytes) -> None:
    with contextlib.suppress(OSError):  # whoever started us may be gone, and have left a run
        os.write(descriptor, word)


def _let_go_of_the_run() -> None:
    """Nothing of it is held on to: its log, its memory, what a signal means."""
    from modellab.training.allocator import give_back_freed_memory

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    _send_output_to(Path(os.devnull))
    gc.collect()
    give_back_freed_memory()


def _is_fit_for_another(run: RunFolder) -> bool:
    """Whether another run would find this process as good as new: no GPU held, nothing compiled, not grown large."""
    import psutil
    import torch

    with contextlib.suppress(UserError):
        is_plain = not run.recipe().training.compile and not torch.cuda.is_initialized()
        return is_plain and psutil.Process().memory_info().rss < _LARGEST_SPARE_BYTES
    return False


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
