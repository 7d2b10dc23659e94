"""Text from tokens as they are shown."""

import pytest

from modellab.text.characters import ByteTokenizer, CharacterTokenizer
from modellab.text.tokenizer import Tokenizer
from modellab.text.words import WordTokenizer
from ui.lab.tokens import added_text, letter_around, reading_on, spelled, with_whole_letters

TEXTS = ("if x:\n\treturn (1)", "שלום עולם", "naïve 😀 ☕", "a\u00a0b\r\n", "")


def shown_by(tokenizer: Tokenizer, text: str) -> list[str]:
    return [tokenizer.token(token) for token in tokenizer.encode(text).ids]


@pytest.mark.parametrize("text", TEXTS)
def test_that_characters_and_bytes_spell_the_text_they_came_from(text):
    for name, tokenizer in (("characters", CharacterTokenizer.fitted(list(TEXTS))), ("bytes", ByteTokenizer())):
        found = spelled(shown_by(tokenizer, text), tokenizer=name)
        assert found.text == text
        assert found.spans == tokenizer.encode(text).spans


def test_that_a_byte_that_is_no_letter_spells_the_unknown():
    found = spelled(["a", "‹xC3›", "b"], tokenizer="bytes")
    assert found.text == "a\ufffdb"
    assert found.spans == ((0, 1), (1, 2), (2, 3))


def test_that_words_are_parted_as_they_are_usually_set():
    text = "He said (twice): no, never.\nWell"
    tokenizer = WordTokenizer.fitted([text], most=99)
    found = spelled(shown_by(tokenizer, text), tokenizer="words")
    assert found.text == text
    assert [found.text[first:last] for first, last in found.spans][:5] == ["He", "said", "(", "twice", ")"]


def test_that_pieces_of_words_join():
    assert spelled(["un", "##believ", "##able", "story", "."], tokenizer="wordpiece").text == "unbelievable story."
    assert spelled(["␣he", "llo", "␣world"], tokenizer="bpe").text == " hello world"


@pytest.mark.parametrize(
    ("before", "token", "tokenizer", "added"),
    [
        ("a", "␣", "characters", " "),
        ("a", "⏎", "characters", "\n"),
        ("the", "cat", "words", " cat"),
        ("the", ",", "words", ","),
        ("the ", "cat", "words", "cat"),
        ("", "cat", "words", "cat"),
        ("(", "cat", "words", "cat"),
        ("un", "##do", "wordpiece", "do"),
        ("a", "\ufffd", "characters", ""),
        ("a", "∅", "words", ""),
        ("a", "‹xC3›", "bytes", ""),
        ("a", "␣‹xE280›", "bpe", ""),
    ],
)
def test_that_a_token_adds_what_it_stands_for(before, token, tokenizer, added):
    assert added_text(before, token, tokenizer=tokenizer) == added


def test_that_tokens_read_on_as_the_text_with_one_part_each():
    assert reading_on(["A", "␣method", "⏎"], tokenizer="bpe") == ("A", " method", "\n")
    assert reading_on(["good", "day", "."], tokenizer="words") == ("good ", "day", ".")
    assert reading_on(["un", "##do", "it"], tokenizer="wordpiece") == ("un", "do ", "it")
    assert reading_on(["a", "◌\u0301", "⇥"], tokenizer="characters") == ("a", "◌\u0301", "⇥")
    assert reading_on(["‹xC3›", "␣"], tokenizer="bytes") == ("‹xC3›", " ")


PIECES = [
    "operator",
    "‹xE280›",
    "‹x99›",
    "s",
    "␣‹xE2›",
    "‹x80›",
    "‹x94›",
    "‹xE6BC›",
    "‹xA2E5›",
    "‹xAD›",
    "‹x97›",
    "‹xE2›",
]


def test_that_tokens_which_are_parts_of_a_letter_read_as_that_letter_where_they_stand_together():
    found = spelled(PIECES, tokenizer="bpe")
    assert found.text == "operator’s —漢字\ufffd"
    assert found.spans[1] == found.spans[2] == (8, 9)
    assert (found.spans[4], found.spans[6], found.spans[8]) == ((10, 12), (11, 12), (12, 14))
    assert reading_on(PIECES, tokenizer="bpe") == ("operator", "’", "", "s", " —", "", "", "漢", "字", "", "", "‹xE2›")
    assert with_whole_letters(["a", "‹xC3›", "b"]) == ("a", "‹xC3›", "b")


def test_that_of_a_part_it_is_known_which_letter_it_is_a_part_of():
    letters = [letter_around(PIECES, place) for place in range(len(PIECES))]
    assert letters == ["", "’", "’", "", "—", "—", "—", "漢", "漢字", "字", "字", ""]


def test_that_a_tokenizer_json_that_drops_spaces_has_its_words_apart_and_one_that_keeps_them_reads_as_it_is():
    assert (
        spelled(["the", "film", "felt", "cold", ",", "really"], tokenizer="file").text == "the film felt cold, really"
    )
    assert reading_on(["the", "un", "##told", "film"], tokenizer="file") == ("the ", "un", "told ", "film")
    assert spelled(["the", "␣film", "␣fe", "lt"], tokenizer="file").text == "the film felt"
    assert spelled(["hel", "lo"], tokenizer="file").text == "hello", "of one word nobody can tell"
