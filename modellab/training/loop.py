"""The training loop: a generator of events."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence

import torch
from torch import Tensor

from modellab.commands import AnyCommand
from modellab.config import to_builtins
from modellab.errors import UserError
from modellab.events import AnyEvent, Logged, Started
from modellab.recipe import Recipe, with_values
from modellab.runs.checkpoints import newest_whole
from modellab.runs.folder import RunFolder
from modellab.training.allocator import keep_freed_memory
from modellab.training.checkpointing import Snapshot, load_checkpoint
from modellab.training.faults import failure
from modellab.training.learner import Batch
from modellab.training.rounds import Commands, Rounds, Slot
from modellab.training.setup import Setup, fitting_threads, prepare
from modellab.training.streams import begin_stream
from modellab.training.vocabulary import keep_tokenizer

# Flush about 20 times a second at most.
_FLUSH_SECONDS = 0.05


def train(
    recipe: Recipe,
    run: RunFolder | None = None,
    *,
    commands: Commands | None = None,
    resume: bool = False,
    is_interactive: bool | None = None,
    slot: Slot | None = None,
) -> Generator[AnyEvent, None, None]:
    """Train, and say what happens; ends with Finished or Failed.

    run: where checkpoints, live weights and captures go; None keeps nothing. commands: gives what was asked since the
    last call. resume: go on from the newest whole checkpoint. is_interactive: somebody can resume a paused run, so a
    loss that is not finite pauses instead of failing (default: whether there are `commands`).

    The weights, dropout and data order follow from the recipe's seed through torch's global generators: consume one
    training at a time, and draw nothing from them in between, for the same losses.
    """
    setup: Setup | None = None
    rounds: Rounds | None = None
    try:
        notes: list[str] = []
        snapshot, problems = _newest(run) if resume else (None, [])
        if snapshot is not None and snapshot.state.get("applied"):
            recipe = with_values(recipe, snapshot.state["applied"])
        setup = prepare(recipe, warn=notes.append)
        if run is not None:
            keep_tokenizer(run, setup.data.tokenizer, is_resumed=snapshot is not None)
            recipe.architecture.keep(run.model_folder)
        rounds = Rounds(
            setup,
            run,
            commands=commands or _nothing,
            is_interactive=commands is not None if is_interactive is None else is_interactive,
            slot=slot,
            notes=notes,
            resumed_at=snapshot.step if snapshot is not None else None,
        )
        if snapshot is not None:
            rounds.restore(snapshot)
        yield _started(setup, rounds.step)
        for problem in problems:
            yield Logged(
                step=rounds.step, time=time.time(), level="warning", message=f"Resuming from before: {problem}"
            )
        yield from _run(setup, rounds)
    except Exception as error:  # noqa: BLE001 - a trainer's every exception becomes one event
        yield failure(error, step=rounds.step if rounds else 0, setup=setup)
    finally:
        if rounds is not None:
            rounds.close()


def _run(setup: Setup, rounds: Rounds) -> Iterator[AnyEvent]:
    # The graph of a step holds no cycles: collecting garbage in the middle of one costs and finds nothing.
    was_enabled, num_threads = gc.isenabled(), torch.get_num_threads()
    keep_freed_memory()
    torch.set_num_threads(fitting_threads(setup))
    gc.freeze()
    gc.disable()
    try:
        rounds.clock.start()
        while rounds.ending is None:
            yield from _steps(setup, rounds)
        yield from rounds.end()
    finally:
        torch.set_num_threads(num_threads)
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def _steps(setup: Setup, rounds: Rounds) -> Iterator[AnyEvent]:
    """The steps of one epoch from where it stands; returns early when training ends or goes back.

    Nothing here waits for the device or touches the disk: that is done once in a round.
    """
    epoch, start = divmod(rounds.step, setup.steps_per_epoch)
    accumulation = setup.options.accumulation
    recorder, perf_counter = rounds.recorder, time.perf_counter
    rounds.is_rewound = False
    if start == 0:
        begin_stream(setup.model)
    for group in _grouped(setup.batches.epoch(epoch, start=start * accumulation), accumulation):
        rounds.set_rate()
        recorder.take_step(group)
        now = perf_counter()
        if now >= rounds.due or (recorder.step >= rounds.next_stop and rounds.stops_here(now)):
            yield from rounds.round()
            rounds.due = perf_counter() + _FLUSH_SECONDS
            if rounds.ending is not None or rounds.is_rewound:
                return


def _grouped(batches: Iterable[tuple[Tensor, Tensor]], size: int) -> Iterator[Batch]:
    """Batches in groups of `size`, the last perhaps smaller: one group, one optimiser step."""
    if size == 1:
        for batch in batches:
            yield (batch,)
        return
    group: list[tuple[Tensor, Tensor]] = []
    for batch in batches:
        group.append(batch)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _newest(run: RunFolder | None) -> tuple[Snapshot | None, list[str]]:
    """The state to go on from, and what is wrong with newer ones."""
    if run is None:
        raise UserError("There is no run folder to resume from.")
    checkpoint, problems = newest_whole(run)
    return (load_checkpoint(checkpoint) if checkpoint is not None else None), problems


def _started(setup: Setup, step: int) -> Started:
    return Started(
        step=step,
        time=time.time(),
        device=str(setup.device),
        device_name=setup.device_title,
        num_parameters=sum(parameter.numel() for parameter in setup.model.parameters()),
        steps_per_epoch=setup.steps_per_epoch,
        total_steps=setup.total_steps,
        sample=to_builtins(setup.data.sample),
        pid=os.getpid(),
        notes=setup.data.notes,
    )


def _nothing() -> Sequence[AnyCommand]:
    return ()
