"""One optimiser step: forward, backward, regularise, clip, update."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from modellab.tasks.base import Loss
from modellab.training.optimizers import DirectStep, grouped, make_optimizer
from modellab.training.options import TrainingOptions
from modellab.training.precision import Forward, autocast_for, compiled, scaler_for
from modellab.training.state import Tree, copied
from modellab.training.streams import get_carry, set_carry

Batch = Sequence[tuple[Tensor, Tensor]]


class Learner:
    """A model with all that changes it. `options` may be replaced while it trains (`apply`).

    L1 enters as its subgradient, l1 * sign(w), added to the gradient; `step` gives the data's loss alone, to compare
    with the validation loss.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        options: TrainingOptions,
        *,
        device: torch.device,
        warn: Callable[[str], None] = lambda message: None,
    ) -> None:
        self.model = model
        self.loss = loss
        self.device = device
        groups = grouped(model, options)
        self.parameters: list[nn.Parameter] = [parameter for group in groups for parameter in group["params"]]
        self.optimizer = make_optimizer(groups, options, device=device)
        self.gradient_norm: Tensor | None = None
        self._update = DirectStep(self.optimizer, self.parameters)
        self._autocast = autocast_for(options, device)
        self._scaler = scaler_for(options, device)
        self._forward: Forward = compiled(model, warn=warn) if options.compile else model
        self._is_plain = options.accumulation == 1 and self._autocast is None and self._scaler is None
        self.apply(options)

    def apply(self, options: TrainingOptions) -> None:
        """Take over changed live options; the learning rate is left to `set_rate`."""
        self._clip_norm, self._clip_value, self._l1 = options.clip_norm, options.clip_value, options.l1
        self._touches_gradient = bool(self._l1 or self._clip_norm or self._clip_value)
        for group in self.optimizer.param_groups:
            group["weight_decay"] = options.weight_decay

    def set_rate(self, rate: float) -> None:
        """The learning rate from the next step on."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("scale", 1.0)  # of an older checkpoint

    def step(self, batch: Batch, *, measures_norm: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """One update from the mean gradient over the batches.

        Gives the loss (0-d, on the device, of all of them) and the outputs and targets of the last one; `gradient_norm`
        then holds the norm before clipping, if it was asked for.
        """
        if self._is_plain and len(batch) == 1:
            inputs, targets = batch[0]
            outputs = self._forward(inputs)
            loss = self.loss(outputs, targets)
            loss.backward()
            loss = loss.detach()
        else:
            loss, outputs, targets = self._accumulate(batch)
        if self._touches_gradient or measures_norm:
            self._shape_gradient()
        if self._scaler is None:
            self._update()
        else:
            self._scaler.step(self.optimizer)
            self._scaler.update()
        for parameter in self.parameters:
            parameter.grad = None
        return loss, outputs, targets

    def _accumulate(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        total: Tensor | None = None
        num_examples = sum(len(targets) for _, targets in batch)
        for inputs, targets in batch:
            with self._autocast or contextlib.nullcontext():
                outputs = self._forward(inputs)
                loss = self.loss(outputs, targets) * (len(targets) / num_examples)
            (self._scaler.scale(loss) if self._scaler is not None else loss).backward()
            total = loss.detach() if total is None else total + loss.detach()
        assert total is not None
        return total, outputs, targets

    @torch.no_grad()
    def _shape_gradient(self) -> None:
        """Unscale, add L1, measure, clip by norm, then by value."""
        if self._scaler is not None:
            self._scaler.unscale_(self.optimizer)
        having = [parameter for parameter in self.parameters if parameter.grad is not None]
        gradients = [parameter.grad for parameter in having if parameter.grad is not None]
        if self._l1:
            torch._foreach_add_(gradients, torch._foreach_sign(list[Tensor](having)), alpha=self._l1)
        norms = torch._foreach_norm(gradients)
        self.gradient_norm = torch.linalg.vector_norm(torch.stack([norm.float() for norm in norms]))
        if self._clip_norm is not None:
            scale = (self._clip_norm / (self.gradient_norm + 1e-6)).clamp(max=1.0)
            torch._foreach_mul_(gradients, scale)
        if self._clip_value is not None:
            torch._foreach_clamp_min_(gradients, -self._clip_value)
            torch._foreach_clamp_max_(gradients, self._clip_value)

    def state(self) -> Tree:
        """Everything but the weights that the next step depends on; the tensors are the live ones."""
        return {
            "optimizer": self.optimizer.state_dict(),
            "scaler": self._scaler.state_dict() if self._scaler is not None else None,
            "random": random_state(self.device),
            "carry": get_carry(self.model),
        }

    def load(self, weights: dict[str, Tensor], state: Tree | None) -> None:
        """Go back to (or on from) saved weights and state; copies them."""
        self.model.load_state_dict(weights)
        if state is None:
            return
        self.optimizer.load_state_dict(copied(state["optimizer"]))
        self._update.forget()
        if self._scaler is not None and state["scaler"]:
            self._scaler.load_state_dict(state["scaler"])
        set_random_state(state["random"], self.device)
        carry = state.get("carry")
        set_carry(self.model, None if carry is None else [part.clone().to(self.device) for part in carry])


def seed_everything(seed: int) -> None:
    """Weights, dropout and whatever else draws from the global generators."""
    random.seed(seed)
    torch.manual_seed(seed)


def random_state(device: torch.device) -> Tree:
    """The state of torch's generators of the CPU and of `device`, uint8 tensors."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def set_random_state(states: Tree, device: torch.device) -> None:
    """Put torch's generators back to a state."""
    torch.set_rng_state(states["cpu"].cpu())
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"].cpu(), device)
    elif device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"].cpu())
