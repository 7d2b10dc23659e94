"""A pretrained model of the hub as a folder: what is read of one is fetched, and nothing that would be unpickled."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from pathlib import Path

from modellab.errors import UserError
from modellab.hub import absent, refusal
from modellab.hub.fetch import cache_of, fetch
from modellab.hub.silence import silence

_PROBE_SECONDS = 5.0
_REFUSED_SECONDS = 3.0
# The hub is asked once, not with every question about a recipe; what it refuses, not several times in a breath.
_known: dict[str, Path] = {}
_refused: dict[str, tuple[float, UserError]] = {}


def hub_model(
    hub_id: str,
    *,
    reads: Sequence[str],
    pickles: Sequence[str],
    check: Callable[[Path], object],
    looked_in: Path,
) -> Path:
    """The folder with what a model has at its top, in the cache of the hub's client. reads: patterns of names.
    pickles: endings of files of weights that are never read. check: of the description, before weights are fetched.

    Raises:
        UserError: the hub does not give it, or it has nothing that can be read; or as `check`.
    """
    known = _known.get(hub_id)
    if known is not None and known.is_dir():
        return known
    since, refused = _refused.get(hub_id, (0.0, None))
    if refused is not None and time.monotonic() - since < _REFUSED_SECONDS:
        raise refused
    silence()
    try:
        _known[hub_id] = _fetched(hub_id, reads, pickles, check)
    except UserError:
        raise
    except Exception as error:  # the hub's client raises what its libraries raise
        kept = _kept(hub_id, reads)
        if kept is None:
            why, remedy = refusal(error, hub_id, kind="models")
            refused = UserError(absent(hub_id, kind="models", looked_in=looked_in, why=why, remedy=remedy))
            _refused[hub_id] = time.monotonic(), refused
            raise refused from error
        return kept  # what was fetched once needs no hub; ask again the next time
    return _known[hub_id]


def _fetched(hub_id: str, reads: Sequence[str], pickles: Sequence[str], check: Callable[[Path], object]) -> Path:
    import huggingface_hub as hub

    found = hub.HfApi().model_info(hub_id, timeout=_PROBE_SECONDS)
    commit = found.sha or "main"
    at_top = [file.rfilename for file in found.siblings or () if "/" not in file.rfilename]
    wanted = [name for name in at_top if any(fnmatch(name, pattern) for pattern in reads)]
    weights = [name for name in wanted if name.endswith(".safetensors")]
    pickled = next((name for name in sorted(at_top) if name.endswith(tuple(pickles))), None)
    if "config.json" not in at_top:
        raise UserError(f"{hub_id} on the hub is no model that can be opened: it has no config.json; choose another.")
    if not weights:
        only = f"only as {pickled}, which would have to be unpickled and could run code" if pickled else "not at all"
        raise UserError(f"{hub_id} has its weights on the hub {only}; choose a model with .safetensors files.")
    folder = cache_of(hub_id, kind="model") / "snapshots" / commit
    fetch(hub_id, kind="model", commit=commit, paths=[name for name in wanted if name not in weights])
    check(folder)
    fetch(hub_id, kind="model", commit=commit, paths=weights)
    hub.hf_hub_download(hub_id, "config.json")  # by now it is whole: so it is what is found without the hub
    return folder


def _kept(hub_id: str, reads: Sequence[str]) -> Path | None:
    """The folder as it was fetched whole before."""
    import huggingface_hub as hub

    try:
        return Path(hub.snapshot_download(hub_id, allow_patterns=list(reads), local_files_only=True))
    except Exception:  # noqa: BLE001 - it is not there, or not whole
        return None
