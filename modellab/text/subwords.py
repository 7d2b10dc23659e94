"""Pieces of words through the `tokenizers` library: BPE and WordPiece trained here, or any tokenizer.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.errors import UserError
from modellab.runs.atomic import write_bytes
from modellab.text.byte_letters import fallen_back, shown_part
from modellab.text.characters import special
from modellab.text.clean import cleaned, shown
from modellab.text.tokenizer import PAD, UNKNOWN, Encoded, Tokens

if TYPE_CHECKING:
    import tokenizers

_BLOCK = 1024
_SPECIALS = ("[PAD]", "[UNK]")


class SubwordTokenizer:
    """A tokenizer of the library.

    Ids are the library's own where its first two are our padding and unknown, else the library's plus 2. No [CLS],
    [SEP] and the like are added.
    """

    def __init__(self, tokenizer: tokenizers.Tokenizer) -> None:
        self._tokenizer = tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()
        described: dict[str, Any] = msgspec.json.decode(tokenizer.to_str())
        own = tuple(tokenizer.id_to_token(number) for number in (PAD, UNKNOWN))
        self._shift = 0 if own == _SPECIALS else 2
        self._unknown = _unknown_id(tokenizer, described["model"])
        self._is_byte_level = _mentions(described, "ByteLevel")
        self._num_theirs = max(tokenizer.get_vocab().values(), default=-1) + 1

    @property
    def size(self) -> int:
        """Tokens of the library's vocabulary, and our special ones where it has others."""
        return self._num_theirs + self._shift

    def encode(self, text: str) -> Tokens:
        """As the protocol has it; spans count characters, whatever the normaliser did."""
        found = self._tokenizer.encode(cleaned(text), add_special_tokens=False)
        ids = self._ours(np.array(found.ids, dtype=np.int32))
        return Tokens(ids=tuple(ids.tolist()), spans=tuple((start, stop) for start, stop in found.offsets))

    def encode_all(self, texts: Sequence[str]) -> Encoded:
        """As the protocol has it."""
        parts: list[NDArray[np.int32]] = [np.empty(0, dtype=np.int32)]
        lengths: list[int] = []
        for start in range(0, len(texts), _BLOCK):
            block = [cleaned(text) for text in texts[start : start + _BLOCK]]
            for found in self._tokenizer.encode_batch_fast(block, add_special_tokens=False):
                parts.append(np.array(found.ids, dtype=np.int32))
                lengths.append(len(parts[-1]))
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        ids = self._ours(np.concatenate(parts))
        # The library tells places in the text only where it is asked text by text, which takes longer.
        holds_unknown = np.unique(np.searchsorted(offsets, np.flatnonzero(ids == UNKNOWN), side="right") - 1)
        unknown = [letters for text in holds_unknown.tolist() for letters in self._unknown_of(texts[text])]
        return Encoded(ids=ids, offsets=offsets, unknown=unknown)

    def decode(self, ids: Sequence[int]) -> str:
        """The text as the library puts it together; the unknown is �."""
        texts: list[str] = []
        run: list[int] = []
        for number in ids:
            if number == UNKNOWN or number - self._shift == self._unknown:
                texts += [self._decoded(run), "\ufffd"]
                run = []
            elif number != PAD:
                run.append(number - self._shift)
        return "".join([*texts, self._decoded(run)])

    def token(self, token_id: int) -> str:
        """A piece for the eye; a part of a character by its bytes."""
        if found := special(token_id):
            return found
        theirs = token_id - self._shift
        text = self._tokenizer.id_to_token(theirs)
        if text is None:
            return "\ufffd"
        if self._is_byte_level:
            decoded = self._decoded([theirs])
            return shown(decoded) if decoded and "\ufffd" not in decoded else shown_part(text)
        return fallen_back(text) or shown(text.replace("\u2581", " ")) or text

    @property
    def has_their_ids(self) -> bool:
        """Whether ids are the library's own."""
        return self._shift == 0

    def their_ids(self) -> NDArray[np.int64]:
        """The library's id of each of ours, int64 [size]; -1 where it has none: our padding, or an unknown."""
        found = np.arange(self.size, dtype=np.int64) - self._shift
        if self._shift:
            found[PAD] = -1
            found[UNKNOWN] = -1 if self._unknown is None else self._unknown
        return found

    def described(self) -> str:
        """The library's tokenizer.json."""
        return str(self._tokenizer.to_str())

    def save(self, path: Path) -> None:
        """As the protocol has it."""
        write_bytes(path, self._tokenizer.to_str().encode())

    def _unknown_of(self, text: str) -> list[str]:
        text = cleaned(text)
        found = self.encode(text)
        return [text[start:end] for token, (start, end) in zip(found.ids, found.spans, strict=True) if token == UNKNOWN]

    def _ours(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        shifted = ids + np.int32(self._shift)
        return shifted if self._unknown is None else np.where(ids == self._unknown, np.int32(UNKNOWN), shifted)

    def _decoded(self, theirs: list[int]) -> str:
        return str(self._tokenizer.decode(theirs, skip_special_tokens=False)) if theirs else ""


def read_subwords(content: bytes, *, path: Path, field: str) -> SubwordTokenizer:
    """A tokenizer out of the content of a tokenizer.json.

    Raises:
        UserError: it is not one.
    """
    import tokenizers

    try:
        return SubwordTokenizer(tokenizers.Tokenizer.from_buffer(content))
    except Exception as error:  # the library raises bare Exceptions
        why = " ".join(str(error).split()).removeprefix("Cannot instantiate Tokenizer from buffer: ").rstrip(".")
        raise UserError(
            f"{path} is not a tokenizer.json of the tokenizers library ({why[:120]}); pick another file.", field=field
        ) from error


def trained(
    kind: Literal["bpe", "wordpiece"], texts: Sequence[str], *, most: int, lower_case: bool = False
) -> SubwordTokenizer:
    """Learn the pieces from the texts. BPE works on bytes, as GPT-2's does, and so knows every text; WordPiece cuts
    words as BERT does."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    trainer: Any
    if kind == "bpe":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=most, special_tokens=list(_SPECIALS), initial_alphabet=alphabet, show_progress=False
        )
        if lower_case:
            tokenizer.normalizer = normalizers.Lowercase()
    else:
        tokenizer = Tokenizer(models.WordPiece(unk_token=_SPECIALS[1]))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower_case, strip_accents=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(vocab_size=most, special_tokens=list(_SPECIALS), show_progress=False)
    tokenizer.train_from_iterator((cleaned(text) for text in texts), trainer, length=len(texts))
    return SubwordTokenizer(tokenizer)


def _unknown_id(tokenizer: tokenizers.Tokenizer, model: dict[str, Any]) -> int | None:
    if model.get("unk_token"):
        found: int | None = tokenizer.token_to_id(model["unk_token"])
        return found
    return model.get("unk_id")


def _mentions(described: dict[str, Any], kind: str) -> bool:
    """Whether the decoder is of that kind, alone or in a sequence."""
    decoder = described.get("decoder") or {}
    return decoder.get("type") == kind or any(part.get("type") == kind for part in decoder.get("decoders", ()))
