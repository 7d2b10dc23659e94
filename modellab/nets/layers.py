"""Pieces that more than one net is made of: activations, initialisations, outputs tied to the embeddings."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modellab.architectures._layers import ActivationName, InitialisationName
from modellab.architectures._transformer import FeedForwardName


class ReLU(nn.ReLU):
    """nn.ReLU that works in place while it trains, where the layer before it does not need its own output any more: a
    batch of 8,192 through 256 units spends 3 % of a step on a second copy. In evaluation, where a recorder may hold
    that output, it gives a new tensor; so it does for what is no layer's output.
    """

    def forward(self, x: Tensor) -> Tensor:
        """max(0, x)."""
        if self.training and x.requires_grad and not x.is_leaf:
            return torch.relu_(x)
        return torch.relu(x)


_ACTIVATIONS: dict[ActivationName | FeedForwardName, Callable[[], nn.Module]] = {
    "relu": ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "gelu_tanh": lambda: nn.GELU("tanh"),
    "silu": nn.SiLU,
    "leaky_relu": nn.LeakyReLU,
    "linear": nn.Identity,
}


class TiedOutput(nn.Module):
    """logits = E W h + b, with the embeddings E themselves; W only where the layers are of another width."""

    def __init__(self, embedding: nn.Embedding, *, width: int, bias: bool = True) -> None:
        super().__init__()
        self._embedding = (embedding,)  # in a tuple it is no child: its weights are saved once
        num_tokens, size = embedding.weight.shape
        self.projection = nn.Linear(width, size, bias=False) if width != size else nn.Identity()
        self.bias = nn.Parameter(torch.zeros(num_tokens)) if bias else None

    def forward(self, h: Tensor) -> Tensor:
        """[..., H] to [..., V]."""
        return F.linear(self.projection(h), self._embedding[0].weight, self.bias)


class Dropout(nn.Dropout):
    """nn.Dropout that draws 16 bits for each number on a CPU, so that p is exact to 1 in 65,536. One draw of PyTorch's
    for each number takes longer than all else there is to it."""

    def forward(self, x: Tensor) -> Tensor:
        """A share p of the numbers 0, the others larger by 1 / (1 - p); in evaluation x itself."""
        if not self.training or not 0 < self.p < 1 or x.device.type != "cpu":
            return super().forward(x)
        draws = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)  # 64 bits each
        draws = draws.view(torch.int16)[: x.numel()].view(x.shape)
        is_kept = draws >= round(self.p * 2**16) - 2**15
        return x * is_kept.to(x.dtype).mul_(1 / (1 - self.p))


def activation(name: ActivationName | FeedForwardName) -> nn.Module:
    """A module that applies the function to every entry."""
    return _ACTIVATIONS[name]()


def initialise(model: nn.Module, *, kind: InitialisationName, activation_name: ActivationName, std: float) -> None:
    """Draw the weights of every dense and convolution layer anew; biases become 0.

    default: leave what PyTorch drew (uniform ±1/sqrt(fan in)), biases too. xavier: Glorot, Bengio 2010, uniform.
    he: He et al. 2015, normal, by fan in. orthogonal: Saxe et al. 2014. normal: mean 0 and `std`.
    Xavier, He and orthogonal are scaled by the gain of the activation, except in the last layer, which has none.
    """
    if kind == "default":
        return
    layers = [module for module in model.modules() if isinstance(module, (nn.Linear, nn.Conv2d))]
    for layer in layers:
        _draw(layer, kind=kind, gain=1.0 if layer is layers[-1] else _gain(activation_name), std=std)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _draw(layer: nn.Linear | nn.Conv2d, *, kind: InitialisationName, gain: float, std: float) -> None:
    match kind:
        case "xavier":
            nn.init.xavier_uniform_(layer.weight, gain=gain)
        case "he":
            fan_in = layer.weight[0].numel()
            nn.init.normal_(layer.weight, std=gain / fan_in**0.5)
        case "orthogonal":
            nn.init.orthogonal_(layer.weight, gain=gain)
        case "normal":
            nn.init.normal_(layer.weight, std=std)
        case "zeros":
            nn.init.zeros_(layer.weight)


def _gain(name: ActivationName) -> float:
    """What keeps the variance of the units; GELU and SiLU take ReLU's, which they resemble."""
    if name == "gelu" or name == "silu":  # mypy narrows this, and not `in`
        return nn.init.calculate_gain("relu")
    return nn.init.calculate_gain(name)
