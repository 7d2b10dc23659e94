"""Numbers that change many times a second have nothing laid out anew."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.labels import SteadyLabel, TextLabel
from ui.window._place_label import PlaceLabel


class LayoutsCounted(QObject):
    """Counts how often a widget is asked to lay itself out."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def show_place(label: PlaceLabel, text: str) -> None:
    label.set_forms([(text, "step 888")])


def layouts_of(qtbot: QtBot, label: QLabel, show: Callable[[str], None]) -> int:
    place = QWidget()
    qtbot.addWidget(place)
    QHBoxLayout(place).addWidget(label)
    show("step 100")
    place.show()
    QApplication.processEvents()
    counted = LayoutsCounted()
    place.installEventFilter(counted)
    show("step 111")
    QApplication.processEvents()
    return counted.count


def test_that_a_number_in_a_steady_place_lays_nothing_out(qtbot: QtBot) -> None:
    steady, place = SteadyLabel(), PlaceLabel()
    assert layouts_of(qtbot, steady, steady.setText) == 0
    assert layouts_of(qtbot, place, lambda text: show_place(place, text)) == 0
    plain = TextLabel()
    assert layouts_of(qtbot, plain, plain.setText) > 0


@pytest.mark.parametrize("text", ["step 1", "step 1,234,567"])
def test_that_a_steady_place_is_wide_enough_for_its_text(qtbot: QtBot, text: str) -> None:
    label = SteadyLabel(least_width=60)
    qtbot.addWidget(label)
    label.setText(text)
    assert label.width() >= max(60, label.fontMetrics().horizontalAdvance(text))
