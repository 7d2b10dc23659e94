"""The command palette: typing finds it, Enter does it."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from ui.window.command_palette import CommandPalette, Entry, rank


def test_that_the_beginning_of_a_word_ranks_before_the_middle_of_one() -> None:
    start, middle = rank("run", "start another run"), rank("run", "prune weights")
    assert start is not None
    assert middle is not None
    assert start < middle


def test_that_letters_in_order_are_enough() -> None:
    assert rank("spmlp", "Train: spiral mlp") is not None
    assert rank("xyz", "Train: spiral mlp") is None


@pytest.mark.parametrize(("query", "text"), [("runs", "Train: Documentation, LSTM"), ("dele", "Train: Clouds")])
def test_that_letters_scattered_over_words_are_not_enough(query: str, text: str) -> None:
    assert rank(query, text) is None


def test_that_typing_narrows_the_list_and_enter_does_the_first(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    window.show()
    done: list[str] = []
    entries = [Entry(text=text, do=partial(done.append, text)) for text in ("Stop", "Start", "Preferences")]
    palette = CommandPalette(entries, window)
    palette.show()
    line, found = palette.findChild(QLineEdit), palette.findChild(QListWidget)
    assert line is not None
    assert found is not None
    assert found.count() == 3
    QTest.keyClicks(line, "pref")
    assert found.count() == 1
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert done == ["Preferences"]
    assert not palette.isVisible()


def test_that_arrow_keys_walk_the_list_while_one_types(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    done: list[str] = []
    entries = [Entry(text=text, do=partial(done.append, text)) for text in ("Start", "Stop")]
    palette = CommandPalette(entries, window)
    line = palette.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, "st")
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert done == ["Stop"]


def is_all_seen(found: QListWidget) -> bool:
    return found.verticalScrollBar().maximum() == 0


def test_that_untyped_it_offers_what_was_done_last_and_is_as_high_as_what_it_lists(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(900, 800)
    qtbot.addWidget(window)
    window.show()
    recent: list[tuple[str, str]] = []
    heights: list[int] = []
    for typed in ("command 30", "command 7", "", "no such thing"):
        entries = [Entry(text=f"Command {number}", do=int) for number in range(40)]
        palette = CommandPalette(entries, window, recent=recent)
        palette.show()
        line, found = palette.findChild(QLineEdit), palette.findChild(QListWidget)
        assert line is not None
        assert found is not None
        if not typed:
            shown = [found.item(row).text() for row in range(found.count())]
            assert shown[:3] == ["Command 7", "Command 30", "Command 0"]
            assert len(shown) < 12
        QTest.keyClicks(line, typed)
        heights.append(palette.height())
        qtbot.waitUntil(partial(is_all_seen, found))  # it is laid out by and by
        QTest.keyClick(line, Qt.Key.Key_Return)
        palette.close()
    assert heights[0] < heights[2] / 2
    assert heights[3] < heights[2] / 2
