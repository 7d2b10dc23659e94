"""What the data says of a text that the dice brought."""

import pytest

from tests.ui.texts.text_inference import DATES, train

pytestmark = pytest.mark.usefixtures("themed")


def test_that_the_dice_tell_what_is_to_be_written_of_a_text_to_translate(qtbot, panel, lab):
    train(qtbot, lab, DATES)
    panel.take_sample()
    index = lab.focus.value.sample
    assert panel.text.text() == "haus h\n"
    assert panel.text._caption.text() == f"sample {index}, in truth day {index}"
    assert panel.result._truth == f"day {index}"
