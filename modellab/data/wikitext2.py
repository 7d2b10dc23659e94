"""WikiText-2: good articles of Wikipedia, to predict the next word."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from modellab.data._hub import PublicSource
from modellab.data._running_text import load_running_text
from modellab.data._text_fields import (
    LowerCase,
    Objective,
    Tokenizer,
    TokenizerFile,
    TokenLimit,
    VocabularySize,
    Window,
)
from modellab.data._text_stream import StreamParts
from modellab.data.base import DatasetConfig, LoadedDataset
from modellab.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

_LINES = 1000


class WikiText2Config(DatasetConfig, frozen=True, kw_only=True, tag="wikitext2"):
    """WikiText-2 (Merity et al. 2016), cut into words by its makers, who wrote <unk> for the rare ones.

    With the words tokenizer vocabulary and number of tokens are the official ones, so that perplexities compare.
    """

    title = "WikiText-2"
    summary = "2 million words out of Wikipedia's good articles: predict the next one."
    kind = "text"
    tasks = frozenset({"language_modelling", "masked_language_modelling"})
    group = "Public"
    hub_id: ClassVar[str] = "Salesforce/wikitext"

    learn: Objective = "next_token"
    tokenizer: Tokenizer = "words"
    vocabulary_size: VocabularySize = 50_000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = False
    window: Window = 64
    train_limit: TokenLimit | None = None

    def load(self) -> LoadedDataset:
        """Read and tokenise the articles."""
        source = PublicSource(self.hub_id, title=self.title, config="wikitext-2-v1")

        def read() -> StreamParts:
            tables = source.tables()
            if not {"train", "validation"} <= set(tables):
                raise UserError(f"{self.title} lacks a train or validation split; copy it again.", field="dataset")
            names = [name for name in ("train", "validation", "test") if name in tables]
            return StreamParts(splits={name: _pieces(tables[name]) for name in names})

        return load_running_text(
            self,
            learn=self.learn,
            source="wikitext-2",
            fingerprint=source.fingerprint,
            read=read,
            train_limit=self.train_limit,
            at_spaces=True,
        )


def _pieces(table: pa.Table) -> list[str]:
    """A thousand lines each; every line ends in one line end, the official end of a sentence."""
    if "text" not in table.column_names:
        raise UserError("WikiText-2 should have a column text; copy its files again.", field="dataset")
    lines = [(line or "").rstrip("\n") + "\n" for line in table["text"].to_pylist()]
    return ["".join(lines[start : start + _LINES]) for start in range(0, len(lines), _LINES)]
