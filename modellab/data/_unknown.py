"""What stands in the texts for tokens that are not in the vocabulary: kept beside the tokens, for the eye alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modellab.data._cache import mapped, new_array
from modellab.data.base import UnknownTexts
from modellab.text.tokenizer import UNKNOWN


def write_unknown(folder: Path, name: str, ids: NDArray[np.int32], unknown: list[str]) -> None:
    """The letters of each UNKNOWN among the ids, as arrays of the cache."""
    encoded = [letters.encode() for letters in unknown]
    arrays = {
        "places": np.flatnonzero(ids == UNKNOWN),
        "ends": np.cumsum([0, *map(len, encoded)]),
        "letters": np.frombuffer(b"".join(encoded), dtype=np.uint8),
    }
    for part, values in arrays.items():
        kept = new_array(folder, _name(name, part), (max(1, len(values)),), values.dtype.name)
        kept[: len(values)] = values


def read_unknown(folder: Path, name: str) -> UnknownTexts:
    """What `write_unknown` has written."""
    ends = mapped(folder, _name(name, "ends"))
    places = mapped(folder, _name(name, "places"))[: len(ends) - 1]
    return UnknownTexts(places=places, ends=ends, letters=mapped(folder, _name(name, "letters")))


def _name(name: str, part: str) -> str:
    return f"{name}-unknown-{part}"
