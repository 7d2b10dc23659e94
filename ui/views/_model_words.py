"""How layers are called on screen: short words, shapes and sizes instead of a library's own spelling."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from ui.widgets.numbers import about, short, size, whole
from workers.protocol import Layer, ModelDescription, PretrainedDescription

_KINDS = (
    ("Conv1D", "Dense"),  # as `transformers` calls it in GPT-2
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
    return _tr(found[0]) if found else kind


def part_of(name: str) -> str:
    """The repeated part that a layer belongs to: blocks.0 of blocks.0.attention.project; "" where there is none."""
    found = re.match(r"(?:\w+\.)*?\w+\.\d+(?=\.)", name)
    return found[0] if found else ""


def front_of(layers: Sequence[Layer]) -> str:
    """What the names of all repeated parts begin with and need not: encoder. of encoder.layer.0 and its like."""
    fronts = [part.split(".")[:-2] for layer in layers if (part := part_of(layer.name))]
    common = itertools.takewhile(lambda words: len(set(words)) == 1, zip(*fronts, strict=False))
    return "".join(f"{words[0]}." for words in common)


def detail_text(layer: Layer) -> str:
    """What distinguishes it from others of its kind: 3×3, 32; 64 → 10; p 0.5."""
    detail = layer.detail
    if match := re.search(r"in_features=(\d+), out_features=(\d+)", detail):
        return f"{int(match[1]):,} → {int(match[2]):,}"
    if layer.kind.endswith("Embedding") and (match := re.match(r"(\d+), (\d+)", detail)):
        return f"{int(match[1]):,} × {int(match[2]):,}"
    if match := re.search(r"nf=(\d+), nx=(\d+)", detail):
        return f"{int(match[2]):,} → {int(match[1]):,}"
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
    return _tr(words.get(part, part.replace("_", " ")))


def totals(described: ModelDescription) -> list[str]:
    """How large a model is that would be trained."""
    learning = [_tr("{n} learn").format(n=whole(described.trained))]
    return [
        _tr("{n} parameters").format(n=whole(described.parameters)),
        *(learning if described.trained < described.parameters else []),
        _tr("{n} an example").format(n=short(described.flops, "FLOPs")),
        _with_weights(described.layers),
    ]


def opened_totals(described: PretrainedDescription) -> list[str]:
    """How large a pretrained model is that is open, and what reading one text or image takes."""
    flops = short(sum(layer.flops for layer in described.layers), "FLOPs")
    read = described.read
    of_tokens = len(read) == 1
    work = _tr("{flops} for {n} tokens") if of_tokens else _tr("{flops} an image of {shape}")
    return [
        _tr("{n} parameters").format(n=whole(described.parameters)),
        work.format(flops=flops, n=read[0], shape=shape_text(read[-2:])),
        _with_weights(described.layers),
    ]


def needs(described: ModelDescription) -> list[str]:
    """What training takes."""
    found = [
        _tr("about {memory}").format(memory=size(described.memory_bytes)),
        _tr("{n} steps").format(n=whole(described.steps)),
    ]
    if described.seconds is not None:
        found.append(_tr("{time} on this machine").format(time=about(described.seconds)))
    return found


def _with_weights(layers: Sequence[Layer]) -> str:
    return _tr("{n} layers with weights").format(n=sum(layer.parameters > 0 for layer in layers))


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelView", text)
