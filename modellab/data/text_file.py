"""A person's own text: one file, to predict what comes next."""

from __future__ import annotations

from typing import Annotated

from modellab.config import meta
from modellab.data._files import checked_file
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
from modellab.data._text_read import BadTextError, read_text
from modellab.data._text_stream import StreamParts, pieces_of
from modellab.data.base import DatasetConfig, LoadedDataset
from modellab.errors import UserError

_FIELD = "dataset.file"


class TextFileConfig(DatasetConfig, frozen=True, kw_only=True, tag="text_file"):
    """A text file for language modelling; its end validates."""

    title = "Text file"
    summary = "Your own text: one file, to predict the next character or token."
    kind = "text"
    tasks = frozenset({"language_modelling", "masked_language_modelling"})
    group = "Your own"

    file: Annotated[str, meta(title="File", help="Plain text: UTF-8, UTF-16 or Latin-1.", path="file")] = ""
    learn: Objective = "next_token"
    tokenizer: Tokenizer = "characters"
    vocabulary_size: VocabularySize = 5000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = False
    window: Window = 128
    validation_share: Annotated[
        float, meta(title="Validation share", help="Part of the text, its end, kept for validation.", ge=0.01, le=0.9)
    ] = 0.1
    train_limit: TokenLimit | None = None

    def load(self) -> LoadedDataset:
        """Read, split and tokenise the file."""
        path = checked_file(self.file, field=_FIELD, what="text file").resolve()
        status = path.stat()

        def read() -> StreamParts:
            try:
                text, remark = read_text(path)
            except BadTextError as error:
                raise UserError(f"{path} cannot be read: {error}; pick a text file.", field=_FIELD) from None
            if not text.strip():
                raise UserError(f"{path} holds nothing but white space; pick another text file.", field=_FIELD)
            notes = (f"{path.name} {remark}.",) if remark else ()
            return StreamParts(splits={"train": pieces_of(text)}, notes=notes)

        return load_running_text(
            self,
            learn=self.learn,
            source=("text file", str(path)),
            fingerprint=(status.st_size, status.st_mtime_ns),
            read=read,
            validation_share=self.validation_share,
            train_limit=self.train_limit,
            field=_FIELD,
        )
