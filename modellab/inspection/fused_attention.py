"""Attention on the meta device as it is really computed: without its weights, which the device's own way would keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.autograd import Function
from torch.nn import functional
from torch.overrides import TorchFunctionMode


class AsFused(TorchFunctionMode):
    """While it is entered, `scaled_dot_product_attention` gives shapes and keeps what the fused kernels do for the
    backward pass: queries, keys, values, what was gathered, and one number a query. With dropout a processor has no
    such kernel, and all weights are kept."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func is not functional.scaled_dot_product_attention or kwargs.get("dropout_p", 0.0) > 0:
            return func(*args, **kwargs)
        named = dict(zip(("query", "key", "value"), args, strict=False)) | dict(kwargs)
        return _Fused.apply(named["query"], named["key"], named["value"])  # type: ignore[no-untyped-call]


class _Fused(Function):
    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """[B, H, Nq, d], [B, G, Nk, d] and [B, G, Nk, e] to [B, H, Nq, e]."""
        *batch, heads, length, _ = query.shape
        gathered = query.new_empty(*batch, length, heads, value.shape[-1]).transpose(
            -3, -2
        )  # as the kernels lay it out
        ctx.save_for_backward(query, key, value, gathered, query.new_empty(query.shape[:-1]))
        return gathered
