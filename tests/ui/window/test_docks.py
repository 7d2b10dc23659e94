"""Docks: tabs replace title bars, arrangements come back."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.window.bench_hands import BenchHands
from ui.window.docks import Dock, DockArea, is_behind

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


def test_that_a_pane_behind_others_comes_forward_with_the_keyboard_in_its_list(qtbot: QtBot) -> None:
    area, first, second = make_area(qtbot)
    field, found = QLineEdit(), QListWidget()
    column = QVBoxLayout(first.widget())
    column.addWidget(field)
    column.addWidget(found)
    qtbot.waitUntil(found.isVisible)
    second.raise_()
    area.activateWindow()
    first.take_keyboard()
    qtbot.waitUntil(lambda: area.focusWidget() is found)
    found.setEnabled(False)
    first.take_keyboard()
    assert area.focusWidget() is field


def test_that_tab_goes_to_nothing_that_another_tab_hides(hands: BenchHands) -> None:
    hands.window.activateWindow()
    button = hands.window.bar.main_button
    button.setFocus()
    held: list[QWidget | None] = []
    while len(held) < 100 and button not in held:  # all the way round
        QTest.keyClick(hands.window.focusWidget(), Qt.Key.Key_Tab)
        held.append(hands.window.focusWidget())
    assert 30 < len(held) < 100
    assert not [widget for widget in held if is_behind(widget)]
    assert any(is_behind(dock) for dock in (hands.bench.log_dock, *hands.bench.views_area.view_docks.values()))
