"""Python's own documentation, as `help()` carries it: what comes next?"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from modellab.data._pieces import load_pieces
from modellab.data._splits import shuffled_order
from modellab.data._text_fields import (
    LowerCase,
    Objective,
    SplitSeed,
    Tokenizer,
    TokenizerFile,
    TokenLimit,
    ValidationShare,
    VocabularySize,
    Window,
)
from modellab.data._text_stream import StreamParts, load_stream
from modellab.data.base import DatasetConfig, LoadedDataset


class PythonDocsConfig(DatasetConfig, frozen=True, kw_only=True, tag="python_docs"):
    """The topics of `pydoc_data`, one after the other in a shuffled order."""

    title = "Python's documentation"
    summary = "About 465,000 characters of technical English: predict the next one. Nothing to download."
    kind = "text"
    tasks = frozenset({"language_modelling", "masked_language_modelling"})

    learn: Objective = "next_token"
    tokenizer: Tokenizer = "characters"
    vocabulary_size: VocabularySize = 2000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = False
    window: Window = 128
    validation_share: ValidationShare = 0.1
    train_limit: TokenLimit | None = None
    seed: SplitSeed = 0

    def load(self) -> LoadedDataset:
        """Gather, split and tokenise the topics."""
        if self.learn == "hidden_tokens":
            return load_pieces(
                self,
                source=("python docs", self.seed, self.validation_share),
                fingerprint=sys.version,
                read=lambda: StreamParts(splits=self._topics()),
                train_limit=self.train_limit,
            )
        return load_stream(
            self,
            source=("python docs", self.seed),
            fingerprint=sys.version,
            read=lambda: StreamParts(splits=self._topics()),
            validation_share=self.validation_share,
            train_limit=self.train_limit,
        )

    def _topics(self) -> dict[str, Sequence[str]]:
        """Topics whole: the last ones of the order validate, so many that they have the share."""
        from pydoc_data.topics import topics

        names = sorted(topics)
        texts = [f"{topics[names[index]].strip()}\n\n\n" for index in shuffled_order(len(names), seed=self.seed)]
        wanted = self.validation_share * sum(map(len, texts))
        validation: list[str] = []
        while len(texts) > 1 and sum(map(len, validation)) + len(texts[-1]) / 2 < wanted:
            validation.insert(0, texts.pop())
        if not validation:
            validation.append(texts.pop())
        return {"train": texts, "validation": validation}
