"""The torch module of the convolutional network."""

from __future__ import annotations

import math

from torch import Tensor, nn

from modellab.architectures.cnn import CNNConfig, Stage
from modellab.data.base import Sample
from modellab.nets.layers import activation, initialise


class CNN(nn.Module):
    """Stages of dropout(pool(f(norm(W * x)))), then dense layers dropout(f(norm(W h + b))), then W h + b.

    Children: stages.conv1_1, norm1_1, activation1_1, conv1_2 ... pool1, dropout1; head.linear1, norm1, activation1,
    dropout1 ... output.
    map_names: for each convolution the module that gives its feature maps [B, C, H, W].
    hidden_names: for each dense layer the module that gives its units [B, U].
    """

    def __init__(self, config: CNNConfig, sample: Sample) -> None:
        super().__init__()
        features = math.prod(config.sizes(sample)[-1])
        self.stages = nn.Sequential()
        self.head = nn.Sequential()
        self.map_names: tuple[str, ...] = ()
        self.hidden_names: tuple[str, ...] = ()
        channels = sample.shape[0]
        for number, stage in enumerate(config.stages, 1):
            self._add_stage(config, stage, number=number, channels=channels)
            channels = stage.channels
        for number, num_units in enumerate(config.dense_layers, 1):
            self._add_dense(config, number=number, features=features, num_units=num_units)
            features = num_units
        self.head.add_module("output", nn.Linear(features, sample.num_outputs))
        initialise(self, kind=config.initialisation, activation_name=config.activation, std=config.initialisation_std)

    def forward(self, x: Tensor) -> Tensor:
        """Images [B, C, H, W] to logits or values [B, K]."""
        maps = self.stages(x)  # [B, C', H', W']
        return self.head(maps.flatten(1))  # [B, K]

    def _add_stage(self, config: CNNConfig, stage: Stage, *, number: int, channels: int) -> None:
        padding = stage.kernel // 2 if stage.padding == "same" else 0
        for place in range(1, stage.convolutions + 1):
            name = f"{number}_{place}"
            self.stages.add_module(f"conv{name}", nn.Conv2d(channels, stage.channels, stage.kernel, padding=padding))
            last = f"stages.conv{name}"
            if config.batch_norm:
                self.stages.add_module(f"norm{name}", nn.BatchNorm2d(stage.channels))
                last = f"stages.norm{name}"
            if config.activation != "linear":
                self.stages.add_module(f"activation{name}", activation(config.activation))
                last = f"stages.activation{name}"
            self.map_names += (last,)
            channels = stage.channels
        if stage.pool != "none":
            self.stages.add_module(f"pool{number}", nn.MaxPool2d(2) if stage.pool == "max" else nn.AvgPool2d(2))
        if config.conv_dropout:
            self.stages.add_module(f"dropout{number}", nn.Dropout2d(config.conv_dropout))

    def _add_dense(self, config: CNNConfig, *, number: int, features: int, num_units: int) -> None:
        self.head.add_module(f"linear{number}", nn.Linear(features, num_units))
        last = f"head.linear{number}"
        if config.batch_norm:
            self.head.add_module(f"norm{number}", nn.BatchNorm1d(num_units))
            last = f"head.norm{number}"
        if config.activation != "linear":
            self.head.add_module(f"activation{number}", activation(config.activation))
            last = f"head.activation{number}"
        self.hidden_names += (last,)
        if config.dense_dropout:
            self.head.add_module(f"dropout{number}", nn.Dropout(config.dense_dropout))
