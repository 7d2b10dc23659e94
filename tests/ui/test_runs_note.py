"""A note on a run: written in a sheet over the table, kept when it closes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.runs_hands import click, place_of, row_of, select
from ui.panels.runs_columns import PLACE
from ui.panels.runs_note import NotePopover

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def panel(runs_panel):
    return runs_panel


def test_that_a_note_is_kept_on_ctrl_enter_and_left_on_escape(qtbot, panel, spirals):
    select(panel, spirals)
    qtbot.keyClick(panel.table, Qt.Key.Key_N)
    sheet = panel.findChild(NotePopover)
    sheet._text.setPlainText("try more units")
    QTest.keyClick(sheet._text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: spirals.details().note == "try more units")
    qtbot.waitUntil(lambda: panel.findChild(NotePopover) is None)
    panel.actions_.note.trigger()
    sheet = panel.findChild(NotePopover)
    sheet._text.setPlainText("never mind")
    QTest.keyClick(sheet._text, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: panel.findChild(NotePopover) is None)
    assert row_of(panel, spirals).details.note == "try more units"


def test_that_the_click_that_closes_the_note_does_what_it_was_aimed_at(qtbot, panel, spirals, digits):
    select(panel, spirals)
    for column, is_done in (
        ("name", lambda: [row.path for row in panel.selected()] == [digits.path]),
        ("star", lambda: row_of(panel, digits).details.starred),
    ):
        panel.actions_.note.trigger()
        sheet = panel.findChild(NotePopover)
        QTest.keyClicks(sheet._text, f" {column}")
        sheet.move(panel.table.viewport().width() - sheet.width(), 0)  # off the row that is clicked
        click(panel, digits, column)
        qtbot.waitUntil(lambda: panel.findChild(NotePopover) is None)
        qtbot.waitUntil(is_done)
        if column == "name":
            select(panel, spirals)
    qtbot.waitUntil(lambda: spirals.details().note == "wide enough name star")
    assert digits.details().note == ""


def test_that_a_note_is_kept_by_its_button_and_marked_in_the_row(qtbot, panel, digits):
    cell = panel.table.visualRect(panel._proxy.index(place_of(panel, digits), PLACE["name"])).adjusted(60, 1, 0, -1)
    before = panel.table.viewport().grab(cell).toImage()
    select(panel, digits)
    panel.actions_.note.trigger()
    sheet = panel.findChild(NotePopover)
    sheet._text.setPlainText("again")
    sheet._save.click()
    qtbot.waitUntil(lambda: digits.details().note == "again")
    panel.table.clearSelection()
    panel.table.setCurrentIndex(panel._proxy.index(-1, 0))
    assert panel.table.viewport().grab(cell).toImage() != before
