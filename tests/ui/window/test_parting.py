"""Closing the window while a run trains."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import SIGNAL, QSettings
from PySide6.QtWidgets import QApplication, QCheckBox, QMessageBox, QPushButton

from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands
from ui.window.parting import TOLD_KEY


def test_that_who_quits_while_a_run_trains_is_told_once_where_it_goes_on(hands: BenchHands, tmp_path: Path) -> None:
    with training(hands, tmp_path) as written:
        hands.window.actions_by_key["quit"].trigger()
        assert hands.window.isVisible()
        press(hands, "Stay")
        assert hands.window.isVisible()

        hands.window.actions_by_key["quit"].trigger()
        box = hands.window.findChildren(QMessageBox)[-1]
        assert "digits-mlp goes on" in box.text()
        again = box.findChild(QCheckBox)
        assert again is not None
        again.setChecked(True)
        press(hands, "Quit")
        hands.wait(lambda: not hands.window.isVisible())
        kept = hands.window._settings
        assert isinstance(kept, QSettings)
        assert kept.value(TOLD_KEY, type=bool)
        assert kept.contains("layout/workbench"), "it was closed as ever"
        assert written.folder.is_locked()


def test_that_the_question_holds_up_neither_a_second_close_nor_a_logout(hands: BenchHands, tmp_path: Path) -> None:
    with training(hands, tmp_path):
        assert not hands.window.close()
        box = hands.window.findChildren(QMessageBox)[-1]
        assert QApplication.activeModalWidget() is None, "its window could not be closed by the cross"
        assert hands.window.close()
        assert not box.isVisible()

        hands.window.show()
        program = QApplication.instance()
        assert isinstance(program, QApplication)
        assert program.receivers(SIGNAL("commitDataRequest(QSessionManager&)")) > 0  # what Qt says at a logout
        hands.window._parting.stand_aside()
        assert hands.window.close()


def test_that_a_window_without_a_living_run_closes_without_a_word(hands: BenchHands) -> None:
    assert hands.window.close()
    assert not hands.window.findChildren(QMessageBox)


@contextmanager
def training(hands: BenchHands, folder: Path) -> Iterator[WrittenRun]:
    """A run that trains in the window."""
    recipe = recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "digits"}})
    written = WrittenRun(create_run(recipe, path=folder / "held"))
    with written.folder.lock():
        written.start()
        run = hands.session.open_run(written.folder.path)
        assert run is not None
        hands.wait(lambda: run.status == "training")
        yield written


def press(hands: BenchHands, text: str) -> None:
    """The button of the question."""
    buttons = [button for box in hands.window.findChildren(QMessageBox) for button in box.findChildren(QPushButton)]
    next(button for button in reversed(buttons) if button.text() == text and button.isVisible()).click()
    hands.wait(lambda: not any(box.isVisible() for box in hands.window.findChildren(QMessageBox)))
