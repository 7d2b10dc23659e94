"""The multilayer perceptron: dense layers with an activation between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from modellab.architectures._layers import Activation, BatchNorm, Initialisation, InitialisationStd, Width
from modellab.architectures.base import ArchitectureConfig
from modellab.config import meta
from modellab.data.base import InputKind, Sample

if TYPE_CHECKING:
    from torch import nn


class MLPConfig(ArchitectureConfig, frozen=True, kw_only=True, tag="mlp"):
    """Widths of the hidden layers and what stands between them."""

    title: ClassVar[str] = "Multilayer perceptron"
    summary: ClassVar[str] = "Dense layers with a nonlinearity between: bends straight lines into any shape."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"point", "row", "image"})

    hidden_layers: Annotated[
        tuple[Width, ...],
        meta(
            title="Hidden layers",
            help="Units of each hidden layer, first to last; an empty list leaves a linear model.",
            unit="units",
            max_length=20,
        ),
    ] = (64, 64)
    activation: Activation = "relu"
    dropout: Annotated[
        float,
        meta(title="Dropout", help="Share of the hidden units that are left out of each training step.", ge=0, lt=1),
    ] = 0.0
    batch_norm: BatchNorm = False
    initialisation: Initialisation = "default"
    initialisation_std: InitialisationStd = 0.02

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`; an image is read as one long row."""
        from modellab.nets.mlp import MLP

        return MLP(self, sample)
