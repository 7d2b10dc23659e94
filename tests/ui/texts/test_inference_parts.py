"""A text that asks several things has an answer to each, one at a time; no row stays marked for another model."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ui.panels.inference_candidates import Candidates
from ui.panels.inference_result import ResultView
from ui.panels.inference_text_bars import ChoiceBars
from workers.protocol import Part, Prediction

HIDDEN = Prediction(
    step=3,
    task="masked_language_modelling",
    classes=("cat", "dog"),
    probabilities=(0.7, 0.2),
    parts=(
        Part(title="hidden token 1 of 2", classes=("cat", "dog"), probabilities=(0.7, 0.2)),
        Part(title="hidden token 2 of 2", classes=("sat", "ran"), probabilities=(0.6, 0.3)),
    ),
)
NEXT = Prediction(step=3, task="language_modelling", classes=("a", "b"), probabilities=(0.5, 0.25))
WRITTEN = Candidates(
    tokens=("a", "b"), probabilities=(0.5, 0.25), written="b", probability=0.25, caption="token 1 of 1", about=""
)


def with_verdict(follows: float) -> Prediction:
    both = sorted((("it follows", follows), ("it does not", 1 - follows)), key=lambda one: -one[1])
    names, shares = zip(*both, strict=True)
    verdict = Part(title="the second text", classes=names, probabilities=shares, stays=True)
    return msgspec.structs.replace(HIDDEN, parts=(*HIDDEN.parts, verdict))


def test_that_each_hidden_token_is_reached_and_stays_in_sight_while_the_answers_change(qtbot):
    view = ResultView()
    qtbot.addWidget(view)
    view.show()
    view.show_answer(HIDDEN, step_text="step 3")
    assert view.parts.isVisible()
    assert view._bars.rows()[0][0] == "cat"
    QTest.mouseClick(view.parts.after, Qt.MouseButton.LeftButton)
    assert view._bars.rows() == (("sat", 0.6), ("ran", 0.3))
    view.show_answer(HIDDEN, step_text="step 4")
    assert view._bars.rows()[0][0] == "sat"
    QTest.mouseClick(view.parts.after, Qt.MouseButton.LeftButton)
    assert view._bars.rows()[0][0] == "cat"
    assert view.text().splitlines()[3:] == ["hidden token 2 of 2", "sat\t0.6", "ran\t0.3"]
    view.show_answer(NEXT, step_text="step 3")
    assert not view.parts.isVisible()


def test_that_whether_the_second_text_follows_stands_there_whichever_hidden_token_is_in_sight(qtbot):
    view = ResultView()
    qtbot.addWidget(view)
    view.show()
    view.show_answer(with_verdict(0.8), step_text="step 3")
    for _ in range(3):
        assert view.standing.isVisible()
        assert dict(view.standing.bars.rows()) == pytest.approx({"it follows": 0.8, "it does not": 0.2})
        assert view._bars.rows()[0][0] in ("cat", "sat")
        QTest.mouseClick(view.parts.after, Qt.MouseButton.LeftButton)
    view.show_answer(with_verdict(0.3), step_text="step 4")
    view.set_free(with_verdict(0.4))
    assert [name for name, _ in view.standing.bars.rows()] == ["it follows", "it does not"]
    assert view.standing.bars._before["it follows"] == 0.4
    view.show_answer(HIDDEN, step_text="step 4")
    assert not view.standing.isVisible()


def test_that_of_one_hidden_token_and_a_second_text_there_is_nothing_to_turn_to(qtbot):
    view = ResultView()
    qtbot.addWidget(view)
    view.show()
    answer = with_verdict(0.8)
    view.show_answer(msgspec.structs.replace(answer, parts=(answer.parts[0], answer.parts[2])), step_text="step 3")
    assert view.standing.isVisible()
    assert view.parts.isVisible()
    assert not view.parts.after.isVisible()


def test_that_the_row_of_a_written_token_is_not_marked_for_what_hides_tokens(qtbot):
    view = ResultView()
    qtbot.addWidget(view)
    view.show_answer(NEXT, step_text="step 3")
    view.show_candidates(WRITTEN)
    assert view._bars._marked == 1
    view.end_candidates(step_text="step 3")
    view.show_candidates(WRITTEN)
    view.show_hint("another model")
    view.show_answer(HIDDEN, step_text="step 3")
    assert view._bars._marked is None


def test_that_a_row_says_of_a_part_of_a_letter_what_it_is(qtbot):
    bars = ChoiceBars(num_rows=2)
    qtbot.addWidget(bars)
    bars.set_candidates(["‹xE280›", "a"], [0.5, 0.25])
    assert bars.told(0).endswith("a byte of a letter that takes several tokens")
    assert bars.told(1) == "a  0.25"
