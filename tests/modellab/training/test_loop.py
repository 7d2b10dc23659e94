"""The loop, iterated with no process and no Qt."""

import errno
import math
import shutil
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from modellab.commands import AnyCommand, Pause, Resume, SetOption, Stop, TakeCheckpoint
from modellab.events import (
    AnyEvent,
    Captured,
    Checkpointed,
    Evaluated,
    Failed,
    Finished,
    Logged,
    OptionApplied,
    Paused,
    Progress,
    Published,
    Queued,
    Resumed,
    Started,
)
from modellab.runs.checkpoints import list_checkpoints, newest_whole
from modellab.runs.folder import RunFolder, create_run
from modellab.training import checkpointing, steering
from modellab.training.loop import train
from tests.modellab.training.helpers import column, only, recipe

OPTIMIZERS = ["minibatch_sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "muon"]


class Script:
    """Commands to be given at each look, one list a look."""

    def __init__(self, *asked: list[AnyCommand]) -> None:
        self.waiting = list(asked)

    def __call__(self) -> list[AnyCommand]:
        return self.waiting.pop(0) if self.waiting else []


class TakenSlot:
    """A device that another run has just taken, and lets go of after one look at what was asked meanwhile."""

    def release(self) -> None:
        pass

    def acquire(self, *, gives_up: Callable[[], bool]) -> Iterator[AnyEvent]:
        yield Queued(step=0, device="cpu")
        gives_up()


def losses_of(**training) -> dict[int, float]:
    return column(train(recipe(**training)), "loss")


def test_that_a_training_starts_with_what_it_is_and_ends_finished():
    events = list(train(recipe()))
    started = events[0]
    assert isinstance(started, Started)
    assert (started.steps_per_epoch, started.total_steps, started.device) == (5, 10, "cpu")
    assert started.num_parameters == 2 * 8 + 8 + 8 * 2 + 2
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.step) == ("completed", 10)


def test_that_every_step_has_its_loss_and_learning_rate():
    events = list(train(recipe(epochs=40)))
    assert list(column(events, "loss")) == list(range(1, 201))
    assert set(column(events, "learning_rate").values()) == {0.01}
    first = only(events, Progress)[0]
    assert first.first == first.step == 1
    assert set(first.columns) >= {"loss", "accuracy", "gradient_norm", "learning_rate"}


def test_that_all_columns_of_a_progress_are_as_long_as_its_steps():
    for event in only(train(recipe(epochs=30)), Progress):
        assert {len(values) for values in event.columns.values()} == {event.step - event.first + 1}


def test_that_the_same_seed_gives_the_same_losses_and_another_seed_others():
    architecture = {"dropout": 0.3}
    first = losses_of(seed=3, architecture=architecture)
    torch.rand(7)
    assert losses_of(seed=3, architecture=architecture) == first
    assert losses_of(seed=4, architecture=architecture) != first


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, "gradient_descent", "sgd"])
def test_that_each_optimiser_lowers_the_loss(optimizer: str):
    events = list(train(recipe(optimizer=optimizer, epochs=20, learning_rate=0.03)))
    evaluated = [event.metrics["loss"] for event in only(events, Evaluated) if event.split == "train"]
    assert evaluated[-1] < 0.62, only(events, Failed)


def test_that_gradient_descent_takes_one_step_an_epoch_and_sgd_one_an_example():
    assert only(train(recipe(optimizer="gradient_descent")), Started)[0].steps_per_epoch == 1
    assert only(train(recipe(optimizer="sgd")), Started)[0].steps_per_epoch == 80


def test_that_most_steps_end_a_run_before_its_epochs_do():
    assert only(train(recipe(epochs=100, max_steps=7)), Finished)[0].step == 7


def test_that_accumulated_batches_are_the_large_batch():
    whole = losses_of(batch_size=32, epochs=4)
    parts = losses_of(batch_size=16, accumulation=2, epochs=4)
    assert len(parts) == len(whole) == 12
    assert all(math.isclose(parts[step], whole[step], rel_tol=1e-4) for step in whole)


def test_that_an_l1_penalty_and_weight_decay_shrink_the_weights():
    def size(**training) -> float:
        run_weights: list[float] = []
        for event in train(recipe(epochs=30, **training), run := create_run(recipe(**training))):
            if isinstance(event, Finished):
                from safetensors.torch import load_file

                run_weights = [float(w.abs().sum()) for w in load_file(run.live_file).values()]
        return sum(run_weights)

    plain = size()
    assert size(l1=0.05) < 0.8 * plain
    assert size(weight_decay=0.5, optimizer="adam") < 0.8 * plain


def test_that_clipping_bounds_what_a_step_moves():
    free = losses_of(optimizer="minibatch_sgd", learning_rate=1.0)
    clipped = losses_of(optimizer="minibatch_sgd", learning_rate=1.0, clip_norm=1e-6)
    by_value = losses_of(optimizer="minibatch_sgd", learning_rate=1.0, clip_value=1e-6)
    assert clipped[1] == by_value[1] == free[1]
    assert free[6] != clipped[6]
    assert math.isclose(clipped[6], by_value[6], rel_tol=1e-3)


def test_that_the_validation_split_is_evaluated_along_the_way_and_all_splits_at_the_end():
    events = list(train(recipe(epochs=30, evaluate_every=10)))
    evaluated = only(events, Evaluated)
    assert [event.step for event in evaluated if event.split == "validation"] == list(range(10, 151, 10))
    assert [event.split for event in evaluated][-1] == "train"
    assert set(evaluated[0].metrics) == {"loss", "accuracy", "f1"}


def test_that_a_regression_is_measured_by_rmse_and_r2():
    events = list(train(recipe(dataset={"shape": "plane"}, architecture={"hidden_layers": []}, epochs=30)))
    assert set(only(events, Evaluated)[-1].metrics) == {"loss", "rmse", "r2"}
    assert "accuracy" not in only(events, Progress)[0].columns


def test_that_early_stopping_stops_when_the_validation_loss_no_longer_falls():
    options: dict[str, Any] = {
        "learning_rate": 1e-9,
        "early_stopping": {"patience": 2, "min_delta": 0.1},
        "evaluate_every": 5,
    }
    finished = only(train(recipe(epochs=100, **options)), Finished)[0]
    assert (finished.reason, finished.step) == ("early_stopping", 15)


def test_that_early_stopping_looks_once_an_epoch_however_long_the_run():
    options: dict[str, Any] = {"learning_rate": 1e-9, "early_stopping": {"patience": 2, "min_delta": 0.1}}
    finished = only(train(recipe(epochs=100_000, **options)), Finished)[0]
    assert (finished.reason, finished.step) == ("early_stopping", 15)


def test_that_an_endless_run_is_validated_within_ten_epochs():
    events = train(recipe(epochs=1_000_000))
    assert next(event for event in events if isinstance(event, Evaluated)).step == 50
    events.close()


def test_that_a_plateau_lowers_the_learning_rate():
    schedule = {"kind": "reduce_on_plateau", "factor": 0.1, "plateau_epochs": 1}
    rates = column(train(recipe(epochs=40, learning_rate=5.0, evaluate_every=5, schedule=schedule)), "learning_rate")
    assert min(rates.values()) < 0.06


def test_that_a_stop_leaves_a_checkpoint_of_its_step():
    run = create_run(recipe(epochs=100_000))
    events = list(train(run.recipe(), run, commands=Script([], [Stop()])))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "stopped"
    assert list_checkpoints(run)[-1].step == finished.step > 0


def test_that_a_stopped_run_resumes_with_the_same_losses():
    made = recipe(architecture={"dropout": 0.2}, epochs=200, optimizer="adam", schedule={"kind": "cosine"})
    unbroken = column(train(made), "loss")
    run = create_run(made)
    first = list(train(made, run, commands=Script([], [], [Stop()])))
    stopped_at = first[-1].step
    assert 0 < stopped_at < 1000
    second = list(train(made, run, resume=True))
    assert only(second, Started)[0].step == stopped_at
    assert column([*first, *second], "loss") == unbroken


def test_that_a_broken_last_checkpoint_is_taken_anew_when_the_run_goes_on():
    made = recipe(max_steps=1)
    run = create_run(made)
    list(train(made, run))
    last = list_checkpoints(run)[-1]
    content = bytearray(last.weights_file.read_bytes())
    content[-1] ^= 1
    last.weights_file.write_bytes(content)
    list(train(made, run, resume=True))
    whole, problems = newest_whole(run)
    assert whole is not None
    assert (whole.step, problems) == (last.step, [])


def test_that_a_pause_waits_and_a_resume_goes_on_with_the_same_losses():
    unbroken = losses_of(epochs=60)
    events = list(train(recipe(epochs=60), commands=Script([Pause()], [], [Resume()])))
    assert only(events, Paused)[0].reason == "asked"
    assert only(events, Resumed)[0].step == only(events, Paused)[0].step
    assert column(events, "loss") == unbroken


def test_that_a_live_option_changes_and_another_is_refused_in_one_sentence():
    asked: list[AnyCommand] = [
        SetOption(name="training.learning_rate", value=0.5),
        SetOption(name="training.batch_size", value=4),
        SetOption(name="training.learning_rate", value=-1),
        SetOption(name="training.augmentation.noise", value=0.1),
    ]
    events = list(train(recipe(epochs=10), commands=Script(asked)))
    assert [event.name for event in only(events, OptionApplied)] == [
        "training.learning_rate",
        "training.augmentation.noise",
    ]
    assert column(events, "learning_rate")[50] == 0.5
    assert len(only(events, Logged)) == 2


def test_that_what_is_asked_while_a_run_waits_for_its_device_is_done_when_it_has_it():
    script = Script([Pause()], [Resume()], [SetOption(name="training.learning_rate", value=0.5)])
    events = list(train(recipe(epochs=40), commands=script, slot=TakenSlot()))
    assert only(events, Queued)
    assert [event.name for event in only(events, OptionApplied)] == ["training.learning_rate"]
    assert column(events, "learning_rate")[200] == 0.5


def test_that_a_stop_reaches_a_run_that_waits_for_room_though_a_checkpoint_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
):
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpointing, "save_tensors", full)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=0))
    monkeypatch.setattr(steering, "_ROOM_POLL_SECONDS", 0.001)
    events: list[AnyEvent] = []
    script = Script([TakeCheckpoint()], [Stop()], *[[] for _ in range(9)], [], [], [])

    def asked() -> list[AnyCommand]:
        assert script.waiting, "a stop was asked for long ago"
        return script() if only(events, Paused) else []

    run = create_run(recipe(epochs=100_000))
    for event in train(run.recipe(), run, commands=asked):
        events.append(event)
    assert isinstance(events[-1], Finished), events[-1]
    assert events[-1].reason == "stopped"


def test_that_a_checkpoint_is_taken_when_asked_for():
    run = create_run(recipe())
    script = Script([], [TakeCheckpoint()], [Stop()])
    events = list(train(recipe(epochs=100_000), run, commands=script))
    assert len({event.step for event in only(events, Checkpointed)}) >= 3


def test_that_a_run_publishes_weights_surfaces_and_the_step_before_the_first():
    run = create_run(recipe())
    events = list(train(run.recipe(), run))
    assert only(events, Published)[-1].step == 10
    assert run.live_file.is_file()
    captures = only(events, Captured)
    assert {event.kind for event in captures} == {"surface"}
    assert (run.path / captures[-1].file).is_file()
    assert list_checkpoints(run)[0].step == 0
    assert list_checkpoints(run)[-1].step == 10


def test_that_a_nan_pauses_goes_back_and_goes_on_with_a_lower_learning_rate():
    wild = recipe(dataset={"shape": "plane"}, optimizer="minibatch_sgd", learning_rate=50.0, epochs=60)
    mended: list[AnyCommand] = [SetOption(name="training.learning_rate", value=0.001), Resume()]
    events: list[AnyEvent] = []

    def mend_when_paused() -> list[AnyCommand]:
        return mended if only(events, Paused) and not only(events, Resumed) else []

    for event in train(wild, commands=mend_when_paused):
        events.append(event)
    paused = only(events, Paused)
    assert [event.reason for event in paused] == ["not_finite"]
    assert str(paused[0].step) in paused[0].message
    assert only(events, Resumed)[0].step < paused[0].step
    losses = column(events, "loss")
    assert all(math.isfinite(loss) for loss in losses.values())
    assert list(losses) == list(range(1, 301))


def test_that_a_nan_fails_in_one_sentence_where_nobody_can_mend_it():
    events = list(train(recipe(dataset={"shape": "plane"}, optimizer="minibatch_sgd", learning_rate=100.0, epochs=60)))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert "not a finite number" in failed.message
    assert all(math.isfinite(loss) for loss in column(events, "loss").values())


def test_that_an_unknown_device_is_named_with_those_there_are():
    failed = list(train(recipe(device="cuda:7")))[-1]
    assert isinstance(failed, Failed)
    assert "cuda:7" in failed.message
    assert "cpu" in failed.message


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_that_half_precision_trains(precision: str):
    events = list(train(recipe(precision=precision, epochs=20, learning_rate=0.03)))
    assert isinstance(events[-1], Finished), events[-1]
    assert only(events, Evaluated)[-1].metrics["loss"] < 0.65


def test_that_closing_a_training_in_the_middle_leaves_no_thread_and_the_thread_count_alone(tmp_path):
    before = torch.get_num_threads()
    events = train(recipe(epochs=100_000), run := RunFolder(create_run(recipe(), path=tmp_path / "run").path))
    for event in events:
        if isinstance(event, Progress):
            break
    events.close()
    assert torch.get_num_threads() == before
    assert run.path.is_dir()
