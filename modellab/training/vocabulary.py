"""The tokenizer of a run: saved beside its recipe, and the same for as long as its weights mean anything."""

from __future__ import annotations

from modellab.errors import UserError
from modellab.runs.folder import RunFolder
from modellab.text.tokenizer import Tokenizer


def keep_tokenizer(run: RunFolder, tokenizer: Tokenizer | None, *, is_resumed: bool) -> None:
    """Save it with the run; a run that goes on must have been given the very same.

    Raises:
        UserError: the data have changed, and their vocabulary with them.
    """
    if tokenizer is None:
        return
    path = run.tokenizer_file
    if not is_resumed or not path.exists():
        tokenizer.save(path)
        return
    beside = path.with_name("tokenizer.new.json")
    try:
        tokenizer.save(beside)
        is_same = beside.read_bytes() == path.read_bytes()
    finally:
        beside.unlink(missing_ok=True)
    if not is_same:
        raise UserError(
            f"The vocabulary of the dataset is not the one that the run {run.id} has learnt, as its texts or its "
            "tokenizer file have changed; start a new run.",
            field="dataset",
        )
