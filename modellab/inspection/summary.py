"""Layers, parameters, FLOPs and the memory training will need, found on the meta device: nothing is allocated."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modellab.architectures.base import ArchitectureConfig
from modellab.data.base import Sample
from modellab.inspection.fused_attention import AsFused
from modellab.inspection.layers import Layer, ModelSummary
from modellab.nets.tap import Tap
from modellab.training.batches import blank_example
from modellab.training.muon import dense_matrices
from modellab.training.options import TrainingOptions

# Tensors as large as all weights that the optimiser keeps between steps; Muon one less of matrices.
_STATES = {"momentum": 1, "nesterov": 1, "adagrad": 1, "rmsprop": 1, "adam": 2, "adamw": 2, "muon": 2}


def summarise(
    architecture: ArchitectureConfig,
    sample: Sample,
    options: TrainingOptions,
    *,
    num_train: int,
    dataset_bytes: int = 0,
) -> ModelSummary:
    """One pretended forward pass of one example for shapes and FLOPs, and one of a batch for the activations.

    num_train: training examples, the batch of full-batch gradient descent. dataset_bytes: kept on the device.

    Raises:
        UserError: the sizes do not work out, as `ArchitectureConfig.build`.
    """
    with torch.device("meta"):
        model = architecture.build(sample)
        _read_at_once(model)
        layers = layers_of_a_pass(model.eval(), lambda: model(blank_example(sample, 1)))
        activations = _activation_bytes(model, sample, options.examples_a_pass(num_train))
    parameters = sum(weight.numel() for weight in model.parameters())
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    state = _STATES.get(options.optimizer, 0) + (options.optimizer == "rmsprop" and options.momentum > 0)
    spared = sum(weight.numel() for weight in dense_matrices(model)) if options.optimizer == "muon" else 0
    buffers = sum(buffer.numel() * buffer.element_size() for buffer in model.buffers())
    return ModelSummary(
        layers=layers,
        parameters=parameters,
        trained=trained,
        flops=sum(layer.flops for layer in layers),
        memory_parts={
            "weights": 4 * parameters + buffers,
            "gradients": 4 * trained,
            "optimiser": 4 * (trained * state - spared),
            "activations": activations // (1 if options.precision == "float32" else 2),
            "dataset": dataset_bytes,
        },
    )


def layers_of_a_pass(model: nn.Module, run: Callable[[], object]) -> tuple[Layer, ...]:
    """A row for each module that does something, in the order they first run; run: a forward pass of one example."""
    modules = dict(model.named_modules())
    names = {
        module: name
        for name, module in modules.items()
        if not list(module.children()) and not isinstance(module, Tap)  # a tap does nothing
    }
    rows: dict[str, Layer] = {}

    def note(module: nn.Module, _inputs: Any, output: Any) -> None:
        name = names[module]
        outputs = output[0] if isinstance(output, tuple) else output  # a recurrent layer gives its state as well
        if name not in rows and isinstance(outputs, Tensor):
            rows[name] = _row(name, module, tuple(outputs.shape[1:]))

    handles = [module.register_forward_hook(note) for module in names]
    try:
        with torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
    return tuple(rows.values())


def _row(name: str, module: nn.Module, shape: tuple[int, ...]) -> Layer:
    count = _dense_flops_of_gpt2 if type(module).__name__ == "Conv1D" else _FLOPS.get(type(module))
    return Layer(
        name=name,
        kind=type(module).__name__,
        detail=module.extra_repr(),
        shape=shape,
        parameters=sum(weight.numel() for weight in module.parameters()),
        flops=count(module, shape) if count else 0,
        depth=name.count("."),
    )


def _dense_flops(module: nn.Module, shape: tuple[int, ...]) -> int:
    assert isinstance(module, nn.Linear)
    return 2 * module.in_features * math.prod(shape)


def _dense_flops_of_gpt2(module: nn.Module, shape: tuple[int, ...]) -> int:
    """`transformers`' Conv1D: a dense layer whose weights [in, out] stand the other way round."""
    return 2 * next(weight for weight in module.parameters() if weight.ndim == 2).shape[0] * math.prod(shape)


def _convolution_flops(module: nn.Module, shape: tuple[int, ...]) -> int:
    assert isinstance(module, nn.Conv2d)
    return 2 * math.prod(module.kernel_size) * (module.in_channels // module.groups) * math.prod(shape)


def _recurrent_flops(module: nn.Module, shape: tuple[int, ...]) -> int:
    return 2 * shape[0] * sum(weight.numel() for weight in module.parameters() if weight.ndim > 1)


_FLOPS: dict[type[nn.Module], Callable[[nn.Module, tuple[int, ...]], int]] = {
    nn.Linear: _dense_flops,
    nn.Conv2d: _convolution_flops,
    nn.RNN: _recurrent_flops,
    nn.GRU: _recurrent_flops,
    nn.LSTM: _recurrent_flops,
}


def _read_at_once(model: nn.Module) -> None:
    """Let recurrent layers on the meta device give shapes alone.

    torch takes them there apart into operations of single steps, which takes seconds of nothing but Python. What they
    keep for the backward pass is as much as those operations would keep.
    """
    for module in model.modules():
        if isinstance(module, nn.RNNBase) and _is_of_one_pass(module):
            module.forward = functools.partial(_pretended, module)


def _is_of_one_pass(module: nn.RNNBase) -> bool:
    """One layer in one direction, as all of ours."""
    return type(module) in _KEPT and module.batch_first and module.num_layers == 1 and not module.bidirectional


def _pretended(module: nn.RNNBase, x: Tensor, _state: object = None) -> tuple[Tensor, Any]:
    """[B, T, D] to the states [B, T, H] and the last one, as the layer has them."""
    size = module.hidden_size
    weights = next(module.parameters())
    kept = torch.sigmoid(F.linear(x, weights[:1]).expand(-1, -1, _KEPT[type(module)] * size))
    h = kept[:, :, :size]  # [B, T, H]
    last = h[:, -1][None]  # [1, B, H]
    return h, (last, last) if isinstance(module, nn.LSTM) else last


# What one step of a recurrent layer keeps for the backward pass, in hidden states, beside what it reads.
_KEPT: dict[type[nn.Module], int] = {nn.LSTM: 7, nn.GRU: 7, nn.RNN: 1}


def _activation_bytes(model: nn.Module, sample: Sample, batch: int) -> int:
    """What autograd keeps for the backward pass of a batch, each memory counted once, and not the weights."""
    own = {_memory(tensor) for tensor in (*model.parameters(), *model.buffers())}
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        if _memory(tensor) not in own:
            kept[_memory(tensor)] = tensor  # held, so that its address is not used again
        return tensor

    model.train()
    batch = max(batch, 2)  # batch norm refuses to train on one example
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), AsFused():
        model(blank_example(sample, batch))
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata
