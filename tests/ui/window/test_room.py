"""An arrangement made on a large screen is drawn together where there is less room."""

import pytest
from PySide6.QtCore import QRect, QSettings, QSize, Qt
from PySide6.QtWidgets import QApplication

from modellab.presets import presets
from tests.ui.window.bench_hands import BenchHands
from ui.window.docks import keep_on_screen
from ui.window.main_window import MainWindow

_APART = ("attention", "lens", "neighbours", "samples", "model")


def test_that_views_laid_side_by_side_on_a_large_screen_make_no_small_window_larger(hands: BenchHands) -> None:
    window, views = hands.window, hands.bench.views_area
    window.resize(2560, 1440)
    hands.session.load_draft(presets()["words-transformer"].recipe)
    for name in _APART:
        views.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, views.view_docks[name], Qt.Orientation.Horizontal)
    QApplication.processEvents()
    assert len(views.in_front()) > 4
    window.close()
    window._settings.sync()
    again = MainWindow(QSettings(window._settings.fileName(), QSettings.Format.IniFormat))
    hands.qtbot.addWidget(again)
    again.resize(1280, 800)
    again.say_opening()
    again.show()
    hands.qtbot.waitExposed(again)
    again.furnish(window.lab)
    bench = again.show_workbench()
    QApplication.processEvents()
    hands.wait(lambda: len(bench.views_area.in_front()) == 2)
    assert again.size() == QSize(1280, 800)
    docked = [dock for dock in bench.docks() if dock.isVisible() and not dock.visibleRegion().isEmpty()]
    places = [dock.geometry() for dock in docked]
    assert not any(one.intersects(other) for one in places for other in places if one is not other)
    assert bench.setup_dock.width() < 400


@pytest.mark.parametrize("place", [QRect(5000, 4000, 300, 200), QRect(-400, -300, 300, 200), QRect(0, 0, 4000, 3000)])
def test_that_a_torn_off_pane_is_on_its_screen_and_leaves_something_of_it(hands: BenchHands, place: QRect) -> None:
    dock = hands.bench.log_dock
    dock.setFloating(True)
    dock.setGeometry(place)
    keep_on_screen(dock)
    room = dock.screen().availableGeometry()
    assert room.contains(dock.geometry())
    assert dock.height() < room.height() * 0.9
