"""Datasets: one file each, found by folder walk."""

from __future__ import annotations

import functools

from modellab.data.base import DatasetConfig, LoadedDataset, Sample, Split
from modellab.registry import walk

__all__ = ["DatasetConfig", "LoadedDataset", "Sample", "Split", "datasets"]


@functools.cache
def datasets() -> dict[str, type[DatasetConfig]]:
    """Every dataset there is, by name."""
    return {entry.name(): entry for entry in walk(__name__, DatasetConfig)}
