"""What an architecture is: a frozen config that can build a torch module."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from modellab.config import NamedConfig
from modellab.data.base import InputKind, Sample

if TYPE_CHECKING:
    from torch import nn


class ArchitectureConfig(NamedConfig, frozen=True, kw_only=True):
    """A named architecture; a subclass is one file in this folder, its torch classes one file in `modellab.nets`.

    accepts: the kinds of input it can read.
    """

    accepts: ClassVar[frozenset[InputKind]]

    def misfit(self, sample: Sample) -> str:
        """Why it cannot read these examples, in one sentence; empty when it can."""
        if sample.kind not in self.accepts:
            kinds = " or ".join(sorted(f"{kind}s" for kind in self.accepts))
            return f"{self.title} reads {kinds}, and this dataset has {sample.kind}s; pick another architecture."
        return ""

    def build(self, sample: Sample) -> nn.Module:
        """The module: stored-and-normalised inputs [B, *sample.shape] to logits or values [B, sample.num_outputs].

        Imports torch only when called. Weights are drawn from torch's global generator.

        Raises:
            UserError: the sizes do not work out (an image pooled away to nothing); names the field.
        """
        raise NotImplementedError
