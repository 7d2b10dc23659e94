"""The log of the current run."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tests.ui.panel_fakes import SPIRALS, write_run
from tests.ui.panel_pixels import is_blank
from ui.lab.run_model import MAX_LOG_LINES
from ui.panels.log import LogPanel, level_of
from ui.theme import theme
from ui.widgets.buttons import IconButton

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def panel(qtbot, lab):
    panel = LogPanel(lab)
    qtbot.addWidget(panel)
    panel.resize(900, 170)
    panel.show()
    run = lab.session.open_run(write_run(SPIRALS).path)
    qtbot.waitUntil(lambda: run.started is not None)
    return panel


def say(panel, lab, *lines):
    lab.session.current.take_log(list(lines))


def test_that_what_the_trainer_says_appears(qtbot, lab, panel):
    say(panel, lab, "epoch 1", "epoch 2")
    qtbot.waitUntil(lambda: panel.lines()[-2:] == ["epoch 1", "epoch 2"])


def test_that_the_filter_keeps_the_lines_that_match(qtbot, lab, panel):
    say(panel, lab, "loss 1.0", "saved a checkpoint", "LOSS 0.5")
    qtbot.keyClicks(panel._filter, "loss")
    qtbot.waitUntil(lambda: panel.lines() == ["loss 1.0", "LOSS 0.5"])


def test_that_only_errors_are_shown_when_asked_for(qtbot, lab, panel):
    say(
        panel,
        lab,
        "fine",
        "Traceback (most recent call last):",
        '  File "a.py", line 1',
        "ValueError: bad",
        "fine again",
    )
    panel._levels.choose("error")
    qtbot.waitUntil(
        lambda: panel.lines() == ["Traceback (most recent call last):", '  File "a.py", line 1', "ValueError: bad"]
    )


def test_that_at_most_the_last_lines_are_kept(qtbot, lab, panel):
    say(panel, lab, *(f"line {number}" for number in range(MAX_LOG_LINES + 700)))
    qtbot.waitUntil(lambda: len(panel.lines()) == MAX_LOG_LINES)
    assert panel.lines()[-1] == f"line {MAX_LOG_LINES + 699}"
    say(panel, lab, "one more")
    qtbot.waitUntil(lambda: panel.lines()[-1] == "one more")
    assert len(panel.lines()) == MAX_LOG_LINES


def test_that_the_newest_line_stays_in_sight_until_that_is_switched_off(qtbot, lab, panel):
    bar = panel._text.verticalScrollBar()
    say(panel, lab, *(f"line {number}" for number in range(100)))
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    panel._follow.setChecked(False)
    bar.setValue(0)
    say(panel, lab, *(f"more {number}" for number in range(100)))
    qtbot.waitUntil(lambda: panel.lines()[-1] == "more 99")
    assert bar.value() == 0
    panel._text.setFocus()
    qtbot.keyClick(panel._text, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())


def test_that_the_lines_shown_can_be_copied(qtbot, lab, panel):
    say(panel, lab, "one", "two")
    qtbot.keyClicks(panel._filter, "two")
    qtbot.waitUntil(lambda: panel.lines() == ["two"])
    copy = next(button for button in panel.findChildren(IconButton) if button.accessibleName().startswith("Copy"))
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "two"


def test_that_an_empty_log_says_what_will_be_there(qtbot, lab):
    panel = LogPanel(lab)
    qtbot.addWidget(panel)
    assert "once a run starts" in panel._empty.accessibleDescription()


def test_that_another_run_brings_its_own_log(qtbot, lab, panel):
    say(panel, lab, "of the first")
    second = lab.session.open_run(write_run(SPIRALS).path)
    qtbot.waitUntil(lambda: second.started is not None)
    qtbot.waitUntil(lambda: bool(panel.lines()))
    assert "of the first" not in panel.lines()


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("Error: the disk is full", "error"),
        ("RuntimeError: shapes differ", "error"),
        ("torch.OutOfMemoryError: no", "error"),
        ("UserWarning: old", "warning"),
        ("warning: slow", "warning"),
        ("mean squared error 0.3", "info"),
        ("    indented", "info"),
    ],
)
def test_that_a_line_is_as_serious_as_it_reads(line, level):
    assert level_of(line) == level


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_it_is_painted_in_both_themes(qtbot, lab, panel, name):
    before = theme().name
    theme().use(name)
    try:
        say(panel, lab, "a line")
        qtbot.waitUntil(lambda: "a line" in panel.lines())
        assert not is_blank(panel)
    finally:
        theme().use(before)


def test_that_the_trainers_own_level_counts_and_not_how_the_line_reads(qtbot, lab, panel):
    run = lab.session.current
    run.take_log(["Error: this is only how the note is called"], level="info")
    run.take_log(["The disk is nearly full."], level="warning")
    panel._levels.choose("warning")
    qtbot.waitUntil(lambda: panel.lines() == ["The disk is nearly full."])


def test_that_a_run_keeps_no_more_lines_than_are_shown(lab, panel):
    say(panel, lab, *(f"line {number}" for number in range(MAX_LOG_LINES + 700)))
    assert len(lab.session.current.log) == MAX_LOG_LINES
    assert lab.session.current.log[-1].text == f"line {MAX_LOG_LINES + 699}"
