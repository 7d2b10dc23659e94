"""Our tokenizers as a tokenizer.json of the `tokenizers` library, with the same ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from modellab.errors import UserError
from modellab.text.characters import CharacterTokenizer
from modellab.text.subwords import SubwordTokenizer
from modellab.text.tokenizer import PAD, UNKNOWN, Tokenizer
from modellab.text.words import WordTokenizer

_PAD, _UNKNOWN = "[PAD]", "[UNK]"


def write_tokenizer(folder: Path, tokenizer: Tokenizer, specials: tuple[str, ...]) -> None:
    """tokenizer.json and tokenizer_config.json; specials: the tokens behind the tokenizer's own.

    Raises:
        OSError: they cannot be written.
        UserError: the library has no tokenizer with such ids.
    """
    made = _theirs(tokenizer)
    made.add_special_tokens(list(specials))
    assert made.get_vocab_size() == tokenizer.size + len(specials), "every token keeps its id"
    _frame(made, specials)
    (folder / "tokenizer.json").write_text(
        made.to_str(pretty=True), encoding="utf-8"
    )  # the library's way hides why not
    names = {"pad_token": _PAD, "unk_token": _UNKNOWN}
    roles = {"[CLS]": "cls_token", "[SEP]": "sep_token", "[MASK]": "mask_token"}
    names |= {roles[name]: name for name in specials if name in roles}
    described = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **names}
    (folder / "tokenizer_config.json").write_bytes(msgspec.json.format(msgspec.json.encode(described), indent=2))


def _frame(made: Any, specials: tuple[str, ...]) -> None:
    """Have it put around texts what ours were trained with around them."""
    if not {"[CLS]", "[SEP]"} <= set(specials):
        return
    from tokenizers import processors

    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )


def _theirs(tokenizer: Tokenizer) -> Any:
    import tokenizers
    from tokenizers import decoders, models, normalizers, pre_tokenizers

    if isinstance(tokenizer, SubwordTokenizer):
        if not tokenizer.has_their_ids:
            raise UserError("This tokenizer.json has ids of its own, which the model's are not; it cannot be exported.")
        return tokenizers.Tokenizer.from_str(tokenizer.described())
    if isinstance(tokenizer, CharacterTokenizer):
        split = pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
        decoder = decoders.Fuse()
    elif isinstance(tokenizer, WordTokenizer):
        pattern = r"\n|[^\s]+" if tokenizer.at_spaces else r"\n|[\w\p{M}]+|[^\w\s\p{M}]"
        split = pre_tokenizers.Split(tokenizers.Regex(pattern), "removed", invert=True)
        decoder = None
    else:
        raise UserError("A tokenizer of bytes cannot be exported; train with characters, words or pieces of words.")
    vocabulary = {_PAD: PAD, _UNKNOWN: UNKNOWN}
    vocabulary |= {token: number for number, token in enumerate(tokenizer.tokens, UNKNOWN + 1)}
    made = tokenizers.Tokenizer(models.WordLevel(vocabulary, unk_token=_UNKNOWN))
    made.pre_tokenizer = split
    if decoder is not None:
        made.decoder = decoder
    if tokenizer.lower_case:
        made.normalizer = normalizers.Lowercase()
    return made
