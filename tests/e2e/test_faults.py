"""Faults really caused: windows and trainers killed, checkpoints damaged. Nothing may be lost but the last moment."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt, QTimer

from modellab import events as ev
from modellab.commands import TakeCheckpoint
from modellab.runs.checkpoints import WEIGHTS, Checkpoint, list_checkpoints
from modellab.runs.folder import RunFolder
from tests.e2e.conftest import Opener, end_processes_of
from tests.e2e.hands import Hands, events_of
from ui.lab.run_model import RunModel
from workers.protocol import Model, Predict, Prediction, Problem, RowInput

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0


class OtherWindow:
    """A window in another process that has started a run."""

    def __init__(self, recipe: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.driver", str(recipe)],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        self.run = RunFolder(Path(self.process.stdout.readline().decode().strip()))

    def children(self) -> list[psutil.Process]:
        """Inspector, trainers and spares."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """As a person does."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        assert self.process.wait(timeout=PATIENCE_SECONDS) == 0


@pytest.fixture
def other(recipe_file: Path, tmp_path: Path) -> Iterator[OtherWindow]:
    made = OtherWindow(recipe_file)
    yield made
    made.kill()
    end_processes_of(tmp_path)  # the trainer outlives its window, as it should
    for pipe in (made.process.stdin, made.process.stdout):
        assert pipe is not None
        pipe.close()


class Beats:
    """How long an event of the window has to wait: the gaps of a short timer."""

    def __init__(self) -> None:
        self.times = [time.perf_counter()]
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self.times.append(time.perf_counter()))
        self._timer.start(5)

    def worst_ms(self) -> float:
        return float(np.diff(self.times).max() * 1000)


def test_that_a_killed_windows_run_goes_on_and_a_new_window_shows_all_of_it(
    other: OtherWindow, open_lab: Opener
) -> None:
    other.kill()
    step = last_step(other.run)
    until(lambda: last_step(other.run) > step + 100)
    lab = open_lab()
    begin = time.perf_counter()
    run = lab.wait_for_run("training")
    lab.wait(lambda: run.step > step)
    assert time.perf_counter() - begin < tolerant(1.0)
    assert run.path == other.run.path
    lab.wait(lambda: run.step > step + 1000)
    assert_no_gap(run)
    lab.stop_run()
    assert_no_gap(run)
    assert run.step == last_step(other.run)


def test_that_a_killed_trainer_is_told_at_once_and_its_last_checkpoint_answers(lab: Hands, recipe_file: Path) -> None:
    run = lab.start(recipe_file)
    run.folder.send(TakeCheckpoint())
    lab.wait(lambda: len(run.checkpoint_steps) > 1)
    lab.wait(lambda: lab.opened.inspector.is_ready)
    kept, pid = run.checkpoint_steps[-1], run.started.pid if run.started else 0
    beats, begin = Beats(), time.perf_counter()
    psutil.Process(pid).kill()
    lab.wait_for_run("interrupted")
    assert time.perf_counter() - begin < tolerant(1.0)
    lab.wait(lambda: any("interrupted" in sentence for sentence in lab.sentences()))
    assert beats.worst_ms() < tolerant(100)
    assert_no_gap(run)
    answer = ask(lab, run, step=kept)
    assert isinstance(answer, Prediction)
    assert answer.step == kept
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-3)
    assert lab.window.bar.main_button.text() == "Start"
    lab.click(lab.button("Resume run"))
    lab.wait_for_run("training")
    lab.wait(lambda: run.step > kept + 200)
    lab.stop_run()
    assert_no_gap(run)


@pytest.mark.parametrize("damage", ["cut short", "one byte changed"])
def test_that_a_damaged_checkpoint_is_refused_by_name_and_the_one_before_answers(
    lab: Hands, recipe_file: Path, damage: str
) -> None:
    run = lab.start(recipe_file)
    run.folder.send(TakeCheckpoint())
    lab.wait(lambda: len(run.checkpoint_steps) > 1)
    lab.stop_run()
    before, newest = list_checkpoints(run.folder)[-2:]
    run.folder.live_file.unlink(missing_ok=True)
    spoil(newest, damage)
    problem = ask(lab, run, step=newest.step)
    assert isinstance(problem, Problem)
    assert newest.folder.name in problem.message
    assert WEIGHTS in problem.message
    assert str(before.step) in problem.message
    answer = ask(lab, run, step=before.step)
    assert isinstance(answer, Prediction)
    assert answer.step == before.step
    newest_whole = ask(lab, run, step=None)
    assert isinstance(newest_whole, Prediction)
    assert newest_whole.step == before.step


def test_that_a_closed_window_leaves_its_trainer_alone_and_nothing_else(other: OtherWindow) -> None:
    trainer = next(event.pid for event in events_of(other.run) if isinstance(event, ev.Started))
    until(lambda: any("workers.inspector" in " ".join(child.cmdline()) for child in other.children()))
    children = other.children()
    assert trainer in {child.pid for child in children}
    other.close()
    until(lambda: [child.pid for child in children if is_alive(child)] == [trainer])
    step = last_step(other.run)
    until(lambda: last_step(other.run) > step)


def ask(lab: Hands, run: RunModel, *, step: int | None) -> Any:
    """What the inspector says of a point at a step."""
    answers: list[Any] = []
    request = Predict(model=Model(run=str(run.path), step=step), input=RowInput(values=(0.1, 0.2)))
    lab.opened.inspector.ask(request, lambda answer, _: answers.append(answer), on_problem=answers.append)
    lab.wait(lambda: bool(answers))
    return answers[0]


def spoil(checkpoint: Checkpoint, damage: str) -> None:
    data = bytearray(checkpoint.weights_file.read_bytes())
    if damage == "cut short":
        del data[-7:]
    else:
        data[-7] ^= 1
    checkpoint.weights_file.write_bytes(data)


def assert_no_gap(run: RunModel) -> None:
    """Every step from the first to the last was measured, on disk and in the window."""
    losses = run.columns["loss"]
    steps, _ = losses.slice(0, len(losses))
    assert np.array_equal(steps, np.arange(1, run.step + 1))
    spans = [(event.first, event.step) for event in events_of(run) if isinstance(event, ev.Progress)]
    assert spans[0][0] == 1
    assert all(after[0] <= before[1] + 1 for before, after in itertools.pairwise(spans))


def last_step(run: RunFolder) -> int:
    return max((event.step for event in events_of(run) if isinstance(event, ev.Progress)), default=0)


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def tolerant(limit: float) -> float:
    """The limit of a machine at rest, more where others work on it too, as tests side by side do."""
    beside = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return limit * beside * max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def until(is_so: Callable[[], object]) -> None:
    """Wait for something that another process brings about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
