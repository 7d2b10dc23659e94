"""The optimisers by name, and their fused kernels called straight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.optim import Optimizer

from modellab.training.muon import Muon, divided
from modellab.training.options import TrainingOptions

FUSED_DEVICES = ("cpu", "cuda", "mps")


def grouped(model: nn.Module, options: TrainingOptions) -> list[dict[str, Any]]:
    """The parameters that learn, in groups; scale: what the learning rate of each is multiplied with.

    A model has one group unless it says otherwise with `rates()`; Muon makes two of each.
    """
    rates = getattr(model, "rates", None)
    if rates is None:
        groups = [{"params": [weight for weight in model.parameters() if weight.requires_grad], "scale": 1.0}]
    else:
        groups = [{"params": weights, "scale": scale} for weights, scale in rates()]
    return divided(groups, model) if options.optimizer == "muon" else groups


def make_optimizer(
    parameters: Sequence[Parameter] | list[dict[str, Any]], options: TrainingOptions, *, device: torch.device
) -> Optimizer:
    """The optimiser that the options name, of parameters or groups of them.

    Weight decay acts on every parameter, biases and norms included, as the textbooks write it: added to the gradient as
    L2 (SGD and its kin, Adagrad, RMSprop, Adam), decoupled from it in AdamW (Loshchilov and Hutter 2019) and Muon.
    """
    rate, decay = options.learning_rate, options.weight_decay
    fused = device.type in FUSED_DEVICES
    betas = (options.beta1, options.beta2)
    match options.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, lr=rate, betas=betas, weight_decay=decay, fused=fused)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=rate, betas=betas, weight_decay=decay, fused=fused)
        case "muon":
            groups = [group if isinstance(group, dict) else {"params": [group]} for group in parameters]
            momentum = options.momentum
            return Muon(groups, lr=rate, momentum=momentum, betas=betas, weight_decay=decay, fused=fused)
        case "adagrad":
            fused = device.type == "cpu"
            return torch.optim.Adagrad(parameters, lr=rate, weight_decay=decay, fused=fused)
        case "rmsprop":
            return torch.optim.RMSprop(
                parameters, lr=rate, alpha=options.rms_decay, momentum=options.momentum, weight_decay=decay
            )
        case "momentum" | "nesterov":
            nesterov = options.optimizer == "nesterov" and options.momentum > 0
            return torch.optim.SGD(
                parameters, lr=rate, momentum=options.momentum, nesterov=nesterov, weight_decay=decay, fused=fused
            )
        case _:
            return torch.optim.SGD(parameters, lr=rate, weight_decay=decay, fused=fused)


Update = Callable[[list[Tensor]], None]


class DirectStep:
    """An optimiser's step as one call of its fused kernel.

    `Optimizer.step` spends more on profiler hooks, type checks and grouping than the kernel takes for a small network
    (60 of 80 microseconds for an MLP on a CPU). The state stays in the optimiser, where checkpoints look for it. Where
    there is no fused kernel, or a parameter has no gradient, it is the ordinary step.
    """

    def __init__(self, optimizer: Optimizer, parameters: Sequence[Parameter]) -> None:
        self._optimizer = optimizer
        self._parameters = list(parameters)
        self._update: Update | None = None
        self._is_possible = len(optimizer.param_groups) == 1 and bool(optimizer.param_groups[0].get("fused"))

    def forget(self) -> None:
        """The optimiser's state was replaced: look it up again at the next step."""
        self._update = None

    def __call__(self) -> None:
        if self._update is None:
            # The first step is an ordinary one: it makes the state.
            self._optimizer.step()
            if self._is_possible:
                self._update = _update_of(self._optimizer, self._parameters)
            return
        gradients = [parameter.grad for parameter in self._parameters]
        if any(gradient is None for gradient in gradients):
            self._optimizer.step()
            return
        self._update(gradients)  # type: ignore[arg-type]


def _update_of(optimizer: Optimizer, parameters: list[Parameter]) -> Update | None:
    """The fused kernel with its state bound; None where this torch has none of that name."""
    states = [optimizer.state.get(parameter) for parameter in parameters]
    is_stateless = isinstance(optimizer, torch.optim.SGD) and not optimizer.param_groups[0]["momentum"]
    if not is_stateless and not all(states):
        return None
    makers: dict[type[Optimizer], tuple[str, Any]] = {
        torch.optim.SGD: ("_fused_sgd_", _sgd),
        torch.optim.Adagrad: ("_fused_adagrad_", _adagrad),
        torch.optim.Adam: ("_fused_adam_", _adam),
        torch.optim.AdamW: ("_fused_adamw_", _adam),
    }
    name, maker = makers.get(type(optimizer), ("", None))
    kernel = getattr(torch, name, None) if name else None
    update: Update | None = maker(kernel, optimizer.param_groups[0], parameters, states) if kernel else None
    return update


def _sgd(kernel: Any, group: dict[str, Any], parameters: list[Parameter], states: list[dict[str, Tensor]]) -> Update:
    buffers = [state["momentum_buffer"] for state in states] if group["momentum"] else []

    @torch.no_grad()
    def update(gradients: list[Tensor]) -> None:
        kernel(
            parameters,
            gradients,
            buffers,
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
            lr=group["lr"],
            dampening=group["dampening"],
            nesterov=group["nesterov"],
            maximize=False,
            is_first_step=False,
        )

    return update


def _adagrad(
    kernel: Any, group: dict[str, Any], parameters: list[Parameter], states: list[dict[str, Tensor]]
) -> Update:
    sums, steps = [state["sum"] for state in states], [state["step"] for state in states]

    @torch.no_grad()
    def update(gradients: list[Tensor]) -> None:
        torch._foreach_add_(steps, 1)
        kernel(
            parameters,
            gradients,
            sums,
            steps,
            lr=group["lr"],
            lr_decay=group["lr_decay"],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=False,
        )

    return update


def _adam(kernel: Any, group: dict[str, Any], parameters: list[Parameter], states: list[dict[str, Tensor]]) -> Update:
    averages = [state["exp_avg"] for state in states]
    squares = [state["exp_avg_sq"] for state in states]
    steps = [state["step"] for state in states]

    @torch.no_grad()
    def update(gradients: list[Tensor]) -> None:
        torch._foreach_add_(steps, 1)
        beta1, beta2 = group["betas"]
        kernel(
            parameters,
            gradients,
            averages,
            squares,
            [],
            steps,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            amsgrad=False,
            maximize=False,
        )

    return update
