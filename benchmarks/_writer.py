"""The child of `benchmarks.ui` and the fault tests: writes a run's events as a trainer of 10,000 steps a second would.

`python -m benchmarks._writer RUN_FOLDER SECONDS [STEPS_A_SECOND]` holds the run's lock meanwhile and ends it.
"""

import random
import sys
import time
from pathlib import Path

from modellab.events import Evaluated, Event, Finished, Progress, Started, encode_event
from modellab.runs.folder import RunFolder
from modellab.runs.lines import append_line

FLUSHES_A_SECOND = 20


def write_run(run: RunFolder, *, seconds: float, rate: int = 10_000) -> None:
    """Write Progress events of `rate` steps a second for this long, 20 a second, with all the usual columns."""
    total = round(seconds * rate)
    per_flush = rate // FLUSHES_A_SECOND
    with run.lock():
        started = Started(
            step=0, device="cpu", device_name="CPU", num_parameters=9, steps_per_epoch=1000, total_steps=total
        )
        _append(run, started)
        begin = time.perf_counter()
        for last in range(per_flush, total + 1, per_flush):
            _append(run, _progress(last, per_flush, rate=rate))
            if last % rate == 0:
                _append(run, Evaluated(step=last, split="validation", metrics={"loss": 1.1, "accuracy": 0.7}))
            time.sleep(max(0.0, begin + last / rate - time.perf_counter()))
        _append(run, Finished(step=total, reason="completed"))


def _progress(last: int, count: int, *, rate: int) -> Progress:
    first = last - count + 1
    measured = [None if step % 8 else round(random.random(), 6) for step in range(first, last + 1)]
    columns: dict[str, list[float | None]] = {
        "loss": [round(1000 / (1000 + step) + random.random() / 10, 6) for step in range(first, last + 1)],
        "accuracy": measured,
        "gradient_norm": measured,
        "learning_rate": [0.003] * count,
    }
    times = ((first - 1) / rate, last / rate)
    return Progress(step=last, first=first, columns=columns, times=times, samples_per_second=32.0 * rate)


def _append(run: RunFolder, event: Event) -> None:
    append_line(run.events_file, encode_event(event))


if __name__ == "__main__":
    write_run(
        RunFolder(Path(sys.argv[1])), seconds=float(sys.argv[2]), rate=int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    )
