"""What a dataset is: a frozen config, a description of one example, and splits of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.config import NamedConfig
from modellab.text.tokenizer import Tokenizer

InputKind = Literal["point", "row", "image", "text"]
Ink = Literal["centred", "upright"]
TaskName = Literal["classification", "regression", "language_modelling", "translation", "masked_language_modelling"]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One example as the model sees it, and what is asked of the model.

    kind: a table of two columns of numbers gives points, any other table rows.
    shape: of one input without the batch: (2,) a point, (D,) a row, (C, H, W) an image, (T,) a text of T tokens at most
        (language modelling: T tokens a step), (T, 2) two texts beside each other: of a translation the source and what
        is written of the target, of masked language modelling the tokens and the segment of each.
    classes: names by index; empty for regression.
    features: names of the D columns of a point or row; empty for images.
    scale, mean, std: a stored input x becomes (x * scale - mean) / std on the device; mean and std are one number a
        channel (image) or a column (point, row). Images are stored uint8 with scale 1/255.
    low, high: the range of the stored points, for the axes of a decision surface; one number a column.
    num_tokens: size of the vocabulary of a text, token 0 pads and token 1 is the unknown; 0 for other kinds.
    specials: names of the tokens behind those of the tokenizer, which no text holds ("[BEGIN]", "[MASK]"); they count
        as tokens of the vocabulary.
    ink: how what is drawn becomes an image of the dataset: "centred" by its mass as MNIST's digits are, or "upright",
        filling the height, its slant and the width of its strokes levelled.
    target_mean, target_std: regression targets are standardised with these; predictions are given back in the unit of
        the data.
    """

    kind: InputKind
    task: TaskName
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    target: str = ""
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    num_tokens: int = 0
    specials: tuple[str, ...] = ()
    ink: Ink = "centred"
    target_mean: float = 0.0
    target_std: float = 1.0

    @property
    def is_plane(self) -> bool:
        """Whether each example is a place in a plane of two numbers, over which there is a decision surface."""
        return self.kind == "point"

    @property
    def num_outputs(self) -> int:
        """Units of the last layer: one a class, one a token where tokens are predicted, one for regression."""
        if self.task in ("language_modelling", "translation", "masked_language_modelling"):
            return self.num_tokens
        return len(self.classes) if self.task == "classification" else 1

    def special(self, name: str) -> int:
        """The token of that name, which is among `specials`."""
        return self.num_tokens - len(self.specials) + self.specials.index(name)


class UnknownTexts(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the texts of a split for tokens that are not in the vocabulary; for the eye alone.

    places: of each such token in the split, ascending; its letters are letters[ends[i]:ends[i + 1]] in UTF-8.
    """

    places: NDArray[Any]
    ends: NDArray[Any]
    letters: NDArray[Any]

    def among(self, places: NDArray[np.int64]) -> dict[int, str]:
        """What stands at those of these places of the split that hold an unknown token, by index into `places`."""
        if not len(self.places):
            return {}
        ranks = np.minimum(np.searchsorted(self.places, places), len(self.places) - 1)
        found = np.flatnonzero(self.places[ranks] == places)
        return {int(index): self._text(int(ranks[index])) for index in found}

    def _text(self, rank: int) -> str:
        return self.letters[self.ends[rank] : self.ends[rank + 1]].tobytes().decode()


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Arrays of one split, stored form: inputs [N, *shape] (uint8 images or float32), targets int64 or float32 [N].

    `inputs` may be a read-only memory map of a file in the cache: what does not fit in memory streams from it.
    offsets: texts are kept end to end: inputs int32 [tokens], text i is inputs[offsets[i]:offsets[i + 1]], offsets
        int64 [N + 1]. Language modelling has one stream: inputs int32 [tokens], targets the same shifted by one
        (views of one array, each one shorter), no offsets.
        Masked language modelling: pieces of documents as texts are kept; targets int64 [N] are the pieces that have a
        neighbour, which is the next one.
    target_offsets: the targets are texts too, kept as the inputs are: int32 [tokens].
    sources: where each example comes from (a file, "row 17 of the file"), when it has a place of its own.
    unknown: of texts, what stands there for the unknown tokens among the inputs.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]
    offsets: NDArray[np.int64] | None = None
    target_offsets: NDArray[np.int64] | None = None
    sources: Sequence[str] = ()
    unknown: UnknownTexts | None = None

    def __len__(self) -> int:
        return len(self.targets) if self.target_offsets is None else len(self.target_offsets) - 1


class LoadedDataset(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset in memory. `notes`: sentences a person should read ("3 rows with a missing price were dropped").

    tokenizer: of a text dataset; the trainer saves it with the run.
    """

    sample: Sample
    train: Split
    validation: Split
    test: Split | None = None
    notes: tuple[str, ...] = ()
    tokenizer: Tokenizer | None = None

    def splits(self) -> dict[str, Split]:
        """The splits there are, by name."""
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in found.items() if split is not None}


def num_examples(split: Split, sample: Sample, *, is_shuffled: bool = False) -> int:
    """What batches are made of: the examples of a split; of a stream for language modelling, its windows, in their
    order or shuffled."""
    if sample.task == "language_modelling":
        shuffled = num_shuffled_windows(split, sample) if is_shuffled else 0
        return shuffled or max(1, len(split) // sample.shape[0])
    return len(split)


def num_batches(split: Split, sample: Sample, batch_size: int, *, is_shuffled: bool = False) -> int:
    """Batches of an epoch, the last perhaps smaller; of a stream that is not shuffled, the windows of `batch_size`
    parallel ones."""
    count = num_examples(split, sample, is_shuffled=is_shuffled)
    if sample.task == "language_modelling" and not (is_shuffled and num_shuffled_windows(split, sample)):
        return -(-(len(split) // min(batch_size, count)) // sample.shape[0])
    return -(-count // batch_size)


def num_shuffled_windows(split: Split, sample: Sample) -> int:
    """Windows of a stream that lie end to end, as many wherever within a window the first begins; 0: it is too short to
    be shuffled and is read in its order."""
    return max(0, (len(split) - sample.shape[0] + 1) // sample.shape[0])


def empty_targets(task: TaskName) -> NDArray[Any]:
    """A target array of no examples."""
    return np.empty(0, dtype=np.int64 if task == "classification" else np.float32)


class DatasetConfig(NamedConfig, frozen=True, kw_only=True):
    """A named dataset; a subclass is one file in this folder.

    title, summary: as the gallery and the picker show it. kind: what one input is. group: heading in the picker.
    tasks: what a model can learn of it; empty where that is known once it is loaded.
    """

    kind: ClassVar[InputKind]
    tasks: ClassVar[frozenset[TaskName]] = frozenset()
    group: ClassVar[Literal["Embedded", "Public", "Your own"]] = "Embedded"

    def load(self) -> LoadedDataset:
        """Read, check and split the data.

        Raises:
            UserError: a file, row or option is wrong; names it and says what to do.
        """
        raise NotImplementedError
