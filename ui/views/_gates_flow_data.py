"""How far back the loss at the end of a text reaches, and what of it depends on what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from ui.plots.ticks import format_log
from ui.views._gates_data import Floats, with_unknown
from ui.views._tokens import quoted, quoted_in
from ui.widgets.numbers import fixed, number
from workers.protocol import GradientFlow

_STEADY_DECADES = 2.0
_TOLD_DECADES = 5.0  # beyond it the power of ten is told alone
_FLOOR_DECADES = 6.0  # below the largest; what is smaller is as good as nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """norms: [layers, directions, T] gradient of the loss by each hidden state. connectivity: [S, S] of the last S
    tokens.

    weights_norm: of the gradient of all weights together, clip_norm: what the run clips that to, if it does. unknown:
    tokens that the model does not know.
    """

    step: int
    tokens: tuple[str, ...]
    loss: float
    weights_norm: float
    clip_norm: float | None
    norms: Floats
    connectivity: Floats
    notes: tuple[str, ...] = ()
    target: str = ""  # the class, or the next token, that the loss is of
    is_next_token: bool = False
    unknown: frozenset[int] = frozenset()

    def place(self, layer: int, direction: int) -> tuple[int, int]:
        """As far as there are such layers and directions."""
        return min(layer, self.norms.shape[0] - 1), min(direction, self.norms.shape[1] - 1)

    def rows(self) -> list[tuple[int, int]]:
        """Each layer and direction."""
        return [(layer, direction) for layer in range(self.norms.shape[0]) for direction in range(self.norms.shape[1])]

    def name(self, layer: int, direction: int) -> str:
        """layer 2, and which way it reads where there are two."""
        way = (" →", " ←")[direction] if self.norms.shape[1] > 1 else ""
        return _tr("layer {n}").format(n=layer + 1) + way

    @property
    def clipped(self) -> float:
        """What is left of every gradient when that of all weights is clipped as in the run; 1: all of it."""
        if self.clip_norm is None or not self.weights_norm > self.clip_norm:
            return 1.0
        return self.clip_norm / self.weights_norm

    @property
    def first_connected(self) -> int:
        """The token that row and column 0 of the connectivity stand for."""
        return len(self.tokens) - len(self.connectivity)


def flow_from(answer: GradientFlow, arrays: dict[str, NDArray[Any]]) -> Flow:
    """Read an answer."""
    return Flow(
        step=answer.step,
        tokens=with_unknown(answer.tokens, answer.unknown),
        unknown=frozenset(answer.unknown),
        loss=answer.loss,
        weights_norm=answer.weights_norm,
        clip_norm=answer.clip_norm,
        norms=np.asarray(arrays["norms"], dtype=np.float32),
        connectivity=np.asarray(arrays["connectivity"], dtype=np.float32),
        notes=answer.notes,
        target=answer.target,
        is_next_token=answer.is_next_token,
    )


def log_bounds(values: Floats) -> tuple[float, float]:
    """Whole decades around the positive values, at most so many below the largest."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return -6.0, 0.0
    top = math.ceil(math.log10(float(positive.max())) + 1e-9)
    bottom = math.floor(math.log10(float(positive.min())))
    return max(bottom, top - _FLOOR_DECADES) if bottom < top else top - 1.0, float(top)


def verdict(flow: Flow, layer: int, direction: int = 0) -> str:
    """Whether the gradient vanishes or explodes on its way back, in decades; a backward layer reads the last token
    first."""
    layer, direction = flow.place(layer, direction)
    norms = flow.norms[layer, direction]
    if direction:
        return _verdict(flow.tokens[::-1], norms[::-1], begins=_tr("the last token"), ends=_tr("the first"))
    return _verdict(flow.tokens, norms, begins=_tr("the first token"), ends=_tr("the last"))


def _verdict(tokens: tuple[str, ...], norms: Floats, *, begins: str, ends: str) -> str:
    """Both in the order of reading, which begins and ends at these tokens."""
    first, last = float(norms[0]), float(norms[-1])
    if not np.any(norms != 0):
        return _tr("No gradient reaches this layer")
    if len(norms) < 2:
        return _tr("{norm} at the only token").format(norm=number(last, digits=2))
    if not last > 0:
        return _only_before_the_end(tokens, norms, ends=ends)
    if not first > 0:
        return _tr("Vanishes: no gradient reaches {begins}").format(begins=begins)
    decades = math.log10(first / last)
    if decades < -_STEADY_DECADES:
        said = _tr("Vanishes: {times} times smaller at {begins} than at {ends}")
    elif decades > _STEADY_DECADES:
        said = _tr("Explodes: {times} times larger at {begins} than at {ends}")
    else:
        said = _tr("Reaches back: {first} at {begins}, {last} at {ends}")
    is_short = abs(decades) < _TOLD_DECADES
    times = (
        number(10 ** abs(decades), digits=2) if is_short else _tr("over {n}").format(n=format_log(1, int(abs(decades))))
    )
    first_told, last_told = number(first, digits=2), number(last, digits=2)
    return said.format(times=times, begins=begins, ends=ends, first=first_told, last=last_told)


def loss_words(flow: Flow) -> str:
    """What is traced back: the loss, and of what."""
    loss = fixed(flow.loss, decimals=3)
    if not flow.target:
        return _tr("Loss {loss}.").format(loss=loss)
    if flow.is_next_token:
        return _tr("Loss {loss} for {target} next, the likeliest.").format(loss=loss, target=quoted(flow.target))
    return _tr("Loss {loss} for {target}, the likeliest.").format(loss=loss, target=flow.target)


def _only_before_the_end(tokens: tuple[str, ...], norms: Floats, *, ends: str) -> str:
    """The last token read has no share in the loss, as where the largest values of all tokens are pooled."""
    if not np.all(np.isfinite(norms)):
        return _tr("Explodes: the gradient is beyond all numbers")
    most = int(norms.argmax())
    return _tr("Most at {token}, {norm}; none at {ends} token").format(
        token=quoted_in(tokens, most), norm=number(float(norms[most]), digits=2), ends=ends
    )


def clipping(flow: Flow) -> str:
    """What the run's clipping would make of the gradient of this text."""
    norm = number(flow.weights_norm, digits=3)
    if flow.clip_norm is None:
        return _tr("For this text alone the gradient of all weights has norm {norm}; the run clips none.").format(
            norm=norm
        )
    limit = f"{flow.clip_norm:g}"
    if flow.clipped == 1.0:
        told = _tr(
            "For this text alone the gradient of all weights has norm {norm}, below {limit}, at which the run clips."
        )
        return told.format(norm=norm, limit=limit)
    told = _tr(
        "For this text alone the gradient of all weights has norm {norm}: clipped to {limit}, as the run clips, "
        "{share} % of it would be left (orange line)."
    )
    return told.format(norm=norm, limit=limit, share=number(100 * flow.clipped, digits=2))


def _tr(text: str) -> str:
    return QCoreApplication.translate("GatesView", text)
