"""Public sets: read once, mapped afterwards, and one sentence when they are absent."""

import time
from pathlib import Path

import numpy as np
import pytest

from modellab.data import _public, datasets
from modellab.data._hub import PublicSource
from modellab.errors import UserError
from modellab.paths import cache_folder
from tests.modellab.data.conftest import write_public


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own datasets folder with a small MNIST of noise."""
    write_public(tmp_path / "hub", "mnist")
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path / "hub"))
    return tmp_path / "hub"


def mnist_files(hub: Path) -> list[Path]:
    return sorted(hub.rglob("*.parquet"))


def test_that_an_absent_set_is_one_sentence_that_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path))
    started = time.perf_counter()
    with pytest.raises(UserError) as caught:
        datasets()["fashion_mnist"]().load()
    assert time.perf_counter() - started < 20
    assert str(tmp_path / "zalando-datasets" / "fashion_mnist") in caught.value.message
    assert "the hub cannot be reached" in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.field == "dataset"


def test_that_the_second_load_reads_no_source_file(hub: Path, monkeypatch: pytest.MonkeyPatch):
    first = datasets()["mnist"]().load()
    monkeypatch.setattr(PublicSource, "tables", lambda self: pytest.fail("decoded again"))
    second = datasets()["mnist"]().load()
    np.testing.assert_array_equal(first.train.inputs, second.train.inputs)
    assert isinstance(second.train.inputs, np.memmap)
    assert not second.train.inputs.flags.writeable


def test_that_a_changed_source_is_decoded_anew_and_the_stale_copy_removed(hub: Path):
    before = datasets()["mnist"]().load()
    for path in mnist_files(hub):
        path.unlink()
    (hub / "ylecun" / "mnist" / "plain").rmdir()
    write_public(hub, "mnist", num_train=60)
    after = datasets()["mnist"]().load()
    assert len(after.train) + len(after.validation) == 60 > len(before.train) + len(before.validation)
    assert len(list((cache_folder() / "datasets").glob("*/info.json"))) == 1


@pytest.mark.parametrize("damage", ["truncated", "missing", "no info"])
def test_that_a_damaged_cache_is_made_again(hub: Path, damage: str):
    first = datasets()["mnist"]().load()
    wanted = np.array(first.train.inputs)
    (folder,) = [path.parent for path in (cache_folder() / "datasets").glob("*/info.json")]
    victim = folder / ("info.json" if damage == "no info" else "train-images.npy")
    if damage == "truncated":
        content = victim.read_bytes()
        victim.unlink()  # `first` still maps the old file
        victim.write_bytes(content[:-100])
    else:
        victim.unlink()
    np.testing.assert_array_equal(datasets()["mnist"]().load().train.inputs, wanted)


def test_that_a_damaged_parquet_file_is_named(hub: Path):
    victim = mnist_files(hub)[0]
    victim.write_bytes(victim.read_bytes()[:100])
    with pytest.raises(UserError, match=r"test-00000-of-00001\.parquet of MNIST cannot be read"):
        datasets()["mnist"]().load()


def test_that_a_failed_build_leaves_nothing_half_made(hub: Path):
    victim = mnist_files(hub)[0]
    whole = victim.read_bytes()
    victim.write_bytes(whole[:100])
    with pytest.raises(UserError):
        datasets()["mnist"]().load()
    assert not [path for path in (cache_folder() / "datasets").iterdir() if path.is_dir()]
    victim.write_bytes(whole)
    assert len(datasets()["mnist"]().load().train) == 36


def test_that_what_a_killed_process_left_is_removed(hub: Path):
    datasets()["mnist"]().load()
    (whole,) = [path.parent for path in (cache_folder() / "datasets").glob("*/info.json")]
    left = whole.with_name(f"building-{whole.name.split('-')[0]}")
    whole.rename(left)
    assert len(datasets()["mnist"]().load().train) == 36
    assert whole.is_dir()
    assert not left.exists()


def test_that_a_limit_keeps_that_many_and_every_class(hub: Path):
    dataset = datasets()["mnist"](train_limit=20).load()
    assert len(dataset.train) == 20
    assert len(np.unique(dataset.train.targets)) == 10


def test_that_mnist_is_mnist(real_datasets: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_DATASETS", str(real_datasets))
    dataset = datasets()["mnist"](validation_share=1 / 12).load()
    assert dataset.test is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (55_000, 5_000, 10_000)
    assert dataset.sample.mean == pytest.approx((0.1307,), abs=1e-3)
    assert dataset.sample.std == pytest.approx((0.3081,), abs=1e-3)
    whole = np.bincount(dataset.train.targets) + np.bincount(dataset.validation.targets)
    np.testing.assert_allclose(np.bincount(dataset.validation.targets) / whole, 1 / 12, atol=1e-3)
    assert dataset.test.targets[:5].tolist() == [7, 2, 1, 0, 4]
    monkeypatch.setattr(_public, "_decode", pytest.fail)  # its images lie in the cache now
    assert len(datasets()["mnist"]().load().train) > 50_000


def test_that_cifar10_says_how_much_of_it_is_there(real_datasets: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_DATASETS", str(real_datasets))
    dataset = datasets()["cifar10"]().load()
    assert dataset.sample.shape == (3, 32, 32)
    if len(dataset.train) + len(dataset.validation) < 50_000:
        assert "of the 50,000 official training images" in dataset.notes[0]
    else:
        assert not dataset.notes
