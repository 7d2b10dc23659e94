"""Multi30k: captions of photographs in English and German, to translate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np

from modellab.config import meta
from modellab.data._hub import PublicSource
from modellab.data._pairs import PairParts, Pairs, load_pairs
from modellab.data._text_fields import LowerCase, MaxLength, Tokenizer, TokenizerFile, VocabularySize
from modellab.data.base import DatasetConfig, LoadedDataset
from modellab.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

_NUM_TRAIN = 29_000
_SPLITS = ("train", "validation", "test")


class Multi30kConfig(DatasetConfig, frozen=True, kw_only=True, tag="multi30k"):
    """Multi30k (Elliott et al. 2016), task 1, in its official splits."""

    title = "Multi30k"
    summary = "31,000 captions of photographs in German and English: translate one into the other."
    kind = "text"
    tasks = frozenset({"translation"})
    group = "Public"
    hub_id: ClassVar[str] = "bentrevett/multi30k"

    direction: Annotated[
        Literal["de_en", "en_de"],
        meta(
            title="Translate",
            help="Which language is to be written; the other is read.",
            labels={"de_en": "into English", "en_de": "into German"},
        ),
    ] = "de_en"
    tokenizer: Tokenizer = "bpe"
    vocabulary_size: VocabularySize = 8000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = True
    max_length: MaxLength = 64
    train_limit: (
        Annotated[
            int,
            meta(
                title="Training limit",
                help="Use at most this many training pairs, from the beginning.",
                unit="pairs",
                ge=10,
                le=1_000_000,
                log=True,
            ),
        ]
        | None
    ) = None

    def load(self) -> LoadedDataset:
        """Read, check and tokenise the captions."""
        source = PublicSource(self.hub_id, title=self.title)
        return load_pairs(
            self,
            source=("multi30k", self.direction, self.train_limit),
            fingerprint=source.fingerprint,
            read=lambda: self._read(source),
        )

    def _read(self, source: PublicSource) -> PairParts:
        tables = source.tables()
        if not {"train", "validation"} <= set(tables):
            raise UserError(f"{self.title} lacks a train or validation split; copy it again.", field="dataset")
        splits = {name: self._pairs(tables[name], name) for name in _SPLITS if name in tables}
        whole = len(splits["train"])
        few = f"These files of {self.title} hold {whole:,} of the {_NUM_TRAIN:,} official training pairs."
        splits["train"] = splits["train"].part(np.arange(min(whole, self.train_limit or whole)))
        return PairParts(splits=splits, notes=(few,) if whole < _NUM_TRAIN else ())

    def _pairs(self, table: pa.Table, split: str) -> Pairs:
        """The captions that there are in both languages."""
        if not {"de", "en"} <= set(table.column_names):
            names = ", ".join(table.column_names)
            raise UserError(
                f"{self.title} should have columns de and en; its {split} split has {names}.", field="dataset"
            )
        sides = [[str(text or "").strip() for text in table[name].to_pylist()] for name in self.direction.split("_")]
        both = [(read, written) for read, written in zip(*sides, strict=True) if read and written]
        return Pairs(sources=[read for read, _ in both], targets=[written for _, written in both])
