"""Small datasets of a person's own, made in a temporary folder."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from modellab.data import DatasetConfig, datasets


def write_image(path: Path, *, size: tuple[int, int] = (20, 16), mode: str = "RGB", seed: int = 0) -> Path:
    """An image of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)
    return path


def write_image_folder(folder: Path, *, classes: tuple[str, ...] = ("cat", "dog"), count: int = 6) -> Path:
    """A folder with `count` PNG images of each class."""
    for place, name in enumerate(classes):
        for index in range(count):
            write_image(folder / name / f"{index}.png", seed=100 * place + index)
    return folder


def write_public(hub: Path, name: str, *, num_train: int = 40, num_test: int = 10) -> None:
    """A public image set of noise in the layout of the hub."""
    config = datasets()[name]
    channels, height, width = config.image_shape  # type: ignore[attr-defined]
    image_column, label_column = config.columns  # type: ignore[attr-defined]
    folder = hub / config.hub_id / "plain"  # type: ignore[attr-defined]
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for split, count in (("train", num_train), ("test", num_test)):
        images = []
        for _ in range(count):
            pixels = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
            file = io.BytesIO()
            Image.fromarray(pixels.squeeze()).save(file, "PNG")
            images.append({"bytes": file.getvalue(), "path": None})
        kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
        columns = {image_column: pa.array(images, kind), label_column: pa.array([i % 10 for i in range(count)])}
        pq.write_table(pa.table(columns), folder / f"{split}-00000-of-00001.parquet")


def sentence(index: int, *, words: int = 6) -> str:
    """A text that no other number gives."""
    rng = np.random.default_rng(index)
    return " ".join([f"text {index} has", *rng.choice(["wide", "small", "old", "new", "green"], words).tolist()]) + "."


def write_public_text(hub: Path, name: str, *, num_train: int = 40, num_held_out: int = 10) -> None:
    """A public set of texts in the layout of the hub."""
    config = datasets()[name]
    folder = hub / config.hub_id / "plain"  # type: ignore[attr-defined]
    if name == "tiny_shakespeare":
        folder.parent.mkdir(parents=True)
        (folder.parent / "input.txt").write_text("\n".join(map(sentence, range(80))), encoding="utf-8")
        return
    if name == "multi30k":
        folder.parent.mkdir(parents=True)
        first = 0
        for split, count in (("train", num_train), ("val", num_held_out), ("test", num_held_out)):
            rows = [{"en": f"a {sentence(first + i)}", "de": f"ein {sentence(first + i)}"} for i in range(count)]
            (folder.parent / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
            first += count
        return
    if name == "wikitext2":
        folder = hub / config.hub_id / "wikitext-2-v1"  # type: ignore[attr-defined]
        columns, splits = ("text", ""), {"train": num_train, "validation": 20, "test": num_held_out + 10}
    else:
        columns = config.columns  # type: ignore[attr-defined]
        splits = {"train": num_train, config.held_out: num_held_out}  # type: ignore[attr-defined]
    folder.mkdir(parents=True)
    first = 0
    for split, count in splits.items():
        texts = [sentence(first + index) for index in range(count)]
        classes = getattr(config, "class_names", ("",))
        labels = {columns[1]: [index % len(classes) for index in range(count)]} if columns[1] else {}
        pq.write_table(pa.table({columns[0]: texts, **labels}), folder / f"{split}-00000-of-00001.parquet")
        first += count


def write_text_folder(folder: Path, *, classes: tuple[str, ...] = ("good", "bad"), count: int = 6) -> Path:
    """A folder with `count` text files of each class."""
    for place, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            (folder / name / f"{index}.txt").write_text(sentence(100 * place + index), encoding="utf-8")
    return folder


@pytest.fixture
def write_table(tmp_path: Path) -> Callable[..., str]:
    """Writes a file in the temporary folder and gives its path as text."""

    def write(content: str | bytes, name: str = "table.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], DatasetConfig]:
    """Gives a config of that name which can be loaded here, with small data made for it where it needs some."""

    def make(name: str) -> DatasetConfig:
        kind = datasets()[name]
        if kind.kind == "text":
            return make_text(name)
        if kind.group == "Public":
            if not (tmp_path / "hub" / kind.hub_id).exists():  # type: ignore[attr-defined]
                write_public(tmp_path / "hub", name)
            monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path / "hub"))
        if name == "image_folder":
            return kind(folder=str(write_image_folder(tmp_path / "images")), side=12)
        if name == "table":
            rows = [{"a": index, "b": index * 0.5, "kind": "xyz"[index % 3]} for index in range(30)]
            path = tmp_path / "table.jsonl"
            path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
            return kind(file=str(path))
        return kind()

    def make_text(name: str) -> DatasetConfig:
        kind = datasets()[name]
        if name == "hub_text":
            options = {"hub_id": "stanfordnlp/sst2"}
            public = "sst2"
        else:
            options, public = {}, name
        if kind.group == "Public":
            if not (tmp_path / "hub" / datasets()[public].hub_id).exists():  # type: ignore[attr-defined]
                write_public_text(tmp_path / "hub", public)
            monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path / "hub"))
        if name == "text_folder":
            options = {"folder": str(write_text_folder(tmp_path / "texts"))}
        if name == "text_table":
            rows = [{"review": sentence(index), "stars": index % 3} for index in range(30)]
            path = tmp_path / "table.jsonl"
            path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
            options = {"file": str(path), "label_column": "stars"}
        if name == "text_file":
            path = tmp_path / "novel.txt"
            path.write_text("\n".join(sentence(index) for index in range(80)), encoding="utf-8")
            options = {"file": str(path)}
        if name == "pair_table":
            rows = [{"de": f"ein {sentence(index)}", "en": f"a {sentence(index)}"} for index in range(40)]
            path = tmp_path / "pairs.jsonl"
            path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
            options = {"file": str(path)}
        if name == "pair_files":
            for side in ("source", "target"):
                path = tmp_path / f"{side}.txt"
                path.write_text("\n".join(f"{side} of {sentence(index)}" for index in range(40)), encoding="utf-8")
                options |= {f"{side}_file": str(path)}
        return kind(**options)

    return make
