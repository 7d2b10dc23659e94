"""Trying the model out: what is given, when it is asked, and how the answer is shown."""

import struct
import zlib

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from modellab.events import Published, encode_event
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from tests.ui.inference_hands import train, type_into
from tests.ui.panel_fakes import DIGITS, SPIRALS, TABLE
from tests.ui.panel_pixels import is_blank
from ui.panels.inference_pad import to_image, to_pixels
from ui.theme import theme
from workers.protocol import ImageInput, Prediction, RowInput

pytestmark = pytest.mark.usefixtures("themed")


def draw(pad, *, button=Qt.MouseButton.LeftButton):
    middle = pad.rect().center()
    QTest.mousePress(pad, button, Qt.KeyboardModifier.NoModifier, middle - QPoint(30, 30))
    for step in range(-20, 31, 10):
        QTest.mouseMove(pad, middle + QPoint(step, step))
    QTest.mouseRelease(pad, button, Qt.KeyboardModifier.NoModifier, middle + QPoint(30, 30))


def test_that_before_any_run_one_can_draw_and_is_told_what_to_do(panel):
    assert "Press Start" in panel.result._hint.text()
    draw(panel.editors["image"].pad)
    assert panel.editors["image"].pad.has_ink
    assert "Press Start" in panel.result._hint.text()


def test_that_the_setup_decides_what_can_be_given_before_any_run(panel, lab):
    lab.session.set_draft(recipe_from_builtins(SPIRALS))
    assert panel.kind == "point"
    assert panel.editors["point"].isVisible()
    lab.session.set_draft(recipe_from_builtins(DIGITS))
    assert panel.kind == "image"
    assert not panel.editors["point"].isVisible()


def test_that_a_drawing_is_asked_about_and_its_classes_are_shown(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    request, arrays = lab.inspector.asked[-1], lab.inspector.arrays[-1]
    assert request.slot == "predict"
    assert request.input == ImageInput(drawn=True)
    assert request.model.run == str(lab.session.current.path)
    assert request.model.step is None
    assert arrays["image"].shape == (280, 280)
    assert arrays["image"].max() == 255
    assert panel.result._bars.rows()[0] == ("7", 0.9)
    assert panel.result._step.text() == "step 40 · last"
    assert panel.result._time.text() == "1.5 ms"
    assert panel.editors["image"].seen.size_text.text() == "8 × 8 px"


def test_that_the_views_are_told_of_a_drawing_and_not_of_an_example_of_the_data(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    assert lab.image.value is not None
    assert lab.image.value.input == ImageInput(drawn=True)
    number = lab.image.value.number
    draw(panel.editors["image"].pad, button=Qt.MouseButton.LeftButton)
    assert lab.image.value.number > number
    panel.take_sample()
    qtbot.waitUntil(lambda: lab.focus.value.sample is not None)
    assert lab.image.value is None


def test_that_a_drawing_made_before_the_run_is_asked_about_once_it_has_weights(qtbot, panel, lab):
    draw(panel.editors["image"].pad)
    train(qtbot, lab, DIGITS)
    qtbot.waitUntil(lambda: panel.result.answer is not None)


def test_that_the_right_button_and_the_eraser_take_ink_away(panel):
    pad = panel.editors["image"].pad
    draw(pad)
    full = int(pad.pixels().sum())
    draw(pad, button=Qt.MouseButton.RightButton)
    assert int(pad.pixels().sum()) < full / 4
    draw(pad)
    QTest.keyClick(panel.editors["image"].pad, Qt.Key.Key_E)
    draw(pad)
    assert int(pad.pixels().sum()) < full / 4


def test_that_strokes_are_smooth_and_as_wide_as_the_pen(panel):
    pad = panel.editors["image"].pad
    draw(pad)
    thin = int((pad.pixels() > 128).sum())
    assert len(np.unique(pad.pixels())) > 20
    pad.clear()
    assert pad.is_blank
    panel.editors["image"]._width.setValue(44)
    draw(pad)
    assert int((pad.pixels() > 128).sum()) > 1.6 * thin


def test_that_clear_takes_the_answer_away_too(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    pad = panel.editors["image"].pad
    draw(pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert panel.result.answer is None
    assert "Give it an image" in panel.result._hint.text()


def test_that_newer_weights_are_asked_at_most_five_times_a_second(qtbot, panel, lab):
    run = train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    qtbot.waitUntil(lambda: not panel.asking._live_timer.isActive())
    assert panel.asking._live_timer.interval() == 200
    before = len(lab.inspector.predictions())
    for step in range(41, 141):
        run.published.emit(step)
    assert len(lab.inspector.predictions()) == before + 1
    qtbot.waitUntil(lambda: len(lab.inspector.predictions()) == before + 2)  # what came since, when it is due
    assert not panel.asking._is_stale


def test_that_nothing_is_asked_while_nobody_looks_and_the_newest_when_somebody_does(qtbot, panel, lab):
    run = train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    panel.hide()
    before = len(lab.inspector.predictions())
    run.published.emit(50)
    QTest.qWait(300)
    assert len(lab.inspector.predictions()) == before
    panel.show()
    qtbot.waitUntil(lambda: len(lab.inspector.predictions()) == before + 1)


def test_that_the_slider_asks_about_its_step(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    lab.focus.lock(step=12)
    qtbot.waitUntil(lambda: panel.result._step.text() == "step 12 · slider")
    assert lab.inspector.asked[-1].model.step == 12
    lab.focus.unlock()
    qtbot.waitUntil(lambda: panel.result._step.text() == "step 40 · last")


def test_that_a_problem_is_one_sentence_in_place(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    lab.inspector.problem = "Step 7 has no checkpoint any more."
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(panel.result._problem.isVisible)
    assert panel.result._problem.text() == "Step 7 has no checkpoint any more."
    lab.inspector.problem = ""
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert not panel.result._problem.isVisible()


def test_that_no_problem_makes_the_pad_smaller(qtbot, panel):
    panel.resize(256, 520)
    pad = panel.editors["image"].pad
    qtbot.waitUntil(lambda: pad.height() < pad.width())  # there is less room than it would like
    before = pad.size()
    panel.result.show_problem("It has more than the 80 million pixels allowed; choose a smaller one, or another. " * 2)
    QApplication.processEvents()
    assert panel.result._problem.isVisible()
    assert pad.size() == before


def test_that_a_file_can_be_dropped_and_the_next_stroke_begins_on_black(qtbot, panel, lab, tmp_path):
    train(qtbot, lab, DIGITS)
    file = tmp_path / "four.png"
    assert to_image(np.full((20, 30, 3), 120, np.uint8)).save(str(file))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    editor = panel.editors["image"]
    editor.dropEvent(QDropEvent(QPointF(9, 9), actions, data, buttons, Qt.KeyboardModifier.NoModifier))
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert lab.inspector.predictions()[-1].input == ImageInput(path=str(file))
    draw(editor.pad)
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].input == ImageInput(drawn=True))
    assert editor.pad.pixels().mean() < 128


def test_that_a_file_that_is_no_image_is_told_of(qtbot, panel, tmp_path):
    file = tmp_path / "notes.png"
    file.write_text("no picture")
    panel.editors["image"].open_file(str(file))
    qtbot.waitUntil(panel.result._problem.isVisible)
    assert "notes.png cannot be read as an image" in panel.result._problem.text()
    panel.result.show_answer(Prediction(step=7, task="regression"), step_text="step 7")  # to what was given before
    assert panel.result._problem.isVisible()
    draw(panel.editors["image"].pad)
    assert not panel.result._problem.isVisible()
    panel.editors["image"].open_file(str(file))
    qtbot.waitUntil(panel.result._problem.isVisible)
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 6251)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body)) for tag, body in parts
    ]
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    panel.editors["image"].open_file(str(file))
    qtbot.waitUntil(lambda: "50,000 × 50,000 pixels; at most 64 million" in panel.result._problem.text())


def test_that_a_picture_is_pasted(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    pixels = np.random.default_rng(0).integers(0, 255, (6, 5, 4)).astype(np.uint8)
    pixels[..., 3] = 255
    QGuiApplication.clipboard().setImage(to_image(pixels))
    panel.editors["image"].paste()
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert np.array_equal(lab.inspector.arrays[-1]["image"], pixels)
    assert np.array_equal(to_pixels(QImage(to_image(pixels))), pixels)


def test_that_the_dice_takes_a_validation_sample_that_every_view_sees(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    panel.editors["image"].pad.setFocus()
    QTest.keyClick(panel.editors["image"].pad, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert lab.inspector.arrays[-1]["image"].shape == (8, 8)
    assert lab.focus.value.sample is not None
    assert panel.editors["image"]._caption.text() == f"sample {lab.focus.value.sample}, in truth 1"
    assert panel.result._bars._truth == 1  # the row of class "1" is the true one


def test_that_a_sample_chosen_elsewhere_is_taken_too(qtbot, panel, lab):
    train(qtbot, lab, TABLE)
    lab.focus.lock(sample=17, split="train")
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    request = next(request for request in reversed(lab.inspector.asked) if request.slot == "try-sample")
    assert (request.start, request.count, request.split) == (17, 1, "train")


def test_that_a_point_is_clicked_moved_and_typed(qtbot, panel, lab):
    train(qtbot, lab, SPIRALS)
    editor = panel.editors["point"]
    QTest.mouseClick(editor.plane, Qt.MouseButton.LeftButton, pos=editor.plane._inner().center().toPoint())
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert [abs(field.value()) < 0.05 for field in editor.fields] == [True, True]
    editor.plane.setFocus()
    x = editor.fields[0].value()
    QTest.keyClick(editor.plane, Qt.Key.Key_Right)
    assert editor.fields[0].value() == pytest.approx(x + 0.02)
    type_into(editor.fields[0], "0.5")
    type_into(editor.fields[1], "-1,25")
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].input == RowInput(values=(0.5, -1.25)))
    assert editor.plane._class == 1
    assert len(editor.plane._examples) > 100


def test_that_the_answer_can_be_copied(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    panel.result._copy.click()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0] == "7\t0.9"
    assert len(lines) == 10


def test_that_one_chooses_how_many_classes_are_shown(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    panel.result._top.menu().actions()[0].trigger()
    assert len(panel.result._bars.rows()) == 3
    panel.result._top.menu().actions()[2].trigger()
    assert len(panel.result._bars.rows()) == 10


def test_that_another_run_takes_another_kind_of_input(qtbot, panel, lab):
    train(qtbot, lab, DIGITS)
    draw(panel.editors["image"].pad)
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    train(qtbot, lab, SPIRALS)
    assert panel.kind == "point"
    assert panel.result.answer is None


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("values", [DIGITS, SPIRALS, TABLE], ids=["image", "point", "row"])
def test_that_every_input_is_painted_in_both_themes(qtbot, panel, lab, values, name):
    before = theme().name
    train(qtbot, lab, values)
    theme().use(name)
    try:
        panel.take_sample()
        qtbot.waitUntil(lambda: panel.result.answer is not None)
        QApplication.processEvents()
        assert not is_blank(panel)
        assert not is_blank(panel.result)
    finally:
        theme().use(before)


def test_that_a_run_whose_events_are_still_being_read_is_not_said_to_be_over(panel, lab, tmp_path):
    run = create_run(recipe_from_builtins(DIGITS), path=tmp_path / "run")
    lab.session.open_run(run.path)
    assert lab.session.current.status == "new"
    assert panel.result._hint.text().startswith("The answer appears here as soon as")


def test_that_a_run_that_has_told_something_is_said_to_be_being_read(panel, lab, tmp_path):
    run = create_run(recipe_from_builtins(DIGITS), path=tmp_path / "run")
    run.events_file.write_bytes(encode_event(Published(step=5)) + b"\n")
    lab.session.open_run(run.path)
    assert panel.result._hint.text() == "This run is being read…"
