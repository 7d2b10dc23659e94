"""What suits a person's own data, as far as its name and its first rows tell."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.presets import presets

if TYPE_CHECKING:
    from modellab.recipe import Recipe

TABLES = (".csv", ".tsv", ".jsonl", ".parquet")
TEXTS = (".txt", ".text", ".md")
_WRITER = "docs-lstm"  # the preset whose network and training suit a text of one's own
_MOST_LOOKED_AT = 200  # files of a folder


def first_own(paths: Iterable[Path]) -> Path | None:
    """The first that is a table, a text or a folder of data, the one table or text in it if that is what it holds; a
    run's folder is none. None when none is."""
    for path in paths:
        if path.suffix.lower() in (*TABLES, *TEXTS) and path.is_file():
            return path
        if path.is_dir() and not (path / "recipe.json").is_file():
            return data_in(path) or path
    return None


def data_in(folder: Path) -> Path | None:
    """The folder, where it has subfolders with images or texts; its only table or text, where it has one; None where
    there is neither among the files looked at."""
    from modellab.data._folders import IMAGES  # brings numpy, which the gallery does not need

    kinds = (*IMAGES.suffixes, *TEXTS)
    for pattern in ("*/*", "*/*/*"):
        if any(file.suffix.lower() in kinds for file in islice(folder.glob(pattern), _MOST_LOOKED_AT)):
            return folder
    own = [file for file in islice(folder.iterdir(), _MOST_LOOKED_AT) if file.suffix.lower() in (*TABLES, *TEXTS)]
    tables = [file for file in own if file.suffix.lower() in TABLES]
    found = tables or own  # a text beside a table tells about it
    return found[0] if len(found) == 1 else None


def recipe_for(path: Path) -> Recipe:
    """A recipe that reads a table of numbers or of texts, a text, or a folder of images or texts with one subfolder a
    class. Looks into it, so not on the window's thread.

    Raises:
        UserError: the path is none that a recipe can name.
    """
    from modellab.recipe import recipe_from_builtins

    return recipe_from_builtins(_values(path))


def _values(path: Path) -> dict[str, Any]:
    from modellab.data._table_kind import text_columns
    from modellab.recipe import recipe_to_builtins

    if path.is_dir():
        has_texts = any(file.suffix.lower() in TEXTS for file in islice(path.glob("*/*"), _MOST_LOOKED_AT))
        name, architecture = ("text_folder", "lstm") if has_texts else ("image_folder", "cnn")
        return {"architecture": {"name": architecture}, "dataset": {"name": name, "folder": str(path)}}
    if path.suffix.lower() in TEXTS:
        recipe = recipe_to_builtins(presets()[_WRITER].recipe)
        return {part: recipe[part] for part in ("architecture", "training")} | {
            "dataset": {"name": "text_file", "file": str(path)}
        }
    if (found := text_columns(path)) is not None:
        columns = {"text_column": found.text if found.label else "", "label_column": found.label}
        return {"architecture": {"name": "lstm"}, "dataset": {"name": "text_table", "file": str(path), **columns}}
    return {"architecture": {"name": "mlp"}, "dataset": {"name": "table", "file": str(path)}}
