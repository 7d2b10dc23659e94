"""A person's own labelled texts: CSV, TSV, JSONL or Parquet with a column of texts and one of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from modellab.config import meta
from modellab.data._files import checked_file
from modellab.data._table_fields import BAD_LABELS, FOUND, BadRows, TableFile, TableHeader, refused
from modellab.data._table_read import FIELD, read_table
from modellab.data._text import TextParts, load_texts
from modellab.data._text_columns import (
    chosen_columns,
    classes_of,
    labelled,
    left_out_note,
    with_classes,
)
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
from modellab.errors import UserError

_TEXT_FIELD, _LABEL_FIELD = "dataset.text_column", "dataset.label_column"


class TextTableConfig(DatasetConfig, frozen=True, kw_only=True, tag="text_table"):
    """A table with a column of texts and a column of classes."""

    title = "Table of texts"
    summary = "Your own CSV, TSV, JSONL or Parquet file: tell the class of a text."
    kind = "text"
    tasks = frozenset({"classification", "regression"})
    group = "Your own"

    file: TableFile = ""
    text_column: Annotated[
        str,
        meta(
            title="Text",
            help="The column of the texts; empty: found by name or length.",
            choices_from="columns",
            labels=FOUND,
        ),
    ] = ""
    label_column: Annotated[
        str,
        meta(
            title="Class", help="The column of the classes; empty: found by name.", choices_from="columns", labels=FOUND
        ),
    ] = ""
    tokenizer: Tokenizer = "words"
    vocabulary_size: VocabularySize = 20_000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = True
    max_length: MaxLength = 256
    bad_rows: Annotated[
        BadRows,
        meta(
            title="Bad rows",
            help="What to do with rows of the file that have no text or no class.",
            labels=BAD_LABELS,
        ),
    ] = "stop"
    header: TableHeader = "auto"
    validation_share: ValidationShare = 0.2
    seed: SplitSeed = 0

    def load(self) -> LoadedDataset:
        """Read, check, split and tokenise the texts."""
        path = checked_file(self.file, field=FIELD, what="table file").resolve()
        status = path.stat()
        return load_texts(
            self,
            source=("text table", str(path), self.text_column, self.label_column, self.bad_rows, self.header),
            fingerprint=(status.st_size, status.st_mtime_ns),
            read=lambda: self._read(path),
            seed=self.seed,
            field=FIELD,
        )

    def _read(self, path: Path) -> TextParts:
        table = read_table(str(path), header=self.header)
        what = str(path)
        chosen = chosen_columns(
            table,
            text=self.text_column,
            label=self.label_column,
            what=what,
            text_field=_TEXT_FIELD,
            label_field=_LABEL_FIELD,
        )
        found = labelled(table, chosen, names={}, what=what, text_field=_TEXT_FIELD, label_field=_LABEL_FIELD)
        count = found.num_bad + len(table.bad)
        ragged = f"row {table.bad[0][0]} {table.bad[0][1]}" if table.bad else ""
        first = found.first_bad or ragged
        if count and self.bad_rows == "stop":
            raise refused(path, first, count=count)
        if not found.texts:
            raise UserError(f"{path} has no row with a text and a class; pick another table file.", field=FIELD)
        classes = classes_of(found.labels, column=chosen.label, what=what, field=_LABEL_FIELD)
        read = f"Texts are read from the column {chosen.text!r}, classes from {chosen.label!r}."
        return TextParts(
            classes=classes,
            splits={"all": with_classes(found, classes)},
            notes=(*table.notes, read, *left_out_note(count, first)),
        )
