"""What a person does in the first minute: one click trains; pause, resume, steer, stop."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from modellab import events as ev
from modellab.runs.checkpoints import list_checkpoints
from tests.e2e.hands import Hands, events_of
from ui.plots.canvas import Canvas


def test_that_one_click_on_a_preset_trains_it_and_its_run_can_be_steered(lab: Hands) -> None:
    lab.click(lab.window.gallery.tiles["spiral-mlp"])
    run = lab.wait_for_run("training")
    docks = lab.bench.views_area.view_docks
    lab.wait(lambda: not docks["surface"].visibleRegion().isEmpty())  # what the preset is about, as README says
    docks["curves"].raise_()
    lab.wait(lambda: run.step > 100 and len(lab.plots()) == 2)
    assert [label.text() for label in lab.plots()[0].findChildren(QLabel)][:1] == ["Loss"]
    lab.wait(lambda: len(lab.plots()[0].series(f"{run.id}/train")) > 100)
    lab.wait(lambda: "samples/s" in status_text(lab) and "left" in status_text(lab))

    lab.click(lab.button("Pause"))
    lab.wait_for_run("paused")
    lab.wait(lambda: lab.window.bar.main_button.text() == "Resume")
    lab.click(lab.button("Resume"))
    lab.wait_for_run("training")

    lab.enter(lab.editor("learning_rate"), "0.0123")
    lab.wait(lambda: run.applied.get("training.learning_rate") == 0.0123)
    assert lab.editor("learning_rate").text() == "0.0123"
    lab.wait(lambda: any(m.kind == "option" and "0.0123" in m.text for m in run.markers))
    canvas = lab.plots()[0].findChild(Canvas)
    assert canvas is not None
    lab.wait(lambda: any("0.0123" in marker.text for marker in canvas.markers))

    lab.stop_run()
    applied = [event for event in events_of(run) if isinstance(event, ev.OptionApplied)]
    assert [(event.name, event.value) for event in applied] == [("training.learning_rate", 0.0123)]
    assert list_checkpoints(run.folder)[-1].step == run.step
    assert lab.sentences() == []


def test_that_an_out_of_range_value_marks_its_field_and_dims_start(lab: Hands) -> None:
    lab.window.show_workbench()
    lab.wait(lambda: lab.window.bar.main_button.isEnabled())
    lab.enter(lab.editor("epochs"), "0")
    lab.wait(lambda: not lab.window.bar.main_button.isEnabled())
    sentence = lab.session.problem
    assert "Epochs" in sentence
    assert "1" in sentence
    assert lab.window.bar.main_button.toolTip() == sentence
    shown = [label.text() for label in lab.window.findChildren(QLabel) if label.isVisible()]
    assert any(text.startswith("A whole number from 1") for text in shown), shown
    lab.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert lab.session.open_runs == []

    lab.enter(lab.editor("epochs"), "3")
    lab.wait(lambda: lab.window.bar.main_button.isEnabled())
    assert lab.session.problem == ""


def status_text(lab: Hands) -> str:
    """What the status bar says."""
    return " ".join(label.text() for label in lab.window.statusBar().findChildren(QLabel))
