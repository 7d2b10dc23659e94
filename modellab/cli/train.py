"""`modellab train`: a recipe to a run, with a bar on a terminal."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from modellab.architectures import architectures
from modellab.cli.fetching import fetching_shown
from modellab.cli.main import BAD_REQUEST, FAILED, FINISHED, STOPPED, silence_output
from modellab.cli.overrides import parse_overrides
from modellab.cli.progress import Bar, JsonLines, Lines, Shown
from modellab.config import field_specs
from modellab.data import datasets
from modellab.data.base import num_examples
from modellab.errors import UserError
from modellab.events import AnyEvent, Failed, Finished, Started
from modellab.presets import presets
from modellab.presets.size import options_for_size
from modellab.recipe import Recipe, recipe_from_builtins, recipe_from_file, with_values
from modellab.registry import look_up
from modellab.runs.folder import RunFolder, create_run, find_run
from modellab.training.session import CommandReader, run_session
from modellab.training.waiting import spin_briefly


def train_command(chosen: argparse.Namespace) -> int:
    """Train, showing what happens; the exit code says how it ended."""
    with fetching_shown():
        run, recipe = _run_and_recipe(chosen)
    reader = CommandReader(run, is_new=not run.events_file.exists())
    _stop_on_ctrl_c(reader)
    events = run_session(run, is_interactive=False, commands=reader, recipe=recipe)
    with _shown(chosen, run) as shown:
        return _follow(events, shown, reader)


def _follow(events: Iterator[AnyEvent], shown: Shown, reader: CommandReader) -> int:
    has_started = False
    last: AnyEvent | None = None
    for event in events:
        try:
            shown.show(event)
        except BrokenPipeError:  # whoever read our output has gone: as after Ctrl+C
            silence_output()
            reader.stop()
        has_started = has_started or isinstance(event, Started)
        last = event
    if isinstance(last, Finished):
        return STOPPED if last.reason == "stopped" else FINISHED
    # Without a traceback before the start, the recipe asks for what cannot be had.
    is_bad_recipe = isinstance(last, Failed) and not (has_started or last.traceback or last.suggestion)
    return BAD_REQUEST if is_bad_recipe else FAILED


def _run_and_recipe(chosen: argparse.Namespace) -> tuple[RunFolder, Recipe]:
    changes = parse_overrides(chosen.set)
    if chosen.resume:
        if chosen.recipe is None:
            raise UserError("Name the run to go on with: modellab train RUN_DIR --resume.", field="--resume")
        run = find_run(chosen.recipe)
        recipe = _changed(run.recipe(), changes)
        _check(recipe)
        return run, recipe
    recipe = with_values(_recipe(chosen), changes)
    if chosen.architecture and chosen.dataset:
        recipe = _suited_to_size(recipe, changes)
    _check(recipe)
    return create_run(recipe, path=Path(chosen.out) if chosen.out else None), recipe


def _suited_to_size(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """With the batches and epochs that the window gives a table of so many rows, but for what is asked for.

    Raises:
        UserError: the table cannot be read.
    """
    if type(recipe.dataset).kind != "row" or not any(spec.path for spec in field_specs(type(recipe.dataset))):
        return recipe
    data = recipe.data().load()
    suited = options_for_size(num_examples(data.train, data.sample)).items()
    named = {f"training.{name}": value for name, value in suited}
    return with_values(recipe, {name: value for name, value in named.items() if name not in changes})


def _changed(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """What a run goes on with.

    Raises:
        UserError: its weights and its optimiser's state would be of no use to that.
    """
    changed = with_values(recipe, changes)
    parts = {
        "architecture": changed.architecture == recipe.architecture,
        "dataset": changed.dataset == recipe.dataset,
        "training.optimizer": changed.training.optimizer == recipe.training.optimizer,
    }
    for part, is_same in parts.items():
        if not is_same:
            raise UserError(f"A run goes on with the {part} that it began with; start a new run.", field=part)
    return changed


def _check(recipe: Recipe) -> None:
    """Before there is a run of it. Data are kept as they were read, so that the trainer reads them at once.

    Raises:
        UserError: it needs more than the device has, the architecture cannot read the data, or the data or the model
            cannot be had at all.
    """
    spin_briefly()
    from modellab.inspection.memory_fit import summary_that_fits

    data = recipe.data().load()
    if misfit := recipe.architecture.misfit(data.sample):
        raise UserError(misfit, field="architecture.name")
    summary_that_fits(recipe, data)


def _recipe(chosen: argparse.Namespace) -> Recipe:
    named = [chosen.recipe is not None, chosen.preset is not None, chosen.architecture or chosen.dataset]
    if sum(map(bool, named)) != 1:
        raise UserError("Name one recipe file, or --preset NAME, or --architecture NAME with --dataset NAME.")
    if chosen.recipe is not None:
        path = Path(chosen.recipe)
        if (path / "recipe.json").is_file():
            raise UserError(f"{path} is a run; add --resume to go on with it.")
        return recipe_from_file(path)
    if chosen.preset is not None:
        found = presets().get(chosen.preset)
        if found is None:
            raise UserError(
                f"There is no preset {chosen.preset!r}; there are {', '.join(presets())}.", field="--preset"
            )
        return found.recipe
    if not (chosen.architecture and chosen.dataset):
        raise UserError("--architecture and --dataset go together; `modellab list architectures` names them.")
    look_up(architectures(), chosen.architecture, what="architecture")
    look_up(datasets(), chosen.dataset, what="dataset")
    values: dict[str, Any] = {
        "architecture": {"name": chosen.architecture},
        "dataset": {"name": chosen.dataset},
    }
    return recipe_from_builtins(values)


def _shown(chosen: argparse.Namespace, run: RunFolder) -> Shown:
    if chosen.json:
        return JsonLines()
    return Bar(run) if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" else Lines(run)


def _stop_on_ctrl_c(reader: CommandReader) -> None:
    """Once: stop with a checkpoint. Twice: at once."""

    def on_signal(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, _at_once)
            sys.stderr.write("\nStopping; press Ctrl+C again to stop at once.\n")
        reader.stop()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)


def _at_once(number: int, frame: FrameType | None) -> None:
    os._exit(STOPPED)
