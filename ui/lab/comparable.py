"""Which runs' curves say something beside one another."""

from __future__ import annotations

from modellab.config import to_builtins
from ui.lab.run_model import RunModel

_HOW_READ = ("bad_rows", "bad_files", "header", "fit")  # words about the same data


def are_comparable(one: RunModel, other: RunModel) -> bool:
    """Whether both learn the same from the same data: the dataset and all that is named in it (a file, a shape, a
    column), though amounts such as noise may differ."""
    if one.sample is not None and other.sample is not None and one.sample.task != other.sample.task:
        return False
    ours, theirs = one.recipe.dataset, other.recipe.dataset
    if type(ours) is not type(theirs):
        return False
    named = to_builtins(theirs)
    return all(
        named.get(name) == value
        for name, value in to_builtins(ours).items()
        if isinstance(value, str) and name not in _HOW_READ
    )
