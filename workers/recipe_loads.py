"""What a question about a recipe needs before it can be answered, and the word of a person about fetching it."""

from __future__ import annotations

import functools
from collections.abc import Callable

import msgspec

from modellab.config import from_builtins
from modellab.data import datasets
from modellab.data.hub_text import hub_columns
from modellab.errors import UserError
from modellab.recipe import recipe_from_builtins
from modellab.registry import look_up
from workers.inspect_recipes import DatasetShelf, brought_architecture
from workers.loads import Loads
from workers.protocol import (
    DescribeDataset,
    DescribeModel,
    Done,
    ListColumns,
    Request,
    ShowSamples,
    SteerFetching,
)
from workers.wire import Arrays


def answer_steering(request: SteerFetching, loads: Loads) -> tuple[Done, Arrays]:
    """Stop or go on with what is being fetched."""
    if request.go_on:
        loads.go_on()
    else:
        loads.stop()
    return Done(), {}


def load_of(request: Request, shelf: DatasetShelf) -> tuple[object, Callable[[], object]]:
    """What has to be there before a question about a recipe can be answered: a name for it, and how it comes there.

    Raises:
        UserError: the question is about no recipe, dataset or architecture that there could be.
    """
    if isinstance(request, ListColumns):
        key = (request.path, request.hub_id, request.subset)
        return key, functools.partial(hub_columns, request.hub_id, request.subset) if request.hub_id else _nothing
    if isinstance(request, DescribeDataset):
        kind = look_up(datasets(), request.dataset.get("name"), what="dataset")
        dataset, architecture = (
            from_builtins(kind, request.dataset, at="dataset"),
            brought_architecture(request.architecture),
        )
    else:
        assert isinstance(request, DescribeModel | ShowSamples), type(request).__name__
        recipe = recipe_from_builtins(request.recipe)
        dataset, architecture = recipe.dataset, recipe.architecture if recipe.architecture.brings else None

    def load() -> None:
        problem: UserError | None = None
        config = dataset
        if architecture is not None:
            try:
                config = architecture.suited(dataset)
            except UserError as error:  # what is said of the model tells
                problem = error
        shelf.get(config)
        if problem is not None and not isinstance(request, DescribeDataset):
            raise problem

    is_said = isinstance(request, DescribeDataset) or architecture is None
    return msgspec.json.encode((dataset, architecture, is_said)), load


def _nothing() -> None:
    """A table file is read at once."""
