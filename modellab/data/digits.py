"""scikit-learn's 8 by 8 digits: real handwriting with nothing to download."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from modellab.config import meta
from modellab.data._images import SCALE
from modellab.data._splits import split_indices
from modellab.data.base import DatasetConfig, LoadedDataset, Sample, Split


class DigitsConfig(DatasetConfig, frozen=True, kw_only=True, tag="digits"):
    """Optical recognition of handwritten digits (Alpaydin, Kaynak 1998), as scikit-learn carries it."""

    title = "Digits 8 × 8"
    summary = "1,797 handwritten digits in grey, 8 × 8; real data, nothing to download."
    kind = "image"

    validation_share: Annotated[
        float, meta(title="Validation share", help="Part of the examples kept for validation.", ge=0.01, le=0.9)
    ] = 0.2
    seed: Annotated[
        int, meta(title="Split seed", help="Decides which examples validate.", ge=0, le=2**31 - 1, advanced=True)
    ] = 0

    def load(self) -> LoadedDataset:
        """Read and split the data."""
        table = _table()
        # 17 levels of grey spread over 0..255, as every other image is stored.
        images = np.round(table[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
        labels = table[:, -1].astype(np.int64)
        train, validation = split_indices(len(labels), self.validation_share, seed=self.seed, labels=labels)
        values = images[train].astype(np.float64) * SCALE
        return LoadedDataset(
            sample=Sample(
                kind="image",
                task="classification",
                shape=(1, 8, 8),
                classes=tuple("0123456789"),
                target="digit",
                scale=SCALE,
                mean=(float(values.mean()),),
                std=(float(values.std()),),
                ink="upright",
            ),
            train=Split(inputs=images[train], targets=labels[train]),
            validation=Split(inputs=images[validation], targets=labels[validation]),
        )


def _table() -> NDArray[np.float64]:
    """64 pixels of 0..16 and the digit, a row each.

    The file is read without importing scikit-learn, which takes a second; where it has moved, scikit-learn is asked.
    """
    spec = importlib.util.find_spec("sklearn")
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz" if spec and spec.origin else None
    if path and path.is_file():
        with gzip.open(path, "rt", encoding="ascii") as file:
            return np.loadtxt(file, delimiter=",", dtype=np.float64)
    from sklearn.datasets import load_digits

    found = load_digits()
    return np.column_stack([found.data, found.target]).astype(np.float64)
