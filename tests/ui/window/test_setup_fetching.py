"""While data or a model are fetched from the hub, their card says how far that is and lets a person stop it."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from modellab.hub.telling import Fetching
from modellab.recipe import recipe_from_builtins
from tests.ui.window.bench_hands import BenchHands
from ui.panels.setup_card import EntryCard
from workers.protocol import DescribeDataset, FetchingTold, Problem, SteerFetching

THINGS = {"name": "hub_text", "hub_id": "us/things"}
STOPPED = Problem(message="Fetching us/things was stopped at 3.0 of 12.0 MB.", field="dataset.hub_id")


def told(what: str, done: int) -> FetchingTold:
    return FetchingTold(is_last=False, fetching=Fetching(what=what, done=done * 1_000_000, total=12_000_000))


def load(hands: BenchHands, *, architecture: dict[str, Any], dataset: dict[str, Any]) -> None:
    hands.session.load_draft(recipe_from_builtins({"architecture": architecture, "dataset": dataset}))
    hands.inspector.newest(DescribeDataset)


def steer(card: EntryCard) -> QToolButton:
    button = card.findChild(QToolButton)
    assert button is not None
    return button


def test_that_a_dataset_that_is_fetched_can_be_stopped_and_goes_on(hands: BenchHands) -> None:
    load(hands, architecture={"name": "lstm"}, dataset=THINGS)
    card = hands.panel.dataset_part().card
    assert not steer(card).isVisible()
    hands.inspector.answer(DescribeDataset, told("us/things", 3))
    assert card.line() == "3.0 of 12.0 MB fetched"
    QTest.mouseClick(steer(card), Qt.MouseButton.LeftButton)
    asked = hands.inspector.newest(SteerFetching)
    assert isinstance(asked, SteerFetching)
    assert not asked.go_on
    hands.inspector.refuse(DescribeDataset, STOPPED)
    assert card.line() == "stopped at 3.0 of 12.0 MB"
    assert hands.panel.problem() == ""  # a person's own wish is no mistake

    assert steer(card).text() == "Go on"
    QTest.mouseClick(steer(card), Qt.MouseButton.LeftButton)
    asked = hands.inspector.newest(SteerFetching)
    assert isinstance(asked, SteerFetching)
    assert asked.go_on
    hands.inspector.answer(DescribeDataset, told("us/things", 4))
    assert card.line() == "4.0 of 12.0 MB fetched"
    assert steer(card).text() == "Stop"


@pytest.mark.parametrize("what", ["us/model", "us/things"])
def test_that_it_is_told_on_the_card_of_what_is_fetched(hands: BenchHands, what: str) -> None:
    load(hands, architecture={"name": "pretrained", "folder": "us/model"}, dataset=THINGS)
    hands.inspector.answer(DescribeDataset, told(what, 3))
    cards = hands.panel.architecture_part().card, hands.panel.dataset_part().card
    is_model = what == "us/model"
    assert [steer(card).isVisible() for card in cards] == [is_model, not is_model]


@pytest.mark.parametrize("done", [3, 0])
def test_that_what_the_hub_did_not_give_is_said_at_its_field_and_can_be_tried_again(
    hands: BenchHands, done: int
) -> None:
    load(hands, architecture={"name": "lstm"}, dataset=THINGS)
    card = hands.panel.dataset_part().card
    if done:
        hands.inspector.answer(DescribeDataset, told("us/things", done))
    hands.inspector.refuse(DescribeDataset, Problem(message="The hub broke off.", field="dataset.hub_id"))
    assert hands.panel.problem() == "The hub broke off."
    assert steer(card).text() == ("Go on" if done else "Try again")
    before = len(hands.inspector.asked)
    QTest.mouseClick(steer(card), Qt.MouseButton.LeftButton)
    assert hands.panel.problem() == ""
    assert any(isinstance(asked, DescribeDataset) for asked, *_ in hands.inspector.asked[before:])
