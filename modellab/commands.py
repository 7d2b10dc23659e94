"""What is asked of a trainer: one JSON object a line in `commands.jsonl`."""

from __future__ import annotations

from typing import Any

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """A wish of whoever steers."""


class Pause(Command, frozen=True, kw_only=True):
    """Stop after the step under way and keep everything."""


class Resume(Command, frozen=True, kw_only=True):
    """Go on."""


class Stop(Command, frozen=True, kw_only=True):
    """Take a checkpoint and end."""


class TakeCheckpoint(Command, frozen=True, kw_only=True):
    """Take a checkpoint now."""


class SetOption(Command, frozen=True, kw_only=True):
    """Change a live option; `name` is its dotted path below the recipe ("training.learning_rate")."""

    name: str
    value: Any


AnyCommand = Pause | Resume | Stop | TakeCheckpoint | SetOption

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


def encode_command(command: Command) -> bytes:
    """One line, without its newline."""
    return _encoder.encode(command)


def decode_command(line: bytes) -> AnyCommand:
    """Read one line.

    Raises:
        msgspec.DecodeError: it is no command of this version.
    """
    return _decoder.decode(line)
