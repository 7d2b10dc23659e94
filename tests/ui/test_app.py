"""The window at first: its size, and a sign where more is to come."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from modellab.presets import presets
from modellab.runs.folder import create_run
from ui.app import first_size, open_window


def test_that_the_first_window_fits_on_a_small_screen_with_its_frame() -> None:
    size = first_size(QSize(1280, 800))
    assert size.width() <= 1272
    assert size.height() <= 760


def test_that_the_first_window_is_no_larger_for_a_large_screen() -> None:
    assert first_size(QSize(3840, 2160)) == QSize(1280, 800)


@pytest.mark.parametrize("has_runs", [True, False])
def test_that_runs_are_shown_though_the_window_before_was_killed(
    qtbot: QtBot, qapp: QApplication, has_runs: bool
) -> None:
    if has_runs:
        create_run(presets()["xor"].recipe)
    opened = open_window(qapp, [])
    qtbot.addWidget(opened.window)
    is_gallery = opened.window._gallery is not None and opened.window._gallery.isVisible()
    opened.shut_down()
    assert is_gallery is not has_runs


def test_that_a_window_with_runs_to_show_says_so_until_they_are_there(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    opened = open_window(qapp, [tmp_path])
    qtbot.addWidget(opened.window)
    said = [label for label in opened.window.findChildren(QLabel) if "being set out" in label.text()]
    opened.shut_down()  # nothing more is begun
    assert len(said) == 1
    assert said[0].isVisible()
