"""The workbench: what a person closed stays closed, the first arrangement comes back whole."""

from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from modellab.presets import presets
from tests.ui.window.bench_hands import BenchHands
from ui.window.docks import Dock


def close_by_its_cross(dock: Dock) -> None:
    cross = next(button for button in dock.findChildren(QToolButton) if button.toolTip().startswith("Hide"))
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)


def show(hands: BenchHands, preset: str) -> None:
    hands.session.load_draft(presets()[preset].recipe)
    QApplication.processEvents()


def test_that_reset_brings_back_every_view_that_suits_the_data(hands: BenchHands) -> None:
    show(hands, "digits-cnn")
    show(hands, "spiral-mlp")
    docks = hands.bench.views_area.view_docks
    docks["samples"].toggleViewAction().trigger()
    docks["surface"].toggleViewAction().trigger()
    hands.bench.log_dock.close()
    hands.window.actions_by_key["reset_layout"].trigger()
    QApplication.processEvents()
    assert not docks["surface"].isHidden()
    assert not docks["samples"].isHidden()
    assert not hands.bench.log_dock.isHidden()
    assert docks["gates"].isHidden()  # points have none


def test_that_a_view_closed_by_hand_stays_closed_for_the_next_data_and_in_the_next_window(
    hands: BenchHands, tmp_path: Path
) -> None:
    show(hands, "spiral-mlp")
    surface = hands.bench.views_area.view_docks["surface"]
    surface.setFloating(True)  # alone, it has its title bar and cross
    QApplication.processEvents()
    close_by_its_cross(surface)
    show(hands, "digits-cnn")
    show(hands, "xor")
    assert surface.isHidden()
    settings = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    hands.bench.save(settings)
    surface.is_closed_by_hand = False
    hands.bench.restore(settings)
    show(hands, "spiral-mlp")
    assert surface.isHidden()
    surface.toggleViewAction().trigger()
    show(hands, "xor")
    assert not surface.isHidden()


def test_that_no_view_grows_a_second_title_when_the_log_is_shown(hands: BenchHands) -> None:
    curves = hands.bench.views_area.view_docks["curves"]
    hands.wait(lambda: not shows_title(curves))
    hands.bench.log_dock.raise_()
    hands.bench._tidy_timer.stop()
    hands.bench._tidy()
    QApplication.processEvents()
    assert not shows_title(curves)


def shows_title(dock: Dock) -> bool:
    bar = dock.titleBarWidget()
    return bar is not None and bar.height() > 0
