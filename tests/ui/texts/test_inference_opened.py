"""Trying the pretrained model that is looked into, in place of the run's: texts, pairs, translations, images."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from modellab.recipe import recipe_from_builtins
from tests.ui.panel_fakes import SPIRALS
from tests.ui.texts.text_inference import WORDS, generate, train, type_into
from workers.protocol import Model, Prediction, PretrainedDescription

pytestmark = pytest.mark.usefixtures("themed")
TEXT = {"kind": "text", "shape": (30,), "num_tokens": 50}
CLASSES = TEXT | {"task": "classification", "classes": ("good", "bad")}
HIDDEN = TEXT | {"task": "masked_language_modelling", "shape": (30, 2), "specials": ("[CLS]", "[SEP]", "[MASK]")}
PAIRS = TEXT | {"task": "translation", "shape": (30, 2), "specials": ("[BEGIN]", "[END]")}
WRITER = TEXT | {"task": "language_modelling"}
IMAGES = {"kind": "image", "task": "classification", "shape": (3, 12, 12), "classes": ("cat", "dog")}


def look_into(lab, sample, *, name="models/any"):
    lab.inspector.opened = sample
    lab.inspector.task = sample["task"]
    lab.focus.lock(pretrained=name, text="")


def look_into_nothing_yet(panel, lab, sample):
    """And take the text that it was opened on away."""
    look_into(lab, sample)
    panel.text.clear()


def test_that_a_classifier_is_tried_in_place_of_the_run_and_the_run_again_after_it(qtbot, panel, lab):
    run = train(qtbot, lab, WORDS)
    look_into(lab, CLASSES)
    type_into(qtbot, panel, "fine")
    assert lab.inspector.predictions()[-1].model == Model(pretrained="models/any")
    assert panel.result._step.text() == "any"
    assert lab.inspector.attributions()[-1].model == Model(pretrained="models/any")
    lab.focus.lock(pretrained="")
    panel.text.clear()
    type_into(qtbot, panel, "haus")
    assert lab.inspector.predictions()[-1].model == Model(run=str(run.path))


def test_that_a_model_without_a_head_says_so_and_is_not_asked(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    lab.inspector.opened = "any has no head, so it says nothing by itself."
    lab.focus.lock(pretrained="models/any", text="")
    assert panel.result._hint.text() == "any has no head, so it says nothing by itself."
    count = len(lab.inspector.predictions())
    QTest.keyClicks(panel.text.field, "hello")
    qtbot.wait(60)
    assert len(lab.inspector.predictions()) == count


def test_that_no_plane_is_shown_while_a_model_that_reads_texts_is_looked_into(panel, lab):
    lab.session.load_draft(recipe_from_builtins(SPIRALS))
    plane = panel.editors["point"]
    assert plane.isVisible()
    lab.inspector.opened = "any has no head, so it says nothing by itself."
    lab.focus.lock(pretrained="models/any", text="")
    assert not plane.isVisible()
    lab.focus.lock(pretrained="")
    assert plane.isVisible()


def test_that_a_second_text_goes_with_the_first_where_one_may_follow(qtbot, panel, lab):
    look_into_nothing_yet(panel, lab, HIDDEN)
    assert panel.text.second.isVisible()
    assert "[MASK]" in panel.result._hint.text()
    QTest.keyClicks(panel.text.field, "it rains")
    assert not lab.inspector.predictions(), "nothing is hidden and nothing may follow"
    QTest.keyClicks(panel.text.second, "take an umbrella")
    qtbot.waitUntil(lambda: any(asked.input.pair == "take an umbrella" for asked in lab.inspector.predictions()))
    assert lab.inspector.predictions()[-1].input.text == "it rains"
    assert (lab.focus.value.text, lab.focus.value.pair) == ("it rains", "take an umbrella")
    lab.focus.lock(pair="stay at home")
    assert panel.text.second.text() == "stay at home"
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].input.pair == "stay at home")
    look_into(lab, CLASSES, name="models/other")
    assert not panel.text.second.isVisible()
    assert lab.focus.value.pair == ""
    type_into(qtbot, panel, "x")
    assert lab.inspector.predictions()[-1].input.pair == ""


def test_that_a_translation_is_the_one_that_the_views_look_at_unless_a_person_asks_for_several(qtbot, panel, lab):
    look_into(lab, PAIRS)
    type_into(qtbot, panel, "it rains")
    assert lab.inspector.predictions()[-1].input.num_beams == 1, "the views look at what is written greedily"
    search = panel.text.search
    QTest.mouseClick(search, Qt.MouseButton.LeftButton, pos=QPoint(search.width() - 12, search.height() // 2))
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].input.num_beams == 4)


def test_that_a_model_is_opened_on_one_text_that_the_views_and_the_panel_share(qtbot, panel, lab):
    look_into(lab, CLASSES)
    assert lab.focus.value.text.startswith("The cat sat on the mat")
    assert panel.text.text() == lab.focus.value.text
    lab.focus.lock(pretrained="models/other", text="of my own")
    assert (panel.text.text(), lab.focus.value.text) == ("of my own", "of my own")


def test_that_a_model_is_opened_on_the_text_that_the_views_have_already(panel, lab):
    lab.session.load_draft(recipe_from_builtins(SPIRALS))
    lab.inspector.opened, lab.inspector.task = None, CLASSES["task"]
    lab.focus.lock(pretrained="models/any", text="typed in a view")
    lab.inspector.on_opened(PretrainedDescription(title="any", sample=CLASSES), {})
    assert panel.text.text() == "typed in a view"


def test_that_what_was_tried_with_the_run_is_back_when_the_folder_is_closed(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    look_into(lab, CLASSES)
    assert panel.text.text().startswith("The cat sat on the mat")
    lab.focus.lock(pretrained="", token=None)
    assert (panel.text.text(), lab.focus.value.text) == ("haus", "haus")


def test_that_a_writer_writes_and_the_views_follow(qtbot, panel, lab):
    look_into_nothing_yet(panel, lab, WRITER)
    type_into(qtbot, panel, "if")
    generate(qtbot, panel)
    assert lab.inspector.written()[-1].model == Model(pretrained="models/any")
    assert lab.inspector.written()[-1].text == "if"


def test_that_an_image_of_a_persons_own_is_given_to_the_model_and_to_the_views(qtbot, panel, lab, monkeypatch):
    shares = Prediction(step=0, task="classification", classes=("cat", "dog"), probabilities=(0.8, 0.2))
    monkeypatch.setattr(lab.inspector, "_predict", lambda _request: (shares, {"seen": np.zeros((12, 12, 3), np.uint8)}))
    look_into(lab, IMAGES)
    assert panel.kind == "image"
    panel.editors["image"]._take_picture(
        panel.grab().toImage(), pixels=np.zeros((20, 20, 3), np.uint8), path="", caption="pasted"
    )
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert lab.inspector.predictions()[-1].model == Model(pretrained="models/any")
    assert panel.result._bars.rows()[0] == ("cat", 0.8)
    assert lab.image.value is not None
    look_into(lab, CLASSES, name="models/other")
    assert lab.image.value is None


def test_that_the_dice_say_that_a_folder_holds_no_examples(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    look_into(lab, CLASSES)
    panel.take_sample()
    assert "comes without examples" in panel.result._problem.text()


def test_that_an_answer_about_a_folder_that_is_no_longer_looked_into_is_dropped(qtbot, panel, lab):
    lab.inspector.opened = None
    lab.focus.lock(pretrained="models/slow", text="")
    slow = lab.inspector.on_opened
    look_into(lab, WRITER, name="models/quick")
    slow(PretrainedDescription(title="slow", sample=CLASSES), {})
    assert panel.opened.title == "any"
    assert panel.writing.isVisible()


def test_that_a_run_that_trains_on_leaves_alone_what_is_typed(qtbot, panel, lab):
    run = train(qtbot, lab, WORDS)
    look_into(lab, CLASSES)
    field = panel.text.field
    QTest.keyClicks(field, "before")
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    for letter in "Anna gave":
        QTest.keyClicks(field, letter)
        run.advanced.emit()
        run.published.emit(9)
    assert field.text() == lab.focus.value.text == "Anna gave"
