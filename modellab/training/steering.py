"""What is asked of a training while it goes on: pause, resume, stop, change an option."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from modellab import commands as asked
from modellab.errors import UserError
from modellab.events import AnyEvent, Logged, OptionApplied, Paused, Resumed
from modellab.recipe import with_values
from modellab.runs.full_disk import disk_full_message
from modellab.training.faults import not_finite_message
from modellab.training.options import is_live

if TYPE_CHECKING:
    from modellab.training.rounds import Rounds

Commands = Callable[[], Sequence[asked.AnyCommand]]

_POLL_SECONDS = 0.04
_ROOM_POLL_SECONDS = 0.2
_LEAST_ROOM = 1_000_000


class Slot(Protocol):
    """The right to use a device, given up while a run is paused."""

    def release(self) -> None:
        """Let the next run have the device."""

    def acquire(self, *, gives_up: Callable[[], bool]) -> Iterator[AnyEvent]:
        """Wait for the device, with a Queued event when it is taken; returns without it when `gives_up` says so."""


class BadLossError(UserError):
    """The loss is not finite and nobody is there to mend it."""


class Steering:
    """Obeys commands between steps. `gives_up`: was told to stop while it could not write."""

    def __init__(self, rounds: Rounds, *, commands: Commands, slot: Slot | None, is_interactive: bool) -> None:
        self._rounds = rounds
        self._commands = commands
        self._slot = slot
        self._is_interactive = is_interactive
        self._is_paused = False
        self._later: list[asked.AnyCommand] = []  # asked while it could not be done
        self.gives_up = False

    def obey(self) -> Iterator[AnyEvent]:
        """Do what was asked since the last time; waits while paused."""
        commands, self._later = [*self._later, *self._commands()], []
        for command in commands:
            yield from self._obey(command)
        if self._is_paused and self._rounds.ending is None:
            yield from self._pause(Paused(step=self._rounds.step, time=time.time(), reason="asked"))

    def pause_at_bad_loss(self, step: int) -> Iterator[AnyEvent]:
        """Go back to the last good state and wait for somebody to mend it.

        Raises:
            BadLossError: nobody can.
        """
        rounds = self._rounds
        went_back_to = rounds.rewind()
        message = not_finite_message(step, went_back_to=went_back_to, options=rounds.setup.options)
        if not self._is_interactive:
            yield from rounds.guarded(rounds.checkpoint_now)
            raise BadLossError(
                f"The loss at step {step} is not a finite number; set a learning rate below "
                f"{rounds.setup.options.learning_rate:g}, or a gradient clip. The state of step {went_back_to} is kept."
            )
        yield from self._pause(Paused(step=step, time=time.time(), reason="not_finite", message=message))

    def wait_for_room(self) -> Iterator[AnyEvent]:
        """Wait until the disk has room again, or until told to stop."""
        rounds = self._rounds
        assert rounds.run is not None
        needed = max(_LEAST_ROOM, rounds.checkpointer.num_bytes * 2 if rounds.checkpointer else 0)
        free = shutil.disk_usage(rounds.run.path).free
        message = disk_full_message(rounds.run.path, needed=needed, free=free)
        rounds.clock.stop()
        yield Paused(step=rounds.step, time=time.time(), reason="disk_full", message=message)
        while shutil.disk_usage(rounds.run.path).free < needed:
            time.sleep(_ROOM_POLL_SECONDS)
            for command in self._commands():
                if isinstance(command, asked.Stop):
                    rounds.ending, self.gives_up = "stopped", True
                    return
                if isinstance(command, asked.TakeCheckpoint):
                    self._later.append(command)
                else:
                    yield from self._obey(command)
        yield Resumed(step=rounds.step, time=time.time())
        rounds.clock.start()

    def _pause(self, paused: Paused) -> Iterator[AnyEvent]:
        rounds = self._rounds
        self._is_paused = True
        rounds.clock.stop()
        yield from rounds.guarded(rounds.show_state)
        yield paused
        if self._slot is not None:
            self._slot.release()
        while self._is_paused and rounds.ending is None:
            time.sleep(_POLL_SECONDS)
            for command in self._commands():
                yield from self._obey(command)
        if self._slot is not None and rounds.ending is None:
            yield from self._slot.acquire(gives_up=self._is_stopped)
        if rounds.ending is None:
            yield Resumed(step=rounds.step, time=time.time())
            rounds.recorder.restart(step=rounds.step, seconds=rounds.clock.seconds())
            rounds.clock.start()

    def _is_stopped(self) -> bool:
        """Looked at while waiting for the device: a stop counts at once, all else when the device is there."""
        for command in self._commands():
            if isinstance(command, asked.Stop):
                self._rounds.ending = "stopped"
            else:
                self._later.append(command)
        return self._rounds.ending is not None

    def _obey(self, command: asked.AnyCommand) -> Iterator[AnyEvent]:
        match command:
            case asked.Pause():
                self._is_paused = True
            case asked.Resume():
                self._is_paused = False
            case asked.Stop():
                self._rounds.ending = "stopped"
            case asked.TakeCheckpoint():
                yield from self._rounds.guarded(self._rounds.checkpoint_now)
            case asked.SetOption():
                yield self._set_option(command)

    def _set_option(self, command: asked.SetOption) -> OptionApplied | Logged:
        rounds = self._rounds
        try:
            if not is_live(command.name):
                raise UserError(f"{command.name} cannot be changed while a run trains.", field=command.name)
            recipe = with_values(rounds.setup.recipe, {command.name: command.value})
        except UserError as error:
            return Logged(step=rounds.step, time=time.time(), level="warning", message=error.message)
        rounds.setup.adopt(recipe)
        rounds.set_rate()
        rounds.applied[command.name] = command.value
        return OptionApplied(step=rounds.step, time=time.time(), name=command.name, value=command.value)
