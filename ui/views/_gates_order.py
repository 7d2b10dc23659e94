"""In which order the raster shows the units: as they are, by what they keep, or like beside like."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ui.views._gates_data import Gates, Place, half_life

Order = Literal["raw", "keep", "half_life", "cluster", "span"]
Rows = NDArray[np.intp]
Span = tuple[int, int]  # first and last token, both counted

_MOST_CLUSTERED = 1024  # the cube of this is what a frame can bear
_MOST_STEPS = 512


def order_units(gates: Gates, place: Place, *, by: Order, span: Span | None = None) -> Rows:
    """Units from the top row to the last; what cannot be told of this net leaves them as they are."""
    memory = gates.lane(place, gates.memory)
    values = order_values(gates, place, by=by, span=span)
    if values is not None:
        return np.argsort(-values, kind="stable")
    if by == "cluster" and len(memory) > 1 and memory.shape[1] > 2:
        return cluster(memory)
    return np.arange(memory.shape[1])


def order_values(gates: Gates, place: Place, *, by: Order, span: Span | None = None) -> NDArray[np.float32] | None:
    """The number that the units are ordered by [units], the largest on top; None where there is none.

    A half-life is endless for a unit that never forgets, and has a meaning only where there is a gate that keeps.
    """
    if by in ("keep", "half_life") and gates.keeps:
        means = gates.lane(place, gates.keeps).mean(axis=0, dtype=np.float32)
        if by == "keep":
            return np.asarray(means, dtype=np.float32)
        return np.array([half_life(float(mean)) for mean in means], dtype=np.float32)
    if by == "span" and span is not None:
        return span_correlation(gates.lane(place, gates.memory), span)
    return None


def span_correlation(memory: NDArray[Any], span: Span) -> NDArray[np.float32]:
    """Pearson correlation [units] of each unit's trace [T, units] with being inside the span."""
    inside = np.zeros(len(memory), dtype=np.float32)
    inside[span[0] : span[1] + 1] = 1
    inside -= inside.mean()
    traces = _standard(np.asarray(memory, dtype=np.float32))
    norm = float(np.linalg.norm(inside)) or 1.0
    return np.asarray(inside @ traces / norm, dtype=np.float32)


def cluster(memory: NDArray[Any]) -> Rows:
    """Leaves of an average-linkage tree over the correlations of the traces [T, units], turned so that ends meet.

    Found by chains of nearest neighbours (Murtagh 1983): each round is one line of the matrix. Beyond a thousand units
    the place along the first principal component has to do.
    """
    stride = max(1, len(memory) // _MOST_STEPS)
    traces = _standard(np.asarray(memory[::stride], dtype=np.float32))  # [T, units]
    num_units = traces.shape[1]
    if num_units > _MOST_CLUSTERED:
        return np.argsort(_first_component(traces), kind="stable")
    distance = 1 - traces.T @ traces
    original = distance.copy()
    np.fill_diagonal(distance, np.inf)
    sizes = np.ones(num_units)
    leaves: list[list[int]] = [[unit] for unit in range(num_units)]
    living = np.ones(num_units, dtype=bool)
    chain: list[int] = []
    for _ in range(num_units - 1):
        while True:
            if not chain:
                chain.append(int(living.argmax()))
            last = chain[-1]
            nearest = int(distance[last].argmin())
            # The one before wins a tie, or the chain could go round for ever.
            if len(chain) > 1 and distance[last, chain[-2]] <= distance[last, nearest]:
                nearest = chain[-2]
                break
            chain.append(nearest)
        del chain[-2:]
        _merge(distance, sizes, first=last, second=nearest)
        leaves[last] = _joined(leaves[last], leaves[nearest], original)
        leaves[nearest] = []
        living[nearest] = False
    return np.array(next(line for line in leaves if line), dtype=np.intp)


def _merge(distance: NDArray[Any], sizes: NDArray[Any], *, first: int, second: int) -> None:
    """Put the average of both into `first`, and `second` out of everyone's reach."""
    total = sizes[first] + sizes[second]
    line = (distance[first] * sizes[first] + distance[second] * sizes[second]) / total
    line[[first, second]] = np.inf
    distance[first] = distance[:, first] = line
    distance[second] = distance[:, second] = np.inf
    sizes[first] = total


def _joined(left: list[int], right: list[int], distance: NDArray[Any]) -> list[int]:
    """Both lines as one, each turned so that the ends that meet are the nearest."""
    ways = (
        (distance[left[-1], right[0]], left, right),
        (distance[left[-1], right[-1]], left, right[::-1]),
        (distance[left[0], right[0]], left[::-1], right),
        (distance[left[0], right[-1]], left[::-1], right[::-1]),
    )
    _, before, after = min(ways, key=lambda way: float(way[0]))
    return before + after


def _standard(traces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Columns of mean 0 and length 1; one that never changes becomes 0."""
    traces = traces - traces.mean(axis=0)
    lengths = np.linalg.norm(traces, axis=0)
    return np.asarray(traces / np.where(lengths > 1e-6, lengths, np.inf), dtype=np.float32)


def _first_component(traces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each unit's loading on the direction most of them share, by power iteration."""
    loading = np.linspace(-1, 1, traces.shape[1], dtype=np.float32)
    for _ in range(30):
        loading = traces.T @ (traces @ loading)
        loading /= float(np.linalg.norm(loading)) or 1.0
    return loading
