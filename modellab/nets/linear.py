"""The torch module of linear and softmax regression."""

from __future__ import annotations

import math
from typing import ClassVar

from torch import Tensor, nn

from modellab.data.base import Sample


class Linear(nn.Module):
    """y = W x + b, a row of W for each class or value."""

    hidden_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, sample: Sample) -> None:
        super().__init__()
        self.output = nn.Linear(math.prod(sample.shape), sample.num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Inputs [B, *shape] to logits or values [B, K]."""
        return self.output(x.flatten(1))  # [B, K]
