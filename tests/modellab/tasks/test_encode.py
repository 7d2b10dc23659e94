"""A person's own images and rows in the form of a dataset."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.tasks.encode import encode_image, encode_row

CLASSES = tuple("0123456789")
GREY = Sample(kind="image", task="classification", shape=(1, 28, 28), classes=CLASSES, mean=(0.13,), std=(0.31,))
SMALL = Sample(kind="image", task="classification", shape=(1, 8, 8), classes=CLASSES, mean=(0.3,), std=(0.3,))
UPRIGHT = Sample(
    kind="image", task="classification", shape=(1, 8, 8), classes=CLASSES, mean=(0.3,), std=(0.3,), ink="upright"
)
PAPER = Sample(kind="image", task="classification", shape=(1, 28, 28), classes=CLASSES, mean=(0.8,), std=(0.31,))
COLOUR = Sample(kind="image", task="classification", shape=(3, 32, 32), classes=CLASSES)
ROW = Sample(kind="row", task="regression", shape=(2,), features=("area", "rooms"))


def stroke(*, side: int = 280, at: tuple[int, int] = (20, 30), size: tuple[int, int] = (120, 60)) -> np.ndarray:
    """A white L on black."""
    pixels = np.zeros((side, side), np.uint8)
    top, left = at
    pixels[top : top + size[0], left : left + 16] = 255
    pixels[top + size[0] - 16 : top + size[0], left : left + size[1]] = 255
    return pixels


def centre_of_mass(pixels: np.ndarray) -> tuple[float, float]:
    weights = pixels / pixels.sum()
    rows, columns = np.indices(pixels.shape)
    return float((rows * weights).sum()), float((columns * weights).sum())


@pytest.mark.parametrize("at", [(0, 0), (20, 30), (150, 200)])
@pytest.mark.parametrize("size", [(120, 60), (60, 60), (100, 80)])
def test_that_a_drawing_fills_a_box_of_20_and_its_mass_lies_in_pixel_14(at: tuple[int, int], size: tuple[int, int]):
    found = encode_image(stroke(at=at, size=size), GREY, drawn=True).stored
    assert found.shape == (1, 28, 28)
    assert found.dtype == np.uint8
    rows, columns = np.flatnonzero(found[0].any(1)), np.flatnonzero(found[0].any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(size[1] / size[0], abs=0.08)
    assert centre_of_mass(found[0]) == pytest.approx((14, 14), abs=0.51)


def test_that_a_drawing_is_the_same_wherever_it_was_drawn():
    one, other = (encode_image(stroke(at=at), GREY, drawn=True).stored for at in ((0, 0), (150, 200)))
    assert np.array_equal(one, other)


def test_that_a_small_set_has_no_margin_to_leave():
    found = encode_image(stroke(), SMALL, drawn=True).stored[0]
    assert np.flatnonzero(found.any(1)).tolist() == list(range(8))


def line(*, slant: float, width: int, height: int = 180) -> np.ndarray:
    """A white stroke on black whose top lies `slant` heights right of its foot."""
    pixels = np.zeros((280, 280), np.uint8)
    for row in range(height):
        left = 60 + round(slant * (height - row))
        pixels[40 + row, left : left + width] = 255
    return pixels


def test_that_strokes_come_out_as_nists_form_reader_made_them_whatever_pen_and_slant_they_were_drawn_with():
    ways = [(slant, width) for slant in (-0.3, 0.0, 0.5) for width in (10, 22, 40)]
    found = [encode_image(line(slant=s, width=w), UPRIGHT, drawn=True).stored[0].astype(float) for s, w in ways]
    for image in found:
        assert image.any(1).all()  # the whole height
        assert not image[:, [0, 1, 6, 7]].any()  # a stroke alone is not drawn out to the box's width
        assert image.mean() / 255 == pytest.approx(0.306, abs=0.05)  # as much ink as the dataset's own digits have
        assert np.abs(image - found[0]).mean() < 25


def test_that_what_is_wide_is_narrowed_into_nists_box_of_20_in_32():
    found = encode_image(stroke(size=(60, 200)), UPRIGHT, drawn=True).stored[0]
    assert np.flatnonzero(found.any(1)).tolist() == list(range(8))
    assert np.flatnonzero(found.any(0)).tolist() == list(range(1, 7))


@pytest.mark.parametrize("sample", [GREY, UPRIGHT])
def test_that_an_empty_drawing_is_black(sample: Sample):
    assert not encode_image(np.zeros((50, 50), np.uint8), sample, drawn=True).stored.any()


def test_that_a_dot_is_an_image_too():
    pixels = np.zeros((280, 280), np.uint8)
    pixels[100:122, 100:122] = 255
    assert encode_image(pixels, UPRIGHT, drawn=True).stored.any()


def test_that_a_drawing_for_a_set_of_dark_on_light_is_inverted():
    found = encode_image(stroke(), PAPER, drawn=True).stored
    assert np.array_equal(255 - found, encode_image(stroke(), GREY, drawn=True).stored)


def test_that_a_photo_of_ink_on_paper_is_inverted_centred_and_says_so():
    photo = (215 - 0.7 * stroke() + np.random.default_rng(0).normal(0, 3, (280, 280))).clip(0, 255).astype(np.uint8)
    found = encode_image(photo, GREY)
    assert "inverted" in found.notes[0]
    drawn = encode_image(stroke(), GREY, drawn=True).stored.astype(int)
    assert np.abs(found.stored - drawn).mean() < 3


def test_that_a_thing_on_a_light_background_is_inverted_but_not_shrunk_into_the_box():
    photo = np.full((56, 56), 240, np.uint8)
    photo[4:52, 8:48] = 60
    found = encode_image(photo, GREY)
    assert found.notes
    assert found.stored[0, 14, 14] == 255
    assert found.stored[0, 2:26, 4:24].min() > 190
    assert found.stored[0, 0].max() == 0


def test_that_an_image_of_the_datasets_own_size_and_ground_is_not_touched():
    pixels = stroke(side=28, at=(5, 5), size=(18, 20))
    found = encode_image(pixels, GREY)
    assert np.array_equal(found.stored[0], pixels)
    assert found.notes == ()


@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3), (40, 60, 4), (1, 1), (5, 3, 3)])
@pytest.mark.parametrize("sample", [GREY, COLOUR, SMALL])
def test_that_any_image_takes_the_form_of_the_dataset(shape: tuple[int, ...], sample: Sample):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = encode_image(pixels, sample).stored
    assert found.shape == sample.shape
    assert found.dtype == np.uint8


def test_that_the_middle_of_a_wide_picture_is_cut_out():
    pixels = np.zeros((32, 96, 3), np.uint8)
    pixels[:, 32:64] = (10, 200, 30)
    assert (encode_image(pixels, COLOUR).stored == np.array([10, 200, 30]).reshape(3, 1, 1)).all()


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 0)])
def test_that_what_is_transparent_stands_out_from_the_ink(ink: int, ground: int):
    pixels = np.full((28, 28, 4), ink, np.uint8)
    pixels[..., 3] = 0
    pixels[10:18, 12:16, 3] = 255
    found = encode_image(pixels, PAPER if ground else GREY).stored[0]
    assert found[0, 0] == ground
    assert found[14, 14] == ink


def test_that_a_file_is_turned_upright_and_a_palette_and_16_bits_are_read(tmp_path: Path):
    picture = Image.fromarray(np.concatenate([np.full((10, 20, 3), 250), np.zeros((10, 20, 3))]).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    picture.save(tmp_path / "turned.png", exif=exif)
    found = encode_image(tmp_path / "turned.png", COLOUR).stored
    assert found[0, 0, 0] == 0
    assert found[0, -1, -1] == 250
    picture.quantize(2).save(tmp_path / "palette.png")
    assert encode_image(tmp_path / "palette.png", COLOUR).stored[0, 0, 0] == 250
    Image.fromarray(np.full((28, 28), 40 * 257, np.uint16)).save(tmp_path / "deep.png")
    assert (encode_image(tmp_path / "deep.png", GREY).stored == 40).all()


def test_that_a_file_cut_short_is_named(tmp_path: Path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    for length in (0, 7, 40, len(whole) // 2, len(whole) - 100):
        (tmp_path / "cut.png").write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"cut\.png"):
            encode_image(tmp_path / "cut.png", COLOUR)


def test_that_a_picture_too_large_is_refused_by_its_header(tmp_path: Path):
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    body = zlib.compress(b"\0" * 100)
    data += struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", zlib.crc32(b"IDAT" + body))
    (tmp_path / "huge.png").write_bytes(data)
    with pytest.raises(UserError, match=r"huge\.png.*64 million"):
        encode_image(tmp_path / "huge.png", COLOUR)


def test_that_what_is_no_image_is_refused(tmp_path: Path):
    (tmp_path / "a.txt").write_text("hello")
    for wrong in (tmp_path / "a.txt", tmp_path / "missing.png", tmp_path):
        with pytest.raises(UserError):
            encode_image(wrong, COLOUR)
    arrays: list[Any] = [np.zeros((4, 4), np.float32), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4), np.uint8)]
    for array in arrays:
        with pytest.raises(UserError):
            encode_image(array, COLOUR)
    with pytest.raises(UserError, match="not images"):
        encode_image(np.zeros((4, 4), np.uint8), ROW)


def test_that_a_row_is_checked_column_by_column():
    assert encode_row((1.5, -2), ROW).stored.tolist() == [1.5, -2.0]
    for values, words in (((1.0,), "2 numbers"), ((1.0, float("nan")), "rooms"), ((1e300, 0.0), "area")):
        with pytest.raises(UserError, match=words):
            encode_row(values, ROW)
    with pytest.raises(UserError, match="reads images"):
        encode_row((1.0, 2.0), GREY)


@pytest.mark.parametrize("speck", [None, (0, 140), (279, 140)])
def test_that_a_faint_drawing_is_read_with_and_without_a_brighter_speck(speck: tuple[int, int] | None):
    pixels = np.where(stroke(at=(60, 60)), np.uint8(100), np.uint8(0))
    if speck is not None:
        pixels[speck] = 255
    found = encode_image(pixels, UPRIGHT, drawn=True).stored
    assert found.shape == (1, 8, 8)
    assert found.max() > 127
