"""A person's own translations as two files: line by line the same in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np

from modellab.config import meta
from modellab.data._files import checked_file
from modellab.data._pairs import PairParts, Pairs, load_pairs
from modellab.data._text_fields import (
    LowerCase,
    MaxLength,
    SplitSeed,
    Tokenizer,
    TokenizerFile,
    ValidationShare,
    VocabularySize,
)
from modellab.data._text_read import BadTextError, read_text
from modellab.data.base import DatasetConfig, LoadedDataset
from modellab.errors import UserError

_SOURCE, _TARGET = "dataset.source_file", "dataset.target_file"


class PairFilesConfig(DatasetConfig, frozen=True, kw_only=True, tag="pair_files"):
    """Two text files of as many lines; line i of one is line i of the other."""

    title = "Parallel files"
    summary = "Your own translations: two text files, line by line the same."
    kind = "text"
    tasks = frozenset({"translation"})
    group = "Your own"

    source_file: Annotated[str, meta(title="Source", help="What is read, a text a line.", path="file")] = ""
    target_file: Annotated[str, meta(title="Target", help="What is to be written, a text a line.", path="file")] = ""
    tokenizer: Tokenizer = "bpe"
    vocabulary_size: VocabularySize = 8000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = False
    max_length: MaxLength = 64
    validation_share: ValidationShare = 0.1
    seed: SplitSeed = 0

    def load(self) -> LoadedDataset:
        """Read, check, split and tokenise the lines."""
        files = [
            checked_file(self.source_file, field=_SOURCE, what="source file").resolve(),
            checked_file(self.target_file, field=_TARGET, what="target file").resolve(),
        ]
        states = [(path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return load_pairs(
            self,
            source=("pair files", [str(path) for path in files]),
            fingerprint=states,
            read=lambda: _read(*files),
            validation_share=self.validation_share,
            seed=self.seed,
            field=_SOURCE,
        )


def _read(source: Path, target: Path) -> PairParts:
    """The lines that have something on both sides."""
    (ours, our_note), (theirs, their_note) = _lines(source, _SOURCE), _lines(target, _TARGET)
    if len(ours) != len(theirs):
        raise UserError(
            f"{source} has {len(ours):,} lines and {target} has {len(theirs):,}; they must be as many, each the "
            "translation of the other.",
            field=_TARGET,
        )
    kept = [number for number, both in enumerate(zip(ours, theirs, strict=True)) if all(line.strip() for line in both)]
    lost = len(ours) - len(kept)
    lost_note = f"Left out {lost:,} line{'s' if lost > 1 else ''} with nothing on one side." if lost else ""
    pairs = Pairs(
        sources=[ours[number].strip() for number in kept],
        targets=[theirs[number].strip() for number in kept],
        rows=np.array(kept, dtype=np.int64) + 1,
    )
    return PairParts(splits={"train": pairs}, notes=tuple(filter(None, (lost_note, our_note, their_note))))


def _lines(path: Path, field: str) -> tuple[list[str], str]:
    """The lines of a file, and what was odd about it."""
    try:
        text, remark = read_text(path)
    except BadTextError as error:
        raise UserError(f"{path} cannot be read: {error}; pick a text file.", field=field) from None
    return text.removesuffix("\n").split("\n"), f"{path.name} {remark}." if remark else ""
