"""A person's own texts: a folder with one subfolder a class, a file a text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from modellab.config import meta
from modellab.data._files import checked_folder
from modellab.data._folders import FileKind, Found, find_files
from modellab.data._table_fields import BAD_LABELS
from modellab.data._text import TextParts, Texts, load_texts
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

_FIELD = "dataset.folder"
_TEXTS = FileKind(
    many="text files",
    formats="TXT or MD files",
    suffixes=frozenset({".txt", ".text", ".md"}),
)


class TextFolderConfig(DatasetConfig, frozen=True, kw_only=True, tag="text_folder"):
    """Text files sorted into one subfolder a class, below train/, val/ and test/ or not."""

    title = "Text folder"
    summary = "Your own text files: one subfolder a class, with or without train and val folders."
    kind = "text"
    tasks = frozenset({"classification"})
    group = "Your own"

    folder: Annotated[
        str,
        meta(title="Folder", help="Has one subfolder a class, or train, val and test folders that do.", path="folder"),
    ] = ""
    tokenizer: Tokenizer = "words"
    vocabulary_size: VocabularySize = 20_000
    tokenizer_file: TokenizerFile = ""
    lower_case: LowerCase = True
    max_length: MaxLength = 256
    bad_files: Annotated[
        Literal["stop", "drop"],
        meta(
            title="Bad files",
            help="What to do with files that are empty or no text.",
            labels=BAD_LABELS,
        ),
    ] = "stop"
    validation_share: ValidationShare = 0.2
    seed: SplitSeed = 0

    def load(self) -> LoadedDataset:
        """Read, check, split and tokenise the files."""
        folder = checked_folder(self.folder, field=_FIELD, what="folder of text files").resolve()
        found = find_files(folder, kind=_TEXTS, field=_FIELD)
        return load_texts(
            self,
            source=("text folder", 2, str(folder), self.bad_files),
            fingerprint=found.state,
            read=lambda: self._read(folder, found),
            seed=self.seed,
            field=_FIELD,
        )

    def _read(self, folder: Path, found: Found) -> TextParts:
        bad: list[str] = []
        remarks: list[str] = []
        splits = {}
        for split, classes in found.files.items():
            texts: list[str] = []
            labels: list[int] = []
            names: list[str] = []
            for label, files in classes.items():
                for name in files:
                    try:
                        text, remark = _text(folder / name)
                    except BadTextError as error:
                        bad.append(f"{name}: {error}")
                        continue
                    texts.append(text)
                    labels.append(found.classes.index(label))
                    names.append(name)
                    remarks += [f"{name} {remark}"] if remark else []
            splits[split] = Texts(texts=texts, labels=np.array(labels, dtype=np.int64), names=names)
        if bad and self.bad_files == "stop":
            like = f" ({len(bad)} files like it)" if len(bad) > 1 else ""
            raise UserError(
                f"{folder} has a bad file, {bad[0]}{like}; mend it, or choose to leave bad files out.",
                field=_FIELD,
                remedy={"dataset.bad_files": "drop"},
            )
        splits = {split: part for split, part in splits.items() if len(part) or split in ("train", "all")}
        return TextParts(classes=found.classes, splits=splits, notes=_notes(found, bad, remarks))


def _text(path: Path) -> tuple[str, str]:
    text, remark = read_text(path)
    text = text.rstrip()  # most files end in a line end, which is no part of what they say
    if not text:
        raise BadTextError("it is empty")
    return text, remark


def _notes(found: Found, bad: list[str], remarks: list[str]) -> tuple[str, ...]:
    notes = []
    if bad:
        notes.append(f"Left out {_files(len(bad))}, such as {bad[0]}.")
    if remarks:
        more = f" {_files(len(remarks))} in all." if len(remarks) > 1 else ""
        notes.append(f"{remarks[0]}.{more}")
    if found.empty:
        notes.append(f"Skipped folders without text files, such as {found.empty[0]}.")
    if found.others:
        notes.append(f"Skipped {_files(len(found.others))} of other kinds, such as {found.others[0]}.")
    return tuple(notes)


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
