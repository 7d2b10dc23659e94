"""Tasks: what a dataset asks of an architecture; one file each, found by folder walk."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from modellab.data.base import Sample
from modellab.registry import look_up, walk

if TYPE_CHECKING:
    from modellab.tasks.base import Task

__all__ = ["task_for", "tasks"]


@functools.cache
def tasks() -> dict[str, type[Task]]:
    """Every task there is, by name. Imports torch."""
    from modellab.tasks.base import Task

    return {entry.name: entry for entry in walk(__name__, Task)}


def task_for(sample: Sample) -> Task:
    """What is asked of a model that reads these examples. Imports torch.

    Raises:
        UserError: there is no task of that name.
    """
    return look_up(tasks(), sample.task, what="task")(sample)
