"""Interventions: what of a model is held, switched off or hidden while it reads. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from modellab.text.tokenizer import MARK


class Clamp(msgspec.Struct, frozen=True, kw_only=True, tag="signal"):
    """An intervention: a signal of a recurrent layer held at a value while the model runs.

    direction: 0 forward, 1 backward. signal: "i", "f", "g", "o", "c", "h" (LSTM), "r", "z", "n", "h" (GRU), "h" (RNN).
    unit None is every unit; first, last: tokens at which it is held, both counted, None for the ends.
    """

    layer: int
    signal: str
    value: float
    direction: int = 0
    unit: int | None = None
    first: int | None = None
    last: int | None = None


class HeadScale(msgspec.Struct, frozen=True, kw_only=True, tag="head"):
    """An intervention: what one head of an attention says is multiplied by a factor; 0 switches it off.

    module: the attention's dotted name in the model. layer, kind: where a person finds it, the layer counted from 0
    among those of its kind; kind "" where the model has but one.
    """

    module: str
    head: int
    factor: float = 0.0
    layer: int = 0
    kind: Literal["", "encoder", "decoder", "cross"] = ""


class HiddenToken(msgspec.Struct, frozen=True, kw_only=True, tag="token"):
    """An intervention: no query of any layer looks at this token, itself neither; its own query still looks.

    place: among the tokens of the text that is read. token: how it reads; in a text that has another token there
    nothing is hidden. A translator's own words cannot be hidden.
    """

    place: int
    token: str


Intervention = Clamp | HeadScale | HiddenToken


def in_force(
    interventions: Sequence[Intervention], tokens: Sequence[str]
) -> tuple[tuple[Intervention, ...], tuple[str, ...]]:
    """Those that this text has, and a sentence for each hidden token that it has not; tokens: as they read."""
    kept: list[Intervention] = []
    notes = []
    for one in interventions:
        is_there = not isinstance(one, HiddenToken) or _is_token(tokens[one.place : one.place + 1], one.token)
        if is_there:
            kept.append(one)
        else:
            assert isinstance(one, HiddenToken)
            notes.append(f"Token {one.place + 1} of this text is not “{one.token}”, so it is not hidden.")
    return tuple(kept), tuple(notes)


def _is_token(there: Sequence[str], token: str) -> bool:
    """Whether that token is there; those that the model does not know are one to it, however they stand in the text."""
    return list(there) in ([token], [MARK])
