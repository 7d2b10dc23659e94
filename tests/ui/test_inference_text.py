"""Trying a model of text: what is asked as one types, how it is shown, and how a language model writes on."""

import dataclasses
import time
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui import panel_fakes
from tests.ui.panel_fakes import FakeInspector, write_run
from tests.ui.panel_pixels import is_blank
from ui.panels.inference import InferencePanel
from ui.theme import theme
from workers.protocol import Clamp, Generate, Generated, Prediction, SamplePage, ShowSamples, TextInput

WORDS = {"architecture": {"name": "lstm"}, "dataset": {"name": "words"}}
DOCS = {"architecture": {"name": "lstm"}, "dataset": {"name": "python_docs"}}
LANGUAGES = ("German", "Dutch", "Danish")
SAMPLES = {
    "words": {"kind": "text", "task": "classification", "shape": (24,), "classes": LANGUAGES, "num_tokens": 60},
    "python_docs": {"kind": "text", "task": "language_modelling", "shape": (128,), "num_tokens": 99},
}
SHOWN = {2: "h", 3: "a", 4: "u", 5: "s", 6: "␣", 7: "⏎"}
NEXT = ("␣", "e", "⏎", "\ufffd")


class TextInspector(FakeInspector):
    """Answers as a small classifier, or a language model that writes "abc…" when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.task: Any = "classification"
        self.notes: tuple[str, ...] = ()
        self.on_generated: Any = None

    def ask(self, request, on_answer, *, arrays=None, on_problem=None, owner=None) -> None:
        if isinstance(request, Generate) and not self.problem:
            self.asked.append(request)
            if request.num_tokens:
                self.on_generated = on_answer
        else:
            super().ask(request, on_answer, arrays=arrays, on_problem=on_problem, owner=owner)

    def write(self, *tokens: str, is_last: bool = False, before: str = "") -> None:
        """Tokens come; the one drawn is the second of its candidates."""
        for place, token in enumerate(tokens):
            before += token.replace("␣", " ").replace("⏎", "\n")
            answer = Generated(
                text=before,
                token=token,
                candidates=("x", token, "z"),
                probabilities=(0.5, 0.3, 0.2),
                is_last=is_last and place == len(tokens) - 1,
                step=40,
            )
            self.on_generated(answer, {})

    def written(self) -> list[Generate]:
        return [request for request in self.asked if isinstance(request, Generate)]

    def _predict(self, request):
        names = LANGUAGES if self.task == "classification" else NEXT
        shares = (0.6, 0.3, 0.1) if self.task == "classification" else (0.5, 0.3, 0.15, 0.05)
        step = request.model.step or 40
        answer = Prediction(step=step, task=self.task, classes=names, probabilities=shares, notes=self.notes)
        return answer, {"seen": np.full(len(request.input.text), 5, np.int32)}

    def _samples(self, request: ShowSamples):
        ids = np.array([2, 3, 4, 5, 6, 2, 7], np.int32)
        count = request.count
        page = SamplePage(
            sample={}, start=request.start, total=200, tokens=SHOWN,
            indices=tuple(range(request.start, request.start + count)),
        )  # fmt: skip
        arrays = {"tokens": np.tile(ids, count), "offsets": np.arange(count + 1) * len(ids)}
        is_class = self.task == "classification"
        targets = np.ones(count, np.int64) if is_class else np.tile(np.roll(ids, -1), count)
        return page, arrays | {"targets": targets, "lengths": np.full(count, len(ids))}


pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture(autouse=True)
def _text_samples(monkeypatch):
    for name, sample in SAMPLES.items():
        monkeypatch.setitem(panel_fakes.SAMPLES, name, sample)


@pytest.fixture
def lab(lab):
    return dataclasses.replace(lab, inspector=cast(Any, TextInspector()))


@pytest.fixture
def panel(qtbot, lab):
    panel = InferencePanel(lab)
    qtbot.addWidget(panel)
    panel.resize(280, 700)
    panel.show()
    return panel


def train(qtbot, lab, values, *, end="completed"):
    lab.inspector.task = SAMPLES[values["dataset"]["name"]]["task"]
    run = lab.session.open_run(write_run(values, end=end).path)
    qtbot.waitUntil(lambda: run.sample is not None and bool(run.checkpoint_steps))
    return run


def type_into(qtbot, panel, text):
    QTest.keyClicks(panel.text.field, text)
    qtbot.waitUntil(lambda: panel.result.answer is not None)


def begin(qtbot, panel, lab, text="if"):
    train(qtbot, lab, DOCS)
    type_into(qtbot, panel, text)


def generate(qtbot, panel):
    QTest.mouseClick(panel.writing.button, Qt.MouseButton.LeftButton)


def texts_asked(lab):
    return [request.input.text for request in lab.inspector.predictions()]


def test_that_an_empty_field_is_calm_and_asks_nothing(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    assert panel.kind == "text"
    assert panel.text.isVisible()
    assert panel.text.count.text() == "reads 24 tokens"
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
    assert panel.text.count.text() == "4 tokens · reads 24"
    assert not panel.writing.isVisible()


def test_that_quick_typing_is_asked_about_in_few_questions_the_last_of_which_has_it_all(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    word = "wissenschaft" * 5
    begin_time = time.monotonic()
    QTest.keyClicks(panel.text.field, word)
    qtbot.waitUntil(lambda: bool(texts_asked(lab)) and texts_asked(lab)[-1] == word)
    assert len(texts_asked(lab)) <= 2 + (time.monotonic() - begin_time) / 0.02


def test_that_clearing_takes_the_answer_away(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    QTest.mouseClick(panel.text._clear, Qt.MouseButton.LeftButton)
    assert panel.result.answer is None
    assert panel.text.text() == ""
    assert panel.text.count.text() == "reads 24 tokens"


def test_that_return_in_a_word_starts_no_line(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "ha")
    QTest.keyClick(panel.text.field, Qt.Key.Key_Return)
    assert panel.text.text() == "ha"


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
    assert panel.clamps.text() == "held: layer 1, unit 17, f = −1.5"
    lab.clamps.set((clamp, Clamp(layer=1, signal="o", value=0.0)))
    assert panel.clamps.text() == "2 interventions are in force"
    lab.clamps.set(())
    assert not panel.clamps.isVisible()


@pytest.mark.parametrize("content", ["word " * 200_000, "x" * 1_000_000], ids=["words", "one line"])
def test_that_a_megabyte_is_pasted_at_once_cut_and_said(qtbot, panel, lab, content):
    train(qtbot, lab, WORDS)
    mime = QMimeData()
    mime.setText(content)
    start = time.monotonic()
    panel.text.field.insertFromMimeData(mime)
    QTest.qWait(1)
    assert time.monotonic() - start < 1.0
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
    assert panel.text.text() == "a\ufffdb"


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


def test_that_bars_of_classes_cannot_be_chosen(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    bars = panel.result._bars
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(0).center().toPoint())
    assert panel.text.text() == "haus"


def test_that_generate_asks_with_the_settings_and_shows_what_comes_as_it_comes(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    settings = panel.writing.settings
    settings.temperature.setValue(0.5)
    settings.top_k.setValue(9)
    settings.top_p.setValue(0.9)
    settings.num_tokens.setValue(50)
    settings.stop.setText("\\n\\n")
    generate(qtbot, panel)
    asked = lab.inspector.written()[-1]
    assert (asked.temperature, asked.top_k, asked.top_p, asked.num_tokens) == (0.5, 9, 0.9, 50)
    assert (asked.text, asked.stop, asked.seed) == ("if", "\n\n", settings.seed.value())
    assert panel.writing.button.text() == "Stop"
    lab.inspector.write("␣", "x")
    qtbot.waitUntil(lambda: panel.writing.output.written() == " x")
    assert panel.writing.output.toPlainText() == "if x"
    assert panel.result._bars.rows()[1] == ("x", 0.3)
    assert panel.result._step.text() == "token 2 of 2"
    lab.inspector.write("⏎", is_last=True, before=" x")
    assert panel.writing.button.text() == "Generate"
    assert panel.writing._status.text() == "3 tokens"
    assert panel.text.text() == "if"


def test_that_a_token_may_mend_the_one_before(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    generate(qtbot, panel)
    for text, token in (("a\ufffd", "‹C3›"), ("aé", "‹A9›"), ("aé😀", "😀")):
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
    assert panel.result._step.text() == "step 40 · newest"


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


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("values", [WORDS, DOCS], ids=["classes", "language"])
def test_that_it_is_drawn_in_both_themes_and_fits_a_low_panel(qtbot, panel, lab, name, values):
    train(qtbot, lab, values)
    type_into(qtbot, panel, "haus")
    if values is DOCS:
        generate(qtbot, panel)
        lab.inspector.write(*"some text", is_last=True)
    theme().use(name)
    panel.resize(280, 500)
    qtbot.wait(30)
    assert panel.height() == 500
    assert not is_blank(panel)
    assert panel.minimumSizeHint().width() <= 280
    assert isinstance(panel.result.answer, Prediction)
