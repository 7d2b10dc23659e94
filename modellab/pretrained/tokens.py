"""A pretrained model's own tokenizer: as a file that a dataset is cut with, and how our ids stand for the model's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.paths import cache_folder
from modellab.pretrained.folder import PretrainedFolder
from modellab.runs.atomic import write_bytes
from modellab.text.tokenizer import PAD, UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

_READ = ("*.json", "*.txt", "*.model", "*.spm")


@dataclass(frozen=True, kw_only=True, eq=False)
class Vocabulary:
    """What the model reads and says in place of our token ids.

    table: int64 [num_tokens], the model's id of each of ours. is_said: bool [num_tokens], whether the model can say it;
    of two ids of ours for one of the model's, only one is. prefix, suffix: what stands around a text, by its
    numbers and its names. pad: fills up.
    """

    table: NDArray[np.int64]
    is_said: NDArray[np.bool_]
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    prefix_names: tuple[str, ...]
    suffix_names: tuple[str, ...]
    pad: int


def tokenizer_file(folder: PretrainedFolder) -> Path:
    """The folder's tokenizer as a tokenizer.json of the `tokenizers` library, which it may not be itself; kept in the
    cache until a file of the folder changes.

    Raises:
        UserError: there is none, or none that the library can have.
    """
    files = sorted(file for pattern in _READ for file in folder.path.glob(pattern))
    state = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    name = hashlib.blake2b(repr(state).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    path = cache_folder() / "tokenizers" / name / "tokenizer.json"
    if not path.is_file():
        from modellab.pretrained.opening import open_tokenizer

        tokenizer = open_tokenizer(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, _backend(tokenizer, folder).to_str().encode())
    return path


def vocabulary_of(
    folder: PretrainedFolder, tokenizer: Any, sample: Sample, *, specials: dict[str, int | None]
) -> Vocabulary:
    """How the ids of a dataset that was cut by this tokenizer stand for the model's; specials: of the sample's.

    Raises:
        UserError: it was cut by another one, or the model has no token for a special one.
    """
    import tokenizers

    from modellab.text.subwords import SubwordTokenizer

    own = SubwordTokenizer(tokenizers.Tokenizer.from_str(_backend(tokenizer, folder).to_str()))
    num_own = sample.num_tokens - len(sample.specials)
    if own.size != num_own:
        raise UserError(
            f"The tokenizer in {folder.path} has {own.size:,} tokens, and these texts were cut by one of {num_own:,}; "
            "the folder is not the one that it was."
        )
    theirs = [own.their_ids()]
    for name in sample.specials:
        found = specials.get(name)
        if found is None:
            raise UserError(f"The tokenizer in {folder.path} has no token for {name}, which this task needs.")
        theirs.append(np.array([found], dtype=np.int64))
    table = np.concatenate(theirs)
    is_said = table >= 0
    own_places = [UNKNOWN, *(num_own + number for number, name in enumerate(sample.specials) if name != "[BEGIN]")]
    for place in own_places:
        if table[place] >= 0:  # of two of ours for one of the model's this is meant
            is_said &= (table != table[place]) | (np.arange(len(table)) == place)
    is_said[PAD] = False
    if "[BEGIN]" in sample.specials:  # which may be the model's [END]
        is_said[num_own + sample.specials.index("[BEGIN]")] = False
    pad = next((one for one in (tokenizer.pad_token_id, tokenizer.eos_token_id) if one is not None), 0)
    table[table < 0] = pad
    table[PAD] = pad
    prefix, suffix = _around(tokenizer)
    named = [tuple(map(str, tokenizer.convert_ids_to_tokens(list(ids)))) for ids in (prefix, suffix)]
    return Vocabulary(
        table=table,
        is_said=is_said,
        prefix=prefix,
        suffix=suffix,
        prefix_names=named[0],
        suffix_names=named[1],
        pad=pad,
    )


def _backend(tokenizer: Any, folder: PretrainedFolder) -> Any:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise UserError(
            f"The tokenizer in {folder.path} is none of the tokenizers library, so a dataset cannot be cut with it; "
            "choose a model with a tokenizer.json."
        )
    return backend


def _around(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What the tokenizer puts before and behind a text."""
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a")["input_ids"]
    for place in range(len(framed) - len(plain) + 1):
        if framed[place : place + len(plain)] == plain:
            return tuple(framed[:place]), tuple(framed[place + len(plain) :])
    return (), ()
