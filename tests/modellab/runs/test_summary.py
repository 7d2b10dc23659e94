"""Runs at a glance: from the cache, from the events, and out of garbage."""

import itertools

import msgspec
import pytest

from modellab.errors import UserError
from modellab.events import AnyEvent, Evaluated, Finished, Progress, Started
from modellab.runs import summary
from modellab.runs.folder import Details, RunFolder, create_run
from modellab.runs.summary import CURVE_POINTS, SummaryKeeper, duplicate, list_runs, restore, summarise_run, trash
from modellab.runs.writer import EventWriter
from tests.modellab.training.helpers import recipe


def told(run: RunFolder, *, num_steps: int = 300, is_finished: bool = True, with_cache: bool = True) -> RunFolder:
    """A run as a trainer would have told it."""
    writer, keeper = EventWriter(run.events_file), SummaryKeeper(run)
    events: list[AnyEvent] = [
        Started(
            step=0, time=1000.0, device="cpu", device_name="CPU", num_parameters=1, steps_per_epoch=10, total_steps=300
        ),
        *(
            Progress(step=step, first=step, columns={"loss": [1 / step]}, times=(step - 1.0, float(step)))
            for step in range(1, num_steps + 1)
        ),
        Evaluated(step=num_steps // 3 * 2, split="validation", metrics={"loss": 0.2, "accuracy": 0.9}),
        Evaluated(step=num_steps, split="validation", metrics={"loss": 0.3, "accuracy": 0.95}),
        Evaluated(step=num_steps, split="test", metrics={"loss": 0.4, "accuracy": 0.8}),
    ]
    if is_finished:
        events.append(Finished(step=num_steps, reason="completed", seconds=12.5))
    for event in events:
        writer.write(event)
        if with_cache:
            keeper.see(event, num_bytes=writer.num_bytes)
    writer.close()
    return run


@pytest.mark.parametrize("with_cache", [True, False])
@pytest.mark.parametrize("is_finished", [True, False])
def test_that_a_summary_says_what_the_events_say(is_finished: bool, with_cache: bool):
    run = told(create_run(recipe()), is_finished=is_finished, with_cache=with_cache)
    run.set_details(Details(name="mine", starred=True))
    found = summarise_run(run)
    assert found.status == ("finished" if is_finished else "interrupted")
    assert (found.step, found.total_steps, found.started) == (300, 300, 1000.0)
    assert found.seconds == (12.5 if is_finished else 300.0)
    assert found.validation == {"loss": 0.3, "accuracy": 0.95}
    assert found.best == {"loss": 0.2, "accuracy": 0.95}
    assert found.steps["validation"] == 300
    assert found.best_steps == {"loss": 200, "accuracy": 300}
    assert found.test["accuracy"] == 0.8
    assert (found.details.name, found.title) == ("mine", "points-mlp")
    assert found.train_loss == pytest.approx(1 / 300)
    assert 32 <= len(found.curve) <= CURVE_POINTS
    assert list(found.curve) == sorted(found.curve, reverse=True)


def progress(step: int) -> Progress:
    return Progress(step=step, first=step, columns={"loss": [float(5000 - step)]}, times=(step - 1.0, float(step)))


def test_that_the_curve_at_a_glance_is_of_the_whole_training_however_long():
    run = create_run(recipe())
    writer, keeper = EventWriter(run.events_file), SummaryKeeper(run)
    events: list[AnyEvent] = [*(progress(step) for step in range(1, 5000))]
    events.append(Finished(step=4999, reason="completed", seconds=1.0))
    for event in events:
        writer.write(event)
        keeper.see(event, num_bytes=writer.num_bytes)
    writer.close()
    curve = summarise_run(run).curve
    falls = [before - after for before, after in itertools.pairwise(curve)]
    assert curve[0] == pytest.approx(4999, abs=100)
    assert curve[-1] == pytest.approx(1, abs=100)
    assert max(falls) < 2 * min(falls)  # no part is drawn wider than another


def test_that_the_curve_of_an_unfinished_run_begins_with_its_first_steps_though_its_cache_is_older(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(summary, "_WRITE_SECONDS", 0)
    run = told(create_run(recipe()), num_steps=20, is_finished=False)
    writer = EventWriter(run.events_file)
    for step in range(21, 31):
        writer.write(progress(step))
    writer.close()
    found = summarise_run(run)
    assert found.step == 30
    assert found.curve[0] == 1.0
    assert len(found.curve) == 30


@pytest.mark.parametrize("is_finished", [True, False])
def test_that_what_an_older_version_summed_up_more_coarsely_is_summed_up_anew_once(
    monkeypatch: pytest.MonkeyPatch, is_finished: bool
):
    run = told(create_run(recipe()), is_finished=is_finished)
    wanted = summarise_run(run)
    file = run.path / "summary.json"
    older = {name: value for name, value in msgspec.json.decode(file.read_bytes()).items() if name != "version"}
    older |= {"curve": [[1, 1.0], [200, 0.9], [300, 0.1]], "steps": {}, "best_steps": {}}
    older |= {"num_bytes": run.events_file.stat().st_size}
    file.write_bytes(msgspec.json.encode(older))
    assert summarise_run(run) == wanted
    monkeypatch.setattr(summary, "_fresh_cache", lambda _run: pytest.fail("it was summed up anew twice"))
    assert summarise_run(run) == wanted


def test_that_an_older_summary_of_a_long_run_or_of_one_that_trains_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    run = told(create_run(recipe()))
    file = run.path / "summary.json"
    older = msgspec.json.encode(msgspec.json.decode(file.read_bytes()) | {"version": 0, "seconds": 99.0})
    file.write_bytes(older)
    with run.lock():
        assert summarise_run(run).seconds == 99.0
    monkeypatch.setattr(summary, "_REBUILT_BYTES", 100)
    assert summarise_run(run).seconds == 99.0
    assert file.read_bytes() == older


def test_that_garbage_in_a_run_folder_spoils_only_its_own_row():
    told(create_run(recipe()))
    broken = create_run(recipe())
    for name in ("summary.json", "events.jsonl", "details.json", "recipe.json"):
        (broken.path / name).write_bytes(b"\xff\x00 not json\n{}\n")
    rows = {row.path: row for row in list_runs()}
    assert len(rows) == 2
    assert rows[broken.path].step == 0
    assert {row.status for row in rows.values()} == {"finished", "new"}


def test_that_runs_are_listed_from_their_summaries_without_a_look_at_their_events(monkeypatch: pytest.MonkeyPatch):
    for _ in range(20):
        told(create_run(recipe()), num_steps=3)
    monkeypatch.setattr(summary, "tail_events", pytest.fail)
    assert len(list_runs()) == 20


def test_that_a_deleted_run_comes_back_from_the_trash():
    run = told(create_run(recipe()))
    place = trash(run)
    assert list_runs() == []
    assert restore(place).path == run.path
    assert [row.path for row in list_runs()] == [run.path]
    assert not list(run.path.glob(".trashed*"))


def test_that_a_run_in_training_cannot_be_deleted():
    run = create_run(recipe())
    with run.lock(), pytest.raises(UserError, match="stop it first"):
        trash(run)


def test_that_a_duplicate_has_the_recipe_and_nothing_else():
    run = told(create_run(recipe(epochs=7)))
    other = duplicate(run)
    assert other.path != run.path
    assert other.recipe() == run.recipe()
    assert summarise_run(other).status == "new"
