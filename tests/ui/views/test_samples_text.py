"""Samples of text: tokens as chips, what is known of each, lengths and vocabulary; of whatever script."""

import csv
import io
import itertools
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from modellab.config import to_builtins
from modellab.data.base import Sample
from modellab.inspection.texts import TextFacts
from tests.ui.views.fake_lab import is_blank, make_lab, recipe_of
from ui.theme import font, theme
from ui.views._samples_text_grid import TextGrid
from ui.views._samples_text_layout import LINE, TokenText
from ui.views.samples import SamplesView
from workers.protocol import DatasetDescription, DescribeDataset, SamplePage, ShowSamples

LETTERS = "∅\ufffdabcdefghijklmnopqrstuvwxyz␣⏎"
SHOWN = dict(enumerate(LETTERS))
WORDS = Sample(kind="text", task="classification", shape=(24,), classes=("Czech", "Danish", "German"), num_tokens=30)
REVIEWS = Sample(kind="text", task="classification", shape=(256,), classes=("bad", "good"), num_tokens=30)
DOCS = Sample(kind="text", task="language_modelling", shape=(128,), num_tokens=30)
DATES = Sample(kind="text", task="translation", shape=(48,), num_tokens=30)
SIZES = {"train": 600, "validation": 90}


def facts_of(sample: Sample) -> TextFacts:
    is_stream = sample.task == "language_modelling"
    edges = () if is_stream else tuple(range(0, 400, 16))
    return TextFacts(
        vocabulary_size=30,
        num_tokens={"train": 421_000, "validation": 52_000},
        unknown_rate={"train": 0.0, "validation": 0.012},
        cut_rate={} if is_stream else {"train": 0.25, "validation": 0.3},
        length_edges=edges,
        lengths={} if is_stream else {split: tuple(range(24, 0, -1)) for split in SIZES},
        common=(("␣", 80_000), ("e", 40_000)),
    )


def ids_of(row: int, sample: Sample) -> list[int]:
    """One text: its length changes from row to row; every fifth has an unknown letter in second place."""
    length = sample.shape[0] if sample is DOCS else (4 + row % 9 if sample in (WORDS, DATES) else 40 + row % 200)
    ids = [2 + (row + place) % 28 for place in range(length)]
    if row % 5 == 3:
        ids[1] = 1
    return ids


def lab_with(sample: Sample):
    lab, inspector = make_lab()
    is_class = bool(sample.classes)

    def describe(_request: DescribeDataset):
        balance = {split: (count // 2, count // 4, count // 4) for split, count in SIZES.items()}
        shares = {split: counts[: len(sample.classes)] for split, counts in balance.items()} if is_class else {}
        return DatasetDescription(
            sample=to_builtins(sample), sizes=SIZES, balance=shares, num_bytes=32_000, text=facts_of(sample)
        ), {}

    def show(request: ShowSamples):
        rows = np.arange(SIZES[request.split])
        if request.of_class is not None:
            rows = rows[rows % len(sample.classes) == request.of_class]
        total = len(rows)
        rows = rows[request.start : request.start + request.count]
        if request.as_model_sees:
            rows, total = np.arange(16) + request.epoch, 16
        texts = [ids_of(int(row), sample) for row in rows]
        lengths = [len(text) for text in texts]
        if request.as_model_sees and sample is not DOCS:
            texts = [text + [0] * (max(lengths) - len(text)) for text in texts]
        tokens = np.array([token for text in texts for token in text], np.int32)
        unknown = {place: "ø" for place, token in enumerate(tokens.tolist()) if token == 1}
        page = SamplePage(
            sample=to_builtins(sample), start=request.start, total=total, indices=tuple(rows.tolist()),
            sources=tuple(f"row {row}" for row in rows), tokens=SHOWN, unknown=unknown,
            written=tuple(f"day {row}" for row in rows) if sample is DATES else (),
        )  # fmt: skip
        arrays = {
            "tokens": tokens,
            "offsets": np.cumsum([0, *map(len, texts)]),
            "lengths": np.array(lengths),
            "targets": rows % max(1, len(sample.classes)) if sample is not DOCS else np.roll(tokens, -1),
        }
        if sample.task == "language_modelling":
            arrays["starts"] = rows * sample.shape[0]
        return page, arrays

    inspector.replies |= {DescribeDataset: describe, ShowSamples: show}
    return lab, inspector


def shown_view(qtbot, sample: Sample, *, size=(730, 470)):
    lab, inspector = lab_with(sample)
    view = SamplesView(lab)
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    name = "python_docs" if sample is DOCS else "words"
    lab.session.set_draft(recipe_of({"name": name}, architecture={"name": "lstm"}))
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 1)
    return view, lab, inspector


@pytest.fixture(autouse=True)
def _dark(qtbot):
    yield
    theme().use("dark")


@pytest.fixture
def words(qtbot):
    return shown_view(qtbot, WORDS)


def click(widget, point: QPoint) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("sample", [WORDS, REVIEWS, DOCS], ids=["words", "reviews", "docs"])
def test_that_texts_are_drawn_in_both_themes_and_fit(qtbot, name, sample):
    view, *_ = shown_view(qtbot, sample)
    theme().use(name)
    qtbot.wait(60)
    assert (view.width(), view.height()) == (730, 470)
    assert not is_blank(view._texts.viewport())
    assert not is_blank(view._facts)


def test_that_splits_classes_and_facts_tell_their_numbers(words):
    view, *_ = words
    assert view._splits._labels[:2] == ["Training  600", "Validation  90"]
    assert view._summary.text().startswith("first 256 of 600")
    facts = {key: view._facts.figure(key) for key in ("vocabulary", "tokens", "unknown", "reads", "cut")}
    assert facts == {"vocabulary": "30", "tokens": "421 k", "unknown": "0 %", "reads": "24", "cut": "25 %"}
    assert view._facts.lengths.isVisible()
    assert not view._facts.common.isVisible()
    view._splits.choose("validation")
    assert view._facts.figure("unknown") == "1.2 %"


def test_that_a_class_alone_is_asked_for(words):
    view, _, inspector = words
    click(view._balance, QPoint(20, 45))
    assert inspector.asked_of(ShowSamples)[-1].of_class == 1
    assert view._summary.text() == "all 200   ·   only Danish   ·   whole dataset 32 kB"


def test_that_a_token_under_the_pointer_tells_its_id_and_place(words):
    view, *_ = words
    QTest.mouseMove(view._texts.viewport(), view._texts.token_point(4, 2))
    assert view._summary.text() == "token 3 of 8   “g”   id 8   ·   train 4   ·   8 tokens   ·   Danish   ·   row 4"
    QTest.mouseMove(view._texts.viewport(), view._texts.token_point(3, 1))
    told = "token 2 of 7   “ø”   not in the vocabulary, id 1   ·   train 3"
    assert view._summary.text().startswith(told)
    QTest.mouseMove(view._texts.viewport(), QPoint(5, 5))
    assert view._summary.text().startswith("first 256")


def test_that_what_is_unknown_shows_its_letters_marked_as_unknown(words):
    view, *_ = words
    text = view._texts._text(3)
    chip = text._chips[text.chip_of(1)]
    assert text._layout.text()[chip.first : chip.last] == "ø"
    assert chip.kind == "unknown"
    assert view._text_of(3) == "døfghij"
    view._texts.verticalScrollBar().setValue(view._texts.verticalScrollBar().maximum())  # more are fetched
    assert view._text_of(263)[1] == "ø"


def test_that_what_pads_a_batch_is_shown_and_named(words):
    view, *_ = words
    view._splits.choose("model")
    assert "cut and padded" in view._summary.text()
    text = view._texts._text(0)
    assert text.is_padding(text.num_chips() - 1)
    assert text.num_chips() == 5  # 4 letters, and the padding as one
    middle = text.rects(4)[0].center() + view._texts._corner(0)
    QTest.mouseMove(view._texts.viewport(), middle.toPoint())
    assert view._summary.text().startswith("padding, id 0")


def test_that_a_click_is_what_everyone_looks_at(words):
    view, lab, _ = words
    click(view._texts.viewport(), view._texts.token_point(2, 0))
    assert (lab.focus.value.split, lab.focus.value.sample) == ("train", 2)
    assert view._texts._held == 2
    view._splits.choose("model")
    click(view._texts.viewport(), view._texts.token_point(1, 0))
    assert lab.focus.value.sample == 2


def test_that_keys_walk_rows_and_tokens(words):
    view, lab, _ = words
    view._texts.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(view._texts, key)
    assert view._summary.text().startswith("token 2 of 5")
    QTest.keyClick(view._texts, Qt.Key.Key_Return)
    assert lab.focus.value.sample == 1
    for _ in range(30):
        QTest.keyClick(view._texts, Qt.Key.Key_Down)
    room = view._texts.viewport().rect()
    assert room.contains(view._texts.row_rect(view._texts._open))


def test_that_a_long_text_is_cut_until_it_is_opened(qtbot):
    view, *_ = shown_view(qtbot, DOCS)
    before = view._texts.row_rect(0).height()
    assert before <= 3 * LINE + 12
    click(view._texts.viewport(), view._texts.row_rect(0).center())
    assert view._texts.row_rect(0).height() > before
    assert not view._texts._text(0).is_cut
    assert view._texts.row_rect(1).top() > view._texts.row_rect(0).bottom()
    click(view._texts.viewport(), view._texts.row_rect(0).center())
    assert view._texts.row_rect(0).height() == before


def test_that_a_text_to_translate_stands_with_its_translation(qtbot):
    view, _, _ = shown_view(qtbot, DATES, size=(1100, 470))
    rows = view._texts
    assert rows._columns.heads[2] == "text as tokens → translation"
    assert rows._grid.num_columns > 1
    assert not rows._text(3).is_cut
    assert rows._text(3)._layout.text().endswith("  \u2066→\u2069 day 3")
    chip = rows._text(3).rects(rows._text(3).num_chips() - 1)[0]
    assert chip.right() < rows._text(3)._lines[0].naturalTextWidth() - 40, "what is to be written is no token"
    QTest.mouseMove(rows.viewport(), rows.token_point(3, 0))
    assert "→ day 3   ·   row 3" in view._summary.text()
    view._source.show(as_model_sees=True)
    text = rows._text(0)
    padding = next(number for number in range(text.num_chips()) if text.is_padding(number))
    assert text.rects(padding)[0].right() < text._lines[0].naturalTextWidth() - 40
    table = view._numbers()
    assert table.columns[1] == "translation"
    assert next(iter(table.rows))[1] == "day 0"


def test_that_a_stream_shows_its_windows_and_commonest_tokens(qtbot):
    view, *_ = shown_view(qtbot, DOCS)
    assert not view._balance_scroll.isVisible()
    assert view._facts.common.isVisible()
    assert view._facts.common.rows()[0] == ("␣", 80_000 / 421_000)
    assert view._facts.figure("cut") == ""
    assert view._texts._columns.figures[:3] == (0, 128, 256)


def test_that_short_texts_stand_side_by_side_where_there_is_room(qtbot):
    view, *_ = shown_view(qtbot, WORDS, size=(1600, 600))
    assert view._texts._grid.num_columns > 1
    assert view._texts.row_rect(1).top() == view._texts.row_rect(0).top()
    view.resize(600, 500)
    qtbot.wait(10)
    assert view._texts._grid.num_columns == 1


def test_that_the_end_of_the_rows_fetches_more(words):
    view, _, inspector = words
    bar = view._texts.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert inspector.asked_of(ShowSamples)[-1].start == 256
    assert view._texts._grid.count == 512
    view._texts._text(500)


def test_that_a_bar_of_the_lengths_tells_its_texts(words):
    view, *_ = words
    histogram = view._facts.lengths
    QTest.mouseMove(histogram, QPoint(3, 20))
    assert view._summary.text() == "0–15 tokens: 24 texts"


def test_that_the_texts_can_be_taken_out_as_a_table(words):
    view, *_ = words
    view._export.copy_table()
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[0] == ["index", "label", "source", "tokens", "text", "token ids"]
    assert rows[1] == ["0", "Czech", "row 0", "4", "abcd", "2 3 4 5"]
    assert len(rows) == 257


# The layout of one text


def laid_out(text: str, **options) -> TokenText:
    chosen: dict[str, Any] = {"tokenizer": "characters", "font": font("body"), "width": 300, "most_lines": 9} | options
    return TokenText([2] * len(text), list(text), **chosen)


@pytest.mark.parametrize("text", ["straße", "😀é👩‍👩‍👧x", "שלום עולם", "مرحبا abc بك", "ab שלום cd"])
def test_that_every_token_is_where_its_letters_are_in_any_script(text):
    found = laid_out(text)
    assert found.num_chips() == len(text)
    for number in range(len(text)):
        assert found.rects(number), text[number]
        assert 0 <= found.rects(number)[0].left() <= 300
    middle = found.rects(len(text) - 1)[0].center()
    assert found.chip_at(middle) >= 0


def test_that_letters_of_a_word_written_from_right_to_left_begin_at_the_right():
    found = laid_out("שלום")
    lefts = [found.rects(number)[0].left() for number in range(4)]
    assert lefts == sorted(lefts, reverse=True)


def test_that_letters_stand_apart_but_joined_scripts_stay_joined():
    spaced = font("body")
    spaced.setLetterSpacing(spaced.SpacingType.AbsoluteSpacing, 4)
    assert laid_out("aaaa", font=spaced).rects(3)[0].right() > laid_out("aaaa").rects(3)[0].right() + 10
    assert laid_out("مرحبا", font=spaced).rects(4) == laid_out("مرحبا").rects(4)


def test_that_the_tokens_of_one_letter_have_a_share_of_its_place_each():
    shown = ["a", "␣‹xE6›", "‹xBC›", "‹xA2›", "b"]
    found = TokenText([2] * 5, shown, tokenizer="bpe", font=font("body"), width=300, most_lines=1)
    rects = [found.rects(number)[0] for number in range(5)]
    for before, after in itertools.pairwise(rects[1:]):
        assert before.right() == pytest.approx(after.left())
    assert rects[1].width() > rects[2].width() == pytest.approx(rects[3].width())
    assert [found.chip_at(rect.center()) for rect in rects] == [0, 1, 2, 3, 4]


def test_that_what_has_no_room_is_cut_and_lines_are_kept_where_asked():
    assert laid_out("abc " * 200, most_lines=2).is_cut
    assert laid_out("abc " * 200, most_lines=2).height == 2 * LINE
    assert laid_out("a⏎b⏎c").height == LINE
    assert laid_out("a⏎b⏎c", keeps_lines=True).height == 3 * LINE
    assert laid_out("").height in (0, LINE)
    assert laid_out("").chip_at(QPointF(1, 1)) == -1


def test_that_the_padding_is_one_chip_at_the_end():
    options: dict[str, Any] = {"tokenizer": "characters", "font": font("body"), "width": 300, "most_lines": 1}
    found = TokenText([2, 3, 0, 0, 0], ["a", "b", "∅", "∅", "∅"], **options)
    assert found.num_chips() == 3
    assert found.is_padding(2)
    assert found.rects(2)[0].left() > found.rects(1)[0].right()


def test_that_cells_are_found_where_they_are():
    for grid in (
        TextGrid(count=11, num_columns=1, width=300, row_height=30, head=26),
        TextGrid(count=11, num_columns=3, width=300, row_height=30, head=26, open=4, extra=55),
    ):
        for position in range(11):
            assert grid.position_at(grid.rect(position).center()) == position
            assert grid.position_at(grid.rect(position).bottomLeft()) == position
        assert grid.position_at(QPoint(5, 10)) == -1
        assert grid.position_at(QPoint(5, grid.height + 1)) == -1
        assert grid.rect(10).bottom() < grid.height
