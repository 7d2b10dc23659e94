"""The words on how far a run is."""

import pytest
from pytestqt.qtbot import QtBot

from ui.window._place_label import PlaceLabel, short_number


def test_that_fewer_words_are_said_where_room_is_short_and_the_epoch_goes_first(qtbot: QtBot) -> None:
    label = PlaceLabel()
    qtbot.addWidget(label)
    forms = ["epoch 4 / 20 · step 13,998 / 60,000 · paused", "step 13,998 / 60,000 · paused", "14.0k / 60k · paused"]
    label.set_forms([(form, form) for form in forms])
    seen = []
    for width in range(label.sizeHint().width(), label.minimumSizeHint().width() - 1, -1):
        label.resize(width, 20)
        shown = label.shown()
        assert label.fontMetrics().horizontalAdvance(shown) <= width
        seen += [] if shown in seen else [shown]
    assert seen == forms
    assert forms[0] in label.toolTip()


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (9_999, "9,999"), (13_998, "14.0k"), (60_000, "60k"), (1_250_000, "1.2M")]
)
def test_that_long_numbers_are_told_in_thousands_and_millions(number: int, text: str) -> None:
    assert short_number(number) == text
