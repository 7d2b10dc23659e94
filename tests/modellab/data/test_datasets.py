"""Every dataset there is keeps its promises."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch

from modellab.config import field_specs, from_builtins, to_builtins
from modellab.data import DatasetConfig, Sample, Split, datasets
from modellab.text.tokenizer import PAD
from modellab.training.batches import Batches, make_batches

Example = Callable[[str], DatasetConfig]
each_dataset = pytest.mark.parametrize("name", sorted(datasets()))


def test_that_all_datasets_are_found():
    wanted = {"points", "digits", "mnist", "fashion_mnist", "cifar10", "image_folder", "table"}
    wanted |= {"words", "python_docs", "imdb", "wikitext2", "ag_news", "sst2", "hub_text"}
    wanted |= {
        "text_table",
        "text_folder",
        "text_file",
        "tiny_shakespeare",
        "dates",
        "pair_files",
        "pair_table",
        "multi30k",
    }
    assert wanted <= set(datasets())


@each_dataset
def test_that_a_dataset_is_described_for_the_picker(name: str):
    config = datasets()[name]
    assert config.title
    assert config.summary.endswith(".")
    assert all(spec.title for spec in field_specs(config))
    assert from_builtins(config, to_builtins(config())) == config()


@each_dataset
def test_that_the_first_batch_matches_the_sample(name: str, example: Example):
    dataset = example(name).load()
    sample = dataset.sample
    for split in dataset.splits().values():
        inputs, targets = next(iter(make_batches(split, sample, torch.device("cpu"), 8, 0).epoch(0)))
        if sample.task == "translation":
            check_pairs(inputs, targets, sample)
            continue
        if sample.kind == "text":
            check_tokens(inputs, targets, sample)
            continue
        assert inputs.dtype == torch.float32
        assert inputs.shape[1:] == sample.shape
        assert bool(torch.isfinite(inputs).all())
        if sample.task == "classification":
            assert targets.dtype == torch.int64
            assert 0 <= int(targets.min())
            assert int(targets.max()) < len(sample.classes)
        else:
            assert targets.dtype == torch.float32
            assert targets.shape == (len(inputs), 1)


def check_tokens(inputs: torch.Tensor, targets: torch.Tensor, sample: Sample) -> None:
    """Token ids padded on the right, and classes or the next tokens."""
    assert inputs.dtype == targets.dtype == torch.int64
    assert 1 <= inputs.shape[1] <= sample.shape[0]
    assert 0 <= int(inputs.min())
    assert int(inputs.max()) < sample.num_tokens
    is_token = inputs != PAD
    assert bool(is_token[:, 0].all())
    assert torch.equal(is_token, is_token.cummin(1).values)
    if sample.task == "language_modelling":
        assert torch.equal(inputs[:, 1:], targets[:, :-1])
        assert sample.num_outputs == sample.num_tokens
    else:
        assert targets.shape == (len(inputs),)
        assert int(targets.max()) < len(sample.classes) == sample.num_outputs


def check_pairs(inputs: torch.Tensor, targets: torch.Tensor, sample: Sample) -> None:
    """A source, and a target behind its begin token, which is to be written up to its end token."""
    assert inputs.dtype == targets.dtype == torch.int64
    assert len(inputs) == len(targets)
    assert 1 <= inputs.shape[1] <= sample.shape[0]
    assert inputs.shape[2] == sample.shape[1] == 2
    assert 0 <= int(inputs.min())
    assert int(max(inputs.max(), targets.max())) < sample.num_tokens == sample.num_outputs
    for (source, shifted), target in zip(zip(*inputs.unbind(2), strict=True), targets, strict=True):
        length = int((target != PAD).sum())
        assert bool((target[:length] != PAD).all())
        assert bool((source != PAD)[: int((source != PAD).sum())].all())
        assert int(target[length - 1]) == sample.special("[END]")
        assert int(shifted[0]) == sample.special("[BEGIN]")
        assert torch.equal(shifted[1:length], target[: length - 1])
        assert not shifted[length:].any()


@each_dataset
def test_that_a_dataset_of_text_comes_with_its_tokenizer(name: str, example: Example):
    dataset = example(name).load()
    if dataset.sample.kind != "text":
        assert dataset.tokenizer is None
        return
    assert dataset.tokenizer is not None
    assert dataset.tokenizer.size + len(dataset.sample.specials) == dataset.sample.num_tokens
    assert len(dataset.tokenizer.decode(dataset.train.inputs[:20].tolist())) > 5


@each_dataset
def test_that_the_training_inputs_are_normalised(name: str, example: Example):
    dataset = example(name).load()
    if dataset.sample.kind == "text":
        return
    inputs = torch.cat(
        [inputs for inputs, _ in Batches(dataset.train, dataset.sample, torch.device("cpu"), 64, 0).whole(64)]
    )
    axes = (0, 2, 3) if dataset.sample.kind == "image" else (0,)
    standardised = torch.tensor(dataset.sample.std) != 1.0
    torch.testing.assert_close(inputs.mean(axes)[standardised], torch.zeros(int(standardised.sum())), atol=1e-4, rtol=0)
    torch.testing.assert_close(
        inputs.std(axes, correction=0)[standardised], torch.ones(int(standardised.sum())), atol=1e-3, rtol=0
    )


@each_dataset
def test_that_the_same_config_gives_the_same_data(name: str, example: Example):
    config = example(name)
    first, second = config.load(), config.load()
    assert first.sample == second.sample
    for split, same in zip(first.splits().values(), second.splits().values(), strict=True):
        np.testing.assert_array_equal(split.inputs, same.inputs)
        np.testing.assert_array_equal(split.targets, same.targets)


@each_dataset
def test_that_the_splits_are_disjoint(name: str, example: Example):
    dataset = example(name).load()
    splits = dataset.splits()
    if dataset.sample.kind == "text":
        rows = [texts_of(split) for split in splits.values()]
    else:
        rows = [{np.asarray(row).tobytes() for row in split.inputs} for split in splits.values()]
    assert all(not one & other for one, other in pairwise(rows))
    assert not rows[0] & rows[-1]


def texts_of(split: Split) -> set[bytes]:
    """Each text's tokens; a stream is one text."""
    offsets = np.array([0, len(split.inputs)]) if split.offsets is None else split.offsets
    return {np.asarray(split.inputs[start:stop]).tobytes() for start, stop in pairwise(offsets.tolist())}


@each_dataset
def test_that_the_training_split_has_every_class(name: str, example: Example):
    dataset = example(name).load()
    if dataset.sample.task == "classification":
        assert set(np.unique(dataset.train.targets)) == set(range(len(dataset.sample.classes)))


@pytest.mark.parametrize("shape", ["xor", "circles", "moons", "gaussians", "spirals", "plane", "gaussian"])
@pytest.mark.parametrize("num_classes", [2, 5, 10])
def test_that_points_of_every_shape_stay_near_the_unit_square(shape: str, num_classes: int):
    config = from_builtins(datasets()["points"], {"name": "points", "shape": shape, "num_classes": num_classes})
    dataset = config.load()
    any_classes = shape in ("circles", "gaussians", "spirals")
    wanted = 0 if dataset.sample.task == "regression" else num_classes if any_classes else 2
    assert len(dataset.sample.classes) == wanted
    assert min(dataset.sample.low) > -1.6
    assert max(dataset.sample.high) < 1.6


def test_that_another_seed_gives_other_points():
    points = datasets()["points"]
    one, other = points(seed=1).load(), points(seed=2).load()
    assert not np.array_equal(one.train.inputs, other.train.inputs)


def test_that_a_noiseless_xor_is_the_sign_of_the_product():
    split = datasets()["points"](shape="xor", noise=0.0).load().train
    np.testing.assert_array_equal(split.targets, (split.inputs[:, 0] * split.inputs[:, 1] < 0).astype(int))


def test_that_digits_equal_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    found = load_digits()
    dataset = datasets()["digits"]().load()
    ours = np.concatenate([dataset.train.inputs, dataset.validation.inputs]).reshape(-1, 64)
    assert len(ours) == 1797
    back = np.round(ours.astype(float) * 16 / 255)
    assert {row.tobytes() for row in back} == {row.tobytes() for row in found.data}


def test_that_the_digits_split_is_stratified():
    dataset = datasets()["digits"]().load()
    shares = np.bincount(dataset.validation.targets) / (
        np.bincount(dataset.train.targets) + np.bincount(dataset.validation.targets)
    )
    np.testing.assert_allclose(shares, 0.2, atol=0.01)
