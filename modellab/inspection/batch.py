"""The first batch of an epoch as the model sees it: shuffled, normalised and augmented, or padded."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from modellab.data.base import LoadedDataset, num_examples
from modellab.inspection.inputs import to_model
from modellab.inspection.summary import batch_size
from modellab.training.augment import augmenter
from modellab.training.batches import permutation, seed_of
from modellab.training.masked_batches import MaskedBatches
from modellab.training.options import TrainingOptions
from modellab.training.pair_batches import PairBatches
from modellab.training.text_batches import StreamBatches, TextBatches


def first_batch(
    data: LoadedDataset, options: TrainingOptions, *, epoch: int, most: int
) -> tuple[NDArray[np.int64], Tensor]:
    """Rows of the training split and their inputs, at most `most` of the batch: float32 [B, *shape] or int64 [B, T].

    Only this batch is read. The rows are those that training takes; on the CPU so are the random changes, a GPU draws
    others of the same kind. The rows of language modelling are its windows, those at which the streams begin.
    """
    num_train = num_examples(data.train, data.sample)
    size = batch_size(options, num_train=num_train)
    if data.sample.kind == "text":
        return _first_texts(data, options, size=size, epoch=epoch, most=most)
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


def _first_texts(
    data: LoadedDataset, options: TrainingOptions, *, size: int, epoch: int, most: int
) -> tuple[NDArray[np.int64], Tensor]:
    device = torch.device("cpu")
    if data.sample.task == "language_modelling":
        streams = StreamBatches(data.train, data.sample, device, size, budget_bytes=0)
        inputs, _ = next(streams.epoch(epoch))
        windows = np.arange(len(inputs)) * (len(data.train) // len(inputs)) // data.sample.shape[0]
        return windows[:most], inputs[:most]
    if data.sample.task == "masked_language_modelling":
        masked = MaskedBatches(data.train, data.sample, device, size, options.seed)
        inputs, _ = next(masked.epoch(epoch))
        return np.arange(len(inputs))[:most], inputs[:most, :, 0]
    if data.sample.task == "translation":
        pairs = PairBatches(data.train, data.sample, device, size, options.seed)
        rows = pairs.rows(epoch)[0][:most]
        return rows, pairs.made(rows)[0][:, :, 0]
    batches = TextBatches(data.train, data.sample, device, size, options.seed, budget_bytes=0)
    inputs, _ = next(batches.epoch(epoch))
    return batches.rows(epoch)[0][:most], inputs[:most]
