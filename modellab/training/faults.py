"""What went wrong, as an event that a person can act on."""

from __future__ import annotations

import gc
import re
import time
import traceback
from typing import Any

import torch

from modellab.errors import UserError
from modellab.events import Failed
from modellab.runs.full_disk import megabytes
from modellab.training.allocator import give_back_freed_memory
from modellab.training.devices import free_memory
from modellab.training.options import TrainingOptions
from modellab.training.setup import Setup

_UNITS = {"bytes": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "Cannot allocate memory")
_ASKED = re.compile(
    r"(?:allocate|allocate memory: you tried to allocate) (\d+(?:\.\d+)?) (bytes|[KMGT]iB)", re.IGNORECASE
)
# How much of the free memory a suggested batch may fill by the estimate.
_FILLED = 0.7


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on a GPU or on the CPU."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _OUT_OF_MEMORY)


def failure(error: Exception, *, step: int, setup: Setup | None) -> Failed:
    """The one event of an error that ended a run."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, UserError):
        return Failed(step=step, time=time.time(), message=error.message, suggestion=error.remedy)
    if is_out_of_memory(error):
        # The frames hold the tensors that filled the memory.
        error.__traceback__ = None
        gc.collect()
        give_back_freed_memory()
        message, suggestion = _out_of_memory(error, setup)
        return Failed(step=step, time=time.time(), message=message, traceback=trace, suggestion=suggestion)
    text = (str(error).strip() or "no message").splitlines()[0]
    return Failed(
        step=step, time=time.time(), message=f"Training failed: {type(error).__name__}: {text}", traceback=trace
    )


def _out_of_memory(error: Exception, setup: Setup | None) -> tuple[str, dict[str, Any]]:
    asked = bytes_asked_for(str(error))
    needed = f"{megabytes(asked)} more were needed" if asked else "more was needed than there is"
    if setup is None:
        return f"Memory ran out: {needed}. Choose a smaller model or batch.", {}
    message = f"Memory ran out on {setup.device_title}: {needed} for a batch of {setup.batch_size}."
    fits = fitting_batch_size(setup, asked=asked)
    if fits is None:
        return f"{message} Choose a smaller model.", {}
    suggestion: dict[str, Any] = {"training.batch_size": fits}
    if setup.options.optimizer == "gradient_descent":
        suggestion["training.optimizer"] = "minibatch_sgd"
    return f"{message} A batch of {fits} should fit.", suggestion


def bytes_asked_for(text: str) -> int:
    """How many bytes an allocator says it could not give; 0 when it does not say."""
    match = _ASKED.search(text)
    return int(float(match[1]) * _UNITS[match[2].lower()]) if match else 0


def fitting_batch_size(setup: Setup, *, asked: int) -> int | None:
    """The batch size, halved until the estimate fits the free memory; None when one example does not."""
    free = free_memory(setup.device) * _FILLED
    per_example = max(setup.activation_bytes(), asked / max(1, setup.batch_size))
    size = setup.batch_size // 2
    while size >= 1 and size * per_example > free:
        size //= 2
    return size if size >= 1 else None


def not_finite_message(step: int, *, went_back_to: int, options: TrainingOptions) -> str:
    """What a person can do about a loss that is no number."""
    return (
        f"The loss at step {step} is not a finite number. Training went back to step {went_back_to}; set a learning "
        f"rate below {options.learning_rate:g}, or a gradient clip, and resume."
    )
