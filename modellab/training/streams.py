"""The state that a recurrent language model carries from one window of a stream to the next.

Such a model has `carry`, a list of tensors or None, and `begin_stream()`, which forgets it; others have neither.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from torch import Tensor, nn


def carries(model: nn.Module) -> bool:
    """Whether it needs the windows of a stream in their order."""
    return hasattr(model, "begin_stream")


def begin_stream(model: nn.Module) -> None:
    """Forget what came before: the next window begins a stream."""
    begin = getattr(model, "begin_stream", None)
    if begin is not None:
        begin()


@contextlib.contextmanager
def other_stream(model: nn.Module) -> Iterator[None]:
    """Read something else in the middle of a stream; afterwards the model goes on where it was."""
    kept = get_carry(model)
    begin_stream(model)
    try:
        yield
    finally:
        set_carry(model, kept)


def get_carry(model: nn.Module) -> list[Tensor] | None:
    """What the model carries now."""
    carry: list[Tensor] | None = getattr(model, "carry", None)
    return carry


def set_carry(model: nn.Module, carry: list[Tensor] | None) -> None:
    """Put it back; nothing for models that carry nothing."""
    if carries(model):
        model.carry = carry  # type: ignore[assignment]
