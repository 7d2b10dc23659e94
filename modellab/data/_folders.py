"""Find the files of a folder with one subfolder a class, with or without train, validation and test folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from modellab.data._files import reason
from modellab.data._pixels import SUFFIXES
from modellab.errors import UserError

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
_LITTER = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})


class FileKind(msgspec.Struct, frozen=True, kw_only=True):
    """Files that are looked for. many: what they are called; formats: in words; suffixes: in small letters."""

    many: str
    formats: str
    suffixes: frozenset[str]


IMAGES = FileKind(many="images", formats="PNG, JPEG, BMP, GIF or WebP files", suffixes=SUFFIXES)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """files: relative paths by split and class; a folder without split folders is one split, "all".

    state: path, size and time of every file, which change when the folder does. empty: class folders with no such file.
    others: files of another kind.
    """

    files: dict[str, dict[str, list[str]]]
    state: tuple[tuple[str, int, int], ...]
    empty: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Sorted names of the classes that have files to train on."""
        return tuple(sorted(self.files.get("train", self.files.get("all", {}))))


def find_files(folder: Path, *, kind: FileKind, field: str) -> Found:
    """Look through the folder.

    Raises:
        UserError: it is laid out otherwise, or part of it may not be read; says what was found.
    """
    splits = _split_folders(folder, field)
    state: list[tuple[str, int, int]] = []
    empty: list[str] = []
    others: list[str] = []
    files: dict[str, dict[str, list[str]]] = {}
    for split, place in splits.items():
        classes = files.setdefault(split, {})
        for class_folder in _subfolders(place, field):
            for path, size, time_ns in sorted(_walk(class_folder, set(), field)):
                name = path.relative_to(folder).as_posix()
                if path.suffix.lower() in kind.suffixes and size >= 0:
                    state.append((name, size, time_ns))
                    classes.setdefault(class_folder.name, []).append(name)
                else:
                    others.append(name)
            if class_folder.name not in classes:
                empty.append(class_folder.relative_to(folder).as_posix())
    found = Found(files=files, state=tuple(state), empty=tuple(empty), others=tuple(others))
    _check_layout(folder, found, kind, field)
    return found


def _split_folders(folder: Path, field: str) -> dict[str, Path]:
    inside = _subfolders(folder, field)
    named = {_SPLITS[path.name.lower()]: path for path in inside if path.name.lower() in _SPLITS}
    if "train" in named and len(named) == len(inside):
        return named
    return {"all": folder}


def _check_layout(folder: Path, found: Found, kind: FileKind, field: str) -> None:
    if not found.state:
        loose = [path.name for path in _entries(folder, field) if path.suffix.lower() in kind.suffixes]
        if loose:
            raise UserError(
                f"{folder} has {kind.many} such as {loose[0]} but no subfolders; put the {kind.many} of each class "
                "into a subfolder with the class's name.",
                field=field,
            )
        raise UserError(
            f"{folder} has no {kind.many}; it should have one subfolder a class with {kind.formats}.",
            field=field,
        )
    if len(found.classes) < 2:
        only = f"only the class {found.classes[0]}" if found.classes else "no class to train on"
        raise UserError(f"{folder} has {only}; at least two subfolders with {kind.many} are needed.", field=field)
    for split in ("validation", "test"):
        unknown = sorted(set(found.files.get(split, {})) - set(found.classes))
        if unknown:
            raise UserError(
                f"{folder}: the {split} folder has the class {unknown[0]}, which the train folder has not; add "
                f"{kind.many} of it there or remove it.",
                field=field,
            )


def _subfolders(folder: Path, field: str) -> list[Path]:
    return sorted(path for path in _entries(folder, field) if path.is_dir())


def _walk(folder: Path, above: set[tuple[int, int]], field: str) -> Iterator[tuple[Path, int, int]]:
    """Every file below with size (-1 for what is not an ordinary file) and time; a link back up is not followed."""
    place = folder.stat()
    here = (place.st_dev, place.st_ino)
    if here in above:
        return
    for path in _entries(folder, field):
        try:
            status = path.stat()
        except OSError:  # a link that leads nowhere
            yield path, -1, 0
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path, above | {here}, field)
        else:
            is_file = stat.S_ISREG(status.st_mode)
            yield path, status.st_size if is_file else -1, status.st_mtime_ns


def _entries(folder: Path, field: str) -> list[Path]:
    """What is in the folder, but for hidden files and what file managers leave."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        raise UserError(
            f"The folder {folder} cannot be read: {reason(error)}; change its permissions or remove it.", field=field
        ) from None
    return [folder / name for name in names if not name.startswith(".") and name.lower() not in _LITTER]
