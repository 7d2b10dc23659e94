"""A run's model as it was at a step, out of its folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
from torch import nn

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.events import Started, decode_event
from modellab.inspection.weights import load_weights, read_metadata
from modellab.recipe import Recipe
from modellab.runs.checkpoints import checkpoint_at, list_checkpoints
from modellab.runs.folder import RunFolder

# Started is among the first events, whatever else there is.
_HEAD_BYTES = 1 << 20


class LoadedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A module in evaluation mode on the CPU, and what its inputs and outputs mean."""

    recipe: Recipe
    sample: Sample
    model: nn.Module
    step: int


def load_model(run: RunFolder, *, step: int | None = None) -> LoadedModel:
    """Build the run's model and load the weights of `step`, as `weights_at` finds them.

    Raises:
        UserError: the run has no recipe, no readable dataset or no weights, or they are broken or do not fit.
    """
    recipe = run.recipe()
    sample = run_sample(run, recipe)
    path, found_step = weights_at(run, step)
    model = recipe.architecture.build(sample)
    load_weights(path, model)
    return LoadedModel(recipe=recipe, sample=sample, model=model.eval(), step=found_step)


def weights_at(run: RunFolder, step: int | None) -> tuple[Path, int]:
    """The weights file of a step and the step it really holds.

    step: None is the newest there is, published or checkpoint; a number is that step, or the nearest checkpoint before.
    A checkpoint's files are checked against their SHA-256.

    Raises:
        UserError: there is none, or it is broken; names the file.
    """
    live = live_step(run)
    if live is not None:
        newest = max((checkpoint.step for checkpoint in list_checkpoints(run)), default=-1)
        if step == live or (step is None and live >= newest):
            return run.live_file, live
    checkpoint = checkpoint_at(run, step)
    return checkpoint.weights_file, checkpoint.step


def live_step(run: RunFolder) -> int | None:
    """The step of the published weights; None where there are none."""
    if not run.live_file.is_file():
        return None
    try:
        return int(read_metadata(run.live_file).get("step", ""))
    except (UserError, ValueError):
        return None  # a torn or foreign file; the checkpoints are still there


def run_sample(run: RunFolder, recipe: Recipe) -> Sample:
    """What one example of the run is: as its trainer said when it started, else by loading the dataset.

    Raises:
        UserError: the trainer never started and the dataset cannot be loaded.
    """
    for line in _head(run.events_file):
        try:
            event = decode_event(line)
            if isinstance(event, Started) and event.sample:
                return msgspec.convert(event.sample, Sample)
        except msgspec.DecodeError:
            continue  # of another version, or torn
    return recipe.dataset.load().sample


def _head(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES).split(b"\n")
    except OSError:
        return []
