"""What a Hugging Face model's attention layers are called with, while they run on fused attention."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.nets.pretrained import Pretrained
from modellab.pretrained.opening import library

_NAME = "modellab_kept"
_listeners = threading.local()


@dataclass(frozen=True, kw_only=True, eq=False)
class Call:
    """One attention layer's call. mask: bool, or added to the scores; bias: added to them (T5's positions)."""

    module: nn.Module
    query: Tensor  # [B, H, Nq, d]
    key: Tensor  # [B, G, Nk, d]
    mask: Tensor | None
    bias: Tensor | None
    scale: float
    is_causal: bool
    softcap: float | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is changed of a call. hidden: keys that no query looks at; factors: what each head's answer is multiplied
    with, None: nothing."""

    hidden: tuple[int, ...] = ()
    factors: Sequence[float] | None = None


@contextmanager
def calls_kept(model: nn.Module, keep: Callable[[Call], object]) -> Iterator[None]:
    """While it is open, every attention call of this thread is told to `keep`.

    Both an attention and a mask function are registered: without the second, padded rows come out wrong.

    Raises:
        UserError: the model computes its attention in a way of its own, or is none of `transformers`.
    """
    with _through_ours(model, "keep", keep):
        yield


@contextmanager
def calls_changed(model: nn.Module, change: Callable[[nn.Module, int], Change]) -> Iterator[None]:
    """While it is open, every attention call of this thread is changed as `change` says of its module and its number
    of heads; `calls_kept` then keeps the changed call.

    Raises:
        UserError: as `calls_kept`.
    """
    with _through_ours(model, "change", change):
        yield


def can_be_heard(model: nn.Module) -> bool:
    """Whether the model's attention can be looked into and changed."""
    model = _theirs(model)
    return isinstance(model, library().PreTrainedModel) and bool(model._can_set_attn_implementation())


@contextmanager
def _through_ours(model: nn.Module, role: str, listener: Callable[..., object]) -> Iterator[None]:
    """The model's attention goes through `_attend`, which asks this thread's listener of that role."""
    model = _theirs(model)
    if not isinstance(model, library().PreTrainedModel):
        raise UserError(f"A {type(model).__name__} model has no attention to show; choose a transformer.")
    if not model._can_set_attn_implementation():
        raise UserError(
            f"{type(model).__name__} computes its attention in a way of its own, which cannot be looked into; "
            "choose a model that can use scaled_dot_product_attention."
        )
    _register()
    configs = _configs(model)
    before = [(config, config._attn_implementation_internal) for config in configs]
    outer = getattr(_listeners, role, None)
    try:
        for config in configs:
            config._attn_implementation_internal = _NAME
        setattr(_listeners, role, listener)
        yield
    finally:
        setattr(_listeners, role, outer)
        for config, implementation in before:
            config._attn_implementation_internal = implementation


def _theirs(model: nn.Module) -> nn.Module:
    """Of a fine-tuned model the one of `transformers`."""
    return model.model if isinstance(model, Pretrained) else model


def _configs(model: nn.Module) -> list[Any]:
    """Every configuration that a part of the model reads, once each."""
    found: dict[int, Any] = {}
    for module in model.modules():
        config = getattr(module, "config", None)
        if hasattr(config, "_attn_implementation_internal"):
            found[id(config)] = config
            for name in getattr(config, "sub_configs", {}):
                part = getattr(config, name, None)
                if hasattr(part, "_attn_implementation_internal"):
                    found[id(part)] = part
    return list(found.values())


def _register() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    if _NAME not in AttentionInterface._global_mapping:
        AttentionInterface.register(_NAME, _attend)
        AttentionMaskInterface.register(_NAME, sdpa_mask)


def _attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    position_bias: Tensor | None = None,
    softcap: float | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """As `transformers`' own fused attention, which it calls; changes and keeps what it is called with."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if options.get("s_aux") is not None:
        raise UserError("This model has learned attention sinks, which cannot be looked into yet.")
    causal = bool(is_causal if is_causal is not None else getattr(module, "is_causal", True))
    change = getattr(_listeners, "change", None)
    changed: Change = Change() if change is None else change(module, query.shape[1])
    attention_mask = _without(changed.hidden, attention_mask, query, key, is_causal=causal)
    call = Call(
        module=module,
        query=query,
        key=key,
        mask=attention_mask,
        bias=position_bias,
        scale=scaling if scaling is not None else query.shape[-1] ** -0.5,
        is_causal=causal,
        softcap=softcap,
    )
    keep = getattr(_listeners, "keep", None)
    if keep is not None:
        keep(call)
    if softcap is not None:
        return _scaled(_capped(call, value), changed.factors), None
    output, _ = sdpa_attention_forward(
        module,
        query,
        key,
        value,
        attention_mask,
        dropout=dropout,
        scaling=scaling,
        is_causal=is_causal,
        position_bias=position_bias,
        **options,
    )
    return _scaled(output, changed.factors), None


def _without(
    hidden: Sequence[int], mask: Tensor | None, query: Tensor, key: Tensor, *, is_causal: bool
) -> Tensor | None:
    """The mask, bool or added to the scores, with these keys hidden from every query: [B, 1 or H, Nq, Nk]."""
    num_queries, num_keys = query.shape[2], key.shape[2] if mask is None else mask.shape[-1]
    places = [place for place in hidden if place < num_keys]
    if not places:
        return mask
    if mask is None:
        mask = torch.ones(1, 1, num_queries, num_keys, dtype=torch.bool, device=query.device)
        if is_causal and num_queries > 1:
            mask = mask.tril(num_keys - num_queries)
    mask = mask.clone()
    mask[..., places] = False if mask.dtype == torch.bool else torch.finfo(mask.dtype).min
    return mask


def _scaled(output: Tensor, factors: Sequence[float] | None) -> Tensor:
    """What the heads say, [B, Nq, H, d], each times its factor."""
    if factors is None:
        return output
    return output * torch.tensor(factors, dtype=output.dtype, device=output.device)[:, None]


def _capped(call: Call, value: Tensor) -> Tensor:
    """Attention whose scores are capped, which no fused kernel has: [B, Nq, H, d]."""
    together = call.query.shape[1] // call.key.shape[1]
    key, value = (part.repeat_interleave(together, dim=1) for part in (call.key, value))
    assert call.softcap is not None
    scores = call.softcap * torch.tanh(call.query @ key.transpose(2, 3) * call.scale / call.softcap)
    lowest = torch.finfo(scores.dtype).min
    if call.mask is None and call.is_causal and scores.shape[2] > 1:
        scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), lowest)
    elif call.mask is not None:
        scores = scores.masked_fill(~call.mask, lowest) if call.mask.dtype == torch.bool else scores + call.mask
    shares = scores.softmax(dim=-1, dtype=torch.float32).to(value.dtype)
    return (shares @ value).transpose(1, 2).contiguous()
