"""Docks: tabs replace title bars, arrangements come back."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.window.docks import Dock, DockArea

TOP = Qt.DockWidgetArea.TopDockWidgetArea


def make_area(qtbot: QtBot) -> tuple[DockArea, Dock, Dock]:
    area = DockArea("area")
    qtbot.addWidget(area)
    first, second = (Dock(key, key, QWidget(), area) for key in ("first", "second"))
    area.add(first, TOP)
    area.add(second, TOP, beside=first)
    area.resize(600, 400)
    area.show()
    return area, first, second


def title_height(dock: Dock) -> int:
    bar = dock.titleBarWidget()
    assert bar is not None
    return bar.height()


def test_that_a_tab_replaces_the_title_bar(qtbot: QtBot) -> None:
    area, first, _ = make_area(qtbot)
    assert area.docks()
    qtbot.waitUntil(lambda: title_height(first) == 0)


def test_that_a_torn_off_dock_has_its_title_bar_back_and_so_has_the_one_left_alone(qtbot: QtBot) -> None:
    area, first, second = make_area(qtbot)
    assert area.docks()
    qtbot.waitUntil(lambda: title_height(first) == 0)
    second.setFloating(True)
    qtbot.waitUntil(lambda: title_height(first) > 0 and title_height(second) > 0)


def test_that_a_restored_arrangement_puts_a_torn_off_dock_back(qtbot: QtBot) -> None:
    area, _, second = make_area(qtbot)
    kept = area.saveState()
    second.setFloating(True)
    area.restoreState(kept)
    assert not second.isFloating()
