"""What the public sets of labelled texts share: columns by name, the official held-out set kept for testing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from modellab.config import meta
from modellab.data._hub import PublicSource
from modellab.data._text import Limits, TextParts, Texts, load_texts
from modellab.data._text_fields import (
    EvaluationLimit,
    LowerCase,
    MaxLength,
    Tokenizer,
    TokenizerFile,
    TrainLimit,
    VocabularySize,
)
from modellab.data.base import DatasetConfig, LoadedDataset
from modellab.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa


class PublicTexts(DatasetConfig, frozen=True, kw_only=True):
    """A public set of texts with a train split and one that is held out.

    hub_id, hub_config: its name on the hub. columns: of text and label. class_names: by label. held_out: the split that
    is kept for testing. num_train: examples of the whole official train split.
    """

    kind = "text"
    tasks = frozenset({"classification"})
    group = "Public"
    hub_id: ClassVar[str]
    hub_config: ClassVar[str | None] = None
    columns: ClassVar[tuple[str, str]] = ("text", "label")
    class_names: ClassVar[tuple[str, ...]]
    held_out: ClassVar[str] = "test"
    num_train: ClassVar[int]

    tokenizer: Tokenizer = "words"
    vocabulary_size: VocabularySize = 20_000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = True
    max_length: MaxLength = 128
    validation_share: Annotated[
        float,
        meta(
            title="Validation share",
            help="Part of the official training set kept for validation; always the same texts.",
            ge=0.01,
            le=0.5,
        ),
    ] = 0.1
    train_limit: TrainLimit | None = None
    evaluation_limit: EvaluationLimit | None = None

    def load(self) -> LoadedDataset:
        """Read, check, split and tokenise the data."""
        source = PublicSource(self.hub_id, title=self.title, config=self.hub_config)
        return load_texts(
            self,
            source=("public texts", self.hub_id),
            fingerprint=source.fingerprint,
            read=functools.partial(_read, self, source),
            limits=Limits(train=self.train_limit, evaluation=self.evaluation_limit),
        )

    def prepared(self, text: str) -> str:
        """A text without what is no part of it."""
        return text


def _read(config: PublicTexts, source: PublicSource) -> TextParts:
    tables = source.tables()
    if "train" not in tables or len(tables["train"]) < 2:
        raise UserError(f"{config.title} has no train split in its files; copy them again.", field="dataset")
    splits = {"train": _texts(config, tables["train"])}
    if config.held_out in tables:
        splits["test"] = _texts(config, tables[config.held_out])
    whole = len(splits["train"])
    few = f"These files of {config.title} hold {whole:,} of the {config.num_train:,} official training texts."
    return TextParts(classes=config.class_names, splits=splits, notes=(few,) if whole < config.num_train else ())


def _texts(config: PublicTexts, table: pa.Table) -> Texts:
    text, label = config.columns
    if not {text, label} <= set(table.column_names):
        names = ", ".join(table.column_names)
        raise UserError(
            f"{config.title} should have columns {text} and {label}; its files have {names}.", field="dataset"
        )
    labels = table[label].to_numpy().astype(np.int64)
    if labels.min(initial=0) < 0 or labels.max(initial=0) >= len(config.class_names):
        raise UserError(f"{config.title} has a label outside 0..{len(config.class_names) - 1}.", field="dataset")
    return Texts(texts=[config.prepared(cell or "") for cell in table[text].to_pylist()], labels=labels)
