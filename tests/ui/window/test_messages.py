"""Banners over the views."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.banner import Banner
from ui.widgets.buttons import QuietButton
from ui.window.messages import Messages


def test_that_the_same_sentence_is_never_there_twice(qtbot: QtBot) -> None:
    messages = Messages()
    qtbot.addWidget(messages)
    messages.say("error", "The disk is full.")
    messages.say("error", "The disk is full.")
    assert messages.sentences() == ["The disk is full."]


def test_that_only_the_newest_three_stay(qtbot: QtBot) -> None:
    messages = Messages()
    qtbot.addWidget(messages)
    for number in range(5):
        messages.say("error", f"Problem {number}.")
    assert messages.sentences() == ["Problem 2.", "Problem 3.", "Problem 4."]


def test_that_information_leaves_by_itself_unless_what_it_is_of_goes_on(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.window.messages._INFO_MS", 0)
    messages = Messages()
    qtbot.addWidget(messages)
    messages.say("info", "Opening…", stays=True)
    messages.say("info", "Saved.")
    qtbot.waitUntil(lambda: messages.sentences() == ["Opening…"])


def test_that_of_passing_information_the_newest_stands_alone_and_a_problem_stays(qtbot: QtBot) -> None:
    messages = Messages()
    qtbot.addWidget(messages)
    for level, sentence in (("error", "The disk is full."), ("info", "Saved."), ("info", "Undone.")):
        messages.say(level, sentence)
    assert messages.sentences() == ["The disk is full.", "Undone."]


def test_that_an_offered_action_is_done_and_the_banner_leaves(qtbot: QtBot) -> None:
    messages = Messages()
    qtbot.addWidget(messages)
    done: list[str] = []
    messages.say("warning", "It was interrupted.", actions={"resume": ("Resume", lambda: done.append("resumed"))})
    banner = messages.findChild(Banner)
    assert banner is not None
    button = next(found for found in banner.findChildren(QuietButton) if found.text() == "Resume")
    button.click()
    assert done == ["resumed"]
    assert messages.sentences() == []


def test_that_messages_lie_over_their_page_and_move_nothing(qtbot: QtBot) -> None:
    middle = QWidget()
    qtbot.addWidget(middle)
    page = QWidget()
    column = QVBoxLayout(middle)
    column.addWidget(page)
    messages = Messages()
    messages.lie_over(page)
    middle.resize(900, 500)
    middle.show()
    qtbot.waitExposed(middle)
    before = page.geometry()
    messages.say("error", "The disk is full. " * 20)
    QApplication.processEvents()
    assert page.geometry() == before
    assert page.geometry().contains(messages.geometry())
    banner = messages.findChild(Banner)
    assert banner is not None
    assert banner.height() >= banner.heightForWidth(banner.width())
    middle.resize(500, 400)
    QApplication.processEvents()
    assert page.geometry().contains(messages.geometry())


def test_that_several_banners_are_each_as_high_as_their_words(qtbot: QtBot) -> None:
    middle, page = QWidget(), QWidget()
    qtbot.addWidget(middle)
    QVBoxLayout(middle).addWidget(page)
    messages = Messages()
    messages.lie_over(page)
    middle.resize(900, 500)
    middle.show()
    qtbot.waitExposed(middle)
    messages.say(
        "warning", "It is queued; it trains when the device is free.", actions={"show": ("Show it", lambda: 0)}
    )
    messages.say("info", "It trains now.", actions={"show": ("Show it", lambda: 0)})
    banners = messages.findChildren(Banner)
    assert len(banners) == 2

    def are_whole() -> bool:
        is_high_enough = all(banner.height() >= banner.heightForWidth(banner.width()) for banner in banners)
        is_inside = all(messages.rect().contains(banner.geometry()) for banner in banners)
        return is_high_enough and is_inside and not banners[0].geometry().intersects(banners[1].geometry())

    qtbot.waitUntil(are_whole)
    sentence = "Memory ran out on this processor: 327.7 MB more were needed for a batch of 40000. A batch of 2500 fits."
    messages.say("error", sentence, actions={"retry": ("Start again with batch size 2500", int)})
    narrow = messages.findChildren(Banner)[-1]
    for width in range(400, 640, 20):
        middle.resize(width, 500)
        QApplication.processEvents()
        assert narrow.height() >= narrow.heightForWidth(narrow.width()), width


def test_that_information_leaves_by_itself_also_where_it_offers_something(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.window.messages._OFFER_MS", 1)
    messages = Messages()
    qtbot.addWidget(messages)
    messages.say("info", "It is queued.", actions={"show": ("Show it", lambda: 0)})
    messages.say("error", "The disk is full.")
    qtbot.waitUntil(lambda: messages.sentences() == ["The disk is full."])


def test_that_a_message_follows_a_strip_that_finds_its_place_after_its_page(qtbot: QtBot) -> None:
    middle, page = QWidget(), QWidget()
    qtbot.addWidget(middle)
    QVBoxLayout(middle).addWidget(page)
    messages, strip = Messages(), QRect(0, 0, 500, 40)
    messages.lie_over(page, strip=lambda: strip)
    middle.resize(900, 500)
    middle.show()
    messages.say("error", "The disk is full.")
    for _ in range(3):
        QApplication.processEvents()
    middle.resize(900, 700)
    strip = QRect(0, 200, 500, 40)
    qtbot.waitUntil(lambda: messages.geometry().bottom() == page.y() + strip.bottom())
