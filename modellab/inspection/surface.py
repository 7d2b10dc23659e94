"""What a model says at every point of the plane, and what each hidden unit says there.

A "surface" capture has these arrays; R is the resolution, r that of the units; row 0 is the lowest y, column 0 the
lowest x:

- "bounds" float32 [4]: lowest and highest x, lowest and highest y, of the outer pixels' middles
- "output" float16 [K, R, R]: the probability of each class; or float32 [1, R, R]: the value in the unit of the data
- "argmax" uint8 [R, R] (int16 above 255 classes): the likeliest class; only for classes
- "unit/<k>" float16 [U, r, r]: the first MAX_UNITS units of hidden layer k = 1, 2 ..., after the activation
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.inputs import to_model
from modellab.nets.tap import record

MAX_UNITS = 128
UNIT_RESOLUTION = 24
_MARGIN = 0.1


def surface(
    model: nn.Module, sample: Sample, resolution: int = 64, *, unit_resolution: int = UNIT_RESOLUTION
) -> dict[str, NDArray[Any]]:
    """The arrays above, from one forward pass without gradients, in evaluation mode and with no random draw.

    The model is left in the mode it was in. Hidden layers are those it names in `hidden_names`.

    Raises:
        UserError: the examples are no points of a plane.
    """
    if not sample.is_plane:
        raise UserError("A decision surface lies over two columns of numbers, and this dataset has other inputs.")
    bounds = _bounds(sample)
    grid = np.concatenate([_grid(bounds, resolution), _grid(bounds, unit_resolution)])  # [R*R + r*r, 2]
    names: tuple[str, ...] = getattr(model, "hidden_names", ())
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), record(model, names) as hidden:
            outputs = model(to_model(grid, sample, device=device))  # [R*R + r*r, K]
    finally:
        model.train(was_training)
    arrays: dict[str, NDArray[Any]] = {"bounds": np.asarray(bounds, dtype=np.float32)}
    arrays |= _outputs(outputs[: resolution**2], sample, resolution)
    for number, name in enumerate(names, 1):
        units = hidden[name][resolution**2 :, :MAX_UNITS]  # [r*r, U]
        # Units that have run away would be infinite in 16 bits.
        maps = units.float().clamp(-6e4, 6e4).T.reshape(-1, unit_resolution, unit_resolution)
        arrays[f"unit/{number}"] = maps.half().contiguous().cpu().numpy()
    return arrays


def _bounds(sample: Sample) -> tuple[float, float, float, float]:
    """The range of the data and a margin."""
    found: list[float] = []
    for column in range(2):
        low = sample.low[column] if sample.low else -1.0
        high = sample.high[column] if sample.high else 1.0
        margin = _MARGIN * ((high - low) or 1.0)
        found += [low - margin, high + margin]
    return found[0], found[1], found[2], found[3]


def _grid(bounds: tuple[float, float, float, float], resolution: int) -> NDArray[np.float32]:
    """Points float32 [resolution * resolution, 2], x fastest."""
    x = np.linspace(bounds[0], bounds[1], resolution, dtype=np.float32)
    y = np.linspace(bounds[2], bounds[3], resolution, dtype=np.float32)
    return np.stack([np.tile(x, resolution), np.repeat(y, resolution)], axis=1)


def _outputs(outputs: Tensor, sample: Sample, resolution: int) -> dict[str, NDArray[Any]]:
    """Logits or values [R*R, K] as maps."""
    if sample.task == "regression":
        values = outputs.float() * sample.target_std + sample.target_mean
        return {"output": values.T.reshape(-1, resolution, resolution).cpu().numpy()}
    probabilities = outputs.float().softmax(1).T.reshape(-1, resolution, resolution)  # [K, R, R]
    dtype = torch.uint8 if len(sample.classes) <= 255 else torch.int16
    return {
        "output": probabilities.half().contiguous().cpu().numpy(),
        "argmax": probabilities.argmax(0).to(dtype).cpu().numpy(),
    }
