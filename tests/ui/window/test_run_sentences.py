"""What the window says when a run fails, is interrupted or pauses by itself, and what it offers to do."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from modellab import events as ev
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands

TABLE = {"architecture": {"name": "mlp"}, "dataset": {"name": "table", "file": "flats.csv"}, "training": {}}


@pytest.fixture
def held(tmp_path: Path) -> Iterator[WrittenRun]:
    """A run on a table that a trainer works on."""
    written = WrittenRun(create_run(recipe_from_builtins(TABLE), path=tmp_path / "held"))
    with written.folder.lock():
        written.start()
        written.progress(1, [1.0, 0.9])
        yield written


def offers(hands: BenchHands) -> list[QPushButton]:
    return [button for button in hands.window.messages.findChildren(QPushButton) if button.isVisible()]


@pytest.mark.parametrize(
    ("suggestion", "words", "path", "value"),
    [
        ({"training.batch_size": 32}, "Start again with batch size 32", "training.batch_size", 32),
        ({"dataset.bad_rows": "drop"}, "Start again with bad rows: left out", "dataset.bad_rows", "drop"),
    ],
)
def test_that_what_a_failed_run_needed_is_offered_and_starts_the_next_one(
    hands: BenchHands, held: WrittenRun, suggestion: dict[str, object], words: str, path: str, value: object
) -> None:
    hands.session.open_run(held.folder.path)
    held.write(ev.Failed(step=2, time=time.time(), message="More was needed than there is.", suggestion=suggestion))
    hands.wait(lambda: offers(hands))
    assert "More was needed than there is." in hands.window.messages.sentences()[0]
    offer = next(button for button in offers(hands) if button.text())
    assert offer.text() == words
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    hands.wait(lambda: len(hands.session.open_runs) == 2)
    part, _, name = path.partition(".")
    assert getattr(getattr(hands.session.open_runs[1].recipe, part), name) == value


def test_that_what_was_said_of_a_paused_run_leaves_when_it_goes_on(hands: BenchHands, held: WrittenRun) -> None:
    hands.session.open_run(held.folder.path)
    sentence = "The loss at step 3 is not a finite number; set a lower learning rate and resume."
    held.write(ev.Paused(step=2, time=time.time(), reason="not_finite", message=sentence))
    hands.wait(lambda: hands.window.messages.sentences() == [f"flats-mlp: {sentence}"])
    held.write(ev.Resumed(step=2, time=time.time()))
    hands.wait(lambda: hands.window.messages.sentences() == [])


def test_that_a_run_that_was_closed_meanwhile_is_opened_by_what_is_offered(hands: BenchHands, tmp_path: Path) -> None:
    written = WrittenRun(create_run(recipe_from_builtins(TABLE), path=tmp_path / "cut"))
    with written.folder.lock():
        written.start()
        written.progress(1, [1.0, 0.9])
        written.write(ev.Checkpointed(step=2, time=1.0, folder="checkpoints/step-00000002", num_bytes=9, removed=()))
        run = hands.session.open_run(written.folder.path)
        assert run is not None
        hands.wait(lambda: run.status == "training")
    hands.wait(lambda: offers(hands))
    offer = next(button for button in offers(hands) if button.text() == "Resume")
    hands.session.close_run(run)
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    hands.wait(lambda: [one.path for one in hands.session.open_runs] == [written.folder.path])
