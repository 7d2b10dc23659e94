"""Loading a dataset by name, and the one sentence that it may end in."""

from typing import Any

import pytest

from modellab.config import from_builtins
from modellab.data import LoadedDataset, datasets
from modellab.errors import UserError


def load(name: str, **options: Any) -> LoadedDataset:
    return from_builtins(datasets()[name], {"name": name, **options}, at="dataset").load()


def problem(name: str, **options: Any) -> UserError:
    """The one sentence that loading ends in."""
    with pytest.raises(UserError) as caught:
        load(name, **options)
    assert "\n" not in caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.field.startswith("dataset")
    return caught.value


def text_of(dataset: LoadedDataset, split: str, row: int) -> str:
    part = dataset.splits()[split]
    assert part.offsets is not None
    assert dataset.tokenizer is not None
    return dataset.tokenizer.decode(part.inputs[part.offsets[row] : part.offsets[row + 1]].tolist())
