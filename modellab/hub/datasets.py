"""A dataset of the hub as Arrow tables: its files fetched here, its subsets and splits told by `datasets`."""

from __future__ import annotations

import ast
import functools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from modellab.errors import UserError
from modellab.hub import absent, chain, refusal
from modellab.hub.fetch import fetch
from modellab.hub.silence import silence
from modellab.runs.full_disk import is_disk_full

if TYPE_CHECKING:
    import pyarrow as pa

_PROBE_SECONDS = 5.0
_turn = threading.Lock()  # whether `datasets` is offline is one switch for all threads
_URL = re.compile(r"hf://datasets/(?P<id>[^@]+)@(?P<commit>[^/]+)/(?P<path>.+)")
_READ = (".parquet", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt", ".arrow")
_PACKED = (".gz", ".bz2", ".xz", ".zst")  # one file; never an archive of many
_KINDS = "Parquet, CSV, JSON Lines or text"
_MOST_NAMED = 12


@functools.lru_cache(maxsize=8)
def hub_tables(hub_id: str, subset: str | None, title: str, looked_in: Path) -> dict[str, pa.Table]:
    """An Arrow table a split, kept for the next question. title, looked_in: for a sentence.

    Raises:
        UserError: the hub does not give it, it is of no kind that is read, or several subsets could be meant.
    """
    import datasets

    missing = None if datasets.config.HF_HUB_OFFLINE else _not_answered(hub_id)
    silence()
    try:
        return _tables(hub_id, subset, title, is_answered=missing is None)
    except UserError as error:
        raise UserError(error.message, field=error.field or "dataset", remedy=error.remedy) from error
    except Exception as error:  # `datasets` raises what its dozen libraries raise
        if any(map(is_disk_full, chain(error))):
            folder = datasets.config.HF_DATASETS_CACHE
            raise UserError(
                f"The disk of {folder} is full: {title} cannot be unpacked there; free some space, or set HF_HOME to "
                "another disk.",
                field="dataset",
            ) from error
        if missing is None and (said := _told_by_library(str(error), title)) is not None:
            raise said from error
        # `datasets` keeps to itself what the hub answered.
        why, remedy = refusal(missing or _refused(hub_id) or error, hub_id, kind="datasets")
        raise UserError(
            absent(title, kind="datasets", looked_in=looked_in, why=why, remedy=remedy), field="dataset"
        ) from error


def _tables(hub_id: str, subset: str | None, title: str, *, is_answered: bool) -> dict[str, pa.Table]:
    import datasets

    once = datasets.DownloadConfig(max_retries=1)
    with _asking(is_answered=is_answered):
        builder = datasets.load_dataset_builder(hub_id, subset, download_config=once)
    files = [url for urls in (builder.config.data_files or {}).values() for url in urls]
    _check_kinds(files, title)
    if is_answered and not Path(builder.cache_dir).is_dir():  # there when an earlier process has unpacked it
        _fetch(files)  # in nobody else's way
    with _asking(is_answered=is_answered):
        builder.download_and_prepare(download_config=once)
        loaded: Any = builder.as_dataset()
    return {str(split): part.data.table for split, part in loaded.items()}


@contextmanager
def _asking(*, is_answered: bool) -> Iterator[None]:
    """`datasets` asks the hub; where that does not answer it would retry for half a minute, and is told so: then it
    looks in its own cache at once."""
    import datasets

    with _turn:
        before = datasets.config.HF_HUB_OFFLINE
        datasets.config.HF_HUB_OFFLINE = before or not is_answered
        try:
            yield
        finally:
            datasets.config.HF_HUB_OFFLINE = before


def _fetch(files: list[str]) -> None:
    by_source: dict[tuple[str, str], list[str]] = {}
    for found in filter(None, map(_URL.fullmatch, files)):
        by_source.setdefault((found["id"], found["commit"]), []).append(found["path"])
    for (repository, commit), paths in by_source.items():
        fetch(repository, kind="dataset", commit=commit, paths=paths)


def _check_kinds(files: list[str], title: str) -> None:
    """What `datasets` would read with a library for pictures, or unpack, is no text."""
    for file in files:
        suffixes = PurePosixPath(file).suffixes
        kind = next((suffix for suffix in reversed(suffixes) if suffix.lower() not in _PACKED), "")
        if kind.lower() not in _READ:
            raise UserError(
                f"{title} has its data as {kind or PurePosixPath(file).name} files on the hub, which are not read; "
                f"choose a dataset of {_KINDS}.",
                field="dataset",
            )


def _told_by_library(said: str, title: str) -> UserError | None:
    """What `datasets` says of what it found on the hub, in our words."""
    if "scripts are no longer supported" in said:
        return UserError(
            f"{title} is a program on the hub ({said.split()[-1]}), which is never run; choose a dataset, or a copy "
            f"of it, of {_KINDS}.",
            field="dataset",
        )
    if "data file" in said or "doesn't contain" in said:
        return UserError(
            f"{title} has no data on the hub that can be read; choose a dataset of {_KINDS}.", field="dataset"
        )
    names = _subsets_in(said)
    if names:
        listed = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
        begins = "has several subsets" if "missing" in said else "has no such subset"
        return UserError(f"{title} {begins}; choose one of {listed}.", field="dataset.subset")
    return None


def _subsets_in(said: str) -> list[str]:
    found = re.search(r"(?:available configs|Available): (\[.*?\])", said, re.DOTALL)
    if found is None:
        return []
    try:
        return [str(name) for name in ast.literal_eval(found[1])]
    except (ValueError, SyntaxError):
        return []


def _not_answered(hub_id: str) -> Exception | None:
    """Why the hub does not even say what it has there; None: it does."""
    from huggingface_hub import HfApi

    return _raised(lambda: HfApi().dataset_info(hub_id, timeout=_PROBE_SECONDS))


def _refused(hub_id: str) -> Exception | None:
    """Why files of a dataset may not be read; None: they may. What there is, the hub tells of gated ones too."""
    from huggingface_hub import HfApi

    return _raised(lambda: HfApi().auth_check(hub_id, repo_type="dataset"))


def _raised(ask: Callable[[], object]) -> Exception | None:
    try:
        ask()
    except Exception as error:  # noqa: BLE001 - httpx's errors are not OSErrors, and which httpx it is changes
        return error
    return None
