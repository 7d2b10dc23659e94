"""The view that was in front is in front again in the next window, though the setup is of something else."""

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from modellab.presets import presets
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands, NoLauncher
from ui.inspector import Inspector
from ui.lab.focus import SharedFocus
from ui.lab.session import Session
from ui.lab.shown_runs import show_remembered
from ui.views.base import Lab
from ui.window.main_window import MainWindow


def reopened(hands: BenchHands) -> MainWindow:
    """The window of the next launch, on the settings that this one leaves, with its first picture painted."""
    hands.window._settings.setValue("window/told_runs_go_on", True)
    hands.window.close()
    hands.window._settings.sync()
    again = MainWindow(QSettings(hands.window._settings.fileName(), QSettings.Format.IniFormat))
    hands.qtbot.addWidget(again)
    session = Session(follower=hands.follower, launcher=NoLauncher())
    again.furnish(Lab(session=session, focus=SharedFocus(), inspector=Inspector()))
    again.show_workbench()
    again.show()
    hands.qtbot.waitExposed(again)
    QApplication.processEvents()
    return again


@pytest.mark.parametrize("drafted", ["words-transformer", "spiral-mlp"])
def test_that_the_view_in_front_of_a_run_that_trains_is_in_front_in_the_next_window(
    hands: BenchHands, drafted: str
) -> None:
    written = WrittenRun(create_run(presets()["words-transformer"].recipe))
    with written.folder.lock():
        written.start()
        hands.session.load_draft(presets()[drafted].recipe)
        hands.session.open_run(written.folder.path)
        hands.bench.views_area.raise_view("lens")
        hands.wait(lambda: hands.bench.views_area.in_front() == ["lens"])
        again = reopened(hands)
        show_remembered(again.lab.session, again._settings, then=again.lab.session.open_living_runs)
        hands.wait(lambda: again.lab.session.current is not None)
        assert again.workbench is not None
        QApplication.processEvents()
        assert again.workbench.views_area.in_front() == ["lens"]


def test_that_a_view_that_does_not_suit_gives_way_until_it_does_or_another_is_chosen(hands: BenchHands) -> None:
    views = hands.bench.views_area
    hands.session.load_draft(presets()["spiral-mlp"].recipe)
    views.bring_back(["lens"])
    hands.wait(lambda: views.in_front() == ["curves"])
    hands.session.load_draft(presets()["words-transformer"].recipe)
    hands.wait(lambda: views.in_front() == ["lens"])
    hands.session.load_draft(presets()["spiral-mlp"].recipe)
    views.raise_view("samples")
    hands.session.load_draft(presets()["words-transformer"].recipe)
    hands.wait(lambda: views.in_front() == ["samples"])
