"""The gates of a recurrent net on one text, as the view holds them: who keeps what, by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.protocol import GatesHeader

Floats = NDArray[np.float32]

# By cell, in the order of the lanes: what opens and shuts first, what is held after.
LANES = {"lstm": ("i", "f", "o", "g", "c", "h"), "gru": ("r", "z", "n", "h"), "rnn": ("h",)}
GATES = frozenset("ifozr")
_KEEPS = {"lstm": "f", "gru": "z"}
_MEMORY = {"lstm": "c", "gru": "h", "rnn": "h"}
# A gate above or below these is as good as open or shut (Karpathy, Johnson and Fei-Fei 2015, section 4.2).
OPEN, SHUT = 0.9, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What of the gates is looked at; unit and token None: none in particular."""

    layer: int = 0
    direction: int = 0
    unit: int | None = None
    token: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointedDot:
    """A dot of the saturation plot: its gate and the units that share it."""

    name: str
    units: tuple[int, ...]
    opened: float
    shut: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gates:
    """arrays: [T, units] by (layer, direction, signal), float16 as a rule; tokens: T as they read.

    text: what they were cut from, where that is known. reads: the tokens as a text that reads on (`reading_on`).
    letters: of each token, where in that text it begins and ends; empty where that is not known. unknown: tokens that
    the model does not know; they read as what stands in the text. Layers that have no arrays are still on their way.
    """

    step: int
    cell: str
    num_layers: int
    num_directions: int
    num_units: int
    tokens: tuple[str, ...]
    arrays: dict[tuple[int, int, str], NDArray[Any]]
    notes: tuple[str, ...] = ()
    text: str = ""
    reads: tuple[str, ...] = ()
    letters: tuple[tuple[int, int], ...] = ()
    unknown: frozenset[int] = frozenset()

    @property
    def running(self) -> tuple[str, ...]:
        """The tokens as a text that reads on."""
        return self.reads or self.tokens

    @property
    def lanes(self) -> tuple[str, ...]:
        """The signals there are, in the order of the lanes."""
        layer = min(layer for layer, _, _ in self.arrays)
        return tuple(name for name in LANES[self.cell] if (layer, 0, name) in self.arrays)

    @property
    def gate_names(self) -> tuple[str, ...]:
        """The signals between 0 and 1."""
        return tuple(name for name in self.lanes if name in GATES)

    @property
    def keeps(self) -> str:
        """The gate that keeps the memory: f, z, or none."""
        return _KEEPS.get(self.cell, "")

    @property
    def memory(self) -> str:
        """The signal that is kept from step to step: c, or h where there is no cell."""
        return _MEMORY[self.cell]

    def lane(self, place: Place, name: str) -> NDArray[Any]:
        """One signal of the layer and direction looked at, [T, units]."""
        return self.arrays[place.layer, place.direction, name]

    def has_same(self, other: Gates, place: Place) -> bool:
        """Whether the other ones are the very same in the layer and direction looked at, whatever of others came."""
        key = place.layer, place.direction, self.memory
        return self.cell == other.cell and self.arrays.get(key) is other.arrays.get(key)

    def trace(self, place: Place, name: str) -> Floats:
        """One signal of the unit looked at, float32 [T]."""
        assert place.unit is not None
        return np.asarray(self.lane(place, name)[:, place.unit], dtype=np.float32)

    def value(self, place: Place, name: str) -> float | None:
        """What a signal is at the unit and token looked at."""
        if place.unit is None or place.token is None:
            return None
        return float(self.lane(place, name)[place.token, place.unit])

    def settle(self, place: Place) -> Place:
        """The place as far as this net and this text have it."""
        layer = place.layer if (place.layer, 0, self.memory) in self.arrays else min(self.arrays)[0]
        direction = place.direction if 0 <= place.direction < self.num_directions else 0
        unit = place.unit if place.unit is not None and 0 <= place.unit < self.num_units else None
        token = place.token if place.token is not None and 0 <= place.token < len(self.tokens) else None
        return Place(layer=layer, direction=direction, unit=unit, token=token)


def gates_from(header: GatesHeader, arrays: dict[str, NDArray[Any]], *, text: str = "") -> Gates | None:
    """Read an answer about a text; None: there is nothing in it that can be shown."""
    return gates_of(
        arrays,
        num_layers=header.num_layers,
        cell=header.cell,
        step=header.step,
        tokens=with_unknown(header.tokens, header.unknown),
        notes=header.notes,
        text=text,
        letters=header.spans,
        unknown=frozenset(header.unknown),
    )


def with_unknown(tokens: Sequence[str], unknown: Mapping[int, str]) -> tuple[str, ...]:
    """Tokens as they read; unknown: what stands in the text, by the place of the token that the model does not know."""
    return tuple(unknown.get(place) or token for place, token in enumerate(tokens))


def gates_of(
    arrays: dict[str, NDArray[Any]],
    *,
    cell: str,
    step: int,
    tokens: tuple[str, ...],
    num_layers: int = 0,
    notes: tuple[str, ...] = (),
    text: str = "",
    letters: tuple[tuple[int, int], ...] = (),
    unknown: frozenset[int] = frozenset(),
) -> Gates | None:
    """Arrays "<layer>/<direction>/<signal>" [T, units] as gates; None: they are of no recurrent layer.

    num_layers: how many there are where some may be missing.
    """
    found: dict[tuple[int, int, str], NDArray[Any]] = {}
    for key, array in arrays.items():
        parts = key.split("/")
        if len(parts) == 3 and parts[0].isdecimal() and parts[1].isdecimal():
            found[int(parts[0]), int(parts[1]), parts[2]] = array
    memory = next((array for (_, _, name), array in found.items() if name == _MEMORY.get(cell)), None)
    if memory is None or not tokens:
        return None
    # The output of a projected LSTM has other units than its gates: it cannot stand beside them.
    found = {key: array for key, array in found.items() if array.shape == (len(tokens), memory.shape[1])}
    return Gates(
        step=step,
        cell=cell,
        num_layers=max(num_layers, *(1 + layer for layer, _, _ in found)),
        num_directions=1 + max(direction for _, direction, _ in found),
        num_units=memory.shape[1],
        tokens=tokens,
        arrays=found,
        notes=notes,
        text=text,
        letters=letters,
        unknown=unknown,
    )


def tokens_of_letters(gates: Gates, first: int, end: int) -> tuple[int, int] | None:
    """The first and the last token that hold any of the letters [first, end) of the text; None: it cannot be told."""
    held = [k for k, (begins, ends) in enumerate(gates.letters) if begins < end and ends > first]
    return (held[0], held[-1]) if held and held[-1] < len(gates.tokens) else None


def budget(gates: Gates, place: Place) -> tuple[Floats, Floats] | None:
    """What the unit's memory of each step is made of, (kept, written), float32 [T] each; None for a plain RNN.

    LSTM: c_t = f c_{t-1} + i g. GRU: h_t = z h_{t-1} + (1 - z) n. A backward layer reads the text from its end.
    """
    if not gates.keeps:
        return None
    memory, keep = gates.trace(place, gates.memory), gates.trace(place, gates.keeps)
    before = np.zeros_like(memory)
    if place.direction == 0:
        before[1:] = memory[:-1]
    else:
        before[:-1] = memory[1:]
    if gates.cell == "lstm":
        return keep * before, gates.trace(place, "i") * gates.trace(place, "g")
    return keep * before, (1 - keep) * gates.trace(place, "n")


def half_life(mean_keep: float) -> float:
    """Tokens until half of a memory is gone, -ln 2 / ln f, were the gate always at its mean; inf: it never goes."""
    if mean_keep <= 0:
        return 0.0
    return -math.log(2) / math.log(mean_keep) if mean_keep < 1 else math.inf


def holds_since(keep: Floats, token: int, *, direction: int = 0) -> int:
    """The token whose memory is still held at `token`: before it, the gate was never below OPEN."""
    step = 1 if direction else -1
    while 0 <= token + step < len(keep) and keep[token] > OPEN:
        token += step
    return token


def shares(lane: NDArray[Any]) -> tuple[Floats, Floats]:
    """Of each unit [units], the share of the tokens at which it is open, and at which it is shut."""
    num_tokens = np.float32(max(1, len(lane)))
    opened = np.count_nonzero(lane > np.asarray(OPEN, dtype=lane.dtype), axis=0)
    shut = np.count_nonzero(lane < np.asarray(SHUT, dtype=lane.dtype), axis=0)
    return (opened / num_tokens).astype(np.float32), (shut / num_tokens).astype(np.float32)
