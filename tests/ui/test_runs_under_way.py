"""Runs that change while their table is looked at: taken out of the queue, resumed, and what was said of them."""

import dataclasses

import pytest
from PySide6.QtCore import Qt

from modellab import events as ev
from modellab.commands import Stop, decode_command
from modellab.runs.folder import RunFolder
from modellab.runs.lines import LineTail, append_line
from tests.ui.panel_fakes import DIGITS, write_run
from tests.ui.runs_hands import row_of, select

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def panel(runs_panel):
    return runs_panel


def test_that_a_run_that_waits_is_taken_out_of_the_queue_by_its_menu_and_what_was_said_of_it_is_withdrawn(
    qtbot, panel, lab, spirals
):
    waiting = write_run(DIGITS, end="")
    append_line(waiting.events_file, ev.encode_event(ev.Queued(step=0, time=2.0, device="cpu", behind="another")))
    lock = waiting.lock()
    lock.acquire()
    withdrawn: list[str] = []
    lab.session.withdrawn.connect(withdrawn.append)
    try:
        lab.session.runs_changed.emit()
        qtbot.waitUntil(lambda: row_of(panel, waiting) is not None and row_of(panel, waiting).status == "queued")
        select(panel, spirals)
        assert not panel.actions_.stop.isEnabled()
        select(panel, waiting)
        with qtbot.waitSignal(lab.session.said) as said:
            qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
        entry = next(entry for entry in panel.actions_.menu(panel).actions() if "queue" in entry.text())
        entry.trigger()
        reader = LineTail(waiting.commands_file, offset=0)
        qtbot.waitUntil(lambda: waiting.commands_file.exists())
        assert [decode_command(line) for line in reader.read()] == [Stop()]
        assert withdrawn == []
    finally:
        lock.release()
    append_line(waiting.events_file, ev.encode_event(ev.Finished(step=0, reason="stopped", seconds=0.0)))
    lab.session.runs_changed.emit()
    qtbot.waitUntil(lambda: withdrawn == [said.args[1]])
    assert not panel.actions_.stop.isEnabled()


def test_that_a_run_that_is_resumed_stays_in_sight_where_it_goes(qtbot, panel, lab, spirals):
    others = [write_run(DIGITS) for _ in range(6)]
    lab.session.runs_changed.emit()
    qtbot.waitUntil(lambda: len(panel.rows()) == 2 + len(others))
    panel.resize(1260, 120)
    last = panel.rows()[-1]
    select(panel, RunFolder(last.path))
    panel.table.scrollToBottom()
    assert panel.table.rowAt(0) > 0
    panel._listing.updated.emit([dataclasses.replace(last, status="training")])
    assert panel.rows()[0].path == last.path
    assert panel.table.rowAt(0) == 0
    assert [row.path for row in panel.selected()] == [last.path]
