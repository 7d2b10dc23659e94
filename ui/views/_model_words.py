"""How layers are called on screen: short words, shapes and sizes instead of a library's own spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from workers.protocol import Layer

_KINDS = (
    ("Conv", "Convolution"),
    ("MaxPool", "Max pool"),
    ("AvgPool", "Average pool"),
    ("AdaptiveAvgPool", "Average pool"),
    ("AdaptiveMaxPool", "Max pool"),
    ("Linear", "Dense"),
    ("BatchNorm", "Batch norm"),
    ("LayerNorm", "Layer norm"),
    ("Dropout", "Dropout"),
    ("Flatten", "Flatten"),
)


def kind_word(kind: str) -> str:
    """Conv2d is a Convolution; what has no other name keeps its own."""
    found = [word for start, word in _KINDS if kind.startswith(start)]
    return QCoreApplication.translate("ModelView", found[0]) if found else kind


def detail_text(layer: Layer) -> str:
    """What distinguishes it from others of its kind: 3×3, 32; 64 → 10; p 0.5."""
    detail = layer.detail
    if match := re.search(r"in_features=(\d+), out_features=(\d+)", detail):
        return f"{int(match[1]):,} → {int(match[2]):,}"
    if match := re.match(r"(\d+), (\d+), kernel_size=\((\d+), (\d+)\)(?:, stride=\((\d+))?", detail):
        stride = f", stride {match[5]}" if match[5] and match[5] != "1" else ""
        return f"{match[3]}×{match[4]}, {int(match[1]):,} → {int(match[2]):,}{stride}"
    if match := re.search(r"kernel_size=\(?(\d+)(?:, (\d+)\))?", detail):
        return f"{match[1]}×{match[2] or match[1]}"
    if match := re.search(r"\bp=([\d.]+)", detail):
        return f"p {match[1]}"
    if match := re.match(r"(\d+), eps=", detail):
        return match[1]
    if match := re.search(r"negative_slope=([\d.]+)", detail):
        return f"slope {match[1]}"
    return "" if "=" in detail else detail


def shape_text(shape: Sequence[int]) -> str:
    """32 × 14 × 14"""
    return " × ".join(f"{size:,}" for size in shape)


def part_word(part: str) -> str:
    """A part of the memory."""
    words = {
        "weights": "weights",
        "gradients": "gradients",
        "optimiser": "optimiser",
        "activations": "activations",
        "dataset": "dataset",
    }
    return QCoreApplication.translate("ModelView", words.get(part, part.replace("_", " ")))
