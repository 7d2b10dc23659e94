"""The torch module of the vision Transformer."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from modellab.architectures.vit import ViTConfig
from modellab.data.base import Sample
from modellab.nets.layers import Dropout
from modellab.nets.transformer import Block, Positions, final_norm, initialise


class ViT(nn.Module):
    """h^0 = [c; P x_1; ...; P x_N] + p, h^l = block_l(h^{l-1}), logits = W pool(norm(h^L)) + b.

    grid: patches down and across. class_token: [1, 1, D], None where patches are averaged; it stands at place 0 of what
    the blocks read. blocks, norm: as an encoder has them.
    """

    def __init__(self, config: ViTConfig, sample: Sample) -> None:
        super().__init__()
        channels, height, width = sample.shape
        self.grid = (height // config.patch, width // config.patch)
        has_class = config.pooling == "class_token"
        self.class_token = nn.Parameter(torch.randn(1, 1, config.width) * 0.02) if has_class else None
        self.patches = nn.Conv2d(channels, config.width, config.patch, stride=config.patch)
        length = self.grid[0] * self.grid[1] + has_class
        self.positions = Positions(config.positions, length, width=config.width, num_heads=config.num_heads)
        self.dropout = Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = final_norm(config)
        self.output = nn.Linear(config.width, sample.num_outputs)
        initialise(self, num_residuals=2 * config.num_layers)

    def forward(self, x: Tensor) -> Tensor:
        """Images [B, C, H, W] to logits or values [B, K]."""
        h = self.hidden(x)  # [B, T, D]
        return cast(Tensor, self.output(h.mean(1) if self.class_token is None else h[:, 0]))

    def hidden(self, x: Tensor) -> Tensor:
        """The normalised states above the last block, [B, T, D], the class token first where there is one."""
        h = self.patches(x).flatten(2).transpose(1, 2)  # [B, N, D], row by row
        if self.class_token is not None:
            h = torch.cat([self.class_token.expand(len(h), -1, -1), h], dim=1)  # [B, T, D]
        h = self.dropout(self.positions(h))
        rotation = self.positions.rotation(h.shape[1])
        for block in self.blocks:
            h = block(h, rotation=rotation)
        return cast(Tensor, self.norm(h))
