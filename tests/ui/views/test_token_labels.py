"""Labels of tokens: letters all or none, longer tokens thinned out, what no font has by its number."""

import itertools

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF
from PySide6.QtGui import QFontMetrics, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication, QToolTip

from tests.ui.views import attention_fakes, lens_fakes
from tests.ui.views.gates_fakes import lstm_arrays, shown_view
from ui.theme import font, theme
from ui.views._attention_axes import AxisLabels
from ui.views._coloured_text import ColouredText
from ui.views._samples_text_layout import TokenText
from ui.views._text_scroll import TextScroll
from ui.views._token_axis import Axis
from ui.views._tokens import TokenLabels, phrase, quoted, quoted_in, shown
from ui.views.lens import LensView
from ui.views.neighbours import NeighboursView
from ui.widgets import missing_letters
from ui.widgets.missing_letters import advice
from ui.widgets.probability_bars import ProbabilityBars
from workers.protocol import ShowLens, ShowNeighbours

pytestmark = pytest.mark.usefixtures("qapp")

WORD = "verwaltungsgemeinschaft"


def labels_of(tokens, *, width: float) -> list[str]:
    labels = TokenLabels(tuple(tokens))
    return [text for _, _, text in labels.visible(Axis.whole(len(tokens)), left=0, width=width)]


@pytest.mark.parametrize("width", [180, 195, 240, 400, 900])
def test_that_a_long_word_keeps_every_letter_in_a_narrow_lane(width):
    assert "".join(labels_of(WORD, width=width)) == WORD


def test_that_letters_are_as_large_as_they_can_be_and_never_touch():
    labels = TokenLabels(tuple(WORD))
    full = labels.font.pixelSize()
    sizes = [labels.font_px(cell) for cell in (30, 10, 9, 8)]
    assert sizes[0] == full
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < full


@pytest.mark.parametrize(("text", "cell"), [("lundi 3 mai 2024", 9.8), ("18.01.39", 8.0), ("mwmw 2024", 9.8)])
def test_that_each_column_of_a_matrix_has_its_letter_where_they_stand_as_in_a_word(text, cell):
    labels = AxisLabels(tuple(text))
    assert labels.every(cell, is_top=True) == 1
    assert len(labels.visible(Axis.whole(len(text)), cell=cell, is_top=True)) == len(text)
    small = font("small")
    small.setPixelSize(labels.letters_px(cell))
    widths = [QFontMetrics(small).horizontalAdvance(letter) for letter in text]
    assert all((one + other) / 2 <= cell + 1 for one, other in itertools.pairwise(widths))


def test_that_letters_over_columns_too_narrow_for_them_are_thinned_out():
    labels = AxisLabels(tuple("lundi 3 mai 2024"))
    assert labels.letters_px(4.0) == 0
    assert labels.every(4.0, is_top=True) > 1


def test_that_numbers_stand_where_letters_would_be_too_small():
    found = labels_of(WORD * 3, width=300)
    assert found[0] == "1"  # the first token, wherever a person is told of one
    assert all(int(text) % 10 == 0 for text in found[1:])


def test_that_of_words_some_are_named_and_none_is_cut_to_fit():
    words = ["The", "␣statement", "␣assigns", "␣a", "␣value", "."] * 8
    found = labels_of(words, width=500)
    assert 3 < len(found) < len(words)
    assert set(found) <= set(words)


def test_that_what_is_unknown_has_a_colour_of_its_own():
    def warmth(unknown: frozenset[int]) -> int:
        """How much redder than blue the middle label is."""
        image = QImage(60, 20, QImage.Format.Format_RGB32)
        image.fill(theme().colour("panel"))
        painter = QPainter(image)
        labels = TokenLabels(("a", "b", "c"), unknown=unknown)
        labels.paint(painter, Axis.whole(3), rect=QRectF(0, 0, 60, 17), held=None, span=None)
        painter.end()
        pixels = [image.pixelColor(x, y) for x in range(20, 40) for y in range(20)]
        return max(pixel.red() - pixel.blue() for pixel in pixels)

    assert warmth(frozenset({1})) > 40
    assert warmth(frozenset({0, 2})) < 20


def test_that_a_label_from_right_to_left_leaves_its_number_where_it_is(qtbot):
    bars = ProbabilityBars(num_rows=1)
    qtbot.addWidget(bars)
    bars.set_rows(["שלום!"], [0.5])
    bars.show()
    at = QPoint(20, 10)
    QApplication.sendEvent(bars, QHelpEvent(QEvent.Type.ToolTip, at, bars.mapToGlobal(at)))
    assert QToolTip.text() == "\u2068שלום!\u2069  0.5"
    QToolTip.hideText()


def number(code: str) -> str:
    """As a letter is told by its number: of one direction, whatever stands beside it."""
    return f"\u2066‹{code}›\u2069"


@pytest.fixture
def bare(monkeypatch):
    """A machine without fonts for East Asia and emoji."""
    monkeypatch.setattr(missing_letters, "has_shape", lambda letter: letter < "\u2600")


def test_that_a_letter_that_no_font_has_is_told_by_its_number(bare):
    assert shown("👍") == number("1F44D")
    assert shown("a") == "a"
    assert quoted("漢") == f"“{number('6F22')}”"


def test_that_letters_without_a_font_stay_tellable_in_a_running_text(qtbot, bare):
    text = ColouredText()
    qtbot.addWidget(text)
    text.resize(400, 60)
    tokens = ("a", "👍", "漢", "字 ", "b")
    text.set_tokens(tokens)
    rects = [text.token_rect(token) for token in range(len(tokens))]
    assert text._layout.text() == f"a{number('1F44D')}{number('6F22')}{number('5B57')} b"
    assert all(one.right() <= other.left() + 1 for one, other in itertools.pairwise(rects))
    assert [text.token_at(rect.center()) for rect in rects] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("letter", ["’", "漢", "😀", "ש"])
def test_that_tokens_that_are_parts_of_a_letter_share_its_place(qtbot, letter):
    text = ColouredText()
    qtbot.addWidget(text)
    text.resize(400, 60)
    text.set_tokens(("ab ", letter, "", "", "c"))
    whole, rects = QRectF(), [text.token_rect(token) for token in range(5)]
    for rect in rects[1:4]:
        whole = whole.united(rect)
    text.set_tokens(("ab ", letter, "c"))
    assert [whole.left(), whole.width()] == pytest.approx([text.token_rect(1).left(), text.token_rect(1).width()])
    text.set_tokens(("ab ", letter, "", "", "c"))
    assert [text.token_at(rect.center()) for rect in rects] == [0, 1, 2, 3, 4]


def test_that_a_text_whose_last_letter_becomes_whole_is_still_the_same_text(qtbot):
    text = ColouredText()
    qtbot.addWidget(text)
    text.set_tokens(("it", "‹xE280›"))
    text.set_tokens(("it", "’", "", "s"))
    assert text.is_on()
    text.set_tokens(("at", "’"))
    assert not text.is_on()


def test_that_a_sentence_says_of_which_letter_a_token_is_a_part(qtbot):
    tokens = ("it", "‹xE280›", "‹x99›", "s", "‹xE2›")
    told = [quoted_in(tokens, place).replace("\u2068", "").replace("\u2069", "") for place in (0, 2, 4)]
    assert told == ["“it”", "“‹x99›” (part of “’”)", "“‹xE2›” (part of a letter)"]
    assert phrase(("’", "", "s")) == "“’s”"


def test_that_numbers_among_letters_from_right_to_left_keep_their_places(qtbot, bare):
    text = ColouredText()
    qtbot.addWidget(text)
    text.resize(500, 60)
    tokens = ("ש", "ל", " ", "漢", "字", " ", "👍", " ", "א", "a")
    text.set_tokens(tokens)
    rects = sorted((text.token_rect(token) for token in range(len(tokens))), key=lambda rect: rect.left())
    assert all(one.right() <= other.left() + 1 for one, other in itertools.pairwise(rects))


def test_that_a_mark_of_a_script_without_a_font_is_told_by_its_number_and_a_selector_is_not(monkeypatch, qtbot):
    monkeypatch.setattr(QFontMetrics, "inFontUcs4", lambda self, code: False)
    missing_letters.has_shape.cache_clear()
    assert [missing_letters.has_shape(letter) for letter in "ेa\u0301\ufe0f\u200d"] == [False, True, True, True, True]
    missing_letters.has_shape.cache_clear()


def test_that_samples_tell_letters_without_a_font_by_number(bare):
    text = TokenText((2, 3, 4), ("a", "👍", "b"), tokenizer="characters", font=font(), width=300, most_lines=2)
    assert text._layout.text() == f"a{number('1F44D')}b"


def test_that_one_sentence_names_what_to_install_for_letters_without_a_font(bare):
    said = advice(["ab", "👍", "漢字"])
    assert said.startswith("Numbers stand for 3 letters that no font here has")
    assert "apt install fonts-noto-cjk fonts-noto-color-emoji (" in said
    assert "apt install fonts-noto-color-emoji (" in advice(["👍"])
    assert advice(["abc", "é"]) == ""


def test_that_the_gates_say_so_of_the_text_on_show(qtbot, tmp_path, bare):
    tokens = ("a", "漢", "b")
    view, *_ = shown_view(qtbot, tmp_path, arrays=lstm_arrays(len(tokens)), tokens=tokens)
    assert "apt install fonts-noto-cjk" in view._parts._notes.text()
    assert view._parts._notes.isVisible()


def test_that_the_attention_says_so_too_until_another_text_is_read(qtbot, tmp_path, bare):
    view, lab, _ = attention_fakes.shown_view(qtbot, tmp_path)
    assert "fonts-noto-cjk" not in view._parts._notes.text()
    lab.focus.lock(text="a漢b")
    qtbot.waitUntil(lambda: "apt install fonts-noto-cjk" in view._parts._notes.text())
    lab.focus.lock(text="abc")
    qtbot.waitUntil(lambda: "fonts-noto-cjk" not in view._parts._notes.text())


@pytest.mark.parametrize(
    ("kind", "replies"), [(LensView, {ShowLens: lens_fakes.lens}), (NeighboursView, {ShowNeighbours: lens_fakes.near})]
)
def test_that_the_lens_and_the_neighbours_say_so_too(qtbot, tmp_path, bare, kind, replies):
    view, lab, *_ = lens_fakes.shown(qtbot, tmp_path, kind, replies)
    lab.focus.lock(text="a漢b")
    qtbot.waitUntil(lambda: "apt install fonts-noto-cjk" in view._parts._notes.text())


@pytest.fixture
def strip(qtbot):
    """Two lines of a long text."""
    text = ColouredText()
    scroll = TextScroll(text, most_lines=2)
    qtbot.addWidget(scroll)
    text.set_tokens(tuple("a long scene felt cold and false, so they say. " * 8))
    scroll.resize(300, scroll.lines_height(2))
    scroll.show()
    return scroll


def cut_tokens(scroll) -> list[int]:
    """Where tokens are of which a part is in sight and a part is not."""
    top = scroll.verticalScrollBar().value()
    seen = QRectF(0, top, 300, scroll.viewport().height())
    text = scroll.widget()
    places = {text.token_rect(token).top(): text.token_rect(token) for token in range(len(text._tokens))}
    return [
        k for k, (_, rect) in enumerate(sorted(places.items())) if rect.intersects(seen) and not seen.contains(rect)
    ]


def test_that_a_strip_of_text_cuts_no_line_whatever_is_shown_and_however_it_is_scrolled(strip):
    bar = strip.verticalScrollBar()
    assert bar.maximum() > 60
    for token in (0, 200, 370, 120, 40, 375):
        strip.show_token(token)
        rect = strip.widget().token_rect(token)
        assert bar.value() <= rect.top()
        assert rect.bottom() <= bar.value() + strip.viewport().height()
        assert cut_tokens(strip) == []
    for value in (0, 7, 15, 31, bar.maximum() - 5, bar.maximum()):
        bar.setValue(value)
        assert cut_tokens(strip) == []


def test_that_another_text_is_read_from_its_beginning_and_a_line_end_adds_no_empty_line(strip):
    strip.show_token(375)
    assert strip.verticalScrollBar().value() > 0
    text = strip.widget()
    text.set_tokens(("p", "l", "e", "a", "s", "a", "n", "t", "⏎"))
    assert strip.verticalScrollBar().value() == 0
    assert text.heightForWidth(300) <= strip.lines_height(1)
    assert text.token_rect(8).top() == text.token_rect(0).top()
