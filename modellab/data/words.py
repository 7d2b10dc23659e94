"""Words of 20 languages out of Babel's locale data: which language is it?"""

from __future__ import annotations

import collections
import importlib.metadata
import re
from collections.abc import Iterator

import numpy as np

from modellab.data._text import TextParts, Texts, load_texts
from modellab.data._text_fields import (
    LowerCase,
    MaxLength,
    SplitSeed,
    Tokenizer,
    TokenizerFile,
    ValidationShare,
    VocabularySize,
)
from modellab.data.base import DatasetConfig, LoadedDataset

_LANGUAGES = {
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fi": "Finnish",
    "fr": "French",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "sv": "Swedish",
    "tr": "Turkish",
}
_WORD = re.compile(r"[^\W\d_]{2,}")


class WordsConfig(DatasetConfig, frozen=True, kw_only=True, tag="words"):
    """Names of territories, languages, currencies, months and days (Unicode CLDR), cut into words."""

    title = "Words of 20 languages"
    summary = "About 14,500 words, each of one language only: which one is it? Nothing to download."
    kind = "text"
    tasks = frozenset({"classification"})

    tokenizer: Tokenizer = "characters"
    vocabulary_size: VocabularySize = 1000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = True  # so are the words: a capital is no other letter
    max_length: MaxLength = 24
    validation_share: ValidationShare = 0.2
    seed: SplitSeed = 0

    def load(self) -> LoadedDataset:
        """Gather, split and tokenise the words."""
        version = importlib.metadata.version("babel")
        return load_texts(self, source="words", fingerprint=version, read=_read, seed=self.seed)


def _read() -> TextParts:
    owners: dict[str, set[str]] = collections.defaultdict(set)
    for code in _LANGUAGES:
        for name in _names(code):
            for word in _WORD.findall(name.lower()):
                owners[word].add(code)
    codes = list(_LANGUAGES)
    # Sorted, as the order of the splits begins from here.
    found = sorted((word, codes.index(next(iter(owner)))) for word, owner in owners.items() if len(owner) == 1)
    texts = Texts(texts=[word for word, _ in found], labels=np.array([label for _, label in found], dtype=np.int64))
    return TextParts(classes=tuple(_LANGUAGES.values()), splits={"all": texts})


def _names(code: str) -> Iterator[str]:
    from babel import Locale

    locale = Locale.parse(code)
    yield from locale.territories.values()
    yield from locale.languages.values()
    yield from locale.currencies.values()
    for forms in locale._data["currency_names_plural"].values():
        yield from forms.values()
    for widths in (*locale.months.values(), *locale.days.values()):
        yield from widths["wide"].values()
