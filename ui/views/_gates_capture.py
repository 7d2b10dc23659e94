"""Reads the gates that a trainer captured of its pinned texts while it learns."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray

from modellab.text.clean import shown
from ui.views._gates_data import Gates, gates_of, with_unknown


def load_gates(file: Path, *, tokenizer_file: Path, step: int, probe: int) -> tuple[Gates | None, int]:
    """One pinned text of a capture, and how many texts it pins; called from a thread.

    Raises:
        OSError: the capture is gone or half there.
        UserError: the run's tokenizer cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            names = list(opened.keys())
            metadata = opened.metadata() or {}
            num_probes = sum(name.endswith("/ids") for name in names)
            probe %= max(1, num_probes)
            first = f"{probe}/"
            arrays = {name.removeprefix(first): opened.get_tensor(name) for name in names if name.startswith(first)}
    except SafetensorError as error:
        raise OSError(f"{file} cannot be read: {error}") from None
    ids: NDArray[Any] | None = arrays.pop("ids", None)
    if ids is None or not arrays:
        return None, num_probes
    tokenizer = _tokenizer(tokenizer_file)
    tokens = [int(token) for token in ids]
    unknown = _unknown(metadata.get("unknown", ""), probe)
    texts = with_unknown([tokenizer.token(token) for token in tokens], unknown)
    gates = gates_of(
        arrays,
        cell=metadata.get("cell", ""),
        step=step,
        tokens=texts,
        text=tokenizer.decode(tokens),
        unknown=frozenset(unknown),
    )
    return gates, num_probes


def _unknown(told: str, probe: int) -> dict[int, str]:
    """What stands in the text for tokens that the model does not know; {} where the capture does not tell."""
    try:
        found = msgspec.json.decode(told, type=list[dict[int, str]]) if told else []
    except msgspec.DecodeError:
        return {}
    return {place: shown(letters) for place, letters in found[probe].items()} if probe < len(found) else {}


@functools.lru_cache(maxsize=4)
def _tokenizer(file: Path) -> Any:
    """A run's vocabulary never changes."""
    from modellab.text.tokenizer import load_tokenizer

    return load_tokenizer(file)
