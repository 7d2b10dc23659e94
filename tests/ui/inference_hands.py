"""Hands for the tests of trying a model out: a run to try, and typing into a field."""

from PySide6.QtTest import QTest

from tests.ui.panel_fakes import write_run


def train(qtbot, lab, values, *, end=""):
    run = lab.session.open_run(write_run(values, end=end).path)
    qtbot.waitUntil(lambda: run.sample is not None and bool(run.checkpoint_steps))
    return run


def type_into(field, text):
    field.clear()
    QTest.keyClicks(field, text)
