"""Whether the tensors of a folder are those of its model: all there, each of its shape, and every number finite."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from modellab.errors import UserError

# Of no use without their heads' loss, or computed anew: whether they are there is all the same.
_OPTIONAL = ("pooler.", "position_ids", "masked_bias", "attn.bias", "rotary_emb.inv_freq")


def check_tensors(info: dict[str, Any], folder: Path, may_be_new: Callable[[str], bool]) -> None:
    """Whether the folder has every tensor of the model, with its shape; info: as `transformers` tells of a loading.

    Raises:
        UserError: one is missing or of another shape, and may not be new; names it.
    """

    def matters(name: str) -> bool:
        return not (is_optional(name) or may_be_new(name))

    for mismatch in sorted(info.get("mismatched_keys") or ()):
        name, stored, wanted = mismatch
        if matters(name):
            raise UserError(
                f"The tensor {name} in {folder} is {list(stored)}, but config.json says {list(wanted)}; "
                "the weights are not of this model."
            )
    missing = sorted(name for name in info.get("missing_keys") or () if matters(name))
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(f"The weights in {folder} have no tensor {missing[0]}{more}, which the model needs.")


def check_finite(tensors: Iterable[tuple[str, Tensor]], place: Path) -> None:
    """Whether every number is one; place: where the tensors were read from.

    Raises:
        UserError: a tensor holds NaN or infinity; names it.
    """
    for name, tensor in tensors:
        # A sum is four times as quick as asking each number, and hides neither; one that is too large hides nothing.
        if not tensor.is_floating_point() or math.isfinite(float(tensor.detach().sum())):
            continue
        count = tensor.numel() - int(torch.isfinite(tensor).sum())
        if count:
            raise UserError(
                f"The tensor {name} in {place} holds {count:,} of {tensor.numel():,} numbers that are NaN or infinite, "
                "so that what the model says would mean nothing; copy the weights there again, or take those of a "
                "training that did not diverge."
            )


def weights_of(model: nn.Module) -> Iterable[tuple[str, Tensor]]:
    """What a file of weights gives a model: its parameters, and the means and variances that it keeps; not its masks,
    in which an infinity has a meaning."""
    yield from model.named_parameters()
    for name, buffer in model.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            yield name, buffer


def surplus_words(names: Iterable[str], place: Path) -> str:
    """A sentence on tensors that the model has no place for; "" where there are none that matter."""
    surplus = sorted(name for name in names if not is_optional(name))
    if not surplus:
        return ""
    if len(surplus) == 1:
        return f"The weights in {place} hold the tensor {surplus[0]}, which this model does not have; it is left out."
    return (
        f"The weights in {place} hold {len(surplus):,} tensors that this model does not have, the first of them "
        f"{surplus[0]}; they are left out."
    )


def is_optional(name: str) -> bool:
    """Whether a model is the same without this tensor."""
    return any(part in name for part in _OPTIONAL)
