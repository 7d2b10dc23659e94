"""Rows that go on in a further line, and switches that become a menu, where the width is short."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from ui.widgets.flow_row import FlowRow
from ui.widgets.segmented import Segmented

SPLITS = [("train", "Training 1,438"), ("validation", "Validation 359"), ("model", "As the model sees it")]


class Row(QWidget):
    """Left, middle, then at the right another button, and one that is pinned."""

    def __init__(self) -> None:
        super().__init__()
        self.buttons = [QWidget() for _ in range(4)]
        self.row = FlowRow(self, spacing=8)
        for button in self.buttons:
            button.setFixedSize(100, 20)
        self.row.addWidget(self.buttons[0])
        self.row.addWidget(self.buttons[1])
        self.row.add_spring()
        self.row.addWidget(self.buttons[2])
        self.row.add_pinned(self.buttons[3])

    def places(self, width: int) -> list[tuple[int, int]]:
        """Left and top of each button in this width."""
        self.resize(width, self.row.heightForWidth(width))
        self.row.activate()
        return [(button.x(), button.y()) for button in self.buttons]


@pytest.fixture
def row(qtbot) -> Row:
    made = Row()
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_a_filling_one_moves_no_other_and_takes_what_the_last_line_leaves(row: Row):
    bar = QWidget()
    bar.setFixedHeight(20)
    bar.setMinimumWidth(50)
    row.row.add_filling(bar)
    bar.show()
    for width, place in ((600, (216, 0, 168)), (330, (108, 24, 222))):
        before = [(0, 0), (108, 0), (392, 0), (500, 0)] if width == 600 else [(0, 0), (108, 0), (0, 24), (230, 0)]
        assert row.places(width) == before
        assert (bar.x(), bar.y(), bar.width()) == place


def test_that_one_line_holds_all_where_there_is_room(row: Row):
    assert row.places(600) == [(0, 0), (108, 0), (392, 0), (500, 0)]
    assert row.row.heightForWidth(600) == 20


def test_that_what_does_not_fit_goes_on_below_and_the_pinned_one_stays(row: Row):
    assert row.places(330) == [(0, 0), (108, 0), (0, 24), (230, 0)]
    assert row.places(220) == [(0, 0), (0, 24), (108, 24), (120, 0)]
    assert row.row.heightForWidth(220) == 44


def test_that_a_pinned_one_keeps_its_room_while_it_is_hidden(row: Row):
    row.buttons[3].hide()
    assert row.places(330)[2] == (0, 24)


def test_that_what_is_below_stays_where_it_is_as_a_higher_one_comes_and_goes(row: Row):
    higher = row.buttons[1]
    higher.setFixedSize(100, 26)
    seen = row.row.heightForWidth(600), row.row.heightForWidth(330)
    assert seen == (26, 50)
    higher.hide()
    assert row.row.heightForWidth(600) == 26
    assert [top for _, top in row.places(330)][2:] == [3, 3]  # in the middle of the first line
    assert row.row.sizeHint().height() == 26


def test_that_a_switch_without_room_shows_its_choice_and_offers_all_in_a_menu(qtbot):
    switch = Segmented(SPLITS)
    qtbot.addWidget(switch)
    chosen: list[str] = []
    switch.chosen.connect(chosen.append)
    switch.setFixedWidth(switch.least_width())
    switch.show()
    assert switch.width() < switch.sizeHint().width()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.isChecked() for action in menu.actions()] == [True, False, False]
    menu.actions()[2].trigger()
    menu.close()
    assert chosen == ["model"]
    QTest.keyClick(switch, Qt.Key.Key_Left)
    assert chosen == ["model", "validation"]
