"""The table of runs by itself: how it sorts and filters, and how its numbers read."""

from dataclasses import replace

from PySide6.QtCore import Qt

from modellab.events import Evaluated
from modellab.runs.folder import create_run
from tests.ui.views.fake_lab import recipe_of
from ui.lab.run_model import RunModel
from ui.panels.runs_columns import PLACE
from ui.panels.runs_listing import row_of_model
from ui.panels.runs_rows import RunRow, duration_text, loss_text, score_text
from ui.panels.runs_table import ROW_ROLE, RunsProxy, RunsTableModel


def test_that_a_thousand_runs_are_sorted_and_filtered_in_few_looks_at_them(qtbot, tmp_path, monkeypatch):
    compared: list[object] = []
    looked_at: list[object] = []
    less_than, accepts = RunsProxy.lessThan, RunsProxy.filterAcceptsRow

    def counted(calls, function):
        def called(*given):
            calls.append(given)
            return function(*given)

        return called

    monkeypatch.setattr(RunsProxy, "lessThan", counted(compared, less_than))
    monkeypatch.setattr(RunsProxy, "filterAcceptsRow", counted(looked_at, accepts))
    model = RunsTableModel()
    proxy = RunsProxy(model)
    proxy.sort(PLACE["started"], Qt.SortOrder.DescendingOrder)
    model.set_rows(
        RunRow(path=tmp_path / str(number), title=f"run {number * 7919 % 1000}", val_loss=number * 7919 % 997 / 997)
        for number in range(1000)
    )
    compared.clear()
    looked_at.clear()
    proxy.sort(PLACE["val_loss"], Qt.SortOrder.AscendingOrder)
    proxy.set_filter("run 9")
    assert 1000 <= len(compared) <= 15_000  # n log n
    assert len(looked_at) == 1000
    assert 0 < proxy.rowCount() < 1000
    losses = [proxy.index(place, 0).data(ROW_ROLE).val_loss for place in range(proxy.rowCount())]
    assert losses == sorted(losses)


def test_that_a_score_tells_of_which_step_it_is(tmp_path):
    run = RunModel(
        create_run(recipe_of({"name": "points"}), path=tmp_path / "run"), recipe=recipe_of({"name": "points"}), colour=0
    )
    losses = ((600, 0.5, 0.71), (1200, 0.25, 0.83), (1800, 0.375, 0.79))
    run.take(
        [
            Evaluated(step=at, split="validation", metrics={"loss": loss, "accuracy": score})
            for at, loss, score in losses
        ]
    )
    model = RunsTableModel()
    told = row_of_model(run)
    for row in (told, replace(told, val_step=0, best_step=0)):  # a summary of an older version knows no steps
        model.set_rows([row])
        tips = [model.index(0, PLACE[name]).data(Qt.ItemDataRole.ToolTipRole) for name in ("val_loss", "score", "best")]
        wanted = ["0.375", "0.79", "0.83"]
        if row is told:
            wanted = ["0.375, at step 1,800", "0.79, at step 1,800", "0.83, at step 1,200"]
        assert tips == wanted


def test_that_numbers_read_as_people_write_them():
    assert loss_text(None) == "–"
    assert loss_text(float("nan")) == "NaN"
    assert loss_text(0.12345) == "0.123"
    assert loss_text(0.000012) == "1.2e−5"
    assert loss_text(123456.0) == "1.2e5"
    assert score_text(-0.25, is_r2=True) == "R² −0.250"
    assert duration_text(9.7) == "0:09"
    assert duration_text(11_100) == "3:05:00"
