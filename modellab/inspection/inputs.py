"""Stored inputs to what a model reads, and back for the eye."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from modellab.data.base import Sample
from modellab.training.batches import normalised


def to_model(stored: NDArray[Any], sample: Sample, *, device: torch.device | str = "cpu") -> Tensor:
    """Stored inputs [B, *shape] to float32 [B, *shape], (x * scale - mean) / std, on the device; token ids to int64."""
    if sample.kind == "text":
        return torch.from_numpy(np.array(stored, dtype=np.int64)).to(device)
    # A copy: the array may be a read-only memory map.
    return normalised(torch.from_numpy(np.array(stored)).to(device), sample)


def to_stored(inputs: Tensor, sample: Sample) -> NDArray[Any]:
    """The reverse of `to_model`: images uint8 [B, C, H, W], clipped to 0..255; points and rows float32 [B, D]."""
    mean, std = (_for_each_channel(numbers, sample) for numbers in (sample.mean, sample.std))
    raw = (inputs.detach().cpu().float() * std + mean) / sample.scale
    if sample.kind == "image":
        return np.asarray(raw.round().clamp(0, 255).to(torch.uint8).numpy())
    return np.asarray(raw.numpy())


def for_the_eye(stored: NDArray[Any], sample: Sample) -> NDArray[Any]:
    """Stored images [B, C, H, W] as pictures uint8 [B, H, W, C]; points and rows as they are."""
    return np.ascontiguousarray(stored.transpose(0, 2, 3, 1)) if sample.kind == "image" else stored


def patch_names(model: nn.Module) -> tuple[str, ...]:
    """What a vision Transformer reads, place by place: class, then 0,0 and so on by row and column; () of others."""
    grid: tuple[int, int] | None = getattr(model, "grid", None)
    if grid is None:
        return ()
    has_class = getattr(model, "class_token", None) is not None
    front = getattr(model, "front_names", ("class",) * has_class)
    patches = (f"{row},{column}" for row in range(grid[0]) for column in range(grid[1]))
    return (*front, *patches)


def _for_each_channel(numbers: tuple[float, ...], sample: Sample) -> Tensor:
    """Broadcastable to [B, *shape]: one number a channel of an image, a column of a row."""
    return torch.tensor(numbers).reshape(-1, *(1,) * (len(sample.shape) - 1))
