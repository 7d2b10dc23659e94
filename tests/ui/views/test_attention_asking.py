"""What the attention view asks, of which text, image and step, and what it says when there is no answer."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from modellab.events import Published
from tests.ui.views.attention_fakes import IMAGES, block, shown_view
from tests.ui.views.lens_fakes import lens, shown
from ui.views._look_source import SENTENCE
from ui.views.attention import AttentionView
from ui.views.lens import LensView
from workers.protocol import AttentionHeader, ImageInput, Look, ShowAttention, ShowLens


@pytest.fixture
def bert(qtbot):
    return shown_view(qtbot, pretrained="bert")


def test_that_typed_texts_are_asked_for(bert, qtbot):
    view, lab, inspector = bert
    assert view._parts.text_field.text() == SENTENCE, "what it reads at first is told, and a click selects it"
    QTest.mouseClick(view._parts.text_field, Qt.MouseButton.LeftButton)
    QTest.keyClicks(view._parts.text_field, "Where?")
    QTest.keyClicks(view._parts.second_field, "There.")
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].pair == "There.")
    assert inspector.asked_of(ShowAttention)[-1].text == "Where?"
    assert (lab.focus.value.text, lab.focus.value.pair) == ("Where?", "There.")
    lab.focus.lock(pair="Here.")
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].pair == "Here.")
    assert view._parts.second_field.text() == "Here."
    lab.focus.lock(pretrained="another")
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].pretrained == "another")
    assert inspector.asked_of(ShowAttention)[-1].pair == view._parts.second_field.text() == ""


@pytest.mark.parametrize("of", [AttentionView, LensView])
def test_that_the_second_text_in_try_it_is_read_with_the_first_until_the_next_one_of_the_run(qtbot, tmp_path, of):
    kind: type[Look] = ShowLens if of is LensView else ShowAttention
    if of is LensView:
        view, lab, inspector, _ = shown(qtbot, tmp_path, LensView, {ShowLens: lens})
        button = view._next
    else:
        view, lab, inspector = shown_view(qtbot, tmp_path)
        button = view._parts.next_text
    whose = view.whose if of is LensView else view._parts.whose
    qtbot.waitUntil(lambda: whose.text() == "validation text")
    assert whose.isVisible()
    lab.focus.lock(text="it rains", pair="take an umbrella ")
    qtbot.waitUntil(lambda: [one.pair for one in inspector.asked_of(kind)][-1:] == ["take an umbrella"])
    assert inspector.asked_of(kind)[-1].text == "it rains"
    qtbot.waitUntil(lambda: whose.text() == "text in Try it")
    lab.focus.unlock()
    assert lab.focus.value.pair == "take an umbrella "
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: inspector.asked_of(kind)[-1].pair == "")
    assert whose.text() == "validation text"
    lab.focus.lock(written=(1, 2))
    qtbot.waitUntil(lambda: whose.text() == "written in Try it")
    lab.focus.lock(text="", pair="of nothing")
    view.redraw()
    assert inspector.asked_of(kind)[-1].pair == ""


def test_that_a_translator_is_asked_for_the_target_typed(qtbot):
    view, _, inspector = shown_view(qtbot, pretrained="translator")
    QTest.keyClicks(view._parts.second_field, "the dog")
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].target == "the dog")
    assert inspector.asked_of(ShowAttention)[-1].pair == ""


def test_that_a_broken_model_stays_told_whatever_is_looked_at_and_can_be_opened_again(qtbot):
    view, lab, inspector = shown_view(qtbot, pretrained="bert")
    lab.focus.lock(pretrained="broken")
    told = view._parts._empty._sentence
    qtbot.waitUntil(lambda: "damaged" in told.text())
    lab.focus.lock(token=2)
    assert "damaged" in told.text()
    asked = len(inspector.asked_of(ShowAttention))
    lab.focus.lock(pretrained="")
    lab.focus.lock(pretrained="broken")
    qtbot.waitUntil(lambda: len(inspector.asked_of(ShowAttention)) == asked + 1)


def test_that_the_image_that_is_tried_is_looked_at_and_let_go_of(qtbot, tmp_path):
    view, lab, inspector = shown_view(qtbot, tmp_path, sample=IMAGES)
    pixels = np.zeros((8, 8), dtype=np.uint8)
    lab.image.set(ImageInput(drawn=True), {"image": pixels})
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].image == ImageInput(drawn=True))
    qtbot.waitUntil(lambda: view._attention.header.image_of == -1)
    view._parts.modes.choose("text")
    assert "Try it" in view._parts.patches._told
    asked = len(inspector.asked_of(ShowAttention))
    lab.image.set(ImageInput(drawn=True), {"image": pixels + 1})
    qtbot.waitUntil(lambda: len(inspector.asked_of(ShowAttention)) == asked + 1)
    QTest.mouseClick(view._parts.next_text, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].image is None)
    assert lab.image.value is None


def test_that_a_text_that_grows_while_it_is_written_is_shown_as_fast_as_answers_come(qtbot, tmp_path):
    view, lab, inspector = shown_view(qtbot, tmp_path)
    inspector.is_held = True
    asked = len(inspector.asked_of(ShowAttention))
    for count in range(1, 6):
        lab.focus.lock(written=tuple(range(count)), token=count - 1)
        view.redraw()
    assert [one.ids for one in inspector.asked_of(ShowAttention)[asked:]] == [(0,)]
    inspector.waiting.pop()()
    assert len(view._attention.blocks[0].header.keys) == 1  # shown, though more is written by now
    assert view._place.query == 0, "the newest token that has been read"
    assert inspector.asked_of(ShowAttention)[-1].ids == (0, 1, 2, 3, 4)
    inspector.waiting.pop()()
    assert view._place.query == 4


def test_that_a_picture_of_what_was_asked_before_says_so_until_the_new_one_is_there(qtbot, tmp_path):
    view, lab, inspector = shown_view(qtbot, tmp_path)
    behind, matrix = view._parts._behind, view._parts.matrix
    inspector.is_held = True
    view.run.take([Published(step=9)])  # only newer: the step that is shown is told
    qtbot.waitUntil(view._parts.spinner.isVisible)
    assert not behind.isVisible()
    inspector.waiting.pop()()
    before = matrix.mapTo(view, matrix.rect().topLeft()), matrix.size()
    lab.focus.lock(text="hello")
    qtbot.waitUntil(behind.isVisible)
    assert (matrix.mapTo(view, matrix.rect().topLeft()), matrix.size()) == before
    inspector.waiting.pop()()
    assert not behind.isVisible()
    assert not view._parts.spinner.isVisible()


def test_that_the_input_page_scrolls_to_the_newest_token(qtbot, tmp_path):
    view, lab, _ = shown_view(qtbot, tmp_path, size=(500, 300))
    view._parts.modes.choose("text")
    for count in (900, 1200):
        lab.focus.lock(written=tuple(range(count)), token=count - 1)
        qtbot.waitUntil(lambda count=count: view._place.query == count - 1)
        text = view._parts.text.text
        newest = text.token_rect(count - 1).center().toPoint()
        qtbot.waitUntil(lambda text=text, newest=newest: text.visibleRegion().contains(newest))


def test_that_the_arcs_bring_the_newest_token_into_sight(qtbot, tmp_path):
    view, lab, _ = shown_view(qtbot, tmp_path)
    view._parts.modes.choose("arcs")
    for count in (100, 120):
        lab.focus.lock(written=tuple(range(count)), token=count - 1)
        qtbot.waitUntil(lambda count=count: view._place.query == count - 1)
        assert view._parts.arcs.axis.first <= count - 1 < view._parts.arcs.axis.last
        assert {query for query, *_ in view._parts.arcs.lines()} == {count - 1}


def test_that_a_run_is_followed_live_and_at_any_step(qtbot, tmp_path):
    view, lab, inspector = shown_view(qtbot, tmp_path)
    assert "step 7" in view._parts.step.text()
    view.run.take([Published(step=9)])
    qtbot.waitUntil(lambda: len(inspector.asked_of(ShowAttention)) == 2)
    lab.focus.lock(step=4)
    qtbot.waitUntil(lambda: "step 4" in view._parts.step.text())
    lab.focus.lock(text="hello")
    qtbot.waitUntil(lambda: view._parts.matrix._shown.keys == tuple("hello"))
    QTest.mouseClick(view._parts.next_text, Qt.MouseButton.LeftButton)
    assert lab.focus.value.text == ""
    QTest.mouseClick(view._parts.next_text, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].probe == 1)


def test_that_what_is_wrong_is_said_and_what_was_shown_stays(qtbot, tmp_path):
    view, lab, _ = shown_view(qtbot, tmp_path)
    lab.focus.lock(text="!")
    qtbot.waitUntil(lambda: "damaged" in view._parts._notes.text())
    assert view._attention is not None
    lab.focus.lock(pretrained="broken", text="")
    qtbot.waitUntil(lambda: "damaged" in view._parts._empty._sentence.text())


@pytest.mark.parametrize("of", [AttentionView, LensView])
def test_that_live_updates_of_a_run_leave_alone_what_is_being_typed(qtbot, tmp_path, of):
    if of is LensView:
        view, lab, *_ = shown(qtbot, tmp_path, LensView, {ShowLens: lens})
    else:
        view, lab, _ = shown_view(qtbot, tmp_path)
    lab.focus.lock(pretrained="bert", text="before")
    field = view._parts.text_field if of is AttentionView else view.text_bar.field
    view.redraw()
    assert field.text() == "before"
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    for step, letter in enumerate("Anna gave", start=20):
        QTest.keyClicks(field, letter)
        view.run.take([Published(step=step)])
        view.redraw()
    assert field.text() == "Anna gave"
    field.finished.emit()
    assert lab.focus.value.text == "Anna gave"
    lab.focus.lock(text="another, chosen elsewhere")
    view.redraw()
    assert field.text() == "another, chosen elsewhere"


def test_that_a_translation_chosen_in_try_it_is_looked_at_until_another_is_typed_or_another_text_read(qtbot):
    view, lab, inspector = shown_view(qtbot, pretrained="translator")
    field = view._parts.second_field
    lab.focus.lock(text="Die Katze", target="a cat")
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].target == "a cat")
    assert field.text() == "a cat"
    lab.focus.lock(text="Der Hund")
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].text == "Der Hund")
    assert inspector.asked_of(ShowAttention)[-1].target == field.text() == ""
    lab.focus.lock(target="a dog")
    qtbot.waitUntil(lambda: field.text() == "a dog")
    field.selectAll()
    QTest.keyClicks(field, "two dogs")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].target == "two dogs")
    assert lab.focus.value.target == ""
    lab.focus.lock(text="Die Hunde")  # one's own translation stays
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].text == "Die Hunde")
    assert inspector.asked_of(ShowAttention)[-1].target == "two dogs"


def test_that_a_model_of_fewer_layers_may_be_laid_out_before_it_is_drawn(bert, qtbot):
    view, lab, inspector = bert
    lab.focus.lock(layer=2, head=3)
    cell = view._parts.matrix.cell_rect(2, 4).center().toPoint()
    QTest.mouseClick(view._parts.matrix, Qt.MouseButton.LeftButton, pos=cell)
    assert (view._place.layer, view._place.key) == (2, 4)
    one, arrays = block(layers=1, heads=2)
    inspector.replies[ShowAttention] = lambda request: (
        AttentionHeader(step=0, blocks=(one,), title=request.pretrained),
        arrays,
    )
    told = []
    view._parts.say_notes = lambda _notes: told.append(view._parts.matrix.labels_thinned.emit())
    lab.focus.lock(pretrained="small")
    qtbot.waitUntil(lambda: bool(told))
    assert (view._place.layer, view._place.head) == (0, 0)
