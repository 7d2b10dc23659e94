"""Trying a model of text: what is asked as one types, how it is shown, and how a language model writes on."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.panel_pixels import is_blank
from tests.ui.texts.text_inference import (
    DATES,
    DOCS,
    WORDS,
    begin,
    generate,
    texts_asked,
    train,
    type_into,
)
from ui.theme import font, theme
from ui.widgets import missing_letters
from workers.protocol import Clamp, HeadScale, HiddenToken, Prediction, TextInput

pytestmark = pytest.mark.usefixtures("themed")
TURNED = Prediction(
    step=50, task="classification", classes=("Danish", "Dutch", "German"), probabilities=(0.7, 0.2, 0.1)
)


def test_that_an_empty_field_is_calm_and_asks_nothing(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    assert panel.kind == "text"
    assert panel.text.isVisible()
    assert panel.text.count.text() == "at most 24 tokens"
    assert "Type something" in panel.result._hint.text()
    QTest.keyClicks(panel.text.field, "   ")
    qtbot.wait(60)
    assert texts_asked(lab) == []


def test_that_the_answer_follows_the_keys_and_tokens_are_counted(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    qtbot.waitUntil(lambda: texts_asked(lab)[-1] == "haus")
    assert lab.inspector.predictions()[-1].input == TextInput(text="haus")
    assert panel.result._bars.rows()[0] == ("German", 0.6)
    assert panel.text.count.text() == "4 tokens · at most 24"
    assert not panel.writing.isVisible()


@pytest.mark.parametrize("values", [WORDS, DATES, DOCS])
def test_that_what_is_typed_has_the_size_of_all_other_text(qtbot, panel, lab, values):
    train(qtbot, lab, values)
    assert panel.text.field.font().pixelSize() == font("body").pixelSize() == panel.result._bars.font().pixelSize()


def test_that_one_of_several_translations_is_chosen_to_be_looked_at_until_there_is_another_text(qtbot, panel, lab):
    train(qtbot, lab, DATES)
    type_into(qtbot, panel, "3 mars")
    assert panel.result._about.text() == "click one to look at its attention"
    bars = panel.result._bars
    row = next(place for place, (name, _) in enumerate(bars.rows()) if name == "e")
    at = bars.row_rect(row).center().toPoint()
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=at)
    assert lab.focus.value.target == "e"
    assert bars._marked == row
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=at)
    assert (lab.focus.value.target, bars._marked) == ("", None)
    for other in (lambda: QTest.keyClicks(panel.text.field, " 2"), lambda: panel.text.search.choose("4")):
        QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(row).center().toPoint())
        assert lab.focus.value.target == "e"
        other()
        assert lab.focus.value.target == ""


def test_that_a_typed_text_is_not_asked_for_again_while_its_answer_is_on_the_way(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    answer = lab.inspector.ask
    lab.inspector.ask = lambda *args, **kwargs: None
    QTest.keyClicks(panel.text.field, "ha")
    assert panel.result._hint.text() == "The answer is on its way…"
    panel.result.show_problem("It is no text.")
    assert panel.result._hint.text() == ""
    lab.inspector.ask = answer
    QTest.keyClicks(panel.text.field, "us")
    qtbot.waitUntil(lambda: panel.result.answer is not None)


def test_that_quick_typing_is_asked_about_in_few_questions_the_last_of_which_has_it_all(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    word = "wissenschaft" * 5
    timer = panel.asking._edit_timer
    assert timer.interval() <= 25
    timer.setInterval(60_000)  # nobody types so slowly that it would fire between two keys
    QTest.keyClicks(panel.text.field, word)
    assert len(texts_asked(lab)) <= 1
    timer.timeout.emit()
    assert texts_asked(lab)[-1] == word
    assert len(texts_asked(lab)) <= 2


def test_that_what_is_blank_has_no_count_of_the_text_before(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    panel.text.field.selectAll()
    QTest.keyClicks(panel.text.field, "  ")
    assert panel.text.count.text() == "at most 24 tokens"


def test_that_letters_shown_as_boxes_are_named_once_below_the_field(qtbot, panel, lab, monkeypatch):
    monkeypatch.setattr(missing_letters, "has_shape", lambda letter: letter < "\u2600")
    train(qtbot, lab, WORDS)
    panel.text.field.insertPlainText("ab漢")
    assert "No font here has \u2066‹6F22›\u2069, shown as a box: apt install" in panel.text._boxes.text()
    panel.text.set_text("a漢字漢👍語b")
    assert panel.text._boxes.isVisible()
    assert "‹1F44D›\u2069 and 1 more, shown as boxes" in panel.text._boxes.text()
    assert panel.text._boxes.text().count("6F22") == 1
    QTest.mouseClick(panel.text._clear, Qt.MouseButton.LeftButton)
    assert not panel.text._boxes.isVisible()


def test_that_each_run_keeps_the_text_that_was_tried_with_it(qtbot, panel, lab):
    words = train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    train(qtbot, lab, DOCS)
    assert panel.text.text() == lab.focus.value.text == ""  # a word is nothing to a model of Python's documentation
    type_into(qtbot, panel, "class")
    docs = lab.session.current.path
    lab.inspector.task = "classification"
    lab.session.open_run(words.path)
    assert panel.text.text() == lab.focus.value.text == "haus"
    qtbot.waitUntil(lambda: texts_asked(lab)[-1] == "haus")
    lab.session.open_run(docs)
    assert panel.text.text() == "class"
    other = train(qtbot, lab, WORDS)
    assert panel.text.text() == ""
    type_into(qtbot, panel, "huis")
    lab.session.open_run(words.path)
    assert panel.text.text() == "haus"
    train(qtbot, lab, WORDS)
    assert panel.text.text() == "haus"  # to compare what both make of it
    lab.session.open_run(other.path)
    assert panel.text.text() == "huis"


def test_that_each_run_keeps_the_second_text_too(qtbot, panel, lab):
    first = train(qtbot, lab, WORDS)
    lab.focus.lock(text="it rains", pair="take an umbrella")
    train(qtbot, lab, DOCS)
    assert panel.text.pair() == lab.focus.value.pair == ""
    lab.session.open_run(first.path)
    assert panel.text.pair() == lab.focus.value.pair == "take an umbrella"


def test_that_clearing_takes_the_answer_away(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    QTest.mouseClick(panel.text._clear, Qt.MouseButton.LeftButton)
    assert panel.result.answer is None
    assert panel.text.text() == ""
    assert panel.text.count.text() == "at most 24 tokens"


def test_that_return_in_a_word_starts_no_line(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "ha")
    QTest.keyClick(panel.text.field, Qt.Key.Key_Return)
    assert panel.text.text() == "ha"
    lab.focus.lock(text="")  # the views are shown another
    QTest.keyClick(panel.text.field, Qt.Key.Key_Return)
    assert lab.focus.value.text == panel.text.text() != ""


def test_that_notes_of_the_answer_are_shown(qtbot, panel, lab):
    lab.inspector.notes = ("Only the first 24 of 99 tokens are read.",)
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    assert panel.result._notes.isVisible()
    assert panel.result._notes.text() == "Only the first 24 of 99 tokens are read."


def test_that_newer_weights_answer_the_same_text_again(qtbot, panel, lab):
    run = train(qtbot, lab, WORDS, end="")
    type_into(qtbot, panel, "haus")
    before = len(texts_asked(lab))
    run.published.emit(60)
    qtbot.waitUntil(lambda: len(texts_asked(lab)) > before)
    assert texts_asked(lab)[-1] == "haus"
    lab.focus.lock(step=40)
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].model.step == 40)


def test_that_the_dice_take_a_validation_text_with_its_truth(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    QTest.keyClick(panel.text.field, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert panel.text.text() == "haus h\n"
    assert "in truth Dutch" in panel.text._caption.text()
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    assert panel.result._bars._truth == 1
    assert lab.focus.value.text == "haus h\n"
    assert lab.focus.value.sample is not None
    QTest.keyClicks(panel.text.field, "x")
    assert panel.text._caption.text() == ""
    assert lab.focus.value.sample is None


def test_that_a_sample_chosen_elsewhere_is_tried_and_its_text_shared(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    lab.focus.lock(split="train", sample=7)
    assert panel.text.text() == "haus h\n"
    assert lab.focus.value.text == "haus h\n"
    assert (lab.focus.value.split, lab.focus.value.sample) == ("train", 7)


def test_that_the_typed_text_is_shared_and_one_from_elsewhere_is_taken(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    QTest.keyClicks(panel.text.field, "ab")
    assert lab.focus.value.text == "ab"
    lab.focus.lock(text="from the gates")
    assert panel.text.text() == "from the gates"
    qtbot.waitUntil(lambda: texts_asked(lab)[-1:] == ["from the gates"])
    lab.focus.unlock()
    assert panel.text.text() == "from the gates"


def test_that_clamps_go_with_the_question_and_are_said(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    assert not panel.clamps.isVisible()
    clamp = Clamp(layer=0, signal="f", value=-1.5, unit=17)
    lab.clamps.set((clamp,))
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].clamps == (clamp,))
    assert panel.clamps.isVisible()
    assert panel.clamps.text() == "layer 1 · unit 17 f = −1.5"
    lab.clamps.set((clamp, Clamp(layer=1, signal="o", value=0.0)))
    assert panel.clamps.text() == "2 interventions: layer 1 · unit 17 f = −1.5  ·  layer 2 · every unit o = 0"
    lab.clamps.set(())
    assert not panel.clamps.isVisible()


def test_that_a_head_that_is_off_is_said_beside_the_answer_and_one_click_lets_it_go(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    head = HeadScale(module="blocks.1.attention", head=3, layer=1)
    lab.clamps.set((head,))
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].clamps == (head,))
    assert panel.clamps.text() == "layer 1 · head 3 switched off"
    QTest.mouseClick(panel.clamps.remove, Qt.MouseButton.LeftButton)
    assert lab.clamps.value == ()
    assert not panel.clamps.isVisible()
    qtbot.waitUntil(lambda: lab.inspector.predictions()[-1].clamps == ())
    lab.session.undo_stack.undo()
    assert lab.clamps.value == (head,)


def test_that_what_is_held_in_a_pretrained_model_is_no_matter_to_the_run_that_is_tried_after_it(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    lab.focus.lock(pretrained="some/bert")
    lab.clamps.set((HiddenToken(place=1, token="haus"),))
    assert panel.clamps.isVisible()
    lab.focus.lock(pretrained="")
    type_into(qtbot, panel, "haus")
    assert not panel.clamps.isVisible()
    assert lab.inspector.predictions()[-1].clamps == ()


@pytest.mark.parametrize("content", ["word " * 200_000, "x" * 1_000_000], ids=["words", "one line"])
def test_that_a_megabyte_is_pasted_at_once_cut_and_said(qtbot, panel, lab, content):
    train(qtbot, lab, WORDS)
    mime = QMimeData()
    mime.setText(content)
    changes: list[int] = []
    panel.text.field.document().contentsChange.connect(lambda _place, _removed, added: changes.append(added))
    panel.text.field.insertFromMimeData(mime)
    QTest.qWait(1)
    assert sum(changes) <= 2 * len(panel.text.field.toPlainText()) + 2  # the rest never was in the field
    assert panel.text._note.isVisible()
    assert "1,000,000 characters were given" in panel.text._note.text()
    qtbot.waitUntil(lambda: bool(texts_asked(lab)))
    assert len(texts_asked(lab)[-1]) == 2_000
    panel.text.field.insertFromMimeData(mime)
    assert len(panel.text.text()) == 2_000


def test_that_a_language_model_keeps_the_end_of_what_is_pasted(qtbot, panel, lab):
    train(qtbot, lab, DOCS)
    mime = QMimeData()
    mime.setText("a" * 100_000 + "the end")
    panel.text.field.insertFromMimeData(mime)
    assert panel.text.text().endswith("the end")
    assert len(panel.text.text()) == 4_000


def test_that_odd_letters_arrive_as_they_are(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    for text in ("😀👩‍👩‍👧", "שלום עולם", "مرحبا", "a\u00a0b", "tab\there", "two\nlines"):
        lab.focus.lock(text=text)
        assert panel.text.text() == text
    mime = QMimeData()
    mime.setText("a\0b")
    panel.text.clear()
    panel.text.field.insertFromMimeData(mime)
    assert panel.text.text() == "a b"
    assert panel.text._note.text() == "NUL characters were given, which are read as spaces."
    QTest.keyClicks(panel.text.field, "c")
    assert panel.text._note.text() == ""


def test_that_a_long_text_gives_way_where_room_is_short(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    lab.focus.lock(text="the words of a long text " * 20)
    qtbot.waitUntil(lambda: panel.text.field.height() == panel.text.field.maximumHeight())
    lab.clamps.set((Clamp(layer=0, signal="f", value=0.0),))
    panel.resize(280, 440)
    qtbot.waitUntil(lambda: panel.text.field.height() < panel.text.field.maximumHeight())
    bottom = panel.text.field.mapTo(panel, panel.text.field.rect().bottomLeft()).y()
    assert bottom < panel.text.count.mapTo(panel, panel.text.count.rect().topLeft()).y()


def test_that_a_chosen_next_token_is_appended(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    bars = panel.result._bars
    assert bars.rows()[0] == ("␣", 0.5)
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(0).center().toPoint())
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(1).center().toPoint())
    assert panel.text.text() == "if e"
    assert lab.focus.value.text == "if e"
    bars.setFocus()
    QTest.keyClick(bars, Qt.Key.Key_Down)
    QTest.keyClick(bars, Qt.Key.Key_Return)
    assert panel.text.text() == "if e\n"
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(3).center().toPoint())
    assert panel.text.text() == "if e\n"


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("values", [WORDS, DOCS], ids=["classes", "language"])
def test_that_it_is_drawn_in_both_themes_and_fits_a_low_panel(qtbot, panel, lab, name, values):
    train(qtbot, lab, values)
    type_into(qtbot, panel, "haus")
    if values is DOCS:
        generate(qtbot, panel)
        lab.inspector.write(*"some text", is_last=True)
    theme().use(name)
    panel.resize(280, 600)
    qtbot.wait(30)
    assert panel.height() == 600
    assert not is_blank(panel)
    assert panel.minimumSizeHint().width() <= 280
    assert isinstance(panel.result.answer, Prediction)


def test_that_an_answer_of_no_letters_has_a_name(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    qtbot.waitUntil(lambda: panel.result.answer is not None)
    answer = Prediction(step=1, task="translation", classes=("", "2021-05-03"), probabilities=(0.6, 0.4))
    panel.result.show_answer(answer, step_text="step 1")
    assert [name for name, _ in panel.result._bars.rows()] == ["(end of text)", "2021-05-03"]


def test_that_rows_keep_their_places_under_the_pointer_while_the_shares_change(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    bars = panel.result._bars
    QTest.mouseMove(bars, bars.row_rect(1).center().toPoint())
    panel.result.show_answer(TURNED, step_text="step 50")
    assert bars.rows() == (("German", 0.1), ("Dutch", 0.2), ("Danish", 0.7)), "what is about to be clicked stays there"

    QApplication.sendEvent(bars, QEvent(QEvent.Type.Leave))
    assert [name for name, _ in bars.rows()] == ["Danish", "Dutch", "German"]


def test_that_another_text_is_another_order_wherever_the_pointer_is(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    bars = panel.result._bars
    QTest.mouseMove(bars, bars.row_rect(1).center().toPoint())
    panel.text.field.setFocus()
    QTest.keyClicks(panel.text.field, "e")
    panel.result.show_answer(TURNED, step_text="step 50")
    assert bars.rows()[0] == ("Danish", 0.7)


def test_that_a_word_that_grows_to_two_lines_is_seen_from_its_beginning(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "donaudampfschifffahrtsgesellschaftskapitaen")
    field = panel.text.field
    qtbot.waitUntil(lambda: field.height() >= field.maximumHeight())
    assert field.document().size().height() == 2
    assert field.verticalScrollBar().value() == 0


def test_that_all_tokens_of_a_text_are_counted_read_or_not(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    panel.text.show_num_tokens(802)
    assert panel.text.count.text() == "802 tokens · 24 read"
