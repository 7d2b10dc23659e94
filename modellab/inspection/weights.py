"""Weights from a safetensors file into a model, each tensor checked."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from torch import Tensor, nn

from modellab.errors import UserError

_MAX_HEADER = 100_000_000  # as the format itself says


def load_weights(path: Path, model: nn.Module) -> dict[str, str]:
    """Fill the model with the tensors of the file; gives the file's metadata.

    The file is read whole and not kept open: on Windows a file that is mapped cannot be replaced.

    Raises:
        UserError: the file is missing or damaged, or a tensor is missing, unexpected or of another shape; names it.
    """
    import safetensors
    import safetensors.torch

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"Cannot read the weights {path}: {error.strerror or error}.") from None
    metadata = _metadata(data, path)
    try:
        tensors = safetensors.torch.load(data)
    except (safetensors.SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise UserError(f"The weights {path} are damaged: {error}.") from None
    _check(tensors, model, path)
    model.load_state_dict(tensors)
    return metadata


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file, from its header alone.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        with path.open("rb") as file:
            data = file.read(8)
            length = struct.unpack("<Q", data)[0] if len(data) == 8 else 0
            return _metadata(data + file.read(min(length, _MAX_HEADER)), path)
    except OSError as error:
        raise UserError(f"Cannot read the weights {path}: {error.strerror or error}.") from None


def _metadata(data: bytes, path: Path) -> dict[str, str]:
    """Out of a header: a little-endian length in 8 bytes, then that much JSON."""
    length = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else 0
    try:
        if not 0 < length <= min(len(data) - 8, _MAX_HEADER):
            raise ValueError("its header is cut short")
        found = json.loads(data[8 : 8 + length]).get("__metadata__", {})
        return {str(key): str(value) for key, value in found.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise UserError(f"The weights {path} are damaged: {error}.") from None


def _check(tensors: dict[str, Tensor], model: nn.Module, path: Path) -> None:
    wanted = model.state_dict()
    problems = [f"{name} is missing" for name in wanted if name not in tensors]
    problems += [f"{name} is unexpected" for name in tensors if name not in wanted]
    problems += [
        f"{name} is {list(tensors[name].shape)} where the model has {list(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in tensors and tensors[name].shape != tensor.shape
    ]
    if problems:
        more = f", and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise UserError(f"The weights {path} do not fit this model: {'; '.join(problems[:3])}{more}.")
