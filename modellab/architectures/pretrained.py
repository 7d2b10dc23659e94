"""A pretrained Hugging Face model, fine-tuned: the body from a folder, the head made for the dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec

from modellab.architectures.base import ArchitectureConfig
from modellab.config import meta
from modellab.data.base import DatasetConfig, InputKind, Sample, TaskName
from modellab.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from modellab.pretrained.folder import PretrainedFolder

FIELD = "architecture.folder"


class PretrainedConfig(ArchitectureConfig, frozen=True, kw_only=True, tag="pretrained"):
    """A folder in the Hugging Face form, and what of its model learns."""

    title: ClassVar[str] = "Pretrained model"
    summary: ClassVar[str] = (
        "A Hugging Face model from a folder on your disk, fine-tuned on the dataset, all or in part."
    )
    accepts: ClassVar[frozenset[InputKind]] = frozenset({"text", "image"})
    tasks: ClassVar[frozenset[TaskName]] = frozenset(
        {"classification", "language_modelling", "translation", "masked_language_modelling"}
    )
    shows: ClassVar[frozenset[str]] = frozenset({"attention"})
    brings: ClassVar[frozenset[str]] = frozenset({"tokenizer", "vocabulary_size", "tokenizer_file", "lower_case"})

    folder: Annotated[
        str,
        meta(
            title="Model folder",
            help="Holds config.json, model.safetensors and, for texts, the tokenizer, which then cuts the dataset's "
            "texts. Or its name below the models folder, or a hub id.",
            path="model",
        ),
    ] = ""
    train: Annotated[
        Literal["all", "last", "head", "lora"],
        meta(
            title="Train",
            help="What learns; the rest stays as it was pretrained. LoRA adds small matrices beside frozen weights (Hu "
            "et al. 2021).",
            labels={"last": "last layers", "head": "head only", "lora": "LoRA"},
        ),
    ] = "all"
    last_layers: Annotated[
        int,
        meta(
            title="Last layers",
            help="This many blocks below the head learn too.",
            ge=1,
            le=96,
            when=("train", ("last",)),
        ),
    ] = 2
    body_rate: Annotated[
        float,
        meta(
            title="Body's rate",
            help="What is pretrained learns at this times the learning rate, a new head at the whole of it.",
            gt=0,
            le=1,
            log=True,
            when=("train", ("all", "last")),
        ),
    ] = 0.05
    lora_rank: Annotated[
        int,
        meta(title="Rank", help="Columns of the small matrices.", ge=1, le=512, log=True, when=("train", ("lora",))),
    ] = 8
    lora_scale: Annotated[
        float,
        meta(
            title="Scale",
            help="What the small matrices say is multiplied with this: alpha over rank.",
            gt=0,
            le=64,
            when=("train", ("lora",)),
            advanced=True,
        ),
    ] = 2.0
    lora_dropout: Annotated[
        float,
        meta(
            title="Dropout, LoRA",
            help="Share of numbers left out of what the small matrices read.",
            ge=0,
            lt=1,
            when=("train", ("lora",)),
            advanced=True,
        ),
    ] = 0.0

    def suited(self, dataset: DatasetConfig) -> DatasetConfig:
        """The dataset, its texts cut by the folder's tokenizer.

        Raises:
            UserError: there is no such folder, or it has no tokenizer.
        """
        if not hasattr(dataset, "tokenizer_file"):
            return dataset
        from modellab.pretrained.tokens import tokenizer_file

        with naming_the_folder():
            file = tokenizer_file(self.found())
        # Whatever else the dataset says of tokenizers counts for nothing with a file.
        changes = {"tokenizer": "file", "tokenizer_file": str(file)}
        found: DatasetConfig = msgspec.structs.replace(dataset, **changes)
        return found

    def about(self) -> str:
        """What the folder holds: "bert, 6 layers"."""
        from modellab.pretrained.folder import in_words

        with naming_the_folder():
            return in_words(self.found())

    def build(self, sample: Sample) -> nn.Module:
        """As `ArchitectureConfig.build`; tokens and their kin as BERT, GPT and the encoder-decoder have them. On the
        meta device no weights are read.

        Raises:
            UserError: the folder holds no model that can be opened or does this task, or reads so long a text.
        """
        with naming_the_folder():
            from modellab.nets.pretrained import build

            return build(self, self.found(), sample)

    def keep(self, place: Path) -> None:
        """What the folder says of its model and tokenizer, without the weights: where all learn, the run's own are
        enough. Else the run goes on needing the folder."""
        if self.train == "all":
            from modellab.pretrained.folder import copy_description

            copy_description(self.found(), place)

    def rebuild(self, sample: Sample, place: Path) -> nn.Module:
        """As `build`; from what the run has kept, where it has."""
        from modellab.pretrained.folder import check_description

        if self.train != "all" or not (place / "config.json").is_file():
            return self.build(sample)
        from modellab.nets.pretrained import build

        return build(self, check_description(place), sample)

    def found(self) -> PretrainedFolder:
        """The folder, checked.

        Raises:
            UserError: as `find_pretrained`.
        """
        from modellab.pretrained.folder import find_pretrained

        if not self.folder.strip():
            raise UserError("No model folder is chosen; pick one that holds config.json and model.safetensors.")
        return find_pretrained(self.folder)


@contextmanager
def naming_the_folder() -> Iterator[None]:
    """What is wrong in here is said beside the field of the folder, unless it names another."""
    try:
        yield
    except UserError as error:
        if error.field:
            raise
        raise UserError(error.message, field=FIELD) from error
