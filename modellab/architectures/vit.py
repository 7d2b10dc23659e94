"""The vision Transformer: an image as a text of patches (Dosovitskiy et al. 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from modellab.architectures._transformer import TransformerConfig
from modellab.config import meta
from modellab.data.base import InputKind, Sample
from modellab.errors import UserError

if TYPE_CHECKING:
    from torch import nn


class ViTConfig(TransformerConfig, frozen=True, kw_only=True, tag="vit"):
    """Encoder blocks over square patches of an image."""

    title: ClassVar[str] = "Vision Transformer"
    summary: ClassVar[str] = "Cuts an image into patches, and every patch looks at every other."
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"image"})

    patch: Annotated[
        int,
        meta(
            title="Patch",
            help="Side of a patch; height and width of the image are multiples of it.",
            unit="px",
            ge=1,
            le=256,
        ),
    ] = 2
    pooling: Annotated[
        Literal["class_token", "mean"],
        meta(
            title="Pooling",
            help="What a class is told from: a token of its own beside the patches, or the mean of all patches.",
        ),
    ] = "class_token"

    def check(self, sample: Sample) -> None:
        """As `TransformerConfig.check`; also when patches do not cover the image."""
        super().check(sample)
        height, width = sample.shape[1:]
        if height % self.patch or width % self.patch:
            fitting = [side for side in range(1, min(height, width) + 1) if height % side == 0 and width % side == 0]
            raise UserError(
                f"Patches of {self.patch} px (architecture.patch) do not cover images of {height}x{width}; "
                f"sides that do: {', '.join(map(str, fitting))}.",
                field="architecture.patch",
            )

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`."""
        self.check(sample)
        from modellab.nets.vit import ViT

        return ViT(self, sample)
