"""What the session decides, with real run folders and a launcher that only remembers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from modellab import events as ev
from modellab.commands import AnyCommand, Pause, Resume, SetOption, Stop, decode_command
from modellab.recipe import Recipe, recipe_from_builtins, recipe_to_json, with_values
from modellab.runs.folder import RunFolder, create_run
from tests.ui.lab.written_run import WrittenRun
from ui.lab.follower import RunFollower
from ui.lab.session import Session


class Launches:
    """Remembers which runs were to be trained."""

    def __init__(self) -> None:
        self.runs: list[RunFolder] = []

    def launch(self, run: RunFolder) -> None:
        self.runs.append(run)


@pytest.fixture
def held(written: WrittenRun) -> Iterator[WrittenRun]:
    """A run whose lock is held, as by a trainer that lives."""
    with written.folder.lock():
        yield written


@pytest.fixture
def launches() -> Launches:
    return Launches()


@pytest.fixture
def session(qtbot: QtBot, launches: Launches) -> Iterator[Session]:
    follower = RunFollower()
    follower.start()
    yield Session(follower=follower, launcher=launches)
    follower.stop()


def asked(run: RunFolder) -> list[AnyCommand]:
    try:
        return [decode_command(line) for line in run.commands_file.read_bytes().splitlines()]
    except FileNotFoundError:
        return []


def test_that_start_freezes_the_draft_into_a_run_and_launches_it(
    session: Session, launches: Launches, recipe: Recipe, qtbot: QtBot
) -> None:
    session.set_draft(recipe)
    with qtbot.waitSignal(session.current_changed):
        session.start()
    assert session.current is not None
    assert session.current.folder.recipe() == recipe
    assert [run.path for run in launches.runs] == [session.current.path]


def test_that_a_run_keeps_its_colour_when_it_is_closed_and_in_another_window(
    session: Session, launches: Launches, recipe: Recipe, qtbot: QtBot
) -> None:
    paths = [create_run(recipe).path for _ in range(3)]
    first, second, third = (session.open_run(path) for path in paths)
    assert first is not None and second is not None and third is not None  # noqa: PT018
    colours = [run.colour for run in (first, second, third)]
    assert colours == [0, 1, 2]
    session.close_run(first)
    session.close_run(second)
    again = session.open_run(paths[1])
    assert again is not None
    assert again.colour == colours[1]
    qtbot.waitUntil(lambda: [RunFolder(path).colour() for path in paths] == colours)
    other = Session(follower=session._follower, launcher=launches)
    for path, colour in reversed(list(zip(paths, colours, strict=True))):
        shown = other.open_run(path)
        assert shown is not None
        assert shown.colour == colour


def test_that_runs_started_one_after_another_have_colours_of_their_own_whatever_is_shown(
    session: Session, recipe: Recipe, qtbot: QtBot
) -> None:
    session.set_draft(recipe)
    colours = []
    for _ in range(4):
        with qtbot.waitSignal(session.opened):
            session.start()
        for run in session.open_runs:
            colours.append(run.colour)
            session.close_run(run)
    assert colours == [0, 1, 2, 3]


def test_that_runs_of_one_recipe_are_numbered(session: Session, recipe: Recipe, qtbot: QtBot) -> None:
    session.set_draft(recipe)
    for _ in range(3):
        with qtbot.waitSignal(session.opened):
            session.start()
    qtbot.waitUntil(lambda: len(session.open_runs) == 3)
    assert sorted(run.title for run in session.open_runs) == [
        recipe.title(),
        f"{recipe.title()} 2",
        f"{recipe.title()} 3",
    ]


def test_that_nothing_starts_while_the_draft_has_a_problem(
    session: Session, launches: Launches, recipe: Recipe
) -> None:
    session.set_draft(recipe)
    session.set_draft(None, problem="Epochs must be at least 1.")
    session.start()
    assert session.problem == "Epochs must be at least 1."
    assert launches.runs == []


def test_that_pause_resume_and_stop_are_written_for_the_trainer(
    session: Session, held: WrittenRun, qtbot: QtBot
) -> None:
    held.start()
    run = session.open_run(held.folder.path)
    assert run is not None
    qtbot.waitUntil(lambda: run.status == "training")
    session.pause()
    qtbot.waitUntil(lambda: asked(held.folder) == [Pause()])
    held.write(ev.Paused(step=1, reason="asked"))
    qtbot.waitUntil(lambda: run.status == "paused")
    session.resume()
    qtbot.waitUntil(lambda: asked(held.folder)[-1] == Resume())
    session.stop()
    qtbot.waitUntil(lambda: asked(held.folder)[-1] == Stop())


def test_that_an_option_out_of_its_limits_is_refused_in_one_sentence(
    session: Session, held: WrittenRun, qtbot: QtBot
) -> None:
    held.start()
    run = session.open_run(held.folder.path)
    assert run is not None
    qtbot.waitUntil(lambda: run.status == "training")
    with qtbot.waitSignal(session.said) as said:
        session.set_option("training.learning_rate", -1.0)
    assert said.args is not None
    assert said.args[1].startswith("Learning rate must be ")
    session.set_option("training.learning_rate", 0.5)
    qtbot.waitUntil(lambda: asked(held.folder) == [SetOption(name="training.learning_rate", value=0.5)])


def test_that_resuming_an_interrupted_run_gives_it_a_new_trainer(
    session: Session, written: WrittenRun, launches: Launches, qtbot: QtBot
) -> None:
    written.start()
    written.progress(1, [1.0])
    run = session.open_run(written.folder.path)
    assert run is not None
    qtbot.waitUntil(lambda: run.status == "interrupted")
    session.resume()
    qtbot.waitUntil(lambda: [launched.path for launched in launches.runs] == [run.path])


def test_that_closing_the_current_run_shows_the_one_opened_before(
    session: Session, written: WrittenRun, recipe: Recipe, qtbot: QtBot
) -> None:
    first = session.open_run(written.folder.path)
    session.set_draft(recipe)
    with qtbot.waitSignal(session.opened):
        session.start()
    second = session.current
    assert second is not None
    session.close_run(second)
    assert session.current is first
    assert session.open_runs == [first]


def test_that_a_folder_that_is_no_run_is_said_in_one_sentence(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.said) as said:
        assert session.open_run(tmp_path / "nothing") is None
    assert said.args is not None
    assert str(tmp_path / "nothing") in said.args[1]


def test_that_a_recipe_file_is_put_into_the_form(
    session: Session, recipe: Recipe, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(recipe_to_json(recipe))
    with qtbot.waitSignal(session.draft_loaded) as loaded:
        session.open_recipe_file(file)
    assert loaded.args == [recipe]


def test_that_a_broken_recipe_file_names_what_is_wrong(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"architecture": {"name": "mpl"}, "dataset": {"name": "points"}}')
    with qtbot.waitSignal(session.said) as said:
        session.open_recipe_file(file)
    assert said.args is not None
    assert "did you mean mlp?" in said.args[1]
    assert session.draft is None


def test_that_a_run_made_while_another_trains_leaves_the_views_where_they_are(
    session: Session, held: WrittenRun, recipe: Recipe, qtbot: QtBot
) -> None:
    held.start()
    first = session.open_run(held.folder.path)
    assert first is not None
    qtbot.waitUntil(lambda: first.status == "training")
    session.set_draft(recipe)
    with qtbot.waitSignal(session.opened):
        session.start()
    assert session.current is first
    assert len(session.open_runs) == 2


def test_that_opening_a_run_of_other_data_puts_the_former_away_and_one_that_trains_aside(
    session: Session, held: WrittenRun, recipe: Recipe, qtbot: QtBot
) -> None:
    held.start()
    trains = session.open_run(held.folder.path)
    assert trains is not None
    qtbot.waitUntil(lambda: trains.status == "training")
    noisy = session.open_run(create_run(with_values(recipe, {"dataset.noise": 0.3})).path)
    assert session.compared_runs == [noisy, trains], "an amount makes no other data"
    other = session.open_run(
        create_run(recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "digits"}})).path
    )
    assert session.compared_runs == [other]
    assert session.open_runs == [trains, other]
    session.open_run(trains.path, make_current=False)
    assert session.compared_runs == [other, trains], "shown when asked for"


def test_that_start_pressed_twice_makes_one_run(
    session: Session, launches: Launches, recipe: Recipe, qtbot: QtBot
) -> None:
    session.set_draft(recipe)
    with qtbot.waitSignal(session.opened):
        session.start()
        session.start()
    qtbot.waitUntil(lambda: bool(launches.runs))
    assert len(session.open_runs) == len(launches.runs) == 1
    assert session.current is not None
    assert session.current.is_starting


def test_that_of_the_living_runs_the_one_that_trains_is_shown(session: Session, recipe: Recipe, qtbot: QtBot) -> None:
    trains, waits = WrittenRun(create_run(recipe)), WrittenRun(create_run(recipe))
    with trains.folder.lock(), waits.folder.lock():
        trains.start()
        waits.write(ev.Queued(step=0, device="cpu", behind=trains.folder.id))
        session.open_living_runs()
        qtbot.waitUntil(lambda: len(session.open_runs) == 2)
        assert session.current is not None
        assert session.current.path == trains.folder.path


def test_that_a_run_whose_trainer_died_before_its_first_word_is_interrupted(
    session: Session, written: WrittenRun, qtbot: QtBot
) -> None:
    lock = written.folder.lock()
    with lock:
        run = session.open_run(written.folder.path)
        assert run is not None
        qtbot.waitUntil(lambda: run._is_locked is True)
        assert run.status == "new"
    qtbot.waitUntil(lambda: run.status == "interrupted")
    assert written.folder.status() == "interrupted"
