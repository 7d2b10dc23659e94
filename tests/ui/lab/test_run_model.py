"""A run as the window knows it, built from its events alone."""

import pytest
from pytestqt.qtbot import QtBot

from modellab import events as ev
from modellab.runs.folder import Details
from modellab.runs.lines import LineTail
from tests.ui.lab.written_run import WrittenRun
from ui.lab.run_model import RunModel
from ui.lab.stream import read_items
from ui.plots import XUnit


class Replay:
    """Feeds a run model what its folder gained."""

    def __init__(self, written: WrittenRun) -> None:
        self.model = RunModel(written.folder, recipe=written.folder.recipe(), colour=0)
        self._tail = LineTail(written.folder.events_file)

    def catch_up(self) -> RunModel:
        self.model.take(read_items(self._tail.read()))
        return self.model


@pytest.fixture
def replay(written: WrittenRun, qtbot: QtBot) -> Replay:
    return Replay(written)


def test_that_columns_grow_with_progress(written: WrittenRun, replay: Replay) -> None:
    written.start()
    written.progress(1, [3.0, 2.0])
    written.progress(3, [1.5])
    model = replay.catch_up()
    assert len(model.columns["loss"]) == 3
    assert model.columns["loss"].nearest(3) == (3.0, 1.5)
    assert (model.step, model.total_steps, model.status) == (3, 100, "training")


def test_that_evaluations_are_kept_a_split_and_metric(written: WrittenRun, replay: Replay) -> None:
    written.start()
    written.write(ev.Evaluated(step=10, split="validation", metrics={"loss": 1.0, "accuracy": 0.5}))
    model = replay.catch_up()
    assert model.latest("accuracy") == 0.5
    assert model.latest("accuracy", split="test") is None


def test_that_a_resumed_run_drops_what_came_after_its_checkpoint(
    written: WrittenRun, replay: Replay, qtbot: QtBot
) -> None:
    written.start()
    written.progress(1, [3.0, 2.0, 1.0, 0.5])
    written.write(ev.Checkpointed(step=4, folder="checkpoints/step-00000004"))
    model = replay.catch_up()
    written.start(step=2)
    with qtbot.waitSignal(model.rewound) as rewound:
        replay.catch_up()
    assert rewound.args == [2]
    written.progress(3, [9.0])
    replay.catch_up()
    assert model.columns["loss"].nearest(3) == (3.0, 9.0)
    assert len(model.columns["loss"]) == 3
    assert model.checkpoint_steps == []


def test_that_steps_map_to_epochs_and_seconds(written: WrittenRun, replay: Replay) -> None:
    written.start()
    written.progress(1, [3.0, 2.0])
    written.progress(3, [1.0, 1.0])
    model = replay.catch_up()
    assert model.epoch_of(5) == 0.5
    assert model.axis_maps[XUnit.WALL_TIME].to_axis([4.0])[0] == pytest.approx(0.4)  # type: ignore[arg-type]


def test_that_a_trainer_that_is_gone_without_a_word_makes_the_run_interrupted(
    written: WrittenRun, replay: Replay
) -> None:
    written.start()
    written.progress(1, [3.0])
    model = replay.catch_up()
    model.set_locked(True)
    assert model.status == "training"
    model.set_locked(False)
    assert replay.catch_up().status == "interrupted"


def test_that_a_finished_run_stays_finished_when_its_trainer_lets_go(written: WrittenRun, replay: Replay) -> None:
    written.start()
    written.write(ev.Finished(step=100, reason="completed"))
    model = replay.catch_up()
    model.set_locked(False)
    assert model.status == "finished"


def test_that_a_pause_and_a_resume_change_the_status(written: WrittenRun, replay: Replay) -> None:
    written.start()
    written.progress(1, [3.0])
    written.write(ev.Paused(step=1, reason="asked"))
    assert replay.catch_up().status == "paused"
    written.write(ev.Resumed(step=1))
    model = replay.catch_up()
    assert model.status == "training"
    assert [line.text for line in model.log][-2:] == ["Paused at step 1.", "Resumed at step 1."]


def test_that_applied_options_are_announced_with_a_marker(written: WrittenRun, replay: Replay, qtbot: QtBot) -> None:
    written.start()
    written.write(ev.OptionApplied(step=7, name="training.learning_rate", value=0.5))
    with qtbot.waitSignal(replay.model.options_applied) as applied:
        model = replay.catch_up()
    assert applied.args == [{"training.learning_rate": 0.5}]
    assert [(marker.step, marker.kind) for marker in model.markers] == [(7, "option")]


def test_that_a_change_of_an_option_is_told_with_what_it_was_before(written: WrittenRun, replay: Replay) -> None:
    written.start()
    rate = replay.model.recipe.training.learning_rate
    written.write(ev.OptionApplied(step=7, name="training.learning_rate", value=0.5))
    written.write(ev.OptionApplied(step=9, name="training.learning_rate", value=0.25))
    written.write(ev.OptionApplied(step=9, name="training.clip_norm", value=None))
    written.write(ev.OptionApplied(step=9, name="training.of_a_later_version", value=True))
    model = replay.catch_up()
    assert [marker.text for marker in model.markers] == [
        f"Learning rate {rate:g} → 0.5 from step 8 on",
        "Learning rate 0.5 → 0.25 from step 10 on",
        "Clip norm off → off from step 10 on",
        "training.of_a_later_version off → on from step 10 on",
    ]
    assert "Learning rate 0.5 → 0.25 from step 10 on." in [line.text for line in model.log]


def test_that_removed_checkpoints_leave_the_slider(written: WrittenRun, replay: Replay) -> None:
    written.start()
    for step in (1, 2):
        written.write(ev.Checkpointed(step=step, folder=f"checkpoints/step-{step:08d}"))
    written.write(ev.Checkpointed(step=3, folder="checkpoints/step-00000003", removed=("checkpoints/step-00000002",)))
    assert replay.catch_up().checkpoint_steps == [1, 3]


def test_that_the_time_left_follows_from_the_mean_step_time(written: WrittenRun, replay: Replay) -> None:
    written.start(total=10)
    written.progress(1, [3.0, 2.0, 1.0, 0.5, 0.4])
    assert replay.catch_up().seconds_left() == pytest.approx(0.5)


def test_that_a_given_name_comes_before_the_one_it_was_made_with(written: WrittenRun, replay: Replay) -> None:
    assert replay.model.title == "points-mlp"
    replay.model.set_details(Details(name="my best"))
    assert replay.model.title == "my best"
