"""Known public sets: from the datasets folder as Parquet or JSON Lines, else through Hugging Face `datasets`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.data._files import reason
from modellab.errors import UserError
from modellab.hub import first_line
from modellab.hub.datasets import hub_tables
from modellab.paths import datasets_folder, home

if TYPE_CHECKING:
    import pyarrow as pa

_SPLIT = re.compile(r"(?P<split>[A-Za-z_]+)(-\d+)?(-of-\d+)?(-[0-9a-f]+)?")
# Files may be named so; `datasets` gives the split the name on the right.
_SPLIT_NAMES = {"val": "validation", "valid": "validation", "dev": "validation"}
_JSON_BLOCK_BYTES = 2**26  # a line longer than a block is not read


class PublicSource:
    """Where a public set is read from: Parquet files by split, else JSON Lines, or the hub when there are none.

    fingerprint: the state of the files; of the hub, whose sets do not change, a constant.
    """

    def __init__(self, hub_id: str, *, title: str, config: str | None = None) -> None:
        self.hub_id = hub_id
        self.title = title
        self.config = config
        self.files = self._local_files()
        self.fingerprint = tuple(
            (path.name, path.stat().st_size, path.stat().st_mtime_ns) for paths in self.files.values() for path in paths
        )

    def tables(self) -> dict[str, pa.Table]:
        """An Arrow table a split, images undecoded.

        Raises:
            UserError: a file is damaged, or there are none and the hub does not give it.
        """
        if not self.files:
            looked_in = self._folder() or home() / "datasets" / self.hub_id
            return hub_tables(self.hub_id, self.config, self.title, looked_in)
        return {split: self._read(paths) for split, paths in self.files.items()}

    def column_names(self) -> tuple[str, ...]:
        """The columns of the training split; of files without reading their rows.

        Raises:
            UserError: as `tables`.
        """
        path = next(iter(self.files.get("train") or next(iter(self.files.values()), [])), None)
        if path is not None and path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return tuple(pq.read_schema(path).empty_table().flatten().column_names)
        tables = self.tables()
        return tuple(tables.get("train", next(iter(tables.values()))).flatten().column_names)

    def _folder(self) -> Path | None:
        folder = datasets_folder()
        return folder / self.hub_id if folder else None

    def _local_files(self) -> dict[str, list[Path]]:
        folder = self._folder()
        if folder is None or not folder.is_dir():
            return {}
        found: dict[str, list[Path]] = {}
        for path in sorted(folder.rglob("*.parquet")) or sorted(folder.rglob("*.jsonl")):
            if self.config and self.config not in path.relative_to(folder).parts:
                continue
            match = _SPLIT.fullmatch(path.stem)
            split = match["split"] if match else path.parent.name
            found.setdefault(_SPLIT_NAMES.get(split, split), []).append(path)
        return found

    def _read(self, paths: list[Path]) -> pa.Table:
        import pyarrow as pa

        parts = []
        for path in paths:
            try:
                parts.append(_table(path))
            except (pa.ArrowException, OSError, ValueError) as error:
                why = reason(error) if isinstance(error, OSError) else str(error)
                raise UserError(
                    f"{path} of {self.title} cannot be read ({first_line(why)}); copy it there again.", field="dataset"
                ) from None
        return pa.concat_tables(parts)


def _table(path: Path) -> pa.Table:
    """A Parquet or JSON Lines file."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.read_table(path)
    import pyarrow.json as arrow_json

    return arrow_json.read_json(path, read_options=arrow_json.ReadOptions(block_size=_JSON_BLOCK_BYTES))
