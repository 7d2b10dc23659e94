"""Dates as people write them in 15 languages, out of Babel's locale data: which day is it?"""

from __future__ import annotations

import datetime
import importlib.metadata

import numpy as np

from modellab.data._pairs import PairParts, Pairs, load_pairs
from modellab.data._text_fields import LowerCase, SplitSeed, Tokenizer, TokenizerFile, ValidationShare, VocabularySize
from modellab.data.base import DatasetConfig, LoadedDataset

# Year or day comes first in all of them, so that 3/7/31 is one day only; en is British for that reason.
LOCALES = ("cs", "de", "el", "en_GB", "es", "fi", "fr", "it", "ja", "nl", "pl", "pt", "ru", "sv", "tr")
FORMATS = ("short", "medium", "long", "full", "yMMMEd")
# A hundred years: two digits of a year say which.
_FIRST, _LAST = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)
_NUM_PAIRS = 20_000


class DatesConfig(DatasetConfig, frozen=True, kw_only=True, tag="dates"):
    """Days from 1950 to 2049, each written once, in one of 15 languages and 5 formats (Unicode CLDR), and as ISO."""

    title = "Dates in 15 languages"
    summary = "20,000 dates as people write them, “vendredi 7 mars 2031”: write 2031-03-07. Nothing to download."
    kind = "text"
    tasks = frozenset({"translation"})

    tokenizer: Tokenizer = "characters"
    vocabulary_size: VocabularySize = 1000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = False
    validation_share: ValidationShare = 0.1
    seed: SplitSeed = 0

    @property
    def max_length(self) -> int:
        """No date is longer."""
        return 48

    def load(self) -> LoadedDataset:
        """Write the dates, split and tokenise them; no day of the validation split is in the training split."""
        version = importlib.metadata.version("babel")
        return load_pairs(
            self,
            source=("dates", self.seed),
            fingerprint=version,
            read=self._read,
            validation_share=self.validation_share,
            seed=self.seed,
        )

    def _read(self) -> PairParts:
        """Every day at most once."""
        rng = np.random.default_rng(self.seed)
        days = rng.permutation((_LAST - _FIRST).days + 1)[:_NUM_PAIRS]
        ways = rng.integers(len(LOCALES) * len(FORMATS), size=_NUM_PAIRS)
        dates = [_FIRST + datetime.timedelta(days=int(day)) for day in days]
        sources = [written(date, *_way(int(way))) for date, way in zip(dates, ways, strict=True)]
        pairs = Pairs(sources=sources, targets=[date.isoformat() for date in dates])
        return PairParts(splits={"train": pairs})


def written(date: datetime.date, locale: str, style: str) -> str:
    """A day as it is written there; the style is Babel's name of a format or a skeleton. Spaces are plain."""
    from babel.dates import format_date, format_skeleton

    if style in ("short", "medium", "long", "full"):
        found = format_date(date, style, locale=locale)
    else:
        found = format_skeleton(style, _at_noon(date), locale=locale)
    return " ".join(found.split())


def _way(number: int) -> tuple[str, str]:
    """The locale and format of that number."""
    return LOCALES[number % len(LOCALES)], FORMATS[number // len(LOCALES)]


def _at_noon(date: datetime.date) -> datetime.datetime:
    """What Babel's skeletons are filled from, in UTC."""
    return datetime.datetime(date.year, date.month, date.day, 12, tzinfo=datetime.UTC)
