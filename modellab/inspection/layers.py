"""What a model is made of, in numbers; plain data, no torch."""

from __future__ import annotations

import msgspec


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the model view.

    name: dotted, as the weights are called. kind: the class of the layer. detail: its options. shape: of the output
    without the batch. flops: of one example, forward, in multiply-adds counted twice; only multiplications with weights
    count. depth: how deep it is nested.
    """

    name: str
    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int
    flops: int
    depth: int = 0


class ModelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The layers in the order they run, and what one training step of a batch keeps in memory.

    trained: how many of the parameters learn.
    memory_parts: bytes by what takes them: weights, gradients, optimiser, activations, dataset.
    """

    layers: tuple[Layer, ...]
    parameters: int
    trained: int
    flops: int
    memory_parts: dict[str, int]

    @property
    def memory_bytes(self) -> int:
        """All parts together."""
        return sum(self.memory_parts.values())
