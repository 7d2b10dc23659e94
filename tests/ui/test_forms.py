"""Forms made from configs: every kind of field, as a person types, clicks and steps."""

from enum import Enum
from time import process_time
from typing import Annotated, Any, Literal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QUndoStack, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from modellab.architectures import architectures
from modellab.config import Config, FieldSpec, field_specs, from_builtins, meta
from modellab.data import datasets
from modellab.errors import UserError
from modellab.training.options import TrainingOptions
from ui.forms import ConfigForm
from ui.forms.checks import examine
from ui.forms.layer_strip import LayerStrip
from ui.forms.line_field import LineField
from ui.forms.numbers import parsed, shown, stepped
from ui.forms.switch import Switch
from ui.forms.values import default_values, plain, value_at, with_value
from ui.theme import apply_theme, theme

ENTRIES = {
    "training": TrainingOptions,
    **{f"architecture-{name}": kind for name, kind in architectures().items()},
    **{f"dataset-{name}": kind for name, kind in datasets().items()},
}
each_entry = pytest.mark.parametrize("kind", ENTRIES.values(), ids=ENTRIES.keys())


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(Config, frozen=True, kw_only=True):
    size: Annotated[int, meta(title="Size", ge=1, le=9, unit="px")] = 3
    kind: Annotated[Literal["max", "mean"], meta(title="Kind")] = "max"


class Toy(Config, frozen=True, kw_only=True):
    rate: Annotated[float, meta(title="Rate", help="How fast.", gt=0, le=100, log=True, live=True)] = 0.001
    count: Annotated[int, meta(title="Count", ge=1, le=1000, unit="examples")] = 10
    is_on: Annotated[bool, meta(title="Is on")] = False
    text: Annotated[str, meta(title="Text", max_length=5)] = "abc"
    file: Annotated[str, meta(title="File", path="file")] = ""
    colour: Annotated[Colour, meta(title="Colour", labels={"red": "Deep red"})] = Colour.RED
    column: Annotated[str, meta(title="Column", choices_from="columns")] = ""
    limit: Annotated[int, meta(title="Limit", ge=1, le=50)] | None = None
    layers: Annotated[
        tuple[Annotated[int, meta(title="Units", ge=1, le=512)], ...], meta(title="Layers", max_length=4)
    ] = (64, 32)
    parts: Annotated[tuple[Part, ...], meta(title="Parts", min_length=1, max_length=3)] = (Part(),)
    group: Annotated[Part, meta(title="Group")] = Part()
    maybe: Annotated[Part, meta(title="Maybe")] | None = None
    blue_only: Annotated[int, meta(title="Blue only", ge=1, when=("colour", ("blue",)))] = 1
    secret: Annotated[float, meta(title="Secret", advanced=True, ge=0, le=1)] = 0.5


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


@pytest.fixture
def stack(qapp: QApplication) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def form(qtbot, stack: QUndoStack) -> ConfigForm:
    return shown_form(qtbot, Toy, undo_stack=stack, choices=lambda key: [("a", "Column A"), ("b", "Column B")])


def shown_form(qtbot, kind: type[Config], **arguments) -> ConfigForm:
    made = ConfigForm(kind, **arguments)
    qtbot.addWidget(made)
    made.resize(300, 900)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def editor(form: ConfigForm, name: str) -> Any:
    return form.editor_of(name)


def config(form: ConfigForm) -> Any:
    return form.config()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def field(form: ConfigForm, name: str) -> LineField:
    found = form.editor_of(name)
    assert isinstance(found, LineField)
    return found


def retype(line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def sentences(form: ConfigForm) -> list[str]:
    return [
        label.text() for label in form.findChildren(QLabel) if label.property("role") == "bad" and label.isVisible()
    ]


def child(form: QWidget, name: str) -> Any:
    """The visible widget with this accessible name."""
    found = [widget for widget in form.findChildren(QWidget) if widget.accessibleName() == name and widget.isVisible()]
    assert found, f"{name!r} is not in sight"
    return found[0]


# ---------------------------------------------------------------------------- every config


@each_entry
def test_that_a_form_gives_back_the_values_it_was_given(qtbot, kind: type[Config]):
    values = default_values(kind)
    form = ConfigForm(kind, values=values)
    qtbot.addWidget(form)
    assert form.values() == values
    assert examine(kind, values).config == (form.config() if form.error() is None else None)


@each_entry
def test_that_every_field_is_wrong_with_nonsense_in_it_and_the_sentence_names_its_limits(qtbot, kind: type[Config]):
    form = ConfigForm(kind, at="part")
    qtbot.addWidget(form)
    for spec in field_specs(kind):
        if spec.kind not in ("int", "float") or spec.when is not None:
            continue
        form.set_value(spec.name, "nonsense")
        error = form.error()
        assert error is not None, spec.name
        assert error.field == f"part.{spec.name}"
        assert spec.limits() in error.message
        form.set_value(spec.name, default_values(kind)[spec.name])
        left = form.error()
        assert left is None or left.field != f"part.{spec.name}"


@each_entry
@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_a_form_opens_everything_and_draws_in_both_themes(qtbot, kind: type[Config], name):
    theme().use(name)
    form = shown_form(qtbot, kind)
    for spec in field_specs(kind):
        form.mark(UserError("Something is amiss.", field=spec.name))
    assert form.grab().toImage().size().width() == 300
    for widget in form.tab_widgets():
        assert widget.accessibleName(), f"{widget} has no name"


def test_that_a_form_appears_fast(qtbot):
    ConfigForm(TrainingOptions).deleteLater()  # imports, fonts and icons are loaded
    times = []
    for _ in range(5):
        start = process_time()
        form = ConfigForm(TrainingOptions)
        qtbot.addWidget(form)
        times.append(process_time() - start)
    assert min(times) < 0.040


# ---------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [
        ("1e-3", False, 0.001),
        (" 0.5 ", False, 0.5),
        ("0,5", False, 0.5),
        (".5", False, 0.5),
        ("−2", False, -2.0),
        ("1e4", True, 10_000),
        ("10.0", True, 10),
        ("1 000", True, 1000),
        ("2.5", True, 2.5),
        ("", False, ""),
        ("1e", False, "1e"),
        ("nan", False, "nan"),
        ("1e999", False, "1e999"),
        ("0x10", True, "0x10"),
    ],
)
def test_that_a_number_is_read_as_it_is_meant(text: str, whole: bool, value: object):
    found = parsed(text, whole=whole)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("value", "text"), [(0.001, "0.001"), (1e-5, "1e-5"), (1.0, "1"), (64, "64"), (1e20, "1e20")])
def test_that_a_number_reads_back_from_how_it_is_shown(value: float, text: str):
    assert shown(value) == text
    assert parsed(text, whole=isinstance(value, int)) == value


@pytest.mark.parametrize(
    ("value", "steps", "after"),
    [(0.001, 1, 0.002), (0.002, 1, 0.005), (0.005, 1, 0.01), (0.01, -1, 0.005), (0.003, 1, 0.005), (100.0, 1, 100.0)],
)
def test_that_a_log_scaled_number_steps_through_1_2_5(value: float, steps: int, after: float):
    spec = FieldSpec(name="rate", kind="float", title="Rate", gt=0, le=100, log=True, default=0.1)
    assert stepped(spec, value, steps=steps) == after


@pytest.mark.parametrize(
    ("value", "steps", "after"), [(64, 1, 128), (64, -1, 32), (10, 1, 20), (1, 1, 2), (0, 1, 1), (1, -1, 0)]
)
def test_that_a_whole_log_scaled_number_doubles_from_powers_of_two(value: int, steps: int, after: int):
    spec = FieldSpec(name="batch", kind="int", title="Batch", ge=0, le=1024, log=True, default=64)
    found = stepped(spec, value, steps=steps)
    assert found == after
    assert isinstance(found, int)


def test_that_steps_stop_at_the_limits_and_come_back_from_beyond_them():
    spec = FieldSpec(name="share", kind="float", title="Share", ge=0, lt=1, default=0.5)
    assert stepped(spec, 0.98, steps=5) == 0.98
    assert stepped(spec, 0.0, steps=-1) == 0.0
    assert stepped(spec, 7.0, steps=1) == 0.5
    assert stepped(spec, "abc", steps=1) == 0.5


def test_that_up_and_down_step_a_number(form: ConfigForm):
    line = field(form, "rate")
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Up)
    assert form.values()["rate"] == 0.002
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Down)
    assert form.values()["rate"] == 0.0005


def test_that_the_wheel_steps_only_what_has_the_keyboard(form: ConfigForm):
    line = field(form, "rate")
    field(form, "count").setFocus()
    turn(line)
    assert form.values()["rate"] == 0.001
    line.setFocus()
    turn(line)
    assert form.values()["rate"] == 0.002


def turn(widget: QWidget) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


# ---------------------------------------------------------------------------- mistakes


def test_that_a_bad_number_is_marked_while_one_types_and_the_rest_stays(qtbot, form: ConfigForm):
    with qtbot.waitSignal(form.validity_changed) as blocker:
        retype(field(form, "rate"), "200")
    assert blocker.args == [False]
    assert field(form, "rate").property("invalid") is True
    assert sentences(form) == ["A number above 0 and at most 100."]
    retype(field(form, "count"), "20")
    assert form.values()["count"] == 20
    assert field(form, "rate").text() == "200"
    with pytest.raises(UserError) as raised:
        form.config()
    assert raised.value.field == "rate"
    with qtbot.waitSignal(form.validity_changed):
        retype(field(form, "rate"), "1e-2")
    assert config(form).rate == 0.01
    assert sentences(form) == []


def test_that_several_mistakes_are_all_marked(form: ConfigForm):
    retype(field(form, "rate"), "x")
    retype(field(form, "count"), "0")
    assert len(sentences(form)) == 2


def test_that_a_mistake_in_a_field_not_asked_for_does_not_stand_in_the_way(form: ConfigForm):
    form.set_value("colour", "blue")
    form.set_value("blue_only", 0)
    assert not form.is_valid()
    form.set_value("colour", "red")
    assert form.is_valid()
    assert config(form).blue_only == 1


def test_that_a_mistake_found_elsewhere_is_shown_beside_its_field_until_the_next_edit(form: ConfigForm):
    form.mark(UserError("Too much for this machine.", field="secret"))
    assert sentences(form) == ["Too much for this machine."]
    assert form.error() is not None
    form.set_value("count", 11)
    assert form.error() is None
    assert sentences(form) == []


def test_that_a_mistake_about_no_field_is_shown_too(form: ConfigForm):
    form.mark(UserError("Nothing fits."))
    assert sentences(form) == ["Nothing fits."]


# ---------------------------------------------------------------------------- kinds of field


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


# ---------------------------------------------------------------------------- undo, reset, keys, live


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
