"""What an architecture is: a frozen config that can build a torch module."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ClassVar

from modellab.config import NamedConfig
from modellab.data.base import DatasetConfig, InputKind, Sample, TaskName
from modellab.errors import UserError
from modellab.registry import walk

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn


class ArchitectureConfig(NamedConfig, frozen=True, kw_only=True):
    """A named architecture; a subclass is one file in this folder, its torch classes one file in `modellab.nets`.

    accepts: the kinds of input it can read. tasks: what it can be asked for. shows: what of its own there is to look
    into ("gates", "attention"), beside what every network has. brings: options of a dataset that it decides itself.
    """

    accepts: ClassVar[frozenset[InputKind]]
    tasks: ClassVar[frozenset[TaskName]] = frozenset({"classification", "regression"})
    shows: ClassVar[frozenset[str]] = frozenset()
    brings: ClassVar[frozenset[str]] = frozenset()

    def misfit(self, sample: Sample) -> str:
        """Why it cannot read these examples, in one sentence; empty when it can."""
        problem = self.misfit_of_kind(sample)
        if problem:
            return problem
        try:
            self.check(sample)
        except UserError as error:
            return error.message
        return ""

    def misfit_of_kind(self, sample: Sample) -> str:
        """As `misfit`, as far as the kind of input and the task tell."""
        if sample.kind not in self.accepts:
            kinds = " or ".join(sorted(f"{kind}s" for kind in self.accepts))
            return f"{self.title} reads {kinds}, and this dataset has {sample.kind}s; pick another architecture."
        if sample.task not in self.tasks:
            return f"{self.title} does no {sample.task.replace('_', ' ')}; pick {_fitting(sample.kind, sample.task)}."
        return ""

    def check(self, sample: Sample) -> None:
        """Whether its options work out for examples of a kind and task that it takes.

        Raises:
            UserError: they do not; names the field.
        """

    def suited(self, dataset: DatasetConfig) -> DatasetConfig:
        """The dataset as it reads it: with options of its own where it brings some.

        Raises:
            UserError: what it brings is not there.
        """
        return dataset

    def about(self) -> str:
        """What it is, in a few words for a person, where its options do not tell.

        Raises:
            UserError: what it is made from is not there.
        """
        return ""

    def build(self, sample: Sample) -> nn.Module:
        """The module: stored-and-normalised inputs [B, *sample.shape] to logits or values [B, sample.num_outputs].

        Imports torch only when called. Weights are drawn from torch's global generator.

        Raises:
            UserError: the sizes do not work out (an image pooled away to nothing); names the field.
        """
        raise NotImplementedError

    def keep(self, place: Path) -> None:
        """Put what `rebuild` needs and the recipe does not hold into a folder of the run, which is then made.

        Raises:
            OSError: it cannot be written.
        """

    def rebuild(self, sample: Sample, place: Path) -> nn.Module:
        """As `build`, of a run whose weights are then loaded; place: where `keep` put what it needs.

        Raises:
            UserError: as `build`.
        """
        return self.build(sample)


@functools.cache
def _fitting(kind: InputKind, task: TaskName) -> str:
    """The architectures that read such inputs and can be asked for that, in words."""
    entries = walk("modellab.architectures", ArchitectureConfig)
    titles = [entry.title for entry in entries if kind in entry.accepts and task in entry.tasks]
    if not titles:
        return "another dataset"
    return f"{', '.join(titles[:-1])} or {titles[-1]}" if len(titles) > 1 else titles[0]
