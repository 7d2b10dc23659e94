"""The setup column: nothing moves when the switch between run and draft comes or goes."""

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.window.setup_column import SetupColumn


def test_that_the_form_stays_where_it_is_when_a_run_starts_and_ends(qtbot: QtBot) -> None:
    stack = QUndoStack()
    column = SetupColumn(undo_stack=stack)
    qtbot.addWidget(column)
    column.resize(300, 640)
    column.show()
    qtbot.waitExposed(column)
    before = column.panel.geometry()
    assert not column.shows_run
    column.offer_run(True)
    QApplication.processEvents()
    assert column.shows_run
    assert column.panel.geometry() == before
    column.offer_run(False)
    QApplication.processEvents()
    assert not column.shows_run
    assert column.panel.geometry() == before
