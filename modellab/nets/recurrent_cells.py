"""What happens inside a recurrent layer: its gates replayed from its weights, or stepped through and held.

Notation as in torch.nn: of an LSTM i, f, g, o, c, h; of a GRU r, z, n, h; of a simple RNN h.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Literal, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CellName = Literal["rnn", "gru", "lstm"]
Signals = dict[str, Tensor]  # each [B, T, H], in the order of SIGNALS
Hold = Callable[[str, int, Tensor], Tensor]  # (signal, step, its values [B, H]) to what they are held at

SIGNALS: dict[CellName, tuple[str, ...]] = {
    "lstm": ("i", "f", "g", "o", "c", "h"),
    "gru": ("r", "z", "n", "h"),
    "rnn": ("h",),
}


class Weights(NamedTuple):
    """Of one layer and direction; rows by gate. A missing bias is zeros. `nonlinearity` is a simple RNN's."""

    cell: CellName
    nonlinearity: str
    w_ih: Tensor  # [G * H, D]
    w_hh: Tensor  # [G * H, H], of a projected LSTM [G * H, P]
    b_ih: Tensor  # [G * H]
    b_hh: Tensor  # [G * H]
    w_hr: Tensor | None  # [P, H] of a projected LSTM


def cell_of(module: nn.RNNBase) -> CellName:
    """What kind of layer it is."""
    return "lstm" if isinstance(module, nn.LSTM) else "gru" if isinstance(module, nn.GRU) else "rnn"


def weights_of(module: nn.RNNBase, *, suffix: str = "l0") -> Weights:
    """The weights of a layer and direction; suffix as torch names them: "l0", "l1_reverse"."""
    w_ih, w_hh = (
        cast(Tensor, getattr(module, f"weight_ih_{suffix}")),
        cast(Tensor, getattr(module, f"weight_hh_{suffix}")),
    )
    zeros = w_ih.new_zeros(len(w_ih))
    return Weights(
        cell=cell_of(module),
        nonlinearity=str(getattr(module, "nonlinearity", "tanh")),
        w_ih=w_ih,
        w_hh=w_hh,
        b_ih=cast(Tensor, getattr(module, f"bias_ih_{suffix}")) if module.bias else zeros,
        b_hh=cast(Tensor, getattr(module, f"bias_hh_{suffix}")) if module.bias else zeros,
        w_hr=cast(Tensor, getattr(module, f"weight_hr_{suffix}")) if getattr(module, "proj_size", 0) else None,
    )


def replay(module: nn.RNNBase, x: Tensor, h: Tensor, state: tuple[Tensor, ...] | None = None) -> Signals:
    """Every signal [B, T, H] of a layer of one direction, from what it read and what it said.

    x [B, T, D], h [B, T, H], state: what it began with (zeros if None). As h is known, so is the state before each
    step, and the gates of all steps come from one product with each weight matrix; only c has to go through the steps.
    """
    weights = weights_of(module)
    if weights.cell == "rnn":
        return {"h": h}
    first = state[0] if state is not None else torch.zeros_like(h[:, 0])  # [B, H]
    before = torch.cat([first[:, None], h[:, :-1]], dim=1)  # [B, T, H]
    if weights.cell == "gru":
        from_x, from_h = F.linear(x, weights.w_ih, weights.b_ih), F.linear(before, weights.w_hh, weights.b_hh)
        return {**_gru_gates(from_x, from_h), "h": h}
    sums = F.linear(x, weights.w_ih, weights.b_ih + weights.b_hh)  # [B, T, 4H]
    sums.flatten(0, 1).addmm_(before.flatten(0, 1), weights.w_hh.T)
    i, f, g, o = sums.chunk(4, dim=2)  # [B, T, H] each
    i.sigmoid_(), f.sigmoid_(), _tanh_(g), o.sigmoid_()
    return {"i": i, "f": f, "g": g, "o": o, "c": _remembered(i, f, g, state), "h": h}


def _tanh_(x: Tensor) -> Tensor:
    """In place, as 2 sigmoid(2x) - 1: on a CPU torch's tanh takes ten times as long; they differ by 1e-7."""
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)


def _remembered(i: Tensor, f: Tensor, g: Tensor, state: tuple[Tensor, ...] | None) -> Tensor:
    """c_t = f_t * c_{t-1} + i_t * g_t, [B, T, H].

    In blocks of K steps, all of them at once: from zero within each block, then from block to block. That takes
    2 sqrt(T) small operations in place of T.
    """
    num_texts, num_steps, size = i.shape
    first = state[1] if state is not None else i.new_zeros(num_texts, size)  # [B, H]
    block = math.isqrt(num_steps - 1) + 1
    num_blocks = -(-num_steps // block)
    shape, missing = (num_texts, num_blocks, block, size), num_blocks * block - num_steps
    kept = F.pad(f, (0, 0, 0, missing)).view(shape)  # [B, N, K, H]
    c = F.pad(i * g, (0, 0, 0, missing)).view(shape)
    steps = c.unbind(2)
    for before, now, share in zip(steps[:-1], steps[1:], kept.unbind(2)[1:], strict=True):
        now.addcmul_(share, before)  # [B, N, H]
    kept = kept.cumprod(2)  # what is left of the block's first c
    ends, starts = c[:, :, -1].unbind(1), [first]
    for end, left in zip(ends[:-1], kept[:, :-1, -1].unbind(1), strict=True):
        starts.append(torch.addcmul(end, left, starts[-1]))  # [B, H]
    c.addcmul_(kept, torch.stack(starts, dim=1)[:, :, None])
    return c.flatten(1, 2)[:, :num_steps]


def step_through(
    module: nn.RNNBase,
    x: Tensor,
    *,
    hold: Hold | None = None,
    state: tuple[Tensor, ...] | None = None,
) -> tuple[Signals, tuple[Tensor, ...]]:
    """As the layer itself, one step after the other, and every signal may be held at other values as it comes.

    x [B, T, D]. Gives the signals [B, T, H] and the last state. Slow (a Python loop), and differentiable: the states of
    the steps are tensors of the graph.
    """
    weights = weights_of(module)
    held = hold or (lambda _signal, _step, values: values)
    from_x = F.linear(x, weights.w_ih, weights.b_ih)  # [B, T, GH]
    size = weights.w_hh.shape[1]
    h = state[0] if state is not None else x.new_zeros(len(x), size)  # [B, H]
    c = state[1] if state is not None and len(state) == 2 else x.new_zeros(len(x), len(weights.w_ih) // 4)
    steps: list[Signals] = []
    for step in range(x.shape[1]):
        sums = F.linear(h, weights.w_hh, weights.b_hh)  # [B, GH]
        found = _STEPS[weights.cell](weights, from_x[:, step], sums, h, c, functools.partial(_held, held, step))
        h, c = found["h"], found.get("c", c)
        steps.append(found)
    signals = {name: torch.stack([found[name] for found in steps], dim=1) for name in SIGNALS[weights.cell]}
    return signals, (h, c) if weights.cell == "lstm" else (h,)


_Keep = Callable[[str, Tensor], Tensor]


def _held(hold: Hold, step: int, signal: str, values: Tensor) -> Tensor:
    return hold(signal, step, values)


def _lstm_step(weights: Weights, from_x: Tensor, from_h: Tensor, _h: Tensor, c: Tensor, keep: _Keep) -> Signals:
    i, f, g, o = (from_x + from_h).chunk(4, dim=1)  # [B, H] each
    i, f, g, o = keep("i", i.sigmoid()), keep("f", f.sigmoid()), keep("g", g.tanh()), keep("o", o.sigmoid())
    c = keep("c", f * c + i * g)
    h = o * c.tanh()
    if weights.w_hr is not None:
        h = F.linear(h, weights.w_hr)  # [B, P]
    return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": keep("h", h)}


def _gru_step(_weights: Weights, from_x: Tensor, from_h: Tensor, h: Tensor, _c: Tensor, keep: _Keep) -> Signals:
    x_r, x_z, x_n = from_x.chunk(3, dim=1)  # [B, H] each
    h_r, h_z, h_n = from_h.chunk(3, dim=1)
    r, z = keep("r", (x_r + h_r).sigmoid()), keep("z", (x_z + h_z).sigmoid())
    n = keep("n", (x_n + r * h_n).tanh())
    return {"r": r, "z": z, "n": n, "h": keep("h", (1 - z) * n + z * h)}


def _rnn_step(weights: Weights, from_x: Tensor, from_h: Tensor, _h: Tensor, _c: Tensor, keep: _Keep) -> Signals:
    squash = torch.relu if weights.nonlinearity == "relu" else torch.tanh
    return {"h": keep("h", squash(from_x + from_h))}


_STEPS: dict[CellName, Callable[[Weights, Tensor, Tensor, Tensor, Tensor, _Keep], Signals]] = {
    "lstm": _lstm_step,
    "gru": _gru_step,
    "rnn": _rnn_step,
}


def _gru_gates(from_x: Tensor, from_h: Tensor) -> Signals:
    """r, z and n [B, T, H] of what comes from the input and from the state before, [B, T, 3H] each."""
    x_r, x_z, x_n = from_x.chunk(3, dim=2)
    h_r, h_z, h_n = from_h.chunk(3, dim=2)
    r, z = (x_r + h_r).sigmoid_(), (x_z + h_z).sigmoid_()
    return {"r": r, "z": z, "n": _tanh_(x_n + r * h_n)}
