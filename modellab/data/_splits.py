"""Orders and cuts: which examples train and which validate, the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def stratified_order(labels: NDArray[Any], *, seed: int) -> Indices:
    """A shuffled order in which every stretch holds the classes in their proportions, to within one example each.

    A contiguous head or tail is then a stratified sample, so a split of a large memory map is a view and not a copy.
    The first example of each class comes before all others: any head with room for them has every class.
    """
    rng = np.random.default_rng(seed)
    position = np.empty(len(labels), dtype=np.float64)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        position[members] = (np.arange(len(members)) + rng.random()) / len(members)
        position[members[0]] = -1.0
    return np.argsort(position, kind="stable").astype(np.int64)


def shuffled_order(count: int, *, seed: int) -> Indices:
    """A random order of `count` examples."""
    return np.random.default_rng(seed).permutation(count).astype(np.int64)


def validation_count(count: int, share: float) -> int:
    """How many of `count` examples validate: the share, but at least one on either side."""
    return min(max(1, round(count * share)), count - 1)


def split_indices(
    count: int, share: float, *, seed: int, labels: NDArray[Any] | None = None
) -> tuple[Indices, Indices]:
    """Indices that train and indices that validate; stratified where `labels` are given."""
    order = shuffled_order(count, seed=seed) if labels is None else stratified_order(labels, seed=seed)
    cut = count - validation_count(count, share)
    return order[:cut], order[cut:]


def column_statistics(rows: NDArray[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each column; a constant column has standard deviation 1."""
    mean = rows.mean(axis=0, dtype=np.float64)
    return tuple(mean.tolist()), safe_std(rows.std(axis=0, dtype=np.float64))


def safe_std(std: NDArray[np.float64]) -> tuple[float, ...]:
    """The deviations with 1 in place of 0, so that dividing by them is always possible."""
    return tuple(float(value) if np.isfinite(value) and value > 1e-12 else 1.0 for value in np.atleast_1d(std))
