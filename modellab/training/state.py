"""Trees of tensors and plain values, as safetensors and JSON: what a pickle would hold, without one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

Tree = dict[str, Any]

_TENSOR = "$tensor"
_PAIRS = "$pairs"
_TUPLE = "$tuple"


def packed(tree: Any) -> tuple[Any, dict[str, Tensor]]:
    """The tree as JSON holds it, each tensor replaced by its name, and the tensors by name."""
    tensors: dict[str, Tensor] = {}
    return _pack(tree, "", tensors), tensors


def unpacked(structure: Any, tensors: dict[str, Tensor]) -> Any:
    """The tree that `packed` took apart."""
    if isinstance(structure, dict):
        if _TENSOR in structure:
            return tensors[structure[_TENSOR]]
        if _PAIRS in structure:
            return {key: unpacked(value, tensors) for key, value in structure[_PAIRS]}
        if _TUPLE in structure:
            return tuple(unpacked(value, tensors) for value in structure[_TUPLE])
        return {key: unpacked(value, tensors) for key, value in structure.items()}
    if isinstance(structure, list):
        return [unpacked(value, tensors) for value in structure]
    return structure


def copied(tree: Any, *, device: torch.device | str | None = None) -> Any:
    """The tree with every tensor copied (to `device`, if one is given)."""
    if isinstance(tree, Tensor):
        found = tree.detach()
        return found.clone() if device is None or found.device == torch.device(device) else found.to(device)
    if isinstance(tree, dict):
        return {key: copied(value, device=device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(copied(value, device=device) for value in tree)
    return tree


def _pack(tree: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(tree, Tensor):
        name = path or "value"
        tensors[name] = tree.detach().cpu().contiguous()
        return {_TENSOR: name}
    if isinstance(tree, dict):
        if all(isinstance(key, str) for key in tree):
            return {key: _pack(value, f"{path}.{key}".lstrip("."), tensors) for key, value in tree.items()}
        pairs = [[key, _pack(value, f"{path}.{key}".lstrip("."), tensors)] for key, value in tree.items()]
        return {_PAIRS: pairs}
    if isinstance(tree, (list, tuple)):
        values = [_pack(value, f"{path}.{index}".lstrip("."), tensors) for index, value in enumerate(tree)]
        return {_TUPLE: values} if isinstance(tree, tuple) else values
    assert tree is None or isinstance(tree, (bool, int, float, str)), f"{path}: {type(tree).__name__} is not plain"
    return tree
