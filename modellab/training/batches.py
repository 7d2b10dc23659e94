"""Batches: a dataset on the device, shuffled by (seed, epoch) alone and cut up with next to no work a step."""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from modellab.data.base import Sample, Split
from modellab.text.tokenizer import UNKNOWN
from modellab.training.augment import Augment
from modellab.training.devices import free_memory
from modellab.training.masked_batches import MaskedBatches
from modellab.training.pair_batches import PairBatches
from modellab.training.text_batches import StreamBatches, TextBatches

_MAX_CHUNK_BATCHES = 256
_CPU_CHUNK_BYTES = 2 * 2**20  # stays in the cache between gathering and training; larger ones were slower
_GPU_CHUNK_BYTES = 64 * 2**20
_AHEAD = 2
# Bytes as float32 up to which uint8 images are normalised once. Larger ones stay uint8 and are normalised by chunk:
# with MNIST that costs 2 µs a batch and saves 100 ms at the start and 180 MB.
_SMALL_BYTES = 16 * 2**20


class Batches:
    """Normalised float32 inputs and targets (int64 [B]; regression: standardised float32 [B, 1]), batch after batch.

    A split of at most `budget_bytes` (default: a share of the device's free memory) goes to the device whole, others
    are read chunk by chunk ahead of the training; the batches are the same, bit for bit. A step takes a view of a chunk
    that was gathered and normalised for many steps at once, which costs less than indexing for every step.

    augment: applied to each training batch, with a generator seeded by (seed, epoch, batch); may be replaced any time.
    """

    def __init__(
        self,
        split: Split,
        sample: Sample,
        device: torch.device,
        batch_size: int,
        seed: int,
        *,
        full_batch: bool = False,
        augment: Augment | None = None,
        drop_last: bool = False,
        budget_bytes: int | None = None,
    ) -> None:
        assert len(split) > 0, "a split has examples"
        self.augment = augment
        self.device = device
        self.batch_size = len(split) if full_batch else min(batch_size, len(split))
        self._num_examples = len(split)
        self._sample = sample
        self._seed = seed
        self._shuffles = self.batch_size < len(split)  # the gradient of all examples knows no order
        whole_batches = self._num_examples // self.batch_size
        self.steps_per_epoch = whole_batches if drop_last else -(-self._num_examples // self.batch_size)
        self._used = min(self.steps_per_epoch * self.batch_size, self._num_examples)
        self._generator = Generator(device=device)
        self._targets = stored_targets(split.targets, sample).to(device)
        budget = free_memory(device) // 4 if budget_bytes is None else budget_bytes
        self._source = _source(split.inputs, sample, device, budget)
        example_bytes = 4 * int(np.prod(sample.shape))
        chunk_bytes = _CPU_CHUNK_BYTES if device.type == "cpu" else _GPU_CHUNK_BYTES
        fitting = chunk_bytes // max(1, example_bytes * self.batch_size)
        self._chunk = self.batch_size * min(_MAX_CHUNK_BATCHES, max(1, fitting))

    @property
    def is_resident(self) -> bool:
        """Whether the whole split is on the device."""
        return isinstance(self._source, _Resident)

    def epoch(self, epoch: int, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from batch `start` on, in the order that (seed, epoch) gives."""
        step = start
        order = permutation(self._num_examples, self._seed, epoch) if self._shuffles else None
        for inputs, targets in self._chunks(order, start * self.batch_size, self._used, self._chunk):
            for batch in zip(inputs.split(self.batch_size), targets.split(self.batch_size), strict=True):
                if self.augment is None:
                    yield batch
                else:
                    self._generator.manual_seed(seed_of(self._seed, epoch, step))
                    yield self.augment(batch[0], self._generator), batch[1]
                step += 1

    def whole(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Every example once, in stored order, unaugmented, for evaluation."""
        size = min(batch_size, self._num_examples)
        chunk = size * max(1, self._chunk // size)
        for inputs, targets in self._chunks(None, 0, self._num_examples, chunk):
            yield from zip(inputs.split(size), targets.split(size), strict=True)

    def _chunks(self, order: Tensor | None, start: int, stop: int, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Many batches at once; `order` None is the stored order."""
        if start >= stop:
            return
        if order is None:
            whole = stop - start if isinstance(self._source, _Resident) and self._source.is_normalised else size
            for place, inputs in self._source.in_order(start, stop, whole):
                yield inputs, self._targets[place : place + len(inputs)]
            return
        on_device = order.to(self.device)
        for place, inputs in self._source.gathered(order, on_device, start, stop, size):
            yield inputs, self._targets.index_select(0, on_device[place : place + len(inputs)])


AnyBatches = Batches | TextBatches | StreamBatches | PairBatches | MaskedBatches


def make_batches(
    split: Split,
    sample: Sample,
    device: torch.device,
    batch_size: int,
    seed: int,
    *,
    full_batch: bool = False,
    augment: Augment | None = None,
    drop_last: bool = False,
    is_shuffled: bool = False,
    budget_bytes: int | None = None,
) -> AnyBatches:
    """The batches that suit the examples: arrays, labelled texts or a stream of tokens.

    is_shuffled: the windows of a stream need not come in their order, as the model carries no state.
    """
    if sample.kind != "text":
        return Batches(
            split,
            sample,
            device,
            batch_size,
            seed,
            full_batch=full_batch,
            augment=augment,
            drop_last=drop_last,
            budget_bytes=budget_bytes,
        )
    budget = free_memory(device) // 4 if budget_bytes is None else budget_bytes
    if sample.task == "language_modelling":
        return StreamBatches(
            split,
            sample,
            device,
            batch_size,
            seed,
            full_batch=full_batch,
            is_shuffled=is_shuffled,
            budget_bytes=budget,
        )
    if sample.task == "translation":
        return PairBatches(split, sample, device, batch_size, seed, full_batch=full_batch)
    if sample.task == "masked_language_modelling":
        return MaskedBatches(split, sample, device, batch_size, seed, full_batch=full_batch)
    return TextBatches(
        split, sample, device, batch_size, seed, full_batch=full_batch, drop_last=drop_last, budget_bytes=budget
    )


def blank_example(sample: Sample, batch: int, *, device: torch.device | None = None) -> Tensor:
    """Inputs of no meaning in the form a model reads: float32 zeros [B, *shape], or longest texts int64 [B, T] or
    [B, T, 2] of unknown tokens (padding would be no text). Without a device it is made on the default one, perhaps
    meta."""
    if sample.kind == "text":
        return torch.full((batch, *sample.shape), UNKNOWN, dtype=torch.int64, device=device)
    return torch.zeros((batch, *sample.shape), device=device)


class _Resident:
    """Inputs on the device, normalised where there is room for it."""

    def __init__(self, inputs: NDArray[np.generic], sample: Sample, device: torch.device, *, normalise: bool) -> None:
        stored = torch.from_numpy(np.array(inputs)).to(device)  # a copy: a memory map is read-only
        self.is_normalised = normalise
        self._inputs = normalised(stored, sample) if normalise else stored
        self._sample = sample

    def in_order(self, start: int, stop: int, size: int) -> Iterator[tuple[int, Tensor]]:
        for place in range(start, stop, size):
            yield place, self._ready(self._inputs[place : min(place + size, stop)])

    def gathered(
        self, order: Tensor, on_device: Tensor, start: int, stop: int, size: int
    ) -> Iterator[tuple[int, Tensor]]:
        for place in range(start, stop, size):
            yield place, self._ready(self._inputs.index_select(0, on_device[place : min(place + size, stop)]))

    def _ready(self, inputs: Tensor) -> Tensor:
        return inputs if self.is_normalised else normalised(inputs, self._sample)


class _Streamed:
    """Inputs in memory or in a file: a thread reads the next chunks while the device works on this one."""

    def __init__(self, inputs: NDArray[np.generic], sample: Sample, device: torch.device) -> None:
        self._inputs = inputs
        self._sample = sample
        self._device = device

    def in_order(self, start: int, stop: int, size: int) -> Iterator[tuple[int, Tensor]]:
        def read(place: int) -> Tensor:
            return self._pinned(self._inputs[place : min(place + size, stop)])

        yield from self._ahead(read, start, stop, size)

    def gathered(
        self, order: Tensor, on_device: Tensor, start: int, stop: int, size: int
    ) -> Iterator[tuple[int, Tensor]]:
        indices = order.numpy()

        def read(place: int) -> Tensor:
            wanted = indices[place : min(place + size, stop)]
            ascending = np.argsort(wanted)  # a file is read fastest from front to back
            gathered = self._empty(len(wanted))
            gathered.numpy()[ascending] = self._inputs[wanted[ascending]]
            return gathered

        yield from self._ahead(read, start, stop, size)

    def _ahead(self, read: Callable[[int], Tensor], start: int, stop: int, size: int) -> Iterator[tuple[int, Tensor]]:
        with ThreadPoolExecutor(1, thread_name_prefix="batches") as reader:
            waiting: collections.deque[tuple[int, Future[Tensor]]] = collections.deque()
            places = iter(range(start, stop, size))
            try:
                for place in places:
                    waiting.append((place, reader.submit(read, place)))
                    if len(waiting) > _AHEAD:
                        yield self._delivered(*waiting.popleft())
                while waiting:
                    yield self._delivered(*waiting.popleft())
            finally:  # whoever stops in the middle of an epoch waits for one chunk at most
                for _, future in waiting:
                    future.cancel()

    def _delivered(self, place: int, future: Future[Tensor]) -> tuple[int, Tensor]:
        # The pinned memory goes back to torch's own pool, which hands it out again only when the copy is done.
        return place, normalised(future.result().to(self._device, non_blocking=True), self._sample)

    def _pinned(self, rows: NDArray[np.generic]) -> Tensor:
        tensor = self._empty(len(rows))
        tensor.numpy()[:] = rows
        return tensor

    def _empty(self, count: int) -> Tensor:
        dtype = torch.uint8 if self._inputs.dtype == np.uint8 else torch.float32
        return torch.empty((count, *self._inputs.shape[1:]), dtype=dtype, pin_memory=self._device.type == "cuda")


def normalised(inputs: Tensor, sample: Sample) -> Tensor:
    """Stored inputs [B, *sample.shape] as the model sees them: (x * scale - mean) / std in float32, a new tensor."""
    shape = (1, -1, 1, 1) if sample.kind == "image" else (1, -1)
    mean = torch.tensor(sample.mean, dtype=torch.float32, device=inputs.device).view(shape)
    std = torch.tensor(sample.std, dtype=torch.float32, device=inputs.device).view(shape)
    return inputs.to(torch.float32, copy=True).mul_(sample.scale).sub_(mean).div_(std)


def stored_targets(targets: NDArray[np.generic], sample: Sample) -> Tensor:
    """Class indices int64 [N], or values standardised to float32 [N, 1]."""
    if sample.task == "classification":
        return torch.from_numpy(np.array(targets, dtype=np.int64))
    standard = (np.asarray(targets, dtype=np.float64) - sample.target_mean) / sample.target_std
    return torch.from_numpy(standard.astype(np.float32)[:, None])


def permutation(count: int, seed: int, epoch: int) -> Tensor:
    """The order of `count` examples in an epoch; drawn on the CPU, so that it is the same for every device."""
    return torch.randperm(count, generator=Generator().manual_seed(seed_of(seed, epoch)))


def seed_of(*numbers: int) -> int:
    """A seed for a generator out of several numbers; neighbouring ones give unrelated seeds."""
    text = ",".join(map(str, numbers)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1


def _source(inputs: NDArray[np.generic], sample: Sample, device: torch.device, budget: int) -> _Resident | _Streamed:
    if inputs.nbytes > budget:
        return _Streamed(inputs, sample, device)
    float_bytes = 4 * inputs.size
    small = float_bytes <= min(_SMALL_BYTES, budget)
    return _Resident(inputs, sample, device, normalise=small or float_bytes <= inputs.nbytes)
