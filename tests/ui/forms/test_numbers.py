"""Numbers in a form: how they are read, shown and stepped."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from modellab.config import FieldSpec
from tests.ui.forms.toys import field
from ui.forms import ConfigForm
from ui.forms.numbers import parsed, shown, stepped


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
        ("1,000", True, 1000),
        ("12,000,000", True, 12_000_000),
        ("1,00", True, "1,00"),
        ("1,000", False, 1.0),
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
