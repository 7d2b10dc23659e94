"""Everything a recipe stands for, built and on its device."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from modellab.data.base import LoadedDataset, Sample, num_examples
from modellab.errors import UserError
from modellab.recipe import Recipe
from modellab.tasks import task_for
from modellab.tasks.base import Task
from modellab.training.augment import augmenter, without_effect
from modellab.training.batches import AnyBatches, blank_example, make_batches
from modellab.training.devices import resolve
from modellab.training.learner import Learner, seed_everything
from modellab.training.options import TrainingOptions
from modellab.training.streams import carries, other_stream

# Multiply-adds of a step, there and back, that are worth a thread: about 2 ms.
_WORK_OF_A_THREAD = 50_000_000


@dataclass(kw_only=True)
class Setup:
    """A recipe made real. `steps_per_epoch` counts optimiser steps."""

    recipe: Recipe
    data: LoadedDataset
    task: Task
    learner: Learner
    batches: AnyBatches
    device: torch.device
    device_title: str
    batch_size: int
    steps_per_epoch: int
    total_steps: int

    @property
    def options(self) -> TrainingOptions:
        """The training options now in force."""
        return self.recipe.training

    @property
    def model(self) -> nn.Module:
        """The model that learns."""
        return self.learner.model

    def adopt(self, recipe: Recipe) -> None:
        """Take over changed live options; the learning rate is the loop's to set."""
        self.recipe = recipe
        self.learner.apply(recipe.training)
        self.batches.augment = augmenter(recipe.training.augmentation, self.data.sample)

    def activation_bytes(self) -> int:
        """About what one example adds to the memory of a step: inputs and outputs of every layer, twice."""
        return measure_example(self.model, self.data.sample, device=self.device).numbers * 4 * 2


@dataclass(frozen=True, kw_only=True)
class ExampleCost:
    """What one example costs going forward: numbers kept, and multiply-adds of the layers with weights."""

    numbers: int
    multiply_adds: int


def measure_example(model: nn.Module, sample: Sample, *, device: torch.device) -> ExampleCost:
    """Run one blank example through the model, in evaluation mode and without gradients."""
    numbers, multiply_adds = math.prod(sample.shape), 0

    def count(module: nn.Module, inputs: object, output: object) -> None:
        nonlocal numbers, multiply_adds
        outputs = output[0] if isinstance(output, tuple) else output
        if isinstance(outputs, Tensor):
            # A recurrent layer keeps its gates as well.
            gates = next(module.parameters()).shape[0] // module.hidden_size if isinstance(module, nn.RNNBase) else 0
            numbers += outputs.numel() * (1 + gates)
            multiply_adds += _multiply_adds(module, outputs)

    handles = [module.register_forward_hook(count) for module in model.modules()]
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), other_stream(model):
            model(blank_example(sample, 1, device=device))
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    return ExampleCost(numbers=numbers, multiply_adds=multiply_adds)


def _multiply_adds(module: nn.Module, outputs: Tensor) -> int:
    """Of a layer with weights that gave these outputs; looking up an embedding costs none."""
    if isinstance(module, nn.RNNBase):
        weights = sum(weight.numel() for weight in module.parameters() if weight.ndim > 1)
        return weights * (outputs.numel() // outputs.shape[-1])
    weight = getattr(module, "weight", None)
    if isinstance(module, nn.Embedding) or not isinstance(weight, Tensor) or weight.ndim < 2:
        return 0
    return weight.numel() * outputs.numel() // weight.shape[0]


def fitting_threads(setup: Setup) -> int:
    """How many threads of the CPU are worth their waiting for each other.

    The operations of a small step are over before a second thread has woken up; and when the machine is busy, each of
    them would wait for a thread that does not run (measured: 30 times slower). The number follows from the recipe and
    the machine alone, as the last bits of a sum depend on it.
    """
    if setup.device.type != "cpu":
        return 1
    example = measure_example(setup.model, setup.data.sample, device=setup.device)
    work = 3 * example.multiply_adds * setup.batch_size
    return max(1, min(torch.get_num_threads(), work // _WORK_OF_A_THREAD))


def prepare(recipe: Recipe, *, warn: Callable[[str], None]) -> Setup:
    """Load the data, build the model, all from the recipe's seed.

    Raises:
        UserError: the device does not exist, the data cannot be read, or the architecture cannot read it.
    """
    options = recipe.training
    found = resolve(options.device)
    device = torch.device(found.name)
    data = recipe.data().load()
    if problem := recipe.architecture.misfit(data.sample):
        raise UserError(problem, field="architecture.name")
    if idle := without_effect(options.augmentation, data.sample):
        warn(idle)
    task = task_for(data.sample)
    loss = task.loss(options)
    seed_everything(options.seed)
    model = recipe.architecture.build(data.sample).to(device)
    for note in getattr(model, "notes", ()):
        warn(note)
    model.train()
    batches = training_batches(model, data, options, device)
    steps_per_epoch = -(-batches.steps_per_epoch // options.accumulation)
    total = options.epochs * steps_per_epoch
    return Setup(
        recipe=recipe,
        data=data,
        task=task,
        learner=Learner(model, loss, options, device=device, warn=warn),
        batches=batches,
        device=device,
        device_title=found.title,
        batch_size=batches.batch_size,
        steps_per_epoch=steps_per_epoch,
        total_steps=total if options.max_steps is None else min(total, options.max_steps),
    )


def training_batches(
    model: nn.Module,
    data: LoadedDataset,
    options: TrainingOptions,
    device: torch.device,
    *,
    budget_bytes: int | None = None,
) -> AnyBatches:
    """What the model learns from, batch after batch; budget_bytes as `Batches` has it.

    Raises:
        UserError: it normalises batches, and every batch is a single example.
    """
    is_shuffled = not carries(model)
    num_train = num_examples(data.train, data.sample, is_shuffled=is_shuffled)
    batch_size = options.examples_a_pass(num_train)
    return make_batches(
        data.train,
        data.sample,
        device,
        batch_size,
        options.seed,
        full_batch=options.optimizer == "gradient_descent",
        augment=augmenter(options.augmentation, data.sample),
        drop_last=_must_drop_last(model, batch_size, num_train),
        is_shuffled=is_shuffled,
        budget_bytes=budget_bytes,
    )


def _must_drop_last(model: nn.Module, batch_size: int, num_examples: int) -> bool:
    """Batch normalisation cannot train on a single example: leave it out when it would be a batch of its own.

    Raises:
        UserError: every batch is a single example.
    """
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    if not any(isinstance(module, norms) for module in model.modules()):
        return False
    if batch_size == 1:
        raise UserError(
            "Batch normalisation needs at least 2 examples a batch; raise the batch size or turn it off.",
            field="training.batch_size",
        )
    return num_examples % batch_size == 1
