"""Which parameters of a pretrained model learn: all, the last blocks, the head alone, or adapters beside them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import nn

from modellab.errors import UserError

if TYPE_CHECKING:
    from modellab.architectures.pretrained import PretrainedConfig

_ADAPTER = "default"  # what peft calls the only one


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """A model's parameters by name. blocks: of the last stack, from below. above: what of the body comes after them, a
    last norm for one. head: what is outside the body, and its pooler, which stands above the last block."""

    blocks: tuple[frozenset[str], ...]
    above: frozenset[str]
    head: frozenset[str]


def parts_of(model: nn.Module) -> Parts:
    """How a model of `transformers` is put together."""
    body: Any = getattr(model, "base_model", model)
    names = [name for name, _ in model.named_parameters()]
    prefix = "" if body is model else next(name for name, module in model.named_modules() if module is body) + "."
    inside = [name for name in names if name.startswith(prefix)]
    stacks = list(stacks_of(body, prefix))
    stack = max(enumerate(stacks), key=lambda found: (len(found[1][1]), found[0]))[1] if stacks else None
    blocks: list[frozenset[str]] = []
    after: list[str] = []
    if stack is not None:
        at, found = stack
        blocks = [
            frozenset(name for name in inside if name.startswith(f"{at}.{number}.")) for number in range(len(found))
        ]
        last = max(index for index, name in enumerate(inside) if name.startswith(f"{at}."))
        after = inside[last + 1 :]
    outside = {name for name in names if not name.startswith(prefix)}
    if body is model:  # T5: what stands beside the stacks at the top
        outside = {name for name in after if "." not in name.removesuffix(".weight").removesuffix(".bias")}
    pooler = {name for name in inside if name.startswith(f"{prefix}pooler.")}
    head = frozenset(outside | pooler)
    return Parts(blocks=tuple(blocks), above=frozenset(after) - head, head=head)


def is_of_the_body(model: nn.Module, name: str) -> bool:
    """Whether a tensor of a file, which the model may not have, stands below what is a part of the model's body."""
    prefix = str(getattr(model, "base_model_prefix", ""))
    body: Any = getattr(model, "base_model", model)
    first = name.removeprefix(f"{prefix}.").split(".")[0]
    return first in {child for child, _ in body.named_children()}


def choose_learning(model: nn.Module, config: PretrainedConfig, *, title: str) -> set[int]:
    """Freeze what is not to learn, and put adapters in where they are asked for; gives the ids of the parameters of the
    body that learn, all others of those that learn are new or the head's.

    Raises:
        UserError: there are fewer blocks, no head of its own, no peft, or nothing that adapters could go beside.
    """
    if config.train == "all":
        parts = parts_of(model)
        return {id(weight) for name, weight in model.named_parameters() if name not in parts.head}
    parts, weights = parts_of(model), dict(model.named_parameters())
    learning = set(parts.head)
    if config.train == "last":
        if config.last_layers > len(parts.blocks):
            raise UserError(
                f"Last layers (architecture.last_layers) is {config.last_layers}, and {title} has "
                f"{len(parts.blocks)}; choose fewer, or train all.",
                field="architecture.last_layers",
            )
        learning = learning.union(parts.above, *parts.blocks[-config.last_layers :])
    elif config.train == "head" and not learning:
        raise UserError(
            f"{title} has no head of its own that could be trained alone: its output is tied to its embeddings; train "
            "the last layers, all, or LoRA.",
            field="architecture.train",
        )
    head = [weights[name] for name in parts.head]
    for name, weight in weights.items():
        weight.requires_grad_(name in learning)
    if config.train == "lora":
        _add_adapters(model, config, title)
        for weight in head:
            weight.requires_grad_(True)
    return {id(weights[name]) for name in learning - parts.head}


def stacks_of(body: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.ModuleList]]:
    """Lists of blocks of one kind, but those within a block."""
    within: list[str] = []
    for name, module in body.named_modules():
        if not isinstance(module, nn.ModuleList) or any(name.startswith(f"{outer}.") for outer in within):
            continue
        has_weights = [any(True for _ in block.parameters()) for block in module]
        if has_weights and all(has_weights) and len({type(block) for block in module}) == 1:
            within.append(name)
            yield prefix + name, module


def rest(model: nn.Module) -> None:
    """Put what does not learn in evaluation mode: no dropout, and no running mean moves."""
    weights = list(model.parameters())
    if weights and not any(weight.requires_grad for weight in weights):
        model.eval()
        return
    for child in model.children():
        rest(child)


def merged_weights(model: nn.Module) -> dict[str, Any]:
    """The tensors by the names they have without adapters, which are added to the weights they stand beside."""
    found: dict[str, Any] = {}
    for name, tensor in model.state_dict().items():
        if ".lora_" not in name:
            found[name.replace(".base_layer.", ".")] = tensor
    for name, module in model.named_modules():
        if hasattr(module, "get_delta_weight") and hasattr(module, "base_layer"):
            delta = module.get_delta_weight(_ADAPTER)
            found[f"{name}.weight"] = found[f"{name}.weight"] + delta.to(found[f"{name}.weight"])
    return found


def _add_adapters(model: nn.Module, config: PretrainedConfig, title: str) -> None:
    if importlib.util.find_spec("peft") is None:
        raise UserError(
            f"LoRA needs the package peft, which is not installed; type: {sys.executable} -m pip install peft",
            field="architecture.train",
        )
    from peft import LoraConfig, inject_adapter_in_model
    from peft.utils import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as TARGETS

    kind = str(getattr(getattr(model, "config", None), "model_type", ""))
    options: dict[str, Any] = {
        "r": config.lora_rank,
        "lora_alpha": config.lora_scale * config.lora_rank,
        "lora_dropout": config.lora_dropout,
        "target_modules": TARGETS.get(kind, "all-linear"),
    }
    lora = LoraConfig(**options)
    try:
        inject_adapter_in_model(lora, model, adapter_name=_ADAPTER)
    except ValueError as error:
        raise UserError(
            f"LoRA finds no layer in {title} that adapters could go beside ({error}); train the last layers or all.",
            field="architecture.train",
        ) from error
