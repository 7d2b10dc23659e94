"""A run from its folder: its lock, its turn on the device, its events on disk. Imports torch when it is its turn."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator, Sequence

import msgspec

from modellab.commands import AnyCommand, Stop, decode_command
from modellab.errors import UserError
from modellab.events import AnyEvent, Failed, Finished, Progress, Queued, Resumed, Started
from modellab.recipe import Recipe, with_values
from modellab.runs.folder import RunFolder, tail_events
from modellab.runs.lines import LineTail
from modellab.runs.queue import DeviceSlot, probable_device
from modellab.runs.summary import SummaryKeeper
from modellab.runs.writer import EventWriter
from modellab.training.first_fetch import fetched
from modellab.training.waiting import spin_briefly

_COUNTING = (Started, Progress, Resumed, Finished)  # events whose step is where the training stands


class CommandReader:
    """What was asked of a run since it was last looked; `stop` asks too, from a signal handler."""

    def __init__(self, run: RunFolder, *, is_new: bool) -> None:
        self._tail = LineTail(run.commands_file, offset=0 if is_new else _size_of(run))
        self._unread: list[AnyCommand] = []
        self._is_stopping = False

    def stop(self) -> None:
        """Ask for a stop."""
        self._is_stopping = True

    def __call__(self) -> Sequence[AnyCommand]:
        """New commands; one look at the file's size when there are none."""
        self._look()
        found, self._unread = self._unread, []
        if self._is_stopping:
            found.append(Stop())
        return found

    def is_stopping(self) -> bool:
        """Whether a stop was asked for; what else was asked is kept."""
        self._look()
        return self._is_stopping or any(isinstance(command, Stop) for command in self._unread)

    def _look(self) -> None:
        for line in self._tail.read():
            try:
                self._unread.append(decode_command(line))
            except msgspec.DecodeError:
                continue  # Of a later version, or garbage: nothing this trainer could do.


def run_session(
    run: RunFolder,
    *,
    is_interactive: bool,
    commands: CommandReader | None = None,
    recipe: Recipe | None = None,
) -> Iterator[AnyEvent]:
    """Train a run, or go on with one that was interrupted or stopped; every event is on disk before it is given.

    Raises:
        UserError: another trainer has the run, or its recipe cannot be read.
    """
    spin_briefly()
    with run.held():
        told = tail_events(run.events_file)
        is_new = all(isinstance(event, Queued) for event in told)
        step = next((event.step for event in reversed(told) if isinstance(event, _COUNTING)), 0)
        reader = commands or CommandReader(run, is_new=is_new)
        with contextlib.closing(EventWriter(run.events_file, gives_up=reader.is_stopping)) as writer:
            keeper = SummaryKeeper(run)
            slot = DeviceSlot(run, probable_device(_device_of(run, recipe)))
            try:
                for event in _events(
                    run, recipe, reader, slot, step=step, is_new=is_new, is_interactive=is_interactive
                ):
                    writer.write(event)
                    keeper.see(event, num_bytes=writer.num_bytes)
                    yield event
            finally:
                slot.release()


def _events(
    run: RunFolder,
    recipe: Recipe | None,
    reader: CommandReader,
    slot: DeviceSlot,
    *,
    step: int,
    is_new: bool,
    is_interactive: bool,
) -> Iterator[AnyEvent]:
    """step: at which the run stands before it goes on."""
    try:
        chosen = recipe or run.recipe()
        yield from slot.acquire(gives_up=reader.is_stopping)
        if not slot.is_held:
            yield Finished(step=step, time=time.time(), reason="stopped")
            return
        from modellab.training.devices import resolve
        from modellab.training.loop import train

        device = resolve(chosen.training.device).name
        if device != slot.device:
            slot.release()
            slot.move(device)
            yield from slot.acquire(gives_up=reader.is_stopping)
        chosen = with_values(chosen, {"training.device": device})
        try:
            yield from fetched(chosen, step=step, gives_up=reader.is_stopping)
        except UserError:
            if not reader.is_stopping():
                raise
            yield Finished(step=step, time=time.time(), reason="stopped")
            return
        yield from train(chosen, run, commands=reader, resume=not is_new, is_interactive=is_interactive, slot=slot)
    except Exception as error:  # noqa: BLE001 - a trainer's every exception becomes one event
        is_plain = isinstance(error, UserError)
        text = str(error).strip() or "no message"
        yield Failed(
            step=step,
            time=time.time(),
            message=text if is_plain else f"Training could not start: {type(error).__name__}: {text.splitlines()[0]}",
            traceback="" if is_plain else "".join(traceback.format_exception(error)),
        )


def _device_of(run: RunFolder, recipe: Recipe | None) -> str:
    try:
        return (recipe or run.recipe()).training.device
    except UserError:
        return "cpu"


def _size_of(run: RunFolder) -> int:
    try:
        return run.commands_file.stat().st_size
    except OSError:
        return 0
