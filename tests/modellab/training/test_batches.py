"""Batches: whole epochs, the same everywhere, in memory or streamed."""

import threading
from itertools import islice

import numpy as np
import pytest
import torch

from modellab.data import datasets
from modellab.data.base import LoadedDataset, Sample, Split
from modellab.training.batches import Batches, normalised, permutation, seed_of

CPU = torch.device("cpu")


@pytest.fixture(params=["uint8", "float32"])
def dataset(request: pytest.FixtureRequest) -> LoadedDataset:
    """103 examples whose first value tells them apart: grey images, or rows with a value to predict."""
    rng = np.random.default_rng(0)
    if request.param == "uint8":
        inputs = rng.integers(0, 256, (103, 2, 5, 4), dtype=np.uint8)
        inputs[:, 0, 0, 0] = np.arange(103)
        targets = rng.integers(0, 3, 103)
        sample = Sample(
            kind="image",
            task="classification",
            shape=(2, 5, 4),
            classes=("a", "b", "c"),
            scale=1 / 255,
            mean=(0.4, 0.5),
            std=(0.2, 0.3),
        )
    else:
        inputs = rng.normal(size=(103, 3)).astype(np.float32)
        targets = rng.normal(5, 2, 103).astype(np.float32)
        sample = Sample(
            kind="row", task="regression", shape=(3,), mean=(1, 2, 3), std=(4, 5, 6), target_mean=5, target_std=2
        )
    split = Split(inputs=inputs, targets=targets)
    return LoadedDataset(sample=sample, train=split, validation=split)


def make(dataset: LoadedDataset, batch_size: int = 10, **options: object) -> Batches:
    return Batches(dataset.train, dataset.sample, CPU, batch_size, 7, **options)  # type: ignore[arg-type]


def equal(one: list, other: list) -> bool:
    """Bit for bit."""
    return len(one) == len(other) and all(
        torch.equal(x, a) and torch.equal(y, b) for (x, y), (a, b) in zip(one, other, strict=True)
    )


def test_that_an_epoch_is_what_plain_indexing_gives(dataset: LoadedDataset):
    batches = make(dataset)
    order = permutation(103, 7, 3)
    inputs = normalised(torch.from_numpy(dataset.train.inputs), dataset.sample)
    seen = list(batches.epoch(3))
    assert len(seen) == batches.steps_per_epoch == 11
    for step, (x, y) in enumerate(seen):
        rows = order[10 * step : 10 * step + 10]
        assert torch.equal(x, inputs[rows])
        if dataset.sample.task == "classification":
            assert torch.equal(y, torch.from_numpy(dataset.train.targets)[rows])
        else:
            wanted = (torch.from_numpy(dataset.train.targets)[rows, None] - 5) / 2
            torch.testing.assert_close(y, wanted)


def test_that_normalising_follows_the_formula(dataset: LoadedDataset):
    sample, stored = dataset.sample, dataset.train.inputs
    shape = (-1, 1, 1) if sample.kind == "image" else (-1,)
    mean, std = np.reshape(sample.mean, shape), np.reshape(sample.std, shape)
    before = stored.copy()
    ours = normalised(torch.from_numpy(stored), sample).numpy()
    np.testing.assert_allclose(ours, (stored * sample.scale - mean) / std, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(stored, before)


@pytest.mark.parametrize("options", [{}, {"drop_last": True}, {"full_batch": True}])
def test_that_streamed_batches_equal_resident_ones_bit_for_bit(dataset: LoadedDataset, options: dict):
    resident, streamed = make(dataset, **options), make(dataset, budget_bytes=0, **options)
    streamed._chunk = streamed.batch_size * 2  # several chunks
    kept = make(dataset, budget_bytes=dataset.train.inputs.nbytes, **options)
    assert resident.is_resident
    assert kept.is_resident
    assert not streamed.is_resident
    for epoch in range(2):
        assert equal(list(resident.epoch(epoch)), list(streamed.epoch(epoch)))
        assert equal(list(resident.epoch(epoch)), list(kept.epoch(epoch)))
    assert equal(list(resident.whole(16)), list(streamed.whole(16)))


@pytest.mark.parametrize("budget", [None, 0])
def test_that_an_epoch_can_be_taken_up_at_any_batch(dataset: LoadedDataset, budget: int | None):
    batches = make(dataset, budget_bytes=budget)
    batches._chunk = 30
    whole = list(batches.epoch(1))
    for start in (0, 1, 5, 10, 11):
        assert equal(list(batches.epoch(1, start=start)), whole[start:])


def test_that_every_example_comes_once_an_epoch_and_epochs_differ(dataset: LoadedDataset):
    batches = make(dataset)
    epochs = [torch.cat([x for x, _ in batches.epoch(epoch)]) for epoch in (0, 1)]
    ordered = torch.cat([x for x, _ in batches.whole(20)])
    assert not torch.equal(epochs[0], epochs[1])
    for seen in epochs:
        assert sorted(map(tuple, seen.flatten(1).tolist())) == sorted(map(tuple, ordered.flatten(1).tolist()))


def test_that_another_seed_gives_another_order(dataset: LoadedDataset):
    assert not torch.equal(permutation(103, 1, 0), permutation(103, 2, 0))
    assert torch.equal(permutation(103, 1, 4), permutation(103, 1, 4))
    assert len({seed_of(a, b) for a in range(30) for b in range(30)}) == 900


def test_that_dropping_the_last_batch_leaves_only_full_ones(dataset: LoadedDataset):
    batches = make(dataset, drop_last=True)
    assert [len(y) for _, y in batches.epoch(0)] == [10] * batches.steps_per_epoch == [10] * 10


@pytest.mark.parametrize("options", [{"full_batch": True}, {"batch_size": 1000}])
def test_that_a_full_batch_is_the_whole_split(dataset: LoadedDataset, options: dict):
    batches = make(dataset, **options)
    assert batches.steps_per_epoch == 1
    ((x, y),) = batches.epoch(0)
    assert len(x) == len(y) == 103


def test_that_the_whole_split_comes_in_order(dataset: LoadedDataset):
    x = torch.cat([inputs for inputs, _ in make(dataset).whole(7)])
    assert torch.equal(x, normalised(torch.from_numpy(dataset.train.inputs), dataset.sample))


def test_that_augmentation_is_seeded_by_the_batch_and_replaced_live(dataset: LoadedDataset):
    def noisy(inputs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        return inputs + torch.randn(inputs.shape, generator=generator)

    plain, batches = make(dataset), make(dataset, augment=noisy)
    first, second = list(batches.epoch(0)), list(batches.epoch(0))
    assert equal(first, second)
    assert not equal(first, list(plain.epoch(0)))
    assert equal(list(batches.epoch(0, start=4)), first[4:])
    assert equal(list(batches.whole(10)), list(plain.whole(10)))
    started = batches.epoch(0)
    assert torch.equal(next(started)[0], first[0][0])
    batches.augment = None
    assert torch.equal(next(started)[0], next(islice(plain.epoch(0), 1, None))[0])


def test_that_stopping_in_an_epoch_ends_the_reading_thread(dataset: LoadedDataset):
    batches = make(dataset, batch_size=1, budget_bytes=0)
    batches._chunk = 1
    epoch = batches.epoch(0)
    next(epoch)
    assert any(thread.name.startswith("batches") for thread in threading.enumerate())
    epoch.close()  # type: ignore[attr-defined]
    assert not any(thread.name.startswith("batches") for thread in threading.enumerate())


def test_that_an_error_of_the_reading_thread_reaches_the_training():
    class Broken(np.ndarray):
        def __getitem__(self, key: object) -> object:  # type: ignore[override]
            raise OSError("the disk is gone")

    inputs = np.zeros((40, 3), dtype=np.float32).view(Broken)
    sample = Sample(kind="row", task="classification", shape=(3,), classes=("a", "b"), mean=(0,) * 3, std=(1,) * 3)
    split = Split(inputs=inputs, targets=np.zeros(40, dtype=np.int64))
    with pytest.raises(OSError, match="the disk is gone"):
        list(Batches(split, sample, CPU, 4, 0, budget_bytes=0).epoch(0))


def test_that_batches_of_a_memory_map_leave_the_file_alone(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(300, dtype=np.uint8).reshape(100, 1, 1, 3))
    inputs = np.load(tmp_path / "a.npy", mmap_mode="r", allow_pickle=False)
    sample = Sample(kind="image", task="classification", shape=(1, 1, 3), classes=("a",), scale=1 / 255)
    split = Split(inputs=inputs, targets=np.zeros(100, dtype=np.int64))
    seen = [torch.cat([x for x, _ in Batches(split, sample, CPU, 8, 0, budget_bytes=b).epoch(0)]) for b in (None, 0)]
    assert torch.equal(*seen)


def test_that_a_real_dataset_makes_batches():
    dataset = datasets()["digits"]().load()
    x, y = next(make(dataset, 32).epoch(0))
    assert x.shape == (32, 1, 8, 8)
    assert y.shape == (32,)
