"""Any text dataset of the Hugging Face hub, by its name there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np

from modellab.config import meta
from modellab.data._hub import PublicSource
from modellab.data._pair_columns import chosen_pair, left_out_pairs, pairs_of
from modellab.data._pairs import PairParts, load_pairs
from modellab.data._running_text import load_running_text
from modellab.data._table_read import Column, RawTable, arrow_column
from modellab.data._text import Limits, TextParts, load_texts
from modellab.data._text_columns import (
    ChosenColumns,
    LabelledTexts,
    chosen_columns,
    classes_of,
    labelled,
    left_out_note,
    likely_text,
    texts_of,
    with_classes,
)
from modellab.data._text_fields import (
    LowerCase,
    SplitSeed,
    Tokenizer,
    TokenizerFile,
    ValidationShare,
    VocabularySize,
)
from modellab.data._text_stream import StreamParts
from modellab.data.base import DatasetConfig, LoadedDataset
from modellab.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_ID_FIELD, _TEXT_FIELD, _LABEL_FIELD = "dataset.hub_id", "dataset.text_column", "dataset.label_column"
_SUBSET_FIELD = "dataset.subset"
_FOUND = {"": "found by name"}  # how a column reads that nobody chose
_SPLITS = ("train", "validation", "test")
_CLASSIFICATION, _TRANSLATION = ("task", ("classification",)), ("task", ("translation",))
_RUNNING = ("task", ("language_modelling", "masked_language_modelling"))
_ONE_TEXT = ("task", ("classification", "language_modelling", "masked_language_modelling"))


class HubTextConfig(DatasetConfig, frozen=True, kw_only=True, tag="hub_text"):
    """A dataset by its name, looked for in the datasets folder first."""

    title = "Text from the hub"
    summary = "Any text dataset of the Hugging Face hub by its name: to tell classes, to guess tokens or to translate."
    kind = "text"
    group = "Public"

    hub_id: Annotated[str, meta(title="Name on the hub", help="Owner and name, such as stanfordnlp/imdb.")] = ""
    subset: Annotated[str, meta(title="Subset", help="The configuration, where the dataset has several.")] = ""
    task: Annotated[
        Literal["classification", "language_modelling", "masked_language_modelling", "translation"],
        meta(
            title="Task",
            help="Tell a class or the next token; guess hidden tokens and whether texts follow one another, as a BERT "
            "does; or write another text.",
            labels={"masked_language_modelling": "hidden tokens", "language_modelling": "next token"},
        ),
    ] = "classification"
    text_column: Annotated[
        str,
        meta(
            title="Text",
            help="The column of the texts; empty: found by name or length.",
            choices_from="hub_columns",
            labels=_FOUND,
            when=_ONE_TEXT,
        ),
    ] = ""
    label_column: Annotated[
        str,
        meta(
            title="Class",
            help="The column of the classes; empty: found by name.",
            choices_from="hub_columns",
            labels=_FOUND,
            when=_CLASSIFICATION,
        ),
    ] = ""
    source_column: Annotated[
        str,
        meta(
            title="Source",
            help="The column of what is read, such as translation.de where pairs are kept together; empty: found by "
            "name, else the first of texts.",
            choices_from="hub_columns",
            labels=_FOUND,
            when=_TRANSLATION,
        ),
    ] = ""
    target_column: Annotated[
        str,
        meta(
            title="Target",
            help="The column of what is to be written; empty: found by name, else the next of texts.",
            choices_from="hub_columns",
            labels=_FOUND,
            when=_TRANSLATION,
        ),
    ] = ""
    tokenizer: Tokenizer = "words"
    vocabulary_size: VocabularySize = 20_000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = True
    max_length: Annotated[
        int,
        meta(
            title="Longest text",
            help="The model reads at most so many tokens of a text, from its beginning.",
            unit="tokens",
            ge=1,
            le=8192,
            log=True,
            when=("task", ("classification", "translation")),
        ),
    ] = 256
    window: Annotated[
        int,
        meta(
            title="Window",
            help="Tokens a step: gradients flow back this far.",
            unit="tokens",
            ge=2,
            le=8192,
            log=True,
            when=_RUNNING,
        ),
    ] = 64
    validation_share: ValidationShare = 0.1
    train_limit: (
        Annotated[
            int,
            meta(
                title="Training limit",
                help="Use at most this many training texts or pairs, or tokens where tokens are guessed.",
                ge=10,
                le=1_000_000_000,
                log=True,
            ),
        ]
        | None
    ) = None
    seed: SplitSeed = 0

    def load(self) -> LoadedDataset:
        """Read, check, split and tokenise the texts."""
        name = self.hub_id.strip()
        if not _ID.fullmatch(name) or ".." in name:
            shown = f"{name!r} is no name of a dataset" if name else "No dataset is named"
            raise UserError(f"{shown}; give its owner and name, such as stanfordnlp/imdb.", field=_ID_FIELD)
        source = _source(name, self.subset)
        key = ("hub text", name, self.subset, self.text_column)
        if self.task == "translation":
            return load_pairs(
                self,
                source=("hub pairs", name, self.subset, self.source_column, self.target_column, self.train_limit),
                fingerprint=source.fingerprint,
                read=lambda: self._pairs(_tables(source)),
                validation_share=self.validation_share,
                seed=self.seed,
                field=_ID_FIELD,
            )
        if self.task != "classification":
            return load_running_text(
                self,
                learn="next_token" if self.task == "language_modelling" else "hidden_tokens",
                source=key,
                fingerprint=source.fingerprint,
                read=lambda: self._stream(_tables(source)),
                validation_share=self.validation_share,
                train_limit=self.train_limit,
                field=_ID_FIELD,
            )
        return load_texts(
            self,
            source=(*key, self.label_column),
            fingerprint=source.fingerprint,
            read=lambda: self._texts(_tables(source)),
            seed=self.seed,
            limits=Limits(train=self.train_limit),
            field=_ID_FIELD,
        )

    def _texts(self, tables: dict[str, pa.Table]) -> TextParts:
        raw = {split: _raw(table) for split, table in tables.items()}
        what = f"the {self.hub_id.strip()} dataset"
        chosen = chosen_columns(
            raw["train"],
            text=self.text_column,
            label=self.label_column,
            what=what,
            text_field=_TEXT_FIELD,
            label_field=_LABEL_FIELD,
        )
        order = class_names(tables["train"], chosen.label)
        found = {split: _labelled(table, chosen, order, what) for split, table in raw.items()}
        # The labels of many test splits are not public: such a split is left out.
        found = {split: part for split, part in found.items() if split == "train" or part.texts}
        if not found["train"].texts:
            raise UserError(f"No row of {what} has a text and a class; choose other columns.", field=_LABEL_FIELD)
        classes = classes_of(found["train"].labels, column=chosen.label, what=what, field=_LABEL_FIELD, order=order)
        for split, part in found.items():
            if unknown := sorted(set(part.labels) - set(classes)):
                raise UserError(
                    f"The {split} split of {what} has the class {unknown[0]!r}, which its train split has not; choose "
                    "another column.",
                    field=_LABEL_FIELD,
                )
        read = f"Texts are read from the column {chosen.text!r}, classes from {chosen.label!r}."
        notes = [
            note
            for split, part in found.items()
            for note in left_out_note(part.num_bad, part.first_bad, where=f" of the {split} split")
        ]
        splits = {split: with_classes(part, classes) for split, part in found.items()}
        return TextParts(classes=classes, splits=splits, notes=(read, *notes))

    def _pairs(self, tables: dict[str, pa.Table]) -> PairParts:
        what = f"the {self.hub_id.strip()} dataset"
        # Many keep both languages of a pair in one column, {"de": ..., "en": ...}: a column each.
        raw = {split: _raw(table.flatten()) for split, table in tables.items()}
        source, target = chosen_pair(raw["train"], source=self.source_column, target=self.target_column, what=what)
        notes = [f"Sources are read from the column {source!r}, targets from {target!r}."]
        splits = {}
        for split, table in raw.items():
            if not {source, target} <= set(table.names):
                raise UserError(
                    f"The {split} split of {what} lacks the column {source!r} or {target!r}; choose others.",
                    field=_ID_FIELD,
                )
            found = pairs_of(table, source=source, target=target, what=what)
            notes += left_out_pairs(found, where=f" of the {split} split")
            splits[split] = found.pairs
        if self.train_limit is not None:
            splits["train"] = splits["train"].part(np.arange(min(self.train_limit, len(splits["train"]))))
        return PairParts(splits=splits, notes=tuple(notes))

    def _stream(self, tables: dict[str, pa.Table]) -> StreamParts:
        splits: dict[str, Sequence[str]] = {}
        what = f"the {self.hub_id.strip()} dataset"
        for split, table in tables.items():
            raw = _raw(table)
            name = self.text_column or likely_text(raw)
            if name not in raw.names:
                missing = f"no column {name!r}" if name else "no column of texts"
                raise UserError(f"{what} has {missing}; its columns are {', '.join(raw.names)}.", field=_TEXT_FIELD)
            texts = texts_of(raw, name, what=what, field=_TEXT_FIELD)
            splits[split] = [text if text.endswith("\n") else f"{text}\n" for text in texts]
        return StreamParts(splits=splits, notes=())


def class_names(table: pa.Table, column: str) -> tuple[str, ...]:
    """The names of the classes of a column, as `datasets` keeps them with the file; empty where it does not."""
    stored = (table.schema.metadata or {}).get(b"huggingface")
    if not stored:
        return ()
    try:
        described: Any = msgspec.json.decode(stored)
        names = described["info"]["features"][column].get("names") or ()
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(str(name) for name in names)


def hub_columns(hub_id: str, subset: str) -> tuple[str, ...]:
    """The columns of a dataset that is there, those within a column by both names, such as translation.de.

    Raises:
        UserError: it is not there.
    """
    return _source(hub_id.strip(), subset).column_names()


def _source(name: str, subset: str) -> PublicSource:
    return PublicSource(name, title=f"The dataset {name}", config=subset.strip() or None)


def _tables(source: PublicSource) -> dict[str, pa.Table]:
    try:
        read = source.tables()
    except UserError as error:  # whichever it is, its name says which
        field = error.field if error.field == _SUBSET_FIELD else _ID_FIELD
        raise UserError(error.message, field=field) from error
    tables = {split: table for split, table in read.items() if split in _SPLITS}
    if "train" not in tables:
        raise UserError(f"{source.title} has no train split; choose another dataset or subset.", field=_ID_FIELD)
    return tables


def _raw(table: pa.Table) -> RawTable:
    columns: tuple[Column, ...] = tuple(
        arrow_column(name, part.combine_chunks()) for name, part in zip(table.column_names, table.columns, strict=True)
    )
    return RawTable(columns=columns, rows=np.arange(1, table.num_rows + 1))


def _labelled(table: RawTable, chosen: ChosenColumns, order: tuple[str, ...], what: str) -> LabelledTexts:
    if not {chosen.text, chosen.label} <= set(table.names):
        return LabelledTexts(texts=[], labels=[], rows=np.empty(0, dtype=np.int64), num_bad=0)
    names = dict(enumerate(order))
    return labelled(table, chosen, names=names, what=what, text_field=_TEXT_FIELD, label_field=_LABEL_FIELD)
