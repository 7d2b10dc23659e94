"""The convolutional network: stages of convolutions and pooling, then dense layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from modellab.architectures._layers import Activation, BatchNorm, Initialisation, InitialisationStd, Width
from modellab.architectures.base import ArchitectureConfig
from modellab.config import Config, meta
from modellab.data.base import InputKind, Sample
from modellab.errors import UserError

if TYPE_CHECKING:
    from torch import nn


class Stage(Config, frozen=True, kw_only=True):
    """Convolutions of one width, then a pool."""

    channels: Annotated[int, meta(title="Channels", help="Feature maps of each convolution.", ge=1, le=4096)] = 32
    kernel: Annotated[
        Literal[1, 3, 5, 7, 9, 11],
        meta(
            title="Kernel",
            help="Side of the window each unit looks through.",
            unit="px",
            labels={str(side): f"{side}×{side}" for side in (1, 3, 5, 7, 9, 11)},
        ),
    ] = 3
    convolutions: Annotated[
        int, meta(title="Convolutions", help="How many, one after another, before the pool.", ge=1, le=20)
    ] = 1
    padding: Annotated[
        Literal["same", "none"],
        meta(
            title="Padding",
            help="same: zeros around the image keep its size; none: each convolution takes kernel - 1 off it.",
            advanced=True,
        ),
    ] = "same"
    pool: Annotated[
        Literal["max", "average", "none"],
        meta(title="Pool", help="Halve the image: the largest or the mean of each 2×2 square."),
    ] = "max"


class CNNConfig(ArchitectureConfig, frozen=True, kw_only=True, tag="cnn"):
    """Stages, the dense layers behind them, and what stands between."""

    title: ClassVar[str] = "Convolutional network"
    summary: ClassVar[str] = "Small windows slide over the image and find edges, then shapes, wherever they are."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"image"})

    stages: Annotated[
        tuple[Stage, ...],
        meta(title="Stages", help="Convolutions and a pool each, first to last.", min_length=1, max_length=12),
    ] = (Stage(channels=32), Stage(channels=64))
    dense_layers: Annotated[
        tuple[Width, ...],
        meta(
            title="Dense layers",
            help="Units of each dense layer between the last stage and the output.",
            unit="units",
            max_length=10,
        ),
    ] = (128,)
    activation: Activation = "relu"
    batch_norm: BatchNorm = False
    conv_dropout: Annotated[
        float,
        meta(title="Dropout, stages", help="Share of whole feature maps left out after each stage.", ge=0, lt=1),
    ] = 0.0
    dense_dropout: Annotated[
        float,
        meta(title="Dropout, dense", help="Share of dense units left out of each training step.", ge=0, lt=1),
    ] = 0.0
    initialisation: Initialisation = "default"
    initialisation_std: InitialisationStd = 0.02

    def check(self, sample: Sample) -> None:
        """As `ArchitectureConfig.check`: whether the image gets too small on the way; names the stage."""
        self.sizes(sample)

    def sizes(self, sample: Sample) -> tuple[tuple[int, int, int], ...]:
        """Channels, height and width after each stage.

        Raises:
            UserError: nothing is left of the image; the field is the stage.
        """
        _, height, width = sample.shape
        original, num_pools = f"{height}x{width}", 0
        found = []
        for index, stage in enumerate(self.stages):
            field = f"architecture.stages[{index}]"
            so_far = f"{field}: the {original} image is {{}}x{{}} after {_count(num_pools, 'pool')}"
            lost = (stage.kernel - 1) * stage.convolutions if stage.padding == "none" else 0
            if min(height, width) <= lost:
                fits = f"and these convolutions take {lost} px off it; set this stage's padding to same"
                raise UserError(f"{so_far.format(height, width)}, {fits}.", field=field)
            height, width = height - lost, width - lost
            if stage.pool != "none":
                if min(height, width) < 2:
                    raise UserError(f"{so_far.format(height, width)}; remove this stage's pool.", field=field)
                height, width, num_pools = height // 2, width // 2, num_pools + 1
            found.append((stage.channels, height, width))
        return tuple(found)

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`."""
        from modellab.nets.cnn import CNN

        return CNN(self, sample)


def _count(number: int, noun: str) -> str:
    """A count in words: "no pools", "one pool", "two pools"."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return f"{words[number] if number < len(words) else number} {noun}{'' if number == 1 else 's'}"
