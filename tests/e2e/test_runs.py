"""Runs beside one another: queued, dropped onto the window, deleted and brought back."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from modellab import events as ev
from modellab.recipe import Recipe, recipe_from_builtins, recipe_to_json
from modellab.runs.folder import RunFolder, create_run
from tests.e2e.conftest import Opener
from tests.e2e.hands import Hands
from tests.ui.lab.written_run import WrittenRun

CONTROL = Qt.KeyboardModifier.ControlModifier


def small_recipe(*, epochs: int = 2) -> Recipe:
    values = {
        "architecture": {"name": "mlp", "hidden_layers": [8]},
        "dataset": {"name": "points", "count": 90},
        "training": {"epochs": epochs, "device": "cpu"},
    }
    return recipe_from_builtins(values)


def written_run(path: Path | None = None, *, num_steps: int = 30) -> RunFolder:
    """A finished run whose events were written by hand."""
    written = WrittenRun(create_run(small_recipe(), path=path))
    written.start(total=num_steps)
    written.progress(1, [1 / step for step in range(1, num_steps + 1)])
    written.write(ev.Finished(step=num_steps, reason="completed"))
    return written.folder


def test_that_a_second_run_waits_its_turn_and_trains_when_the_first_is_stopped(lab: Hands, recipe_file: Path) -> None:
    first = lab.start(recipe_file)
    lab.click(lab.button("Queue"))
    lab.wait(lambda: len(lab.session.open_runs) == 2)
    second = lab.session.open_runs[1]
    lab.wait(lambda: second.queue is not None and second.queue.behind == first.id)
    assert lab.session.current is first  # it is the one to be paused, stopped and looked at
    assert any("queued" in sentence for sentence in lab.sentences())
    lab.wait(lambda: [row.status for row in lab.bench.runs.rows()] == ["training", "queued"])

    lab.session.make_current(second)
    lab.wait(lambda: first.id in lab.window.bar.main_button.toolTip())
    lab.press(Qt.Key.Key_K, CONTROL)
    lab.wait(lambda: QApplication.activePopupWidget() is not None)
    lab.type(first.id)
    lab.press(Qt.Key.Key_Return)
    lab.wait(lambda: lab.session.current is first)
    assert first.title in lab.button("Stop").toolTip()
    lab.stop_run()
    lab.wait(lambda: second.status == "training" and second.step > 0)
    lab.session.make_current(second)
    lab.stop_run()


def test_that_a_dropped_recipe_fills_the_form_and_a_dropped_run_is_shown(lab: Hands, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(recipe_to_json(small_recipe(epochs=7)))
    assert lab.drop(file)
    lab.wait(lambda: lab.session.draft == small_recipe(epochs=7))
    lab.wait(lambda: lab.window.workbench is not None and lab.bench.isVisible())
    assert lab.editor("epochs").text() == "7"

    folder = written_run(tmp_path / "elsewhere" / "old run").path
    assert lab.drop(folder)
    run = lab.wait_for_run("finished")
    assert run.path == folder
    lab.wait(lambda: bool(lab.plots()) and len(lab.plots()[0].series(f"{run.id}/train")) == 30)

    assert not lab.drop(tmp_path / "nothing.txt")


def test_that_an_edit_is_undone_and_done_again_by_keys(lab: Hands) -> None:
    lab.window.show_workbench()
    line = lab.editor("epochs")
    before = line.text()
    lab.enter(line, "77")
    lab.wait(lambda: lab.session.draft is not None and lab.session.draft.training.epochs == 77)
    lab.press(Qt.Key.Key_Z, CONTROL)
    lab.wait(lambda: line.text() == before)
    lab.wait(lambda: lab.session.draft is not None and str(lab.session.draft.training.epochs) == before)
    lab.press(Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    lab.wait(lambda: line.text() == "77")


def test_that_a_deleted_run_comes_back_with_undo(open_lab: Opener) -> None:
    kept, folder = written_run(num_steps=5), written_run()
    lab = open_lab()
    lab.window.show_workbench()
    panel = lab.bench.runs
    lab.wait(lambda: {row.path for row in panel.rows()} == {kept.path, folder.path})
    place = next(number for number, row in enumerate(panel.rows()) if row.path == folder.path)
    at = panel.table.visualRect(panel.table.model().index(place, 3)).center()
    lab.click(panel.table.viewport(), at)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    lab.wait_for_run("finished")
    lab.click(panel.table.viewport(), at)
    lab.press(Qt.Key.Key_Delete)
    lab.wait(lambda: [row.path for row in panel.rows()] == [kept.path] and not folder.path.exists())
    assert lab.session.current is None
    lab.press(Qt.Key.Key_Z, CONTROL)
    lab.wait(lambda: len(panel.rows()) == 2 and folder.recipe_file.exists())
    assert lab.wait_for_run("finished").path == folder.path
