"""A person's image folder: every layout that is meant, and every way in which one can be wrong."""

import contextlib
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from modellab.data._pixels import BadImageError, read_pixels
from modellab.data.image_folder import ImageFolderConfig
from modellab.errors import UserError
from tests.modellab.data.conftest import write_image, write_image_folder

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="This system has no named pipes.")


def complaint(folder: Path | str, **options: object) -> str:
    """The sentence a load ends with."""
    with pytest.raises(UserError) as caught:
        ImageFolderConfig(folder=str(folder), side=8, **options).load()  # type: ignore[arg-type]
    assert caught.value.field == "dataset.folder"
    assert "\n" not in caught.value.message
    return caught.value.message


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has next to no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_that_one_folder_is_split_by_the_share(tmp_path: Path):
    dataset = ImageFolderConfig(folder=str(write_image_folder(tmp_path, count=10)), side=8, validation_share=0.3).load()
    assert dataset.sample.classes == ("cat", "dog")
    assert np.bincount(dataset.train.targets).tolist() == [7, 7]
    assert np.bincount(dataset.validation.targets).tolist() == [3, 3]
    assert dataset.test is None
    for source, target in zip(dataset.train.sources, dataset.train.targets, strict=True):
        assert source.startswith(dataset.sample.classes[target])


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Training", "validation", "TEST")])
def test_that_train_val_and_test_folders_are_kept_apart(tmp_path: Path, names: tuple[str, ...]):
    for name, count in zip(names, (5, 3, 2), strict=True):
        write_image_folder(tmp_path / name, count=count)
    dataset = ImageFolderConfig(folder=str(tmp_path), side=8).load()
    assert dataset.test is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (10, 6, 4)
    assert all(source.startswith(names[1]) for source in dataset.validation.sources)


def test_that_a_train_folder_alone_is_split(tmp_path: Path):
    write_image_folder(tmp_path / "train", count=10)
    dataset = ImageFolderConfig(folder=str(tmp_path), side=8).load()
    assert (len(dataset.train), len(dataset.validation)) == (16, 4)


def test_that_uppercase_suffixes_nested_folders_and_spaces_are_read(tmp_path: Path):
    write_image_folder(tmp_path / "a folder", classes=("eine Katze", "犬"), count=4)
    write_image(tmp_path / "a folder" / "犬" / "more" / "Übung.JPG", seed=77)
    dataset = ImageFolderConfig(folder=str(tmp_path / "a folder"), side=8).load()
    assert len(dataset.train) + len(dataset.validation) == 9
    assert "犬/more/Übung.JPG" in {*dataset.train.sources, *dataset.validation.sources}


def test_that_other_files_are_skipped_and_noted(tmp_path: Path):
    write_image_folder(tmp_path)
    (tmp_path / "cat" / "notes.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "cat" / ".DS_Store").write_bytes(b"\0")
    notes = ImageFolderConfig(folder=str(tmp_path), side=8).load().notes
    assert notes == ("Skipped 1 file that is not an image: cat/notes.txt.",)


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "I;16", "CMYK"])
@pytest.mark.parametrize("channels", [1, 3])
def test_that_every_mode_becomes_eight_bits(tmp_path: Path, mode: str, channels: int):
    path = tmp_path / ("image.jpg" if mode == "CMYK" else "image.png")
    if mode == "I;16":
        Image.fromarray(np.full((6, 9), 0x8000, dtype=np.uint16)).save(path)
    else:
        Image.new("RGB", (9, 6), (128, 128, 128)).convert(mode, palette=Image.Palette.ADAPTIVE).save(path)
    pixels = read_pixels(path, channels=channels)
    assert pixels.shape == (channels, 6, 9)
    assert pixels.dtype == np.uint8
    if mode != "1":
        assert abs(pixels.astype(int) - 128).max() <= 2


def test_that_what_is_transparent_becomes_white(tmp_path: Path):
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert (read_pixels(tmp_path / "a.png", channels=3) == 255).all()


def test_that_an_image_lying_on_its_side_is_turned_upright(tmp_path: Path):
    picture = Image.new("RGB", (40, 20), "black")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=exif)
    assert read_pixels(tmp_path / "a.jpg", channels=3).shape == (3, 40, 20)


def test_that_pad_keeps_all_and_crop_keeps_the_middle(tmp_path: Path):
    pixels = np.zeros((10, 30), dtype=np.uint8)
    pixels[:, 10:20] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert (read_pixels(tmp_path / "a.png", channels=1, size=(10, 10), fit="crop") == 255).all()
    padded = read_pixels(tmp_path / "a.png", channels=1, size=(30, 30), fit="pad")
    assert (padded[0, :10] == 0).all()
    np.testing.assert_array_equal(padded[0, 10:20], pixels)


def test_that_a_line_of_pixels_can_be_padded(tmp_path: Path):
    Image.new("L", (5000, 1)).save(tmp_path / "a.png")
    for fit in ("pad", "crop", "stretch"):
        assert read_pixels(tmp_path / "a.png", channels=1, size=(8, 8), fit=fit).shape == (1, 8, 8)  # type: ignore[arg-type]


def test_that_a_huge_image_is_refused_by_its_header(tmp_path: Path):
    write_image_folder(tmp_path)
    (tmp_path / "cat" / "bomb.png").write_bytes(png_header(50_000, 50_000))
    message = complaint(tmp_path)
    assert "bomb.png" in message
    assert "50000 × 50000" in message


def test_that_stopping_names_the_first_bad_file_and_dropping_leaves_them_out(tmp_path: Path):
    write_image_folder(tmp_path)
    whole = (tmp_path / "cat" / "0.png").read_bytes()
    (tmp_path / "cat" / "torn.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "dog" / "words.jpg").write_text("not an image", encoding="utf-8")
    (tmp_path / "dog" / "empty.gif").write_bytes(b"")
    message = complaint(tmp_path)
    assert "torn.png" in message
    assert "3 files like it" in message
    dataset = ImageFolderConfig(folder=str(tmp_path), side=8, bad_files="drop").load()
    assert len(dataset.train) + len(dataset.validation) == 12
    assert "Left out 3 files" in dataset.notes[0]
    assert np.isin(dataset.train.targets, [0, 1]).all()


def test_that_a_class_folder_without_images_is_named_or_left_out(tmp_path: Path):
    write_image_folder(tmp_path)
    (tmp_path / "bird").mkdir()
    assert "bird" in complaint(tmp_path)
    dataset = ImageFolderConfig(folder=str(tmp_path), side=8, bad_files="drop").load()
    assert dataset.sample.classes == ("cat", "dog")
    assert "bird" in dataset.notes[0]


def test_that_a_class_of_which_nothing_can_be_read_is_named(tmp_path: Path):
    write_image_folder(tmp_path)
    (tmp_path / "bird").mkdir()
    (tmp_path / "bird" / "a.png").write_bytes(b"no")
    assert "class bird" in complaint(tmp_path, bad_files="drop")


def test_that_wrong_folders_are_said_to_be_so(tmp_path: Path):
    assert "No image folder is chosen" in complaint("")
    assert "does not exist" in complaint(tmp_path / "nowhere")
    assert "cannot be opened" in complaint("a\0b") or sys.platform == "win32"
    (tmp_path / "file").write_bytes(b"x")
    assert "is a file, not a folder" in complaint(tmp_path / "file")
    (tmp_path / "nothing").mkdir()
    assert "has no images" in complaint(tmp_path / "nothing")
    write_image(tmp_path / "flat" / "a.png")
    assert "no subfolders" in complaint(tmp_path / "flat")
    write_image_folder(tmp_path / "one", classes=("cat",))
    assert "only the class cat" in complaint(tmp_path / "one")


def test_that_a_class_that_is_only_validated_is_named(tmp_path: Path):
    write_image_folder(tmp_path / "train")
    write_image_folder(tmp_path / "val", classes=("cat", "fish"))
    assert "class fish" in complaint(tmp_path)


def test_that_a_loop_of_links_ends(tmp_path: Path):
    write_image_folder(tmp_path)
    try:
        (tmp_path / "cat" / "again").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "cat" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    except OSError:
        pytest.skip("This system makes no links.")
    dataset = ImageFolderConfig(folder=str(tmp_path), side=8).load()
    assert set(dataset.sample.classes) == {"cat", "dog"}


@needs_pipes
def test_that_a_pipe_among_the_images_is_skipped(tmp_path: Path):
    write_image_folder(tmp_path)
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    dataset = ImageFolderConfig(folder=str(tmp_path), side=8).load()
    assert "pipe.png" in dataset.notes[0]


def test_that_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_image_folder(tmp_path)
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "dog":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    message = complaint(tmp_path)
    assert str(tmp_path / "dog") in message
    assert "permission denied" in message


def test_that_new_images_are_seen(tmp_path: Path):
    write_image_folder(tmp_path)
    config = ImageFolderConfig(folder=str(tmp_path), side=8)
    assert len(config.load().train) == 10
    write_image(tmp_path / "cat" / "new.png", seed=999)
    assert len(config.load().train) + len(config.load().validation) == 13


def test_that_a_damaged_file_raises_nothing_but_its_own_error(tmp_path: Path):
    rng = np.random.default_rng(0)
    for suffix in ("png", "jpg", "gif", "bmp", "webp"):
        whole = write_image(tmp_path / f"whole.{suffix}", size=(32, 32)).read_bytes()
        for _ in range(60):
            damaged = bytearray(whole)
            for place in rng.integers(0, len(whole), 8):
                damaged[place] = rng.integers(256)
            with contextlib.suppress(BadImageError):
                assert read_pixels(bytes(damaged), channels=3, size=(8, 8)).shape == (3, 8, 8)
