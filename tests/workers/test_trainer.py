"""The trainer's process: real children, awaited by what they write."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modellab.commands import Pause, Resume, Stop
from modellab.events import Checkpointed, Failed, Finished, Paused, Progress, Queued, Resumed, Started
from modellab.runs.checkpoints import list_checkpoints
from modellab.runs.folder import RunFolder, create_run, tail_events
from tests.modellab.training.helpers import column, only, recipe
from workers.spare import WarmSpare

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0


def until(is_so: Callable[[], object], *, what: str) -> None:
    """Wait for something that another process brings about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def all_events(run: RunFolder) -> list:
    return tail_events(run.events_file, num_bytes=1 << 28)


def has(run: RunFolder, kind: type) -> bool:
    return bool(only(all_events(run), kind))


@pytest.fixture
def start() -> Iterator[Callable[[RunFolder], subprocess.Popen]]:
    """Starts trainers and ends those that are left."""
    started: list[subprocess.Popen] = []

    def start_one(run: RunFolder) -> subprocess.Popen:
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        started.append(subprocess.Popen([sys.executable, "-m", "workers.trainer", str(run.path)], env=environment))
        return started[-1]

    yield start_one
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def endless(**training) -> RunFolder:
    return create_run(recipe(epochs=1_000_000, **training))


def test_that_a_run_trains_to_its_end_and_its_lock_is_free_after(start):
    run = create_run(recipe(epochs=20))
    assert start(run).wait(timeout=PATIENCE_SECONDS) == 0
    events = all_events(run)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert run.status() == "finished"
    assert list(column(events, "loss")) == list(range(1, 101))


def test_that_a_polite_signal_stops_with_a_checkpoint(start):
    run = endless()
    process = start(run)
    until(lambda: has(run, Progress), what="the first step")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert run.status() == "stopped"
    assert list_checkpoints(run)[-1].step == all_events(run)[-1].step


def test_that_a_killed_trainer_leaves_an_interrupted_run_that_goes_on_with_the_same_losses(start):
    made = recipe(epochs=2000, optimizer="adam", architecture={"dropout": 0.1})
    unbroken = create_run(made)
    assert start(unbroken).wait(timeout=PATIENCE_SECONDS) == 0
    run = create_run(made)
    process = start(run)
    until(lambda: len(only(all_events(run), Checkpointed)) > 1, what="a checkpoint after the first step")
    process.kill()
    process.wait()
    assert run.status() == "interrupted"
    assert start(run).wait(timeout=PATIENCE_SECONDS) == 0
    assert only(all_events(run), Started)[1].step > 0
    assert column(all_events(run), "loss") == column(all_events(unbroken), "loss")


def test_that_a_second_run_waits_for_the_first_and_a_killed_first_lets_it_go(start):
    first, second = endless(), create_run(recipe())
    process = start(first)
    until(lambda: has(first, Progress), what="the first run's steps")
    other = start(second)
    until(lambda: has(second, Queued), what="the second run to queue")
    assert second.status() == "queued"
    assert only(all_events(second), Queued)[0].behind == first.id
    process.kill()
    assert other.wait(timeout=PATIENCE_SECONDS) == 0
    assert second.status() == "finished"


def test_that_a_paused_run_lets_the_next_one_train_and_goes_on_when_it_is_over(start):
    first, second = endless(), create_run(recipe())
    process = start(first)
    until(lambda: has(first, Progress), what="the first run's steps")
    first.send(Pause())
    until(lambda: has(first, Paused), what="the pause")
    assert first.status() == "paused"
    assert start(second).wait(timeout=PATIENCE_SECONDS) == 0
    first.send(Resume())
    until(lambda: has(first, Resumed), what="the first run to go on")
    first.send(Stop())
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert first.status() == "stopped"


def test_that_a_stop_reaches_a_run_that_still_waits(start):
    first, second = endless(), endless()
    start(first)
    until(lambda: has(first, Progress), what="the first run's steps")
    waiting = start(second)
    until(lambda: has(second, Queued), what="the second run to queue")
    second.send(Stop())
    assert waiting.wait(timeout=PATIENCE_SECONDS) == 0
    assert second.status() == "stopped"


def test_that_a_run_cannot_have_two_trainers(start):
    run = endless()
    start(run)
    until(lambda: has(run, Progress), what="the first step")
    assert start(run).wait(timeout=PATIENCE_SECONDS) == 1
    assert "Another process is training" in run.log_file.read_text()


def test_that_a_recipe_that_cannot_be_trained_fails_in_one_sentence(start):
    run = create_run(recipe(device="cuda:9"))
    assert start(run).wait(timeout=PATIENCE_SECONDS) == 1
    failed = all_events(run)[-1]
    assert isinstance(failed, Failed)
    assert "cuda:9" in failed.message
    assert run.status() == "failed"


def test_that_a_warm_spare_takes_a_run_and_a_next_one_is_warmed():
    spare = WarmSpare()
    try:
        spare.start()
        assert spare.wait_until_warm(timeout=PATIENCE_SECONDS)
        run = create_run(recipe(epochs=20))
        spare.launch(run)
        until(lambda: has(run, Finished), what="the end of the run")
        first = only(all_events(run), Progress)[0]
        # The promise is 0.15 s from Start; a cold start is 2 s and more.
        assert first.time - run.recipe_file.stat().st_mtime < 1.0
        until(lambda: spare.wait_until_warm(timeout=0.01), what="the next spare")
    finally:
        spare.stop()


def test_that_a_trainer_is_started_cold_where_no_spare_is_warm():
    spare = WarmSpare()
    try:
        run = create_run(recipe())
        spare.launch(run)
        until(lambda: has(run, Finished), what="the end of the run")
    finally:
        spare.stop()


def test_that_a_spare_ends_when_whoever_started_it_is_gone():
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    spare = subprocess.Popen(
        [sys.executable, "-m", "workers.trainer", "--spare"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert spare.stdout is not None
    assert spare.stdin is not None
    assert spare.stdout.readline() == b"ready\n"
    spare.stdin.close()
    assert spare.wait(timeout=PATIENCE_SECONDS) == 0
    spare.stdout.close()
