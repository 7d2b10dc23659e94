"""Linear and softmax regression: one layer and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from modellab.architectures.base import ArchitectureConfig
from modellab.data.base import InputKind, Sample

if TYPE_CHECKING:
    from torch import nn


class LinearConfig(ArchitectureConfig, frozen=True, kw_only=True, tag="linear"):
    """One weighted sum of the inputs for each output."""

    title: ClassVar[str] = "Linear"
    summary: ClassVar[str] = (
        "One weighted sum of the inputs for each class or value: softmax or linear regression, the baseline to beat."
    )
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"point", "row", "image"})

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`; an image is read as one long row."""
        from modellab.nets.linear import Linear

        return Linear(sample)
