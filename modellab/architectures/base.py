"""What an architecture is: a frozen config that can build a torch module."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from modellab.config import NamedConfig
from modellab.data.base import InputKind, Sample, TaskName

if TYPE_CHECKING:
    from torch import nn

_FITTING: dict[TaskName, str] = {
    "classification": "another architecture",
    "regression": "another architecture",
    "language_modelling": "the GPT or a recurrent network",
    "translation": "the encoder-decoder Transformer",
    "masked_language_modelling": "the BERT",
}


class ArchitectureConfig(NamedConfig, frozen=True, kw_only=True):
    """A named architecture; a subclass is one file in this folder, its torch classes one file in `modellab.nets`.

    accepts: the kinds of input it can read. tasks: what it can be asked for. shows: what of its own there is to look
    into ("gates", "attention"), beside what every network has.
    """

    accepts: ClassVar[frozenset[InputKind]]
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"classification", "regression"})
    shows: ClassVar[frozenset[str]] = frozenset()

    def misfit(self, sample: Sample) -> str:
        """Why it cannot read these examples, in one sentence; empty when it can."""
        if sample.kind not in self.accepts:
            kinds = " or ".join(sorted(f"{kind}s" for kind in self.accepts))
            return f"{self.title} reads {kinds}, and this dataset has {sample.kind}s; pick another architecture."
        if sample.task not in self.tasks:
            return f"{self.title} does no {sample.task.replace('_', ' ')}; pick {_FITTING[sample.task]}."
        return ""

    def build(self, sample: Sample) -> nn.Module:
        """The module: stored-and-normalised inputs [B, *sample.shape] to logits or values [B, sample.num_outputs].

        Imports torch only when called. Weights are drawn from torch's global generator.

        Raises:
            UserError: the sizes do not work out (an image pooled away to nothing); names the field.
        """
        raise NotImplementedError
