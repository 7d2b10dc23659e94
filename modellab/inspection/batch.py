"""The first batch of an epoch as the model sees it: shuffled, normalised and augmented."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modellab.data.base import LoadedDataset
from modellab.inspection.inputs import to_model
from modellab.inspection.summary import batch_size
from modellab.training.augment import augmenter
from modellab.training.batches import permutation, seed_of
from modellab.training.options import TrainingOptions


def first_batch(
    data: LoadedDataset, options: TrainingOptions, *, epoch: int, most: int
) -> tuple[NDArray[np.int64], Tensor]:
    """Rows of the training split and their inputs float32 [B, *shape], at most `most` of the batch.

    Only this batch is read. The rows are those that training takes; on the CPU so are the random changes, a GPU draws
    others of the same kind.
    """
    num_train = len(data.train)
    size = batch_size(options, num_train=num_train)
    order = permutation(num_train, options.seed, epoch) if size < num_train else torch.arange(num_train)
    rows = order[:size]
    augment = augmenter(options.augmentation, data.sample)
    if augment is None:
        rows = rows[:most]
    # The random changes are drawn for the whole batch at once: cut down only afterwards.
    inputs = to_model(data.train.inputs[rows.numpy()], data.sample)
    if augment is not None:
        inputs = augment(inputs, torch.Generator().manual_seed(seed_of(options.seed, epoch, 0)))
    return rows[:most].numpy(), inputs[:most]
