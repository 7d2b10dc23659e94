"""How a language model writes on in the panel, token by token."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from modellab.inspection.clamps import Clamp
from tests.ui.texts.text_inference import (
    DOCS,
    GPT_DOCS,
    WORDS,
    begin,
    generate,
    train,
)
from ui.widgets.labels import ElidedLabel
from ui.widgets.panel_scroll import PanelScroll
from workers.protocol import Generated

pytestmark = pytest.mark.usefixtures("themed")


def test_that_generate_asks_with_the_settings_and_shows_what_comes_as_it_comes(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    settings = panel.writing.settings
    settings.temperature.setValue(0.5)
    settings.top_k.setValue(9)
    settings.top_p.setValue(0.9)
    settings.repetition_penalty.setValue(1.2)
    settings.num_tokens.setValue(50)
    settings.stop.setText("\\n\\n")
    generate(qtbot, panel)
    asked = lab.inspector.written()[-1]
    assert (asked.temperature, asked.top_k, asked.top_p, asked.num_tokens) == (0.5, 9, 0.9, 50)
    assert asked.repetition_penalty == 1.2
    assert "repetition penalty 1.2" in settings.heading.accessibleDescription()
    assert (asked.text, asked.stop, asked.seed) == ("if", "\n\n", settings.seed.value())
    assert panel.writing.button.text() == "Stop"
    lab.inspector.write("␣", "x")
    qtbot.waitUntil(lambda: panel.writing.output.written() == " x")
    assert panel.writing.output.toPlainText() == "if x"
    assert panel.result._bars.rows()[1] == ("x", 0.3)
    assert panel.result._step.text() == "token 2 of 2"
    lab.inspector.write("⏎", is_last=True, before=" x")
    assert panel.writing.button.text() == "Generate"
    assert panel.writing._status.text() == "3 tokens, stopped at “⏎⏎”"
    assert panel.text.text() == "if"


def test_that_a_token_may_mend_the_one_before(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    for text, token in (("a\ufffd", "‹xC3›"), ("aé", "‹xA9›"), ("aé😀", "😀")):
        lab.inspector.on_generated(Generated(text=text, token=token, is_last=token == "😀"), {})
    assert panel.writing.output.toPlainText() == "ifaé😀"
    assert panel.writing.output.num_tokens() == 3


def test_that_stopping_ends_it_and_keeps_what_came(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    lab.inspector.write("a", "b")
    generate(qtbot, panel)
    assert panel.writing.output.written() == "ab"
    assert lab.inspector.written()[-1].num_tokens == 0
    assert lab.inspector.written()[-1].slot == lab.inspector.written()[0].slot
    lab.inspector.write("c", before="ab")
    qtbot.wait(50)
    assert panel.writing.output.written() == "ab"
    assert panel.result.answer is not None


def test_that_a_written_token_shows_its_candidates_under_the_pointer(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    lab.inspector.write(*"abcdefgh", is_last=True)
    output = panel.writing.output
    cursor = output.textCursor()
    cursor.setPosition(len("if") + 2)
    QTest.mouseMove(output.viewport(), output.cursorRect(cursor).center() + QPoint(3, 0))
    assert panel.result._bars.rows() == (("x", 0.5), ("c", 0.3), ("z", 0.2))
    assert panel.result._bars._marked == 1
    assert panel.result._step.text() == "token 3 of 8"
    QTest.mouseMove(output.viewport(), output.viewport().rect().bottomRight() - QPoint(3, 3))
    assert panel.result._bars.rows()[0] == ("␣", 0.5)
    assert panel.result._step.text() == "step 40 · last"


def click_on_token(output, place):
    cursor = output.textCursor()
    cursor.setPosition(place)
    QTest.mouseClick(
        output.viewport(), Qt.MouseButton.LeftButton, pos=output.cursorRect(cursor).center() + QPoint(3, 0)
    )


def test_that_label_and_bars_belong_together_when_the_answer_is_renewed(qtbot, panel, lab):
    panel.resize(280, 1000)
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    lab.inspector.write(*"abcdefgh", is_last=True)
    click_on_token(panel.writing.output, len("if") + 2)
    button_at = panel.writing.button.y()
    for height in (460, 1000):
        panel.resize(280, height)
        answered = len(lab.inspector.predictions())
        panel.asking.ask_soon()
        qtbot.waitUntil(lambda answered=answered: len(lab.inspector.predictions()) > answered)
        assert panel.result._step.text() == "token 3 of 8"
        assert panel.result._bars.rows() == (("x", 0.5), ("c", 0.3), ("z", 0.2))
    assert panel.writing.button.y() == button_at


def test_that_a_chosen_token_stays_chosen_until_a_person_chooses_otherwise(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    output, label = panel.writing.output, panel.result._step
    generate(qtbot, panel)
    lab.inspector.write(*"abcd")
    qtbot.waitUntil(lambda: output.num_tokens() == 4)
    click_on_token(output, len("if") + 1)
    lab.inspector.write("e", is_last=True, before="abcd")
    QTest.mouseMove(output.viewport(), output.viewport().rect().bottomRight() - QPoint(3, 3))
    assert label.text() == "token 2 of 5"
    QTest.keyClick(output, Qt.Key.Key_Right)
    assert label.text() == "token 3 of 5"
    QTest.keyClick(output, Qt.Key.Key_Escape)
    assert label.text() == "step 40 · last"


def test_that_a_written_token_that_is_none_of_the_likeliest_has_a_row_of_its_own(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    panel.writing.settings.top_k.setValue(40)
    generate(qtbot, panel)
    names, shares = tuple("tuvwxyz"), (0.4, 0.2, 0.1, 0.08, 0.07, 0.06, 0.05)
    drawn = Generated(text="q", token="q", probability=0.01, candidates=names, probabilities=shares, is_last=True)
    lab.inspector.on_generated(drawn, {})
    assert panel.result._bars.rows()[-2:] == (("w", 0.08), ("q", 0.01))
    assert panel.result._bars._marked == 4
    assert panel.result._about.text() == "after temperature 0.8, top-k 40"
    panel.writing.settings.top_k.setValue(0)
    assert panel.result._about.text() == "after temperature 0.8, top-k 40", "as it was written"


def test_that_at_temperature_0_the_bars_say_that_they_are_from_before_it(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    assert panel.result._about.text() == "before temperature"
    panel.writing.settings.temperature.setValue(0)
    generate(qtbot, panel)
    lab.inspector.write("a", is_last=True)
    assert panel.result._about.text() == "before temperature, which is 0"


def test_that_every_setting_can_be_reached_in_a_low_window_and_the_text_has_room(qtbot, panel, lab):
    scroll = PanelScroll(panel)
    qtbot.addWidget(scroll)
    scroll.resize(280, 440)
    scroll.show()
    begin(qtbot, panel, lab)
    settings, output = panel.writing.settings, panel.writing.output
    settings.heading.set_open(True)
    QTest.qWait(0)
    assert settings.seed.visibleRegion().isEmpty()
    bar = scroll.verticalScrollBar()
    bar.setValue(bar.maximum())
    for field in (settings.top_p, settings.seed, settings.stop):
        assert field.visibleRegion().boundingRect().height() == field.height()
    assert output.height() >= 160
    bar.setValue(0)
    panel.writing.toggle()
    assert output.visibleRegion().boundingRect().height() == output.height()
    scroll.takeWidget()


def test_that_typing_brings_the_next_tokens_of_the_text_back(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    lab.inspector.write("a", is_last=True)
    assert panel.result._bars.rows()[0] == ("x", 0.5)
    QTest.keyClicks(panel.text.field, "q")
    qtbot.waitUntil(lambda: panel.result._bars.rows()[0] == ("␣", 0.5))


def test_that_what_was_written_can_be_copied_and_kept(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    lab.inspector.write("␣", "x", is_last=True)
    QTest.mouseClick(panel.writing.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "if x"
    QTest.mouseClick(panel.writing.keep, Qt.MouseButton.LeftButton)
    assert panel.text.text() == "if x"
    assert lab.focus.value.text == "if x"


def test_that_the_dice_draw_another_seed_and_a_typed_one_stays(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    settings = panel.writing.settings
    settings.heading.set_open(True)
    seeds = set()
    for _ in range(4):
        panel.writing.writer.stop()
        generate(qtbot, panel)
        seeds.add(lab.inspector.written()[-1].seed)
    assert len(seeds) > 1
    panel.writing.writer.stop()
    settings.seed.lineEdit().selectAll()
    QTest.keyClicks(settings.seed.lineEdit(), "42")
    assert not settings.dice.isChecked()
    generate(qtbot, panel)
    assert lab.inspector.written()[-1].seed == 42


def test_that_the_folded_settings_tell_what_is_set(qtbot, panel, lab):
    train(qtbot, lab, DOCS)
    settings = panel.writing.settings
    assert settings.options().temperature == 0.8
    assert settings.heading._summary == "temperature 0.8 · 200 tokens"
    settings.top_k.setValue(5)
    assert settings.heading._summary == "temperature 0.8 · top-k 5 · 200 tokens"


def test_that_a_problem_while_writing_is_said(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    lab.inspector.problem = "Only recurrent networks can be continued."
    generate(qtbot, panel)
    assert panel.result._problem.text() == "Only recurrent networks can be continued."
    assert panel.writing.button.text() == "Generate"


def test_that_another_run_ends_the_writing(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    lab.inspector.write("a")
    train(qtbot, lab, WORDS)
    assert not panel.writing.isVisible()
    assert not panel.writing.writer.is_writing
    assert panel.writing.output.toPlainText() == ""


def wrote(*numbers: int, prompt: tuple[int, ...] = (), is_last: bool = False) -> list[Generated]:
    """Tokens as a model gives them, by their numbers; the text grows by a letter each."""
    return [
        Generated(
            text="x" * (place + 1),
            token="x",
            number=number,
            prompt=prompt if place == 0 else (),
            is_last=is_last and place == len(numbers) - 1,
        )
        for place, number in enumerate(numbers)
    ]


def test_that_the_views_follow_what_is_written_and_look_at_the_newest_token(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    generate(qtbot, panel)
    for answer in wrote(21, 22, 23, prompt=(11, 12)):
        lab.inspector.on_generated(answer, {})
    qtbot.waitUntil(lambda: lab.focus.value.written == (11, 12, 21, 22, 23))
    assert lab.focus.value.token == 4
    assert panel.text.text() == "if"


def test_that_a_token_chosen_elsewhere_stays_looked_at_while_more_is_written(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    generate(qtbot, panel)
    answers = wrote(21, 22, 23, prompt=(11, 12))
    lab.inspector.on_generated(answers[0], {})
    qtbot.waitUntil(lambda: lab.focus.value.token == 2)
    lab.focus.lock(token=1)
    for answer in answers[1:]:
        lab.inspector.on_generated(answer, {})
    qtbot.waitUntil(lambda: lab.focus.value.written == (11, 12, 21, 22, 23))
    assert lab.focus.value.token == 1


def test_that_another_text_is_read_as_soon_as_it_is_typed(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    generate(qtbot, panel)
    answers = wrote(21, 22, prompt=(11, 12))
    lab.inspector.on_generated(answers[0], {})
    qtbot.waitUntil(lambda: bool(lab.focus.value.written))
    QTest.keyClicks(panel.text.field, "!")
    assert lab.focus.value.written == ()
    lab.inspector.on_generated(answers[1], {})
    qtbot.waitUntil(lambda: panel.writing.output.num_tokens() == 2)
    assert lab.focus.value.written == ()


def test_that_pointing_at_a_written_token_previews_where_it_looks(qtbot, panel, lab):
    begin(qtbot, panel, lab, recipe=GPT_DOCS)
    generate(qtbot, panel)
    for answer in wrote(21, 22, 23, prompt=(11, 12), is_last=True):
        lab.inspector.on_generated(answer, {})
    qtbot.waitUntil(lambda: lab.focus.value.token == 4)
    panel.writing.output.pointed.emit(0)
    assert lab.focus.value.token == 2
    panel.writing.output.pointed.emit(-1)
    assert lab.focus.value.token == 4
    lab.focus.unlock()
    assert lab.focus.value.written == ()


def test_that_of_a_recurrent_model_too_the_views_follow_what_it_writes(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    for answer in wrote(21, 22, prompt=(11, 12), is_last=True):
        lab.inspector.on_generated(answer, {})
    qtbot.waitUntil(lambda: panel.writing.output.num_tokens() == 2)
    assert (lab.focus.value.written, lab.focus.value.token) == ((11, 12, 21, 22), 3)
    panel.writing.output.pointed.emit(0)
    assert lab.focus.value.token == 2, "under the pointer, the first of what was written"


def test_that_the_names_of_the_settings_are_whole_in_the_narrow_panel(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    settings = panel.writing.settings
    QTest.mouseClick(settings.heading, Qt.MouseButton.LeftButton)
    labels = [label for label in settings._form.findChildren(ElidedLabel) if label.isVisible()]
    assert len(labels) == 7
    for label in labels:
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width(), label.text()


def test_that_a_token_written_before_an_intervention_says_that_it_was(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    lab.inspector.write(*"abcd", is_last=True)
    lab.clamps.set((Clamp(layer=0, signal="f", unit=3, value=0.0),))
    told = panel.result._told_free
    qtbot.waitUntil(told.isVisible)
    assert "when this token was written" in told.text()
    panel.result.end_candidates(step_text="step 40")
    qtbot.waitUntil(lambda: told.text().startswith("±"))


def test_that_a_text_written_under_an_intervention_says_so_for_as_long_as_it_stands(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    told, status = panel.result._told_free, panel.writing._status
    generate(qtbot, panel)
    lab.inspector.write(*"abcd", is_last=True)
    assert (told.isVisible(), status.text()) == (False, "4 tokens")
    held = Clamp(layer=0, signal="f", unit=3, value=0.0)
    lab.clamps.set((held,))
    generate(qtbot, panel)
    lab.inspector.write(*"abcd", is_last=True)
    qtbot.waitUntil(lambda: status.text() == "4 tokens, with 1 intervention on")
    assert told.text() == "Drawn with 1 intervention on."
    assert "layer 1 · unit 3 f = 0" in status.toolTip()
    assert status.fontMetrics().horizontalAdvance(status.text()) <= status.width()
    lab.clamps.set((held, Clamp(layer=0, signal="f", unit=4, value=0.0)))
    assert told.text() == "Drawn with other interventions on; Generate again to see what these change."
    lab.clamps.set(())
    assert told.isVisible()
    assert told.text() == "Drawn with 1 intervention on; Generate again to see it without."
    assert status.text() == "4 tokens, with 1 intervention on"
    generate(qtbot, panel)
    lab.inspector.write(*"abcd", is_last=True)
    qtbot.waitUntil(lambda: status.text() == "4 tokens")
    assert not told.isVisible()


def test_that_a_model_that_keeps_a_state_is_said_to_read_a_text_of_any_length(qtbot, panel, lab):
    train(qtbot, lab, DOCS)
    assert panel.text.count.text() == "any length"
    train(qtbot, lab, GPT_DOCS)
    assert panel.text.count.text().startswith("context ")
