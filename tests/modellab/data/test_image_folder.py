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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder (the test's own home is beside it)."""
    (tmp_path / "images").mkdir()
    return tmp_path / "images"


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


def test_that_one_folder_is_split_by_the_share(folder: Path):
    dataset = ImageFolderConfig(folder=str(write_image_folder(folder, count=10)), side=8, validation_share=0.3).load()
    assert dataset.sample.classes == ("cat", "dog")
    assert np.bincount(dataset.train.targets).tolist() == [7, 7]
    assert np.bincount(dataset.validation.targets).tolist() == [3, 3]
    assert dataset.test is None
    for source, target in zip(dataset.train.sources, dataset.train.targets, strict=True):
        assert source.startswith(dataset.sample.classes[target])


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Training", "validation", "TEST")])
def test_that_train_val_and_test_folders_are_kept_apart(folder: Path, names: tuple[str, ...]):
    for name, count in zip(names, (5, 3, 2), strict=True):
        write_image_folder(folder / name, count=count)
    dataset = ImageFolderConfig(folder=str(folder), side=8).load()
    assert dataset.test is not None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (10, 6, 4)
    assert all(source.startswith(names[1]) for source in dataset.validation.sources)


def test_that_a_train_folder_alone_is_split(folder: Path):
    write_image_folder(folder / "train", count=10)
    dataset = ImageFolderConfig(folder=str(folder), side=8).load()
    assert (len(dataset.train), len(dataset.validation)) == (16, 4)


def test_that_uppercase_suffixes_nested_folders_and_spaces_are_read(folder: Path):
    write_image_folder(folder / "a folder", classes=("eine Katze", "犬"), count=4)
    write_image(folder / "a folder" / "犬" / "more" / "Übung.JPG", seed=77)
    dataset = ImageFolderConfig(folder=str(folder / "a folder"), side=8).load()
    assert len(dataset.train) + len(dataset.validation) == 9
    assert "犬/more/Übung.JPG" in {*dataset.train.sources, *dataset.validation.sources}


def test_that_other_files_are_skipped_and_noted(folder: Path):
    write_image_folder(folder)
    (folder / "cat" / "notes.txt").write_text("hello", encoding="utf-8")
    (folder / "cat" / ".DS_Store").write_bytes(b"\0")
    notes = ImageFolderConfig(folder=str(folder), side=8).load().notes
    assert notes == ("Skipped 1 file that is not an image: cat/notes.txt.",)


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "I;16", "CMYK"])
@pytest.mark.parametrize("channels", [1, 3])
def test_that_every_mode_becomes_eight_bits(folder: Path, mode: str, channels: int):
    path = folder / ("image.jpg" if mode == "CMYK" else "image.png")
    if mode == "I;16":
        Image.fromarray(np.full((6, 9), 0x8000, dtype=np.uint16)).save(path)
    else:
        Image.new("RGB", (9, 6), (128, 128, 128)).convert(mode, palette=Image.Palette.ADAPTIVE).save(path)
    pixels = read_pixels(path, channels=channels)
    assert pixels.shape == (channels, 6, 9)
    assert pixels.dtype == np.uint8
    if mode != "1":
        assert abs(pixels.astype(int) - 128).max() <= 2


def test_that_what_is_transparent_becomes_white(folder: Path):
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(folder / "a.png")
    assert (read_pixels(folder / "a.png", channels=3) == 255).all()


def test_that_an_image_lying_on_its_side_is_turned_upright(folder: Path):
    picture = Image.new("RGB", (40, 20), "black")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(folder / "a.jpg", exif=exif)
    assert read_pixels(folder / "a.jpg", channels=3).shape == (3, 40, 20)


def test_that_pad_keeps_all_and_crop_keeps_the_middle(folder: Path):
    pixels = np.zeros((10, 30), dtype=np.uint8)
    pixels[:, 10:20] = 255
    Image.fromarray(pixels).save(folder / "a.png")
    assert (read_pixels(folder / "a.png", channels=1, size=(10, 10), fit="crop") == 255).all()
    padded = read_pixels(folder / "a.png", channels=1, size=(30, 30), fit="pad")
    assert (padded[0, :10] == 0).all()
    np.testing.assert_array_equal(padded[0, 10:20], pixels)


def test_that_a_line_of_pixels_can_be_padded(folder: Path):
    Image.new("L", (5000, 1)).save(folder / "a.png")
    for fit in ("pad", "crop", "stretch"):
        assert read_pixels(folder / "a.png", channels=1, size=(8, 8), fit=fit).shape == (1, 8, 8)


@pytest.mark.parametrize("side", [50_000, 12_000, 9_200])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_that_a_huge_image_is_refused_by_its_header(folder: Path, side: int):
    write_image_folder(folder)
    (folder / "cat" / "bomb.png").write_bytes(png_header(side, side))
    message = complaint(folder)
    assert "bomb.png" in message
    assert "more than the 80 million pixels" in message


def test_that_stopping_names_the_first_bad_file_and_dropping_leaves_them_out(folder: Path):
    write_image_folder(folder)
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "cat" / "torn.png").write_bytes(whole[: len(whole) // 2])
    (folder / "dog" / "words.jpg").write_text("not an image", encoding="utf-8")
    (folder / "dog" / "empty.gif").write_bytes(b"")
    message = complaint(folder)
    assert "torn.png" in message
    assert "3 files like it" in message
    dataset = ImageFolderConfig(folder=str(folder), side=8, bad_files="drop").load()
    assert len(dataset.train) + len(dataset.validation) == 12
    assert "Left out 3 files" in dataset.notes[0]
    assert np.isin(dataset.train.targets, [0, 1]).all()


def test_that_a_class_folder_without_images_is_named_or_left_out(folder: Path):
    write_image_folder(folder)
    (folder / "bird").mkdir()
    assert "bird" in complaint(folder)
    dataset = ImageFolderConfig(folder=str(folder), side=8, bad_files="drop").load()
    assert dataset.sample.classes == ("cat", "dog")
    assert "bird" in dataset.notes[0]


def test_that_a_class_of_which_nothing_can_be_read_is_named(folder: Path):
    write_image_folder(folder)
    (folder / "bird").mkdir()
    (folder / "bird" / "a.png").write_bytes(b"no")
    assert "class bird" in complaint(folder, bad_files="drop")


def test_that_wrong_folders_are_said_to_be_so(folder: Path):
    assert "No image folder is chosen" in complaint("")
    assert "does not exist" in complaint(folder / "nowhere")
    assert "cannot be opened" in complaint("a\0b") or sys.platform == "win32"
    (folder / "file").write_bytes(b"x")
    assert "is a file, not a folder" in complaint(folder / "file")
    (folder / "nothing").mkdir()
    assert "has no images" in complaint(folder / "nothing")
    write_image(folder / "flat" / "a.png")
    assert "no subfolders" in complaint(folder / "flat")
    write_image_folder(folder / "one", classes=("cat",))
    assert "only the class cat" in complaint(folder / "one")


def test_that_a_class_that_is_only_validated_is_named(folder: Path):
    write_image_folder(folder / "train")
    write_image_folder(folder / "val", classes=("cat", "fish"))
    assert "class fish" in complaint(folder)


def test_that_a_loop_of_links_ends(folder: Path):
    write_image_folder(folder)
    try:
        (folder / "cat" / "again").symlink_to(folder, target_is_directory=True)
        (folder / "cat" / "gone.png").symlink_to(folder / "nowhere.png")
    except OSError:
        pytest.skip("This system makes no links.")
    dataset = ImageFolderConfig(folder=str(folder), side=8).load()
    assert set(dataset.sample.classes) == {"cat", "dog"}


@needs_pipes
def test_that_a_pipe_among_the_images_is_skipped(folder: Path):
    write_image_folder(folder)
    os.mkfifo(folder / "cat" / "pipe.png")
    dataset = ImageFolderConfig(folder=str(folder), side=8).load()
    assert "pipe.png" in dataset.notes[0]


def test_that_a_folder_that_may_not_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    write_image_folder(folder)
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "dog":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    message = complaint(folder)
    assert str(folder / "dog") in message
    assert "permission denied" in message


def test_that_new_images_are_seen(folder: Path):
    write_image_folder(folder)
    config = ImageFolderConfig(folder=str(folder), side=8)
    assert len(config.load().train) == 10
    write_image(folder / "cat" / "new.png", seed=999)
    assert len(config.load().train) + len(config.load().validation) == 13


def test_that_a_damaged_file_raises_nothing_but_its_own_error(folder: Path):
    rng = np.random.default_rng(0)
    for suffix in ("png", "jpg", "gif", "bmp", "webp"):
        whole = write_image(folder / f"whole.{suffix}", size=(32, 32)).read_bytes()
        for _ in range(60):
            damaged = bytearray(whole)
            for place in rng.integers(0, len(whole), 8):
                damaged[place] = rng.integers(256)
            with contextlib.suppress(BadImageError):
                assert read_pixels(bytes(damaged), channels=3, size=(8, 8)).shape == (3, 8, 8)
