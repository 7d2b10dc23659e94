"""Every kind of field, as a person clicks, types and steps."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.forms.toys import Part, Toy, child, config, editor, field, retype, sentences, shown_form
from ui.forms import ConfigForm
from ui.forms.layer_strip import LayerStrip
from ui.forms.switch import Switch


def test_that_a_switch_turns_by_space_and_click(form: ConfigForm):
    switch = editor(form, "is_on")
    assert isinstance(switch, Switch)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert form.values()["is_on"] is True
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert form.values()["is_on"] is False


def test_that_a_choice_shows_its_labels_and_the_rows_that_depend_on_it_come_and_go(form: ConfigForm):
    box = editor(form, "colour")
    assert editor(form, "blue_only") is None
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert form.values()["colour"] == "blue"
    assert editor(form, "blue_only").isVisible()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert not editor(form, "blue_only").isVisible()
    assert box.currentText() == "Deep red"


def test_that_choices_of_the_run_time_are_offered_and_anything_else_may_be_typed(form: ConfigForm):
    box = editor(form, "column")
    assert [box.itemText(index) for index in range(box.count())] == ["Column A", "Column B"]
    form.set_value("column", "b")
    assert box.currentText() == "Column B"
    retype(box.lineEdit(), "other")
    assert form.values()["column"] == "other"
    retype(box.lineEdit(), "Column A")
    assert form.values()["column"] == "a"


def test_that_an_option_switched_off_is_none_and_on_again_has_its_last_value(form: ConfigForm):
    switch = child(form, "Limit: on or off")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    first = form.values()["limit"]
    assert isinstance(first, int)
    assert form.is_valid()
    retype(field(form, "limit"), "7")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert form.values()["limit"] is None
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert form.values()["limit"] == 7


def test_that_an_optional_group_is_switched_in_its_heading(form: ConfigForm):
    switch = child(form, "Maybe: on or off")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert config(form).maybe == Part()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert config(form).maybe is None


def test_that_a_group_unfolds_by_key_and_its_fields_edit_the_config(form: ConfigForm):
    QTest.keyClick(child(form, "Group"), Qt.Key.Key_Right)
    retype(child(form, "Size"), "5")
    assert config(form).group == Part(size=5)


def test_that_more_options_stay_open_the_next_time(qtbot, form: ConfigForm):
    QTest.mouseClick(child(form, "More options"), Qt.MouseButton.LeftButton)
    assert editor(form, "secret").isVisible()
    again = shown_form(qtbot, Toy)
    assert editor(again, "secret").isVisible()


def test_that_a_list_of_layers_is_typed_stepped_and_made_longer(form: ConfigForm):
    line = field(form, "layers")
    retype(line, "16, 8,")
    assert form.values()["layers"] == [16, 8]
    retype(line, "16, x")
    assert sentences(form) == ["Entry 2: a whole number from 1 to 512."]
    retype(line, "16, 8")
    line.setCursorPosition(0)
    QTest.keyClick(line, Qt.Key.Key_Up)
    assert form.values()["layers"] == [17, 8]
    QTest.mouseClick(child(form, "Layers: add one"), Qt.MouseButton.LeftButton)
    assert form.values()["layers"] == [17, 8, 8]
    QTest.mouseClick(child(form, "Layers: remove the last"), Qt.MouseButton.LeftButton)
    assert line.text() == "17, 8"


def test_that_layers_are_handled_on_their_strip_by_mouse_and_key(form: ConfigForm):
    strip = form.findChild(LayerStrip)
    assert strip is not None
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(55, 12))
    assert form.values()["layers"] == [65, 32]
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(64 + 5, 12))
    assert form.values()["layers"] == [65, 31]
    QTest.keyClick(strip, Qt.Key.Key_Left)
    QTest.keyClick(strip, Qt.Key.Key_Insert)
    assert form.values()["layers"] == [65, 65, 31]
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    QTest.keyClick(strip, Qt.Key.Key_PageUp)
    assert form.values()["layers"] == [65, 41]
    for _ in range(9):
        QTest.keyClick(strip, Qt.Key.Key_Insert)
    assert len(form.values()["layers"]) == 4


def test_that_groups_in_a_list_are_added_edited_moved_doubled_and_removed(form: ConfigForm):
    QTest.mouseClick(child(form, "Parts: add one"), Qt.MouseButton.LeftButton)
    retype(child(form, "Size"), "7")
    assert [part.size for part in config(form).parts] == [3, 7]
    QTest.mouseClick(child(form, "Move up"), Qt.MouseButton.LeftButton)
    assert [part.size for part in config(form).parts] == [7, 3]
    QTest.mouseClick(child(form, "Duplicate"), Qt.MouseButton.LeftButton)
    assert [part.size for part in config(form).parts] == [7, 7, 3]
    assert not child(form, "Parts: add one").isEnabled()
    QTest.mouseClick(child(form, "Remove"), Qt.MouseButton.LeftButton)
    assert [part.size for part in config(form).parts] == [7, 3]
    form.set_value("parts[1].size", 0)
    error = form.error()
    assert error is not None
    assert error.field == "parts[1].size"
