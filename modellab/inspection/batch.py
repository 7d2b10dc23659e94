"""The first batch of an epoch as the model sees it: shuffled, normalised and augmented, or padded."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from modellab.architectures.base import ArchitectureConfig
from modellab.data.base import LoadedDataset, Sample, num_examples
from modellab.inspection.inputs import to_model
from modellab.training.augment import augmenter
from modellab.training.batches import Batches, permutation, seed_of
from modellab.training.masked_batches import MaskedBatches
from modellab.training.options import TrainingOptions
from modellab.training.setup import training_batches
from modellab.training.streams import carries
from modellab.training.text_batches import Indices, StreamBatches


class FirstBatch(NamedTuple):
    """rows: of the training split, int64 [B]. inputs: float32 [B, *shape] or int64 [B, T].

    The row of a pair of pieces is the first of them; that of a window the number of the window it begins in, and
    starts, of windows alone, says at which tokens of the stream they begin, int64 [B].
    """

    rows: Indices
    inputs: Tensor
    starts: Indices | None = None


def first_batch(
    architecture: ArchitectureConfig, data: LoadedDataset, options: TrainingOptions, *, epoch: int, most: int
) -> FirstBatch:
    """What training takes first in that epoch, at most `most` of the batch. Only this batch is read.

    On the CPU the random changes are those of training, a GPU draws others of the same kind.
    """
    if data.sample.kind == "text":
        return _first_texts(architecture, data, options, epoch=epoch, most=most)
    num_train = num_examples(data.train, data.sample)
    size = options.examples_a_pass(num_train)
    order = permutation(num_train, options.seed, epoch) if size < num_train else torch.arange(num_train)
    rows = order[:size]
    augment = augmenter(options.augmentation, data.sample)
    if augment is None:
        rows = rows[:most]
    # The random changes are drawn for the whole batch at once: cut down only afterwards.
    inputs = to_model(data.train.inputs[rows.numpy()], data.sample)
    if augment is not None:
        inputs = augment(inputs, torch.Generator().manual_seed(seed_of(options.seed, epoch, 0)))
    return FirstBatch(rows=rows[:most].numpy(), inputs=inputs[:most])


def reads_shuffled(architecture: ArchitectureConfig, sample: Sample) -> bool:
    """Whether training gives it the windows of a stream shuffled, as it carries nothing from one to the next.

    Raises:
        UserError: the sizes do not work out, as `ArchitectureConfig.build`.
    """
    return sample.task == "language_modelling" and not carries(_pretended(architecture, sample))


def _first_texts(
    architecture: ArchitectureConfig, data: LoadedDataset, options: TrainingOptions, *, epoch: int, most: int
) -> FirstBatch:
    model, device = _pretended(architecture, data.sample), torch.device("cpu")
    batches = training_batches(model, data, options, device, budget_bytes=0)
    assert not isinstance(batches, Batches), "texts come in batches of their own"
    inputs, _ = next(batches.epoch(epoch))
    shown = (inputs if inputs.ndim == 2 else inputs[..., 0])[:most]  # of two texts beside each other, the one read
    if isinstance(batches, StreamBatches):
        starts = batches.first_starts(epoch)[:most]
        return FirstBatch(rows=starts // data.sample.shape[0], inputs=shown, starts=starts)
    rows = batches.rows(epoch)[0][:most]
    return FirstBatch(rows=data.train.targets[rows] if isinstance(batches, MaskedBatches) else rows, inputs=shown)


def _pretended(architecture: ArchitectureConfig, sample: Sample) -> nn.Module:
    """The module on the meta device: nothing is allocated."""
    with torch.device("meta"):
        return architecture.build(sample)
