"""Labels of tokens: letters all or none, longer tokens thinned out, what no font has by its number."""

import pytest

from ui.views import _tokens
from ui.views._token_axis import Axis
from ui.views._tokens import TokenLabels, label

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


def test_that_numbers_stand_where_letters_would_be_too_small():
    found = labels_of(WORD * 3, width=300)
    assert found[0] == "0"
    assert all(text.isdecimal() for text in found)


def test_that_of_words_some_are_named_and_none_is_cut_to_fit():
    words = ["The", "␣statement", "␣assigns", "␣a", "␣value", "."] * 8
    found = labels_of(words, width=500)
    assert 3 < len(found) < len(words)
    assert set(found) <= set(words)


def test_that_a_letter_that_no_font_has_is_told_by_its_number(monkeypatch):
    monkeypatch.setattr(_tokens, "_has_shape", lambda letter: letter < "\u3000")
    assert label("👍") == "‹1F44D›"
    assert label("a") == "a"
