"""Where transformers look, for any input: from the queries and keys of layers that train on fused attention."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.inspection.attention_functions import Call, calls_kept
from modellab.nets.attention import Attention, AttentionKind, triangle
from modellab.pretrained.folder import PretrainedFolder

KINDS: tuple[AttentionKind, ...] = ("encoder", "decoder", "cross")


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """What one layer computes its attention from, of a batch of B inputs.

    query: [B, H, Nq, d]. key: [B, G, Nk, d]; G < H where heads share keys. scale: what q k is multiplied with.
    mask: what may be looked at, bool, broadcastable to [B, H, Nq, Nk]; None is all (is_causal: all up to the query).
    bias: added to the scores, broadcastable to [B, H, Nq, Nk]. softcap: scores become softcap tanh(scores / softcap).
    """

    name: str
    kind: AttentionKind
    query: Tensor
    key: Tensor
    scale: float
    is_causal: bool = False
    mask: Tensor | None = None
    bias: Tensor | None = None
    softcap: float | None = None

    @property
    def num_heads(self) -> int:
        """Heads that look; keys may be shared among them."""
        return int(self.query.shape[1])

    def allowed(self, row: int = 0) -> Tensor | None:
        """What each query of an input may look at, bool [Nq, Nk] or [H, Nq, Nk]; None: everything."""
        num_queries, num_keys = self.query.shape[2], self.key.shape[2]
        if self.mask is not None:
            found = self.mask[min(row, len(self.mask) - 1)]  # [1 or H, 1 or Nq, Nk]
            found = found[0] if len(found) == 1 else found
            return found.expand(*found.shape[:-2], num_queries, num_keys)
        if not self.is_causal or num_queries == 1:
            return None
        return triangle(num_queries, num_keys, device=self.query.device)

    def weights(self, row: int = 0) -> Tensor:
        """softmax(q k^T scale + bias) over what may be looked at: float32 [H, Nq, Nk] of one input.

        A query that may look at nothing gathers nothing from fused attention: its shares are 0.
        """
        query, key = self.query[row].float(), self.key[row].float()
        if len(key) != len(query):
            key = key.repeat_interleave(len(query) // len(key), dim=0)  # [H, Nk, d]
        scores = query @ key.transpose(1, 2) * self.scale  # [H, Nq, Nk]
        if self.softcap is not None:
            scores = self.softcap * torch.tanh(scores / self.softcap)
        if self.bias is not None:
            scores = scores + self.bias[min(row, len(self.bias) - 1)].float()
        allowed = self.allowed(row)
        if allowed is not None:
            scores = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
            return scores.softmax(dim=-1) * allowed.any(-1, keepdim=True)
        return scores.softmax(dim=-1)


@contextmanager
def listening(model: nn.Module) -> Iterator[list[Layer]]:
    """While it is open, every attention layer that runs is added to the list, in the order in which they run.

    For our own nets by their Taps, for those of `transformers` by an attention function; the model computes with fused
    attention as ever, nothing is reloaded, and nothing is left on it afterwards.

    Raises:
        UserError: the model has no attention that can be listened to.
    """
    found: list[Layer] = []
    tapped = {name: module for name, module in model.named_modules() if isinstance(module, Attention)}
    with ExitStack() as stack:
        if tapped:
            for name, module in tapped.items():
                stack.enter_context(_tapped(name, module, found))
        else:
            kind_of = kinds_by_name(model)
            stack.enter_context(calls_kept(model, lambda call: found.append(_layer_of(call, kind_of))))
        yield found


@torch.inference_mode()
def layers_of(model: nn.Module, run: Callable[[], object]) -> list[Layer]:
    """The attention layers of one forward pass, `run`, in evaluation mode.

    Raises:
        UserError: as `listening`; or the pass went through no attention.
    """
    was_training = model.training
    model.eval()
    try:
        with listening(model) as found:
            run()
    finally:
        model.train(was_training)
    if not found:
        raise UserError(f"{type(model).__name__} has no attention to show; choose a transformer.")
    return found


def by_kind(layers: Sequence[Layer]) -> list[list[Layer]]:
    """Layers that can stand in one picture: of one kind, as many heads, queries and keys; encoder, decoder, cross."""
    groups: dict[tuple[object, ...], list[Layer]] = {}
    for layer in layers:
        shape = layer.num_heads, layer.query.shape[2], layer.key.shape[2], layer.key.shape[1], layer.key.shape[3]
        groups.setdefault((layer.kind, *shape), []).append(layer)
    return sorted(groups.values(), key=lambda group: KINDS.index(group[0].kind))


# Our own nets


@contextmanager
def _tapped(name: str, module: Attention, found: list[Layer]) -> Iterator[None]:
    heard: dict[str, Tensor | None] = {}

    def hear(tap: str) -> Callable[[nn.Module, object, Tensor | None], None]:
        def keep(_module: nn.Module, _inputs: object, output: Tensor | None) -> None:
            heard[tap] = output

        return keep

    def done(_module: nn.Module, _inputs: object, _output: object) -> None:
        query, key, mask = heard.get("query"), heard.get("key"), heard.get("mask")
        heard.clear()
        assert query is not None, "an attention hands its queries through their Tap"
        assert key is not None, "an attention hands its keys through their Tap"
        allowed, is_causal = module.allowed(query.shape[2], key.shape[2], mask, query.device)
        found.append(
            Layer(
                name=name,
                kind=module.kind,
                query=query.detach(),
                key=key.detach(),
                scale=module.scale,
                is_causal=is_causal,
                mask=allowed,
            )
        )

    handles = [module.register_forward_hook(done)]
    for tap, child in (("query", module.query), ("key", module.key), ("mask", module.mask)):
        handles.append(child.register_forward_hook(hear(tap)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


# Those of transformers


def _layer_of(call: Call, kind_of: dict[nn.Module, tuple[str, AttentionKind | None]]) -> Layer:
    name, kind = kind_of.get(call.module, ("", None))
    mask, bias = call.mask, call.bias
    if mask is not None and mask.dtype != torch.bool:
        # An additive mask: whatever is beyond reach of any score is not to be looked at.
        beyond = mask <= torch.finfo(mask.dtype).min / 2
        added = mask.masked_fill(beyond, 0.0)
        bias = added if bias is None else bias + added
        mask = ~beyond
    is_causal = call.is_causal and mask is None and call.query.shape[2] > 1
    return Layer(
        name=name,
        kind=kind or ("decoder" if call.is_causal else "encoder"),
        query=call.query.detach(),
        key=call.key.detach()[:, :, : call.query.shape[2]] if is_causal else call.key.detach(),
        scale=call.scale,
        is_causal=is_causal,
        mask=mask,
        bias=bias.detach() if bias is not None else None,
        softcap=call.softcap,
    )


def kinds_by_name(model: nn.Module) -> dict[nn.Module, tuple[str, AttentionKind | None]]:
    """Of each module its name and, in an encoder-decoder, what its attention is; None: by whether it is causal.

    Named as within the folder's model, whoever holds it: an intervention on it as it is looked at is one on it as it
    is tried.
    """
    has_both = bool(getattr(getattr(model, "config", None), "is_encoder_decoder", False))
    found: dict[nn.Module, tuple[str, AttentionKind | None]] = {}
    is_held = isinstance(getattr(model, "folder", None), PretrainedFolder)
    inner = cast(nn.Module, model.model) if is_held else model
    for name, module in inner.named_modules():
        kind: AttentionKind | None = None
        parts = name.split(".")
        own = parts[-1].lower()
        if "cross" in own or own in ("encoder_attn", "encdecattention") or "crossattention" in name.lower():
            kind = "cross"
        elif has_both and "decoder" in parts:
            kind = "decoder"
        elif has_both and "encoder" in parts:
            kind = "encoder"
        found[module] = (name, kind)
    return found
