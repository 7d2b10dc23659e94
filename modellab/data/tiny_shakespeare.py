"""Tiny Shakespeare: 40,000 lines of his plays, to predict the next character."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from modellab.config import meta
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
from modellab.data._text_read import BadTextError, read_text
from modellab.data._text_stream import StreamParts, pieces_of
from modellab.data.base import DatasetConfig, LoadedDataset
from modellab.errors import UserError
from modellab.paths import datasets_folder

_NUM_CHARACTERS = 1_115_394


class TinyShakespeareConfig(DatasetConfig, frozen=True, kw_only=True, tag="tiny_shakespeare"):
    """Tiny Shakespeare (Karpathy 2015): all of it in its order, of which the end validates, as nanoGPT has it."""

    title = "Tiny Shakespeare"
    summary = "A million characters of Shakespeare's plays: predict the next one."
    kind = "text"
    tasks = frozenset({"language_modelling", "masked_language_modelling"})
    group = "Public"
    hub_id: ClassVar[str] = "karpathy/tiny_shakespeare"

    learn: Objective = "next_token"
    tokenizer: Tokenizer = "characters"
    vocabulary_size: VocabularySize = 5000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = False
    window: Window = 64
    validation_share: Annotated[
        float, meta(title="Validation share", help="Part of the text, its end, kept for validation.", ge=0.01, le=0.9)
    ] = 0.1
    train_limit: TokenLimit | None = None

    def load(self) -> LoadedDataset:
        """Read and tokenise the plays: from a text file in the datasets folder, else as other public sets."""
        file = _text_file(self.hub_id)
        source = PublicSource(self.hub_id, title=self.title)
        status = None if file is None else (str(file), file.stat().st_size, file.stat().st_mtime_ns)

        def read() -> StreamParts:
            text = _read(file) if file is not None else _joined(source)
            few = f"This copy of {self.title} holds {len(text):,} of its {_NUM_CHARACTERS:,} characters."
            notes = (few,) if len(text) < _NUM_CHARACTERS else ()
            return StreamParts(splits={"train": pieces_of(text)}, notes=notes)

        return load_running_text(
            self,
            learn=self.learn,
            source="tiny shakespeare",
            fingerprint=source.fingerprint if status is None else status,
            read=read,
            validation_share=self.validation_share,
            train_limit=self.train_limit,
        )


def _text_file(hub_id: str) -> Path | None:
    """The first text file in its folder, such as nanoGPT's input.txt."""
    folder = datasets_folder()
    found = sorted((folder / hub_id).glob("*.txt")) if folder else []
    return found[0] if found else None


def _read(path: Path) -> str:
    try:
        return read_text(path)[0]
    except BadTextError as error:
        raise UserError(f"{path} cannot be read: {error}; copy it again.", field="dataset") from None


def _joined(source: PublicSource) -> str:
    """The splits one after the other, as the text was cut."""
    tables = source.tables()
    names = [name for name in ("train", "validation", "test") if name in tables]
    if not names or any("text" not in tables[name].column_names for name in names):
        raise UserError(
            f"{source.title} should have a train split with a column text; copy its files again.", field="dataset"
        )
    return "".join(cell or "" for name in names for cell in tables[name]["text"].to_pylist())
