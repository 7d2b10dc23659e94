"""Augmentation: each change does what it says, drawn for each image, on normalised values."""

import pytest
import torch

from modellab.data.base import Sample
from modellab.training.augment import augmenter, without_effect
from modellab.training.options import Augmentation

SAMPLE = Sample(
    kind="image",
    task="classification",
    shape=(2, 12, 16),
    classes=("a", "b"),
    scale=1 / 255,
    mean=(0.25, 0.5),
    std=(0.5, 0.25),
)
ROWS = Sample(kind="row", task="classification", shape=(5,), classes=("a", "b"))
BACKGROUND = torch.tensor([-0.5, -2.0]).view(1, 2, 1, 1)


def images(count: int = 64) -> torch.Tensor:
    """Normalised noise with a margin of background."""
    inside = torch.randn(count, 2, 12, 16, generator=torch.Generator().manual_seed(1))
    mask = torch.zeros(12, 16, dtype=torch.bool)
    mask[3:-3, 4:-4] = True
    return torch.where(mask, inside, BACKGROUND)


def changed(inputs: torch.Tensor, seed: int = 0, sample: Sample = SAMPLE, **options: object) -> torch.Tensor:
    augment = augmenter(Augmentation(**options), sample)  # type: ignore[arg-type]
    assert augment is not None
    return augment(inputs, torch.Generator().manual_seed(seed))


def test_that_nothing_on_is_nothing_done():
    assert augmenter(Augmentation(), SAMPLE) is None
    assert augmenter(Augmentation(flip=True, shift=0.1, crop=2, cutout=3, rotation=9, scale=0.1), ROWS) is None


@pytest.mark.parametrize(
    "options",
    [
        {"shift": 0.2},
        {"flip": True},
        {"rotation": 20.0},
        {"scale": 0.3},
        {"crop": 3},
        {"cutout": 5},
        {"noise": 0.1},
        {"shift": 0.1, "flip": True, "rotation": 5.0, "scale": 0.1, "crop": 1, "cutout": 2, "noise": 0.01},
    ],
)
def test_that_a_change_keeps_the_shape_leaves_its_input_alone_and_follows_its_seed(options: dict):
    inputs = images()
    before = inputs.clone()
    once = changed(inputs, **options)
    assert once.shape == inputs.shape
    assert once.dtype == torch.float32
    assert bool(torch.isfinite(once).all())
    assert torch.equal(inputs, before)
    assert torch.equal(once, changed(inputs, **options))
    assert not torch.equal(once, inputs)
    assert not torch.equal(once, changed(inputs, 1, **options))


def test_that_a_flip_mirrors_about_half_of_the_images_exactly():
    inputs = images(400)
    flipped = changed(inputs, flip=True)
    mirrored = (flipped == inputs.flip(3)).flatten(1).all(1)
    kept = (flipped == inputs).flatten(1).all(1)
    assert bool((mirrored ^ kept).all())
    assert 140 < int(mirrored.sum()) < 260


def test_that_a_crop_moves_by_whole_pixels_and_fills_with_background():
    inputs = images(200)
    cropped = changed(inputs, crop=2)
    moves = set()
    padded = torch.nn.functional.pad(inputs - BACKGROUND, (2, 2, 2, 2)) + BACKGROUND
    for image, source in zip(cropped, padded, strict=True):
        found = [(y, x) for y in range(5) for x in range(5) if torch.equal(image, source[:, y : y + 12, x : x + 16])]
        assert found
        moves.update(found)
    assert len(moves) == 25


def test_that_a_cutout_sets_a_square_to_the_mean():
    inputs = torch.full((300, 2, 12, 16), 9.0)
    cut = (changed(inputs, cutout=4) == 0)[:, 0].flatten(1).sum(1)
    assert 4 <= int(cut.min())
    assert int(cut.max()) == 16


def test_that_shifts_move_the_picture_and_let_background_in():
    inputs = torch.zeros(300, 2, 12, 16) + BACKGROUND
    inputs[:, :, 6, 8] = 10.0
    place = (changed(inputs, shift=0.25) - BACKGROUND)[:, 0].clamp(min=0)
    mass = place.sum((1, 2))
    rows = (place.sum(2) * torch.arange(12)).sum(1) / mass - 6
    columns = (place.sum(1) * torch.arange(16)).sum(1) / mass - 8
    assert float(rows.abs().max()) <= 3.01
    assert float(columns.abs().max()) <= 4.01
    assert float(rows.abs().max()) > 2
    assert float(columns.abs().max()) > 3
    empty = changed(torch.zeros(20, 2, 12, 16) + BACKGROUND, shift=0.5)
    torch.testing.assert_close(empty, BACKGROUND.expand_as(empty))


def test_that_a_turn_keeps_distances_in_an_oblong_picture():
    sample = Sample(kind="image", task="classification", shape=(1, 40, 60), classes=("a",), mean=(0.0,), std=(1.0,))
    inputs = torch.zeros(100, 1, 40, 60)
    inputs[:, 0, 19:21, 43:46] = 1.0  # 14.5 to the right of the middle
    turned = changed(inputs, sample=sample, rotation=90.0)[:, 0]
    mass = turned.sum((1, 2))
    rows = (turned.sum(2) * torch.arange(40)).sum(1) / mass - 19.5
    columns = (turned.sum(1) * torch.arange(60)).sum(1) / mass - 29.5
    torch.testing.assert_close((rows**2 + columns**2).sqrt(), torch.full((100,), 14.5), atol=0.3, rtol=0)
    assert float(rows.abs().max()) > 12


def test_that_scale_makes_the_picture_larger_and_smaller():
    sample = Sample(kind="image", task="classification", shape=(1, 40, 40), classes=("a",), mean=(0.0,), std=(1.0,))
    inputs = torch.zeros(200, 1, 40, 40)
    inputs[:, :, 10:30, 10:30] = 1.0
    sides = changed(inputs, sample=sample, scale=0.5).sum((1, 2, 3)).sqrt() / 20
    assert 0.49 < float(sides.min()) < 0.6
    assert 1.4 < float(sides.max()) < 1.51


@pytest.mark.parametrize("sample", [SAMPLE, ROWS])
def test_that_noise_has_the_deviation_asked_for(sample: Sample):
    inputs = torch.zeros(2000, *sample.shape)
    assert float(changed(inputs, sample=sample, noise=0.3).std()) == pytest.approx(0.3, rel=0.05)


def test_that_a_change_of_images_asked_of_other_data_is_told_to_do_nothing():
    options = Augmentation(flip=True, rotation=10.0, noise=0.1)
    assert without_effect(options, SAMPLE) == ""
    assert "flip, rotation does nothing" in without_effect(options, ROWS)
    assert without_effect(Augmentation(noise=0.1), ROWS) == ""
