"""What a unit does, in words: asked of weights that stay, told beside its number."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from modellab.events import Finished
from tests.ui.views.gates_fakes import UNITS
from ui.views._gates_patterns import PATTERNS
from workers.protocol import Problem, TellUnits, UnitsTold


def told(request: TellUnits):
    areas = np.full((len(PATTERNS), 2, 1, UNITS), 0.55, dtype=np.float32)
    areas[0, 0, 0, 3] = 0.99  # inside double quotes
    areas[4, 0, 0, 4] = 0.2  # digits
    areas[5, 0, 0, 3] = 1.0  # of a few tokens
    matched = tuple(5 if place == 5 else 400 for place in range(len(PATTERNS)))
    return UnitsTold(step=7, num_matched=matched, searched=9_000, is_last=True), {"auc": areas}


def finish(run):
    run.take([Finished(step=7, seconds=1.0, reason="completed")])


@pytest.fixture
def unit_page(lab_view):
    view, run, lab, inspector = lab_view
    inspector.replies[TellUnits] = told
    view._parts.modes.choose("unit")
    return view, run, lab, inspector


def test_that_a_unit_of_a_finished_run_says_what_it_follows(unit_page):
    view, run, lab, inspector = unit_page
    lab.focus.lock(unit=3)
    assert not inspector.asked_of(TellUnits)  # its weights still change
    finish(run)
    view.redraw()
    page = view._parts.unit
    assert page._facts.text().startswith("follows “inside double quotes”: c is high there, AUC 0.990")
    assert "9,000 tokens" in page._title.toolTip()
    lab.focus.lock(unit=4)
    assert page._facts.text().startswith("leans to “digits”: c is lower there, AUC 0.800")
    lab.focus.lock(unit=5)
    assert page._facts.text().startswith("mean\u00a0f")
    assert len(inspector.asked_of(TellUnits)) == 1


def test_that_another_step_is_asked_about_anew(unit_page):
    view, _, lab, inspector = unit_page
    lab.focus.lock(unit=3, step=7)
    view.redraw()
    assert view._parts.unit._facts.text().startswith("follows")
    inspector.replies[TellUnits] = lambda request: (Problem(message="No texts."), {})
    lab.focus.lock(step=5)
    view.redraw()
    assert view._parts.unit._facts.text().startswith("mean\u00a0f")
    assert [asked.model.step for asked in inspector.asked_of(TellUnits)] == [7, 5]


def test_that_the_arrow_keys_walk_the_units_and_what_they_do(unit_page):
    view, run, lab, _ = unit_page
    finish(run)
    order = [int(unit) for unit in view._parts.raster.order]
    lab.focus.lock(unit=order[order.index(3) - 1] if order.index(3) else order[1])
    QTest.keyClick(view, Qt.Key.Key_Down if order.index(3) else Qt.Key.Key_Up)
    assert lab.focus.value.unit == 3
    view.redraw()
    assert "inside double quotes" in view._parts.unit._facts.text()
