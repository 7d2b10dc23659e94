"""A person's own translations as a table: CSV, TSV, JSONL or Parquet with a column of sources and one of targets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from modellab.config import meta
from modellab.data._files import checked_file
from modellab.data._pair_columns import chosen_pair, left_out_pairs, pairs_of
from modellab.data._pairs import PairParts, load_pairs
from modellab.data._table_fields import BAD_LABELS, FOUND, BadRows, TableFile, TableHeader, refused
from modellab.data._table_read import FIELD, read_table
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


class PairTableConfig(DatasetConfig, frozen=True, kw_only=True, tag="pair_table"):
    """A table with a column of sources and a column of what is to be written for them."""

    title = "Table of translations"
    summary = "Your own translations: a CSV, TSV, JSONL or Parquet file with both languages side by side."
    kind = "text"
    tasks = frozenset({"translation"})
    group = "Your own"

    file: TableFile = ""
    source_column: Annotated[
        str,
        meta(
            title="Source",
            help="The column of what is read; empty: found by name, else the first of texts.",
            choices_from="columns",
            labels=FOUND,
        ),
    ] = ""
    target_column: Annotated[
        str,
        meta(
            title="Target",
            help="The column of what is to be written; empty: found by name, else the next of texts.",
            choices_from="columns",
            labels=FOUND,
        ),
    ] = ""
    tokenizer: Tokenizer = "bpe"
    vocabulary_size: VocabularySize = 8000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = False
    max_length: MaxLength = 64
    bad_rows: Annotated[
        BadRows,
        meta(
            title="Bad rows",
            help="What to do with rows of the file that have no source or no target.",
            labels=BAD_LABELS,
        ),
    ] = "stop"
    header: TableHeader = "auto"
    validation_share: ValidationShare = 0.1
    seed: SplitSeed = 0

    def load(self) -> LoadedDataset:
        """Read, check, split and tokenise the texts."""
        path = checked_file(self.file, field=FIELD, what="table file").resolve()
        status = path.stat()
        return load_pairs(
            self,
            source=("pair table", str(path), self.source_column, self.target_column, self.bad_rows, self.header),
            fingerprint=(status.st_size, status.st_mtime_ns),
            read=lambda: self._read(path),
            validation_share=self.validation_share,
            seed=self.seed,
            field=FIELD,
        )

    def _read(self, path: Path) -> PairParts:
        table = read_table(str(path), header=self.header)
        source, target = chosen_pair(table, source=self.source_column, target=self.target_column, what=str(path))
        found = pairs_of(table, source=source, target=target, what=str(path))
        if found.bad and self.bad_rows == "stop":
            row, why = found.bad[0]
            raise refused(path, f"row {row} {why}", count=len(found.bad))
        read = f"Sources are read from the column {source!r}, targets from {target!r}."
        return PairParts(splits={"train": found.pairs}, notes=(*table.notes, read, *left_out_pairs(found)))
