"""The torch module of the multilayer perceptron."""

from __future__ import annotations

import math

from torch import Tensor, nn

from modellab.architectures.mlp import MLPConfig
from modellab.data.base import Sample
from modellab.nets.layers import activation, initialise


class MLP(nn.Sequential):
    """h_l = dropout(f(norm(W_l h_{l-1} + b_l))), logits or values = W h_L + b.

    A Sequential itself, not a module around one: on a step of 250 µs each extra module call would show. Its children
    are linear1, norm1, activation1, dropout1, linear2 ... output; those that would do nothing are not there.
    hidden_names: for each hidden layer the child that gives its units [B, U], for whoever looks inside.
    """

    def __init__(self, config: MLPConfig, sample: Sample) -> None:
        super().__init__()
        width = math.prod(sample.shape)
        hidden_names = []
        for number, num_units in enumerate(config.hidden_layers, 1):
            self.add_module(f"linear{number}", nn.Linear(width, num_units))
            hidden_names.append(f"linear{number}")
            if config.batch_norm:
                self.add_module(f"norm{number}", nn.BatchNorm1d(num_units))
                hidden_names[-1] = f"norm{number}"
            if config.activation != "linear":
                self.add_module(f"activation{number}", activation(config.activation))
                hidden_names[-1] = f"activation{number}"
            if config.dropout:
                self.add_module(f"dropout{number}", nn.Dropout(config.dropout))
            width = num_units
        self.output = nn.Linear(width, sample.num_outputs)
        self.hidden_names = tuple(hidden_names)
        initialise(self, kind=config.initialisation, activation_name=config.activation, std=config.initialisation_std)

    def forward(self, x: Tensor) -> Tensor:
        """Inputs [B, *shape] to logits or values [B, K]."""
        h = x.flatten(1)  # [B, D]
        for layer in self._modules.values():
            assert layer is not None
            h = layer(h)  # [B, U_l]
        return h  # [B, K]
