"""What interventions change of the answer for a text."""

import pytest

from tests.ui.texts.text_inference import WORDS, train, type_into
from workers.protocol import Clamp, Prediction

pytestmark = pytest.mark.usefixtures("themed")
TURNED = Prediction(
    step=50, task="classification", classes=("Danish", "Dutch", "German"), probabilities=(0.7, 0.2, 0.1)
)


def test_that_the_answer_with_nothing_held_stands_beside_that_of_the_held_model(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    free = panel.result.answer
    bars = panel.result._bars
    assert bars._before == {}
    lab.clamps.set((Clamp(layer=0, signal="f", unit=3, value=0.0),))
    qtbot.waitUntil(lambda: bars._before == dict(zip(free.classes, free.probabilities, strict=True)))
    assert panel.result._told_free.isVisible()
    lab.clamps.set(())
    qtbot.waitUntil(lambda: bars._before == {})
    assert not panel.result._told_free.isVisible()


def test_that_nothing_is_said_of_interventions_where_there_is_no_answer(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "haus")
    lab.clamps.set((Clamp(layer=0, signal="f", unit=3, value=0.0),))
    qtbot.waitUntil(panel.result._told_free.isVisible)
    panel.text.clear()
    assert not panel.result._told_free.isVisible()


def test_that_beside_another_translation_stands_the_one_without_interventions(qtbot, panel):
    def written(text: str) -> Prediction:
        return Prediction(step=1, task="translation", classes=(text,), probabilities=(0.996,))

    panel.result.set_free(written("2021-03-03"))
    panel.result.show_answer(written("2022-03-03"), step_text="")
    assert panel.result._told_free.text() == "Without interventions: 2021-03-03, 0.996"
    panel.result.show_answer(written("2021-03-03"), step_text="")
    assert panel.result._told_free.text().startswith("±")
