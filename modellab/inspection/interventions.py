"""Heads that are scaled and tokens that are hidden while a transformer runs, ours or one of `transformers`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.inspection.attention import kinds_by_name
from modellab.inspection.attention_functions import Change, calls_changed, can_be_heard
from modellab.inspection.clamps import Clamp, HeadScale, HiddenToken, Intervention
from modellab.nets.attention import Attention


@contextmanager
def intervening(model: nn.Module, interventions: Sequence[Intervention], *, start: int = 0) -> Iterator[None]:
    """While it is open, the model computes so; nothing is left on it afterwards.

    start: the place of the first key that the model reads, by which hidden tokens are counted. Open it before
    `listening`, which then hears what is really computed. A query that may look at nothing gathers nothing: 0.

    Raises:
        UserError: the model has no such head, or no attention that can be held.
    """
    if not interventions:
        yield
        return
    held = [one for one in interventions if isinstance(one, Clamp)]
    if held:
        raise UserError(f"Only the gates of recurrent networks can be held; {type(model).__name__} has none.")
    scales = [one for one in interventions if isinstance(one, HeadScale)]
    hidden = [one.place - start for one in interventions if isinstance(one, HiddenToken) and one.place >= start]
    own = {name: module for name, module in model.named_modules() if isinstance(module, Attention)}
    with ExitStack() as stack:
        if own:
            _hold_own(stack, own, scales, hidden)
        elif can_be_heard(model):
            _hold_calls(stack, model, scales, hidden)
        else:
            raise UserError(f"A {type(model).__name__} has no heads to scale and no tokens to hide from them.")
        yield


def signals_held(interventions: Sequence[Intervention]) -> tuple[Clamp, ...]:
    """Of interventions on a recurrent model: all of them.

    Raises:
        UserError: one is of a transformer.
    """
    found = tuple(one for one in interventions if isinstance(one, Clamp))
    if len(found) != len(interventions):
        raise UserError("A recurrent network has no heads to scale and no tokens to hide from them.")
    return found


def _factors(name: str, num_heads: int, scales: Sequence[HeadScale]) -> list[float] | None:
    """By head of the attention of that name; None: as they are."""
    own = [scale for scale in scales if scale.module == name]
    if not own:
        return None
    factors = [1.0] * num_heads
    for scale in own:
        if not 0 <= scale.head < num_heads:
            raise UserError(f"There is no head {scale.head} in {name}; it has heads 0 to {num_heads - 1}.")
        if not math.isfinite(scale.factor):
            raise UserError(f"A head is scaled by a number; {scale.factor} is none.")
        factors[scale.head] *= scale.factor
    return factors


def _check_modules(scales: Sequence[HeadScale], names: set[str]) -> None:
    for scale in scales:
        if scale.module not in names:
            raise UserError(
                f"This model has no attention named {scale.module}; remove what is done to its head {scale.head}."
            )


# Our own nets, by their Taps


def _hold_own(stack: ExitStack, own: dict[str, Attention], scales: Sequence[HeadScale], hidden: Sequence[int]) -> None:
    _check_modules(scales, set(own))
    is_across = any(module.kind == "cross" for module in own.values())
    for name, module in own.items():
        factors = _factors(name, module.num_heads, scales)
        if factors is not None:
            stack.callback(module.heads.register_forward_hook(_scaler(factors)).remove)
        if hidden and not (is_across and module.kind == "decoder"):
            hider = _Hider(hidden)
            stack.callback(module.key.register_forward_hook(hider.see_keys).remove)
            stack.callback(module.mask.register_forward_hook(hider.change_mask).remove)


def _scaler(factors: Sequence[float]) -> Callable[[nn.Module, object, Tensor], Tensor]:
    def scale(_module: nn.Module, _inputs: object, heads: Tensor) -> Tensor:
        return heads * torch.tensor(factors, dtype=heads.dtype, device=heads.device)[:, None, None]  # [B, H, Nq, d]

    return scale


class _Hider:
    """Takes keys out of one attention's mask, which may be none: the keys, just before, tell how many there are."""

    def __init__(self, places: Sequence[int]) -> None:
        self._places = places
        self._keys: Tensor | None = None

    def see_keys(self, _module: nn.Module, _inputs: object, keys: Tensor) -> None:
        self._keys = keys  # [B, H, Nk, d]

    def change_mask(self, _module: nn.Module, _inputs: object, mask: Tensor | None) -> Tensor | None:
        """bool [B, Nk]."""
        keys, self._keys = self._keys, None
        assert keys is not None, "an attention hands its keys through their Tap before the mask"
        num_keys = keys.shape[2]
        places = [place for place in self._places if place < num_keys]
        if not places:
            return mask
        mask = torch.ones(len(keys), num_keys, dtype=torch.bool, device=keys.device) if mask is None else mask.clone()
        mask[:, places] = False
        return mask


# Those of transformers, by the attention function


def _hold_calls(stack: ExitStack, model: nn.Module, scales: Sequence[HeadScale], hidden: Sequence[int]) -> None:
    kind_of = kinds_by_name(model)
    _check_modules(scales, {name for name, _ in kind_of.values()})

    def change(module: nn.Module, num_heads: int) -> Change:
        name, kind = kind_of.get(module, ("", None))  # the kind is told of an encoder-decoder alone
        return Change(hidden=() if kind == "decoder" else tuple(hidden), factors=_factors(name, num_heads, scales))

    stack.enter_context(calls_changed(model, change))
