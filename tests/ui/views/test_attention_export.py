"""What is taken out of the attention view: its picture and its numbers."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from tests.ui.views.attention_fakes import TOKENS, shown_view
from ui.theme import theme
from ui.views._export import csv_text, picture_of, svg_bytes


@pytest.fixture
def bert(qtbot):
    return shown_view(qtbot, pretrained="bert")


def test_that_the_numbers_and_the_picture_can_be_taken_out(bert, qtbot, tmp_path):
    view, *_ = bert
    lines = csv_text(view._table()).splitlines()
    assert lines[0] == "layer,head,query,query_token,key,key_token,attention"
    assert len(lines) == 1 + len(TOKENS) ** 2
    view._parts.sorts.setCurrentIndex(1)
    assert csv_text(view._table()).splitlines()[0] == lines[0]  # whatever the heads are sorted by
    entries = {action.text(): action for action in view._parts.export.menu().actions()}
    assert "Save the attention shown (matrix) as CSV…" in entries
    entries["Save all heads' statistics as CSV…"].trigger()
    dialog = next(iter(view._parts.export.findChildren(QFileDialog) or view.window().findChildren(QFileDialog)))
    dialog.fileSelected.emit(str(tmp_path / "heads.csv"))
    dialog.close()
    qtbot.waitUntil((tmp_path / "heads.csv").exists)
    assert (tmp_path / "heads.csv").read_text().startswith("layer,head,entropy_nats,distance_tokens,on_first_token,")
    drawn = svg_bytes(view._parts._picture)
    assert b"<svg" in drawn
    assert b"entropy" in drawn
    assert not any(control in drawn for control in (b"Intervene", b"Switch off", b"Hold"))


def test_that_what_was_copied_is_on_the_clipboard_and_told(bert, monkeypatch):
    view, *_ = bert
    told: list[str] = []
    monkeypatch.setattr(view._parts.export, "_say", lambda level, sentence: told.append(f"{level}: {sentence}"))
    view._parts.export.copy_picture()
    image = QGuiApplication.clipboard().image()
    assert told == [f"info: The picture is on the clipboard, {image.width()} × {image.height()} pixels."]
    view._parts.export.copy_table()
    assert QGuiApplication.clipboard().text() == csv_text(view._table())
    assert told[1:] == ["info: The numbers are on the clipboard, as CSV."]


def test_that_a_picture_has_everything_but_the_buttons_at_its_place(bert):
    view, *_ = bert
    picture, box = view._parts._picture, view._parts.head_box
    without = picture_of(picture, ratio=1)
    box.setProperty("is_no_picture", False)
    whole = picture_of(picture, ratio=1)
    margin = (without.width() - picture.width()) // 2
    place = QRect(box.mapTo(picture, QPoint(margin, margin)), box.size())
    assert without.copy(place) != whole.copy(place)
    above = QRect(0, 0, without.width(), place.top())
    assert without.copy(above) == whole.copy(above)
    below = QRect(0, place.bottom() + 1, without.width(), without.height() - place.bottom() - 1)
    assert without.copy(below) == whole.copy(below)


def test_that_files_are_saved_at_home_or_where_the_last_one_was(bert, tmp_path):
    view, *_ = bert
    view._parts.export._ask_for_file("svg")
    dialog = view.findChild(QFileDialog)
    assert Path(dialog.directory().path()) == Path.home()
    dialog.fileSelected.emit(str(tmp_path / "one.svg"))
    dialog.reject()
    view._parts.export._ask_for_file("csv")
    assert Path(view.findChildren(QFileDialog)[-1].directory().path()) == tmp_path


def test_that_no_picture_says_what_a_click_does(bert):
    view, lab, _ = bert
    lab.focus.lock(token=None)
    view.resize(520, 420)
    view._parts.matrix._toggle(view._parts.matrix._filter.rows, 2, False)
    assert "a click beside the matrix" in view._parts.readout.text()
    drawn = []
    view._parts.export.drawing.connect(lambda is_drawing: drawn.append(view._parts.readout.text()))
    view._parts.export.copy_picture()
    assert "Only “cat” shown." in drawn[0]
    assert "click" not in drawn[0]
    assert "a click beside the matrix" in drawn[1], "the window says it again"


def test_that_special_tokens_are_left_out_of_every_map(bert):
    view, *_ = bert
    atlas = view._parts.atlas
    rect = atlas.tile_rect(1, 1).toRect()
    before = atlas.grab(rect).toImage()
    view._parts.hide.click()
    after = atlas.grab(rect).toImage()
    cell = rect.width() / len(TOKENS)
    first, second = (QPoint(round((key + 0.5) * cell), rect.height() // 2) for key in (0, 1))
    assert after.pixelColor(first).name() == theme().colour("raised").name() != before.pixelColor(first).name()
    assert after.pixelColor(second).name() != theme().colour("raised").name()
