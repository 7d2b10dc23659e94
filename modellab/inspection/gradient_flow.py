"""How the gradient flows back through a recurrent network: where it vanishes, where it grows, what depends on what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from modellab.data.base import Sample
from modellab.inspection.clamps import Clamp
from modellab.inspection.gates import check_clamp, hold_of
from modellab.inspection.precision import full_precision
from modellab.nets.recurrent import Recurrent, State
from modellab.nets.recurrent_cells import step_through

_MOST_TOKENS = 256
# Steps of all copies of the text together that the connectivity may take; and at a time: more at once are no quicker,
# and stepped through, while something is held, they leave the cache and take four times as long.
_MOST_STEPS = 1 << 16
_STEPS_AT_A_TIME = 1 << 12


@dataclass(frozen=True, kw_only=True)
class Flow:
    """norms float32 [L, D, T]: |d loss / d h_t| of each layer and direction, in the order of the text.

    connectivity float32 [S, S] of the last S tokens: the Frobenius norm of d h_t / d x_s, row t, column s, where h is
    the topmost state and x the embedding. weights_norm: of the gradient of all weights together, which is what training
    clips. target: the class or token that the loss is of; None of a regression.
    """

    loss: float
    target: int | None
    weights_norm: float
    norms: NDArray[np.float32]
    connectivity: NDArray[np.float32]
    notes: tuple[str, ...] = ()


def gradient_flow(
    model: Recurrent, sample: Sample, ids: Tensor, *, target: int | None = None, clamps: Sequence[Clamp] = ()
) -> Flow:
    """Trace the loss at the end of one text [1, T] back through time, in evaluation mode.

    target: a class, or the next token; None is what the model finds likeliest itself. Regression: half the square of
    the output. clamps: signals held while it reads; nothing flows back through what is held.

    Raises:
        UserError: a clamp names what the model has not.
    """
    (found,) = filter(None, flow_in_parts(model, sample, ids, target=target, clamps=clamps))
    return found


def flow_in_parts(
    model: Recurrent, sample: Sample, ids: Tensor, *, target: int | None = None, clamps: Sequence[Clamp] = ()
) -> Iterator[Flow | None]:
    """As `gradient_flow`, at the end; before it None many times, where the model may be used for something else."""
    for clamp in clamps:
        check_clamp(clamp, model)
    with _looking_into(model):
        loss, wanted, weights_norm, norms = _norms(model, sample, ids, target, clamps)
    yield None
    last = ids[:, -_MOST_TOKENS:]
    basis, share = _directions(model, num_tokens=last.shape[1])
    squares = torch.zeros(last.shape[1], last.shape[1])
    for steps, chosen in _pairs(last.shape[1], len(basis)):
        with _looking_into(model):
            gradient = _gradient(model, last, steps, basis[chosen], clamps, start=ids.shape[1] - last.shape[1])
        squares[:, : gradient.shape[1]].index_add_(0, steps, gradient)  # what was not read has no part in it
        yield None
    yield Flow(
        loss=loss,
        target=wanted,
        weights_norm=weights_norm,
        norms=norms,
        connectivity=np.asarray((squares / share).sqrt().numpy(), dtype=np.float32),
        notes=_notes(model, share, is_cut=last.shape[1] < ids.shape[1]),
    )


def _notes(model: Recurrent, share: float, *, is_cut: bool) -> tuple[str, ...]:
    notes = [f"What depends on what is shown for the last {_MOST_TOKENS} tokens."] if is_cut else []
    if share < 1:
        count = round(share * model.hidden_size)
        directions = "one random direction" if count == 1 else f"{count} random directions"
        notes.append(f"What depends on what is estimated from {directions}.")
    return tuple(notes)


@contextmanager
def _looking_into(model: Recurrent) -> Iterator[None]:
    was_training = model.training
    model.eval()
    try:
        with full_precision():
            yield
    finally:
        model.train(was_training)


def _norms(
    model: Recurrent, sample: Sample, ids: Tensor, target: int | None, clamps: Sequence[Clamp]
) -> tuple[float, int | None, float, NDArray[np.float32]]:
    """The loss, what it is of, the norm of the gradient of all weights, and [L, D, T].

    The layers are stepped through: inside of one call the states have no gradient to read.
    """
    kept: list[list[list[Tensor]]] = []

    def run(layer: int, direction: int, module: nn.RNNBase, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        states: list[Tensor] = []
        here = _here(clamps, layer, direction)
        hold = hold_of(here, direction=direction, start=0, num_steps=x.shape[1])

        def keep(signal: str, step: int, values: Tensor) -> Tensor:
            values = hold(signal, step, values)
            if signal == "h":
                values = values if values.requires_grad else values.requires_grad_()
                values.retain_grad()
                states.append(values)
            return values

        found, last = step_through(module, x, hold=keep, state=state)
        if direction == 0:
            kept.append([])
        kept[-1].append(states if direction == 0 else states[::-1])
        return found["h"], last

    with torch.enable_grad():
        h, _ = model.hidden(ids, run=run)  # [1, T, DH]
        outputs = model.read_out(h, ids)
        last_outputs = outputs[0, -1] if model.is_language_model else outputs[0]
        wanted = _wanted(last_outputs, sample, target)
        loss = _loss(last_outputs, wanted)
        loss.backward()
    whole = [weight.grad for weight in model.parameters() if weight.grad is not None]
    weights_norm = float(nn.utils.get_total_norm(whole)) if whole else 0.0
    model.zero_grad(set_to_none=True)
    squares = [
        torch.stack([torch.stack([_square(state.grad) for state in states]) for states in directions])
        for directions in kept
    ]
    norms = torch.stack(squares).sqrt()  # [L, D, T]
    return float(loss.detach()), wanted, weights_norm, np.asarray(norms.numpy(), dtype=np.float32)


def _here(clamps: Sequence[Clamp], layer: int, direction: int) -> list[Clamp]:
    return [clamp for clamp in clamps if (clamp.layer, clamp.direction) == (layer, direction)]


def _square(gradient: Tensor | None) -> Tensor:
    return torch.zeros(()) if gradient is None else gradient.square().sum()


def _wanted(outputs: Tensor, sample: Sample, target: int | None) -> int | None:
    """The class or token that the loss is of."""
    if sample.task == "regression":
        return None
    return int(outputs.argmax()) if target is None else target


def _loss(outputs: Tensor, wanted: int | None) -> Tensor:
    """Of outputs [K] or logits [V]."""
    if wanted is None:
        return outputs.square().sum() / 2
    return F.cross_entropy(outputs[None].float(), torch.tensor([wanted]))


def _directions(model: Recurrent, *, num_tokens: int) -> tuple[Tensor, float]:
    """Directions [k, DH] of the topmost state to look along, and what share of all they are.

    |J|^2 is the sum of |e J|^2 over an orthonormal basis e of h, of which some directions, drawn at random, stand for
    all.
    """
    width = model.hidden_size * len(model.directions[0])
    count = max(1, min(width, _MOST_STEPS // num_tokens**2))
    if count == width:
        return torch.eye(width), 1.0
    random = torch.randn(width, count, generator=torch.Generator().manual_seed(0))
    return torch.linalg.qr(random)[0].t(), count / width


def _pairs(num_tokens: int, num_directions: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Every step with every direction, some at a time: one backward pass serves them all, each with its own copy of the
    text."""
    pairs = torch.cartesian_prod(torch.arange(num_tokens), torch.arange(num_directions))  # [T k, 2]
    for some in pairs.split(max(1, _STEPS_AT_A_TIME // num_tokens)):
        yield some[:, 0], some[:, 1]


def _gradient(
    model: Recurrent, ids: Tensor, steps: Tensor, along: Tensor, clamps: Sequence[Clamp], *, start: int
) -> Tensor:
    """|d (e . h_t) / d x_s|^2 for pairs of a step t [N] and a direction e [N, DH]: [N, S] of the tokens that any of
    them has read, all where one direction reads backwards."""
    found: list[Tensor] = []
    if not model.backward_layers:
        ids = ids[:, : int(steps.max()) + 1]

    def run(layer: int, direction: int, module: nn.RNNBase, x: Tensor, _state: State | None) -> tuple[Tensor, State]:
        if layer == 0 and direction == 0:
            found.append(x.detach().requires_grad_())  # [N, T, E]
        if layer == 0:
            x = found[0] if direction == 0 else found[0].flip(1)
        if here := _here(clamps, layer, direction):
            hold = hold_of(here, direction=direction, start=start, num_steps=x.shape[1])
            signals, ended = step_through(module, x, hold=hold)
            return signals["h"], ended
        # cuDNN goes backwards in training mode alone; a layer of its own has no dropout that it would turn on.
        module.train()
        h, last = module(x)
        return h, last if isinstance(last, tuple) else (last,)

    with torch.enable_grad():
        h, _ = model.hidden(ids.expand(len(steps), -1), run=run)  # [N, T, DH]
        chosen = h[torch.arange(len(steps)), steps]  # [N, DH]
        (gradient,) = torch.autograd.grad((chosen * along).sum(), found[0])
    return gradient.square().sum(2)
