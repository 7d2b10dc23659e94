"""A text longer than a model reads: what was cut is said."""

from modellab.data.base import Sample
from modellab.tasks.encode_text import encode_text
from modellab.text.characters import CharacterTokenizer

TOKENIZER = CharacterTokenizer(tuple("abcdefgh"))
STREAM = Sample(kind="text", task="language_modelling", shape=(4,), num_tokens=TOKENIZER.size)
TEXTS = Sample(kind="text", task="classification", shape=(4,), classes=("x", "y"), num_tokens=TOKENIZER.size)


def test_that_a_language_model_reads_the_end_of_a_text_beyond_its_context_and_says_so():
    found = encode_text("abcdefgh", STREAM, TOKENIZER, context=3)
    assert found.tokens == ("f", "g", "h")
    assert found.spans == ((5, 6), (6, 7), (7, 8))
    assert found.notes == ("Only the last 3 of 8 tokens are read, which is the model's context.",)


def test_that_a_text_within_the_context_is_read_whole():
    found = encode_text("abc", STREAM, TOKENIZER, context=3)
    assert found.tokens == ("a", "b", "c")
    assert not found.notes


def test_that_a_text_to_classify_is_read_from_its_beginning():
    found = encode_text("abcdefgh", TEXTS, TOKENIZER)
    assert found.tokens == ("a", "b", "c", "d")
    assert found.notes == ("Only the first 4 of 8 tokens are read.",)


def test_that_unknown_letters_of_any_direction_are_named_in_their_order():
    found = encode_text("aשל", TEXTS, TOKENIZER)
    assert found.unknown == {1: "ש", 2: "ל"}
    assert found.notes == ("Not in the vocabulary, read as unknown: \u2068'ש'\u2069, \u2068'ל'\u2069.",)


def test_that_known_letters_beyond_what_is_read_are_not_called_unknown():
    found = encode_text("xyzxabc", TEXTS, TOKENIZER)
    assert found.num_tokens == 7
    assert found.notes[1].startswith("Not one token of the part that is read is in the vocabulary")
