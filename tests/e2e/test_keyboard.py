"""Everything is reached by keys alone: the gallery, the pickers, the form, the palette."""

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from tests.e2e.hands import Hands
from ui.panels.gallery_tile import PresetTile
from ui.panels.inference_image import ImageEditor
from ui.panels.setup_picker import EntryPicker

CONTROL = Qt.KeyboardModifier.ControlModifier
RING = [(0.5 + 0.22 * math.sin(angle), 0.5 - 0.3 * math.cos(angle)) for angle in (i * math.tau / 24 for i in range(25))]


def test_that_the_gallery_leads_to_a_trained_run_by_keys_alone(lab: Hands) -> None:
    tab_to(lab, lambda widget: isinstance(widget, PresetTile))
    assert lab.focused() is lab.window.gallery.tiles["spiral-mlp"]
    lab.press(Qt.Key.Key_Right)
    assert lab.focused() is lab.window.gallery.tiles["xor"]
    lab.press(Qt.Key.Key_Return)
    run = lab.wait_for_steps()  # some thousand take half a second
    assert getattr(run.recipe.dataset, "shape", "") == "xor"
    lab.wait(lambda: run.step > 20)
    if run.is_alive:
        lab.press(Qt.Key.Key_Period, CONTROL)
    lab.wait(lambda: not run.is_alive)
    assert run.checkpoint_steps[-1] == run.step


def test_that_a_blank_setup_becomes_a_digit_reader_by_keys_and_reads_a_drawn_digit(lab: Hands) -> None:
    tab_to(lab, lambda widget: isinstance(widget, QPushButton) and "blank" in widget.text())
    lab.press(Qt.Key.Key_Space)
    lab.wait(lambda: lab.window.workbench is not None and lab.bench.isVisible())
    setup = lab.bench.setup.panel
    pick_from_list(lab, "digits")  # which is there already
    pick(lab, setup.architecture_part().card, "cnn")
    assert (setup.dataset_part().name(), setup.architecture_part().name()) == ("digits", "cnn")
    lab.wait(lambda: lab.session.draft is not None and lab.session.draft.architecture.name() == "cnn")
    lab.press(Qt.Key.Key_Return, CONTROL)
    run = lab.wait_for_run("training")

    editor = lab.bench.inference.editors["image"]
    assert isinstance(editor, ImageEditor)
    lab.draw(editor.pad, RING)
    result = lab.bench.inference.result
    lab.wait(lambda: result.answer is not None and result.answer.classes[0] == "0")
    assert result.answer is not None
    assert sorted(result.answer.classes) == list("0123456789")
    assert math.isclose(sum(result.answer.probabilities), 1, abs_tol=1e-3)
    assert 0 < result.answer.step <= run.total_steps
    if run.is_alive:
        lab.press(Qt.Key.Key_Period, CONTROL)
    lab.wait(lambda: not run.is_alive)


def test_that_the_palette_finds_a_preset_and_enter_trains_it(lab: Hands) -> None:
    lab.press(Qt.Key.Key_K, CONTROL)
    lab.wait(lambda: QApplication.activePopupWidget() is not None)
    lab.type("circles")
    lab.press(Qt.Key.Key_Return)
    assert QApplication.activePopupWidget() is None
    run = lab.wait_for_steps()
    assert getattr(run.recipe.dataset, "shape", "") == "circles"
    lab.wait(lambda: not run.is_alive)


def tab_to(lab: Hands, is_there) -> None:
    """Press Tab until the keyboard is there."""
    for _ in range(40):
        if is_there(lab.focused()):
            return
        lab.press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never got there; it is at {lab.focused()}")


def pick(lab: Hands, card, name: str) -> None:
    """Open a card's list, type, press Enter."""
    tab_to(lab, lambda widget: widget is card)
    lab.press(Qt.Key.Key_Return)
    pick_from_list(lab, name)


def pick_from_list(lab: Hands, name: str) -> None:
    """Type in the list that is open, or about to be, and press Enter."""
    lab.wait(lambda: isinstance(QApplication.activePopupWidget(), EntryPicker))
    lab.type(name)
    lab.press(Qt.Key.Key_Return)
    lab.wait(lambda: QApplication.activePopupWidget() is None)
