"""Undo, defaults, keys, and options of a run that trains."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from modellab.config import from_builtins
from tests.ui.forms.toys import Toy, child, editor, field, focused, retype
from ui.forms import ConfigForm
from ui.forms.line_field import LineField
from ui.forms.values import default_values, plain, value_at, with_value


def test_that_a_live_value_that_did_not_change_is_never_asked_for(form: ConfigForm):
    asked: list[tuple[str, object]] = []
    form.live_change_asked.connect(lambda path, value: asked.append((path, value)))
    form.set_live(True, {})
    line = field(form, "rate")
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert asked == []
    retype(line, "0.001")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert asked == []
    retype(line, "0.5")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert line.suffix() == "now 0.001"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert asked == [("rate", 0.5)]


def test_that_typing_is_undone_at_once_and_steps_too(form: ConfigForm, stack: QUndoStack):
    retype(field(form, "count"), "123")
    QTest.keyClick(field(form, "count"), Qt.Key.Key_Return)
    QTest.keyClick(field(form, "count"), Qt.Key.Key_Up)
    QTest.keyClick(field(form, "count"), Qt.Key.Key_Up)
    assert form.values()["count"] == 125
    stack.undo()
    assert form.values()["count"] == 123
    assert field(form, "count").text() == "123"
    stack.undo()
    assert form.values() == default_values(Toy)
    assert not stack.canUndo()
    stack.redo()
    assert form.values()["count"] == 123


def test_that_escape_puts_back_what_was_entered_before(form: ConfigForm, stack: QUndoStack):
    for name, good, bad in (("count", "20", "0"), ("text", "abcd", "too long"), ("layers", "8, 4", "8,x")):
        line = field(form, name)
        retype(line, good)
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert form.values() == default_values(Toy), "it was not entered"
        assert not stack.canUndo()
        retype(line, good)
        QTest.keyClick(line, Qt.Key.Key_Return)
        entered = form.values()
        retype(line, bad)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert not form.is_valid()
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert line.text() == good
        assert form.values() == entered
        assert form.is_valid()
        form.reset_all()
        stack.clear()


def test_that_lists_and_switches_are_undone(form: ConfigForm, stack: QUndoStack):
    QTest.mouseClick(child(form, "Parts: add one"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(editor(form, "is_on"), Qt.MouseButton.LeftButton)
    stack.undo()
    stack.undo()
    assert form.values() == default_values(Toy)
    assert not editor(form, "is_on").isChecked()


def test_that_a_changed_row_offers_its_default(form: ConfigForm, stack: QUndoStack):
    form.set_value("count", 99)
    QTest.mouseClick(child(form, "Back to 10"), Qt.MouseButton.LeftButton)
    assert form.values()["count"] == 10
    form.set_value("count", 99)
    form.set_value("is_on", True)
    form.reset_all()
    assert form.values() == default_values(Toy)
    stack.undo()
    assert form.values()["is_on"] is True


def test_that_tab_goes_through_the_rows_in_their_order(form: ConfigForm):
    form.set_value("colour", "blue")
    field(form, "rate").setFocus()
    visited = []
    for _ in range(40):
        visited.append(focused().accessibleName())
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        if visited[-1] == "More options":
            break
    assert visited[:5] == ["Rate", "Count", "Is on", "Text", "File"]
    assert visited.index("Group") < visited.index("Blue only") < visited.index("More options")


def test_that_a_training_run_is_asked_for_changes_on_enter_not_on_each_key(qtbot, form: ConfigForm):
    asked = []
    form.live_change_asked.connect(lambda path, value: asked.append((path, value)))
    form.set_live(True, {"rate": 0.001})
    assert not field(form, "count").isEnabled()
    assert field(form, "rate").isEnabled()
    retype(field(form, "rate"), "0.02")
    assert asked == []
    QTest.keyClick(field(form, "rate"), Qt.Key.Key_Return)
    assert asked == [("rate", 0.02)]
    assert field(form, "rate").suffix() == "now 0.001"
    form.set_applied("rate", 0.02)
    assert field(form, "rate").suffix() == ""
    retype(field(form, "rate"), "-1")
    QTest.keyClick(field(form, "rate"), Qt.Key.Key_Return)
    assert len(asked) == 1
    form.set_applied("rate", 0.5)
    form.set_live(False)
    assert field(form, "count").isEnabled()


def test_that_the_way_back_of_a_run_leads_to_what_it_was_started_with(form: ConfigForm, stack: QUndoStack):
    asked = []
    form.live_change_asked.connect(lambda path, value: asked.append(value))
    form.set_values(default_values(Toy) | {"rate": 0.05})
    form.set_live(True, {"rate": 0.05})
    retype(field(form, "rate"), "0.2")
    QTest.keyClick(field(form, "rate"), Qt.Key.Key_Return)
    form.set_applied("rate", 0.2)
    QTest.mouseClick(child(form, "Back to 0.05"), Qt.MouseButton.LeftButton)
    assert form.values()["rate"] == 0.05
    form.set_applied("rate", 0.05)
    form.set_value("rate", 0.3)
    form.reset_all()
    assert asked == [0.2, 0.05, 0.3, 0.05]
    form.set_live(False)
    QTest.mouseClick(child(form, "Back to 0.001"), Qt.MouseButton.LeftButton)
    assert form.values()["rate"] == 0.001
    assert len(asked) == 4


def test_that_a_value_changed_by_somebody_else_is_followed_and_an_undo_asks_for_the_old_one(form: ConfigForm, stack):
    asked = []
    form.live_change_asked.connect(lambda path, value: asked.append(value))
    form.set_live(True, {"rate": 0.001})
    form.set_applied("rate", 0.25)
    assert form.values()["rate"] == 0.25
    QTest.keyClick(field(form, "rate"), Qt.Key.Key_Up)
    stack.undo()
    assert asked == [0.5, 0.25]


def test_that_fields_without_meaning_are_left_out(form: ConfigForm):
    QTest.keyClick(child(form, "Group"), Qt.Key.Key_Right)
    form.hide_fields(frozenset({"count", "group.size"}))
    assert not field(form, "count").isVisible()
    names = [widget.accessibleName() for widget in form.findChildren(QWidget) if widget.isVisible()]
    assert "Size" not in names
    assert "Kind" in names


def test_that_values_are_read_and_written_at_paths():
    values = plain(from_builtins(Toy, {}))
    assert value_at(values, "parts[0].size") == 3
    changed = with_value(values, "parts[0].size", 4)
    assert value_at(changed, "parts[0].size") == 4
    assert value_at(values, "parts[0].size") == 3
    assert with_value(values, "parts[9].size", 4) == values


def test_that_a_number_is_never_cut_by_its_unit(qtbot):
    line = LineField(has_steps=True)
    qtbot.addWidget(line)
    line.resize(70, 26)
    line.set_unit("examples")
    line.show_text("5000")
    assert line.suffix() == ""
    assert line.textMargins().right() == 0
    line.resize(160, 26)
    line.show_text("5001")
    assert line.suffix() == "examples"


def test_that_a_long_path_shows_its_name_while_nobody_types(form: ConfigForm):
    form.set_values({"file": "/a/very/long/way/to/" + "many/" * 20 + "flats.csv"})
    line = field(form, "file")
    assert line.cursorPosition() == len(line.text())
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Home)
    line.clearFocus()
    assert line.cursorPosition() == len(line.text())
