"""Trying out a row of a table: typed, pasted, kept, and the value that is told."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui.inference_hands import train, type_into
from tests.ui.panel_fakes import TABLE
from ui.panels.inference_number import split_row
from workers.protocol import RowInput

pytestmark = pytest.mark.usefixtures("themed")


def test_that_what_is_no_number_is_marked_and_not_asked(qtbot, panel, lab):
    train(qtbot, lab, TABLE)
    editor = panel.editors["row"]
    for field, text in zip(editor.fields, ("3", "12", "many"), strict=True):
        type_into(field, text)
    assert editor.fields[2].property("invalid") is True
    assert panel.result._problem.text() == "rent must be a number."
    assert lab.inspector.predictions() == []
    type_into(editor.fields[2], "800")
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert panel.result._value.text() == "1,234"
    assert panel.result._target.text() == "price"


def test_that_a_row_is_pasted_and_one_of_another_width_refused(qtbot, panel, lab):
    train(qtbot, lab, TABLE)
    editor = panel.editors["row"]
    QGuiApplication.clipboard().setText("4\t30\t750.5\n")
    editor.fields[0].setFocus()
    QTest.keyClick(editor.fields[0], Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert lab.inspector.predictions()[-1].input == RowInput(values=(4.0, 30.0, 750.5))
    editor.paste_row("1\t2")
    assert "holds 2 values; this table has 3 columns" in panel.result._problem.text()


def test_that_the_answer_to_a_row_stands_directly_under_the_fields_and_stays_there(qtbot, panel, lab):
    train(qtbot, lab, TABLE)
    editor = panel.editors["row"]
    top = lambda: panel.result.mapTo(panel, QPoint()).y()  # noqa: E731
    last = editor.fields[-1]
    qtbot.waitUntil(lambda: 0 < top() - last.mapTo(panel, QPoint(0, last.height())).y() < 40)
    before = top()
    panel.take_sample()
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    panel.grab()
    assert top() == before


def test_that_a_new_run_on_the_same_columns_keeps_the_row_that_was_typed(qtbot, panel, lab):
    train(qtbot, lab, TABLE)
    editor = panel.editors["row"]
    for field, text in zip(editor.fields, ("4", "", "1.5x"), strict=True):
        type_into(field, text)
    editor.set_sample(None)  # the new run has not said yet what its columns are
    assert not editor.fields
    train(qtbot, lab, TABLE)
    assert [field.text() for field in editor.fields] == ["4", "", "1.5x"]
    assert editor.fields[2].property("invalid")


def test_that_a_regression_sample_says_its_true_value(qtbot, panel, lab):
    train(qtbot, lab, TABLE)
    panel.take_sample()
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert panel.result._target.text() == "price · true value 7.25"


def test_that_pasted_rows_are_split_as_spreadsheets_write_them():
    assert split_row("1\t2\t3\n") == ["1", "2", "3"]
    assert split_row("1;2,5;3") == ["1", "2,5", "3"]
    assert split_row("1,2,3") == ["1", "2", "3"]
    assert split_row("1.5") == ["1.5"]
