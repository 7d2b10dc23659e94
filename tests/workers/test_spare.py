"""Handing runs to spares that are not warm yet, or no longer there; real children."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from modellab.commands import Stop
from modellab.events import Failed, Finished, Progress, Started
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import RunFolder, create_run, tail_events
from workers.spare import WarmSpare, _see_end

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def small_run(*, max_steps: int = 5, device: str = "cpu") -> RunFolder:
    training = {"max_steps": max_steps, "epochs": max_steps, "device": device}
    return create_run(
        recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "points"}, "training": training})
    )


def is_finished(run: RunFolder) -> bool:
    return any(isinstance(event, Finished) for event in tail_events(run.events_file))


def trainer_of(run: RunFolder) -> int:
    return next(event.pid for event in tail_events(run.events_file) if isinstance(event, Started))


def losses_of(run: RunFolder) -> list[float | None]:
    progress = [event for event in tail_events(run.events_file) if isinstance(event, Progress)]
    return [loss for event in progress for loss in event.columns["loss"]]


@pytest.fixture
def spare() -> Iterator[WarmSpare]:
    made = WarmSpare()
    yield made
    made.stop()


def test_that_a_spare_that_is_still_warming_takes_the_run(spare: WarmSpare) -> None:
    spare.start()
    assert spare._spare is not None
    pid = spare._spare.pid
    run = small_run()
    spare.launch(run)
    until(lambda: is_finished(run))
    assert trainer_of(run) == pid


def test_that_a_trainer_takes_the_next_run_too_and_leaves_nothing_of_the_last_in_it(spare: WarmSpare) -> None:
    spare.start()
    runs = [small_run() for _ in range(2)]
    for run in runs:
        spare.launch(run)
        until(partial(is_finished, run))  # the second is asked for while the trainer still puts the first away
    assert trainer_of(runs[0]) == trainer_of(runs[1])
    assert losses_of(runs[0]) == losses_of(runs[1]) != []
    until(lambda: spare.wait_until_warm(timeout=0.01))


def test_that_a_run_asked_for_while_another_trains_gets_a_trainer_of_its_own(spare: WarmSpare) -> None:
    spare.start()
    long, short = small_run(max_steps=1_000_000), small_run()
    spare.launch(long)
    until(lambda: long.events_file.exists())
    spare.launch(short)
    until(lambda: short.events_file.exists())
    long.send(Stop())
    until(lambda: is_finished(long) and is_finished(short))
    assert trainer_of(long) != trainer_of(short)


def test_that_a_trainer_whose_run_failed_is_followed_by_a_fresh_one(spare: WarmSpare) -> None:
    spare.start()
    process = spare._spare
    assert process is not None
    run = small_run(device="cuda:9")
    spare.launch(run)
    until(lambda: isinstance(run.last_event(), Failed))
    until(lambda: spare.wait_until_warm(timeout=0.01))
    assert process.poll() == 1
    assert spare._spare is not process


def test_that_a_trainer_ends_after_its_run_when_the_window_is_gone() -> None:
    spare = WarmSpare()
    spare.start()
    process = spare._spare
    assert process is not None
    run = small_run()
    spare.launch(run)
    spare.stop()
    until(lambda: process.poll() is not None)
    assert process.returncode == 0
    assert is_finished(run)


def test_that_a_run_whose_spare_died_warming_gets_a_trainer_of_its_own(spare: WarmSpare) -> None:
    spare.start()
    process = spare._spare
    assert process is not None
    run = small_run()
    spare.launch(run)
    process.kill()
    until(lambda: is_finished(run))
    assert trainer_of(run) != process.pid


def test_that_a_spare_dead_before_start_is_no_hindrance(spare: WarmSpare) -> None:
    spare.start()
    assert spare._spare is not None
    spare._spare.kill()
    spare._spare.wait()
    run = small_run()
    spare.launch(run)
    until(lambda: is_finished(run))


def test_that_a_trainer_that_cannot_even_begin_leaves_a_failed_run_that_says_why(
    spare: WarmSpare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text("import sys; sys.exit('The disk with Python on it is gone.')")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    run = small_run()
    monkeypatch.setattr(spare, "start", lambda: None)
    spare.launch(run)
    until(lambda: run.status() == "failed")
    event = run.last_event()
    assert isinstance(event, Failed)
    assert "before it began" in event.message
    assert "The disk with Python on it is gone." in event.message


def test_that_a_dead_trainer_is_told_of_though_somebody_looks_at_its_run_just_then() -> None:
    run = small_run()
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    process.wait()
    looking = run.lock()
    looking.acquire()
    telling = threading.Thread(target=_see_end, args=(process, run, 0, 0))
    telling.start()
    telling.join(timeout=0.2)
    looking.release()
    telling.join()
    assert isinstance(run.last_event(), Failed)


def test_that_a_trainer_that_says_nothing_is_not_quoted_with_what_an_earlier_one_said(
    spare: WarmSpare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    run = small_run()
    run.log_file.write_text("An earlier trainer warned of something.\n")
    monkeypatch.setattr(spare, "start", lambda: None)
    spare.launch(run)
    until(lambda: run.status() == "failed")
    event = run.last_event()
    assert isinstance(event, Failed)
    assert event.message == "The trainer ended with exit code 3 before it began."


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_that_a_run_handed_over_outlives_a_window_that_goes_before_the_spare_is_warm() -> None:
    run = small_run()
    window = f"""
import time
from pathlib import Path
from modellab.runs.folder import RunFolder
from workers.spare import WarmSpare, _see_end
spare = WarmSpare()
spare.start()
spare.launch(RunFolder(Path({str(run.path)!r})))
print("gone", flush=True)
time.sleep(60)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", window], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"gone\n"
    process.kill()
    process.wait()
    process.stdout.close()
    until(lambda: is_finished(run))
