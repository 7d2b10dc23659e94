"""Reads the gates that a trainer captured of its pinned texts while it learns."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ui.views._gates_data import Gates, gates_of


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
            cell = (opened.metadata() or {}).get("cell", "")
            num_probes = sum(name.endswith("/ids") for name in names)
            first = f"{probe % max(1, num_probes)}/"
            arrays = {name.removeprefix(first): opened.get_tensor(name) for name in names if name.startswith(first)}
    except SafetensorError as error:
        raise OSError(f"{file} cannot be read: {error}") from None
    ids: NDArray[Any] | None = arrays.pop("ids", None)
    if ids is None or not arrays:
        return None, num_probes
    tokenizer = _tokenizer(tokenizer_file)
    tokens = [int(token) for token in ids]
    texts = tuple(tokenizer.token(token) for token in tokens)
    return gates_of(arrays, cell=cell, step=step, tokens=texts, text=tokenizer.decode(tokens)), num_probes


@functools.lru_cache(maxsize=4)
def _tokenizer(file: Path) -> Any:
    """A run's vocabulary never changes."""
    from modellab.text.tokenizer import load_tokenizer

    return load_tokenizer(file)
