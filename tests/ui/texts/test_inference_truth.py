"""What the data says of a text that the dice brought."""

import pytest
from PySide6.QtTest import QTest

from tests.ui.texts.text_inference import BERT_DOCS, DATES, texts_asked, train
from ui.lab.tokens import spelled
from ui.panels.inference_hidden import one_hidden

pytestmark = pytest.mark.usefixtures("themed")


def test_that_the_dice_tell_what_is_to_be_written_of_a_text_to_translate(qtbot, panel, lab):
    train(qtbot, lab, DATES)
    panel.take_sample()
    index = lab.focus.value.sample
    assert panel.text.text() == "haus h\n"
    assert panel.text._caption.text() == f"sample {index}, in truth day {index}"
    assert panel.result._truth == f"day {index}"


def test_that_the_dice_hide_a_token_and_name_it(qtbot, panel, lab):
    train(qtbot, lab, BERT_DOCS)
    panel.take_sample()
    index = lab.focus.value.sample
    assert panel.text.text() == "haus [MASK]\n"
    assert panel.result._truth == "h"
    assert panel.text._caption.text() == f"sample {index}, hidden: h"
    qtbot.waitUntil(lambda: texts_asked(lab) == [panel.text.text()])


def test_that_a_text_that_hides_nothing_is_no_mistake(qtbot, panel, lab):
    train(qtbot, lab, BERT_DOCS)
    QTest.keyClicks(panel.text.field, "a value")
    assert "Write [MASK]" in panel.result._hint.text()
    assert panel.result._hint.isVisible()
    QTest.keyClicks(panel.text.second, "it follows")
    qtbot.waitUntil(lambda: texts_asked(lab) == ["a value"])


@pytest.mark.parametrize(
    ("tokenizer", "tokens"),
    [
        ("bpe", ("un", "der", "␣the", "␣s", "un", ".")),
        ("words", ("3", "+", "the", "=", ")")),
        ("wordpiece", ("un", "##der", "the", "s", "##un")),
    ],
)
def test_that_a_whole_word_is_hidden_where_there_is_one(tokenizer, tokens):
    text, hidden = one_hidden(tokens, tokenizer=tokenizer)
    assert hidden.strip("␣") == "the"
    assert text.replace("[MASK]", hidden.replace("␣", " ")) == spelled(tokens, tokenizer=tokenizer).text


def test_that_neither_blanks_nor_the_unknown_nor_a_part_of_a_letter_is_hidden():
    assert one_hidden(("␣", "⏎", "\ufffd"), tokenizer="words")[1] == ""
    assert one_hidden(("‹xC3›", "‹xA4›"), tokenizer="bytes") == ("ä", "")
    assert one_hidden(("‹xC3›", "‹xA4›", "b"), tokenizer="bytes") == ("ä[MASK]", "b")
