"""The pace at which what a language model writes is told, and tokens of it that are looked at again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.texts.text_inference import GPT_DOCS, begin, generate
from workers.protocol import Generated

pytestmark = pytest.mark.usefixtures("themed")


def write(lab, count, *, prompt=(11, 12), is_last=True):
    for place in range(count):
        answer = Generated(
            text="x" * (place + 1),
            token="x",
            number=21 + place,
            prompt=prompt if place == 0 else (),
            is_last=is_last and place == count - 1,
        )
        lab.inspector.on_generated(answer, {})


def choose_pace(panel, key):
    pace = panel.writing.settings.pace
    place = ("all", "slow", "step").index(key)
    QTest.mouseClick(pace, Qt.MouseButton.LeftButton, pos=pace._rects()[place].center().toPoint())
    assert pace.value() == key


def test_that_step_by_step_each_press_or_space_tells_one_token_and_the_views_follow(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    choose_pace(panel, "step")
    generate(qtbot, panel)
    write(lab, 4)
    writing = panel.writing
    assert (len(writing.tokens()), writing.button.text()) == (1, "Next token")
    QTest.mouseClick(writing.button, Qt.MouseButton.LeftButton)
    assert len(writing.tokens()) == 2
    QTest.keyClick(writing.output, Qt.Key.Key_Space)
    assert len(writing.tokens()) == 3
    qtbot.waitUntil(lambda: lab.focus.value.written == (11, 12, 21, 22, 23))
    assert lab.focus.value.token == 4
    QTest.keyClick(panel.text.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(writing.tokens()) == 4
    assert writing.button.text() == "Generate", "that was the last"
    assert writing.halt.isHidden()


def test_that_slowly_tokens_come_one_by_one_and_what_was_written_ahead_goes_with_stop(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    choose_pace(panel, "slow")
    generate(qtbot, panel)
    write(lab, 5)
    assert panel.writing.tokens() == ()
    qtbot.waitUntil(lambda: len(panel.writing.tokens()) == 2)
    assert panel.writing.button.text() == "Stop"
    generate(qtbot, panel)
    assert len(panel.writing.tokens()) == 2
    assert panel.writing.button.text() == "Generate"


def test_that_another_pace_takes_effect_on_what_is_being_written(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    choose_pace(panel, "step")
    generate(qtbot, panel)
    write(lab, 6)
    choose_pace(panel, "all")
    assert len(panel.writing.tokens()) == 6
    assert not panel.writing.writer.is_writing


def test_that_a_token_that_the_model_reads_no_more_shows_what_was_read_when_it_was_written(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    generate(qtbot, panel)
    write(lab, 300)
    qtbot.waitUntil(lambda: len(lab.focus.value.written) == 128)
    panel.writing.output._choose_by_hand(2)
    assert lab.focus.value.written == (11, 12, 21, 22, 23)
    assert lab.focus.value.token == 4
    panel.writing.output._choose_by_hand(299)
    assert lab.focus.value.written[-1] == 320
    assert lab.focus.value.token == 127


def test_that_while_it_is_written_a_click_looks_at_a_token_and_one_beside_the_text_at_the_newest(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    choose_pace(panel, "step")
    generate(qtbot, panel)
    write(lab, 4)
    for _ in range(2):
        panel.writing.writer.step()
    panel.writing.output._choose_by_hand(0)
    assert lab.focus.value.token == 2
    panel.writing.writer.step()
    qtbot.waitUntil(lambda: len(lab.focus.value.written) == 6)
    assert lab.focus.value.token == 2
    panel.writing.output._choose_by_hand(-1)
