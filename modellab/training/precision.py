"""Number formats of the forward pass, and compilation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.training.options import TrainingOptions

Forward = Callable[[Tensor], Tensor]

_DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def autocast_for(options: TrainingOptions, device: torch.device) -> contextlib.AbstractContextManager[Any] | None:
    """A reusable autocast context, None for float32.

    Raises:
        UserError: the device cannot compute in that format.
    """
    if options.precision == "float32":
        return None
    dtype = _DTYPES[options.precision]
    try:
        context = torch.autocast(device.type, dtype=dtype)
        with context:
            torch.nn.functional.linear(torch.ones(1, 1, device=device), torch.ones(1, 1, device=device))
    except RuntimeError as error:
        raise UserError(
            f"The device {device} cannot train in {options.precision}: {error}. Choose float32.",
            field="training.precision",
        ) from None
    return context


def scaler_for(options: TrainingOptions, device: torch.device) -> torch.amp.GradScaler | None:
    """Loss scaling keeps the small gradients of float16 from vanishing; the other formats need none."""
    if options.precision != "float16" or device.type not in ("cuda", "cpu"):
        return None
    return torch.amp.GradScaler(device.type)


def compiled(model: nn.Module, *, warn: Callable[[str], None]) -> Forward:
    """The model compiled at its first call; the model itself, with a warning, when that fails."""
    fast = torch.compile(model)

    class _Forward:
        is_trusted = False
        forward: Forward = staticmethod(fast)

        def __call__(self, inputs: Tensor) -> Tensor:
            if self.is_trusted:
                return self.forward(inputs)
            try:
                outputs = self.forward(inputs)
            except Exception as error:  # noqa: BLE001 - whatever the compiler trips over, training goes on without it
                first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
                warn(f"torch.compile failed, so the model trains uncompiled: {first}")
                self.forward = model
                outputs = model(inputs)
            self.is_trusted = True
            return outputs

    return _Forward()
