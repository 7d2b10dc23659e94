"""Whether a recipe fits in the memory there is, said before it is trained."""

from __future__ import annotations

from typing import Any

from modellab.data.base import LoadedDataset, Sample, num_examples
from modellab.errors import UserError
from modellab.inspection.batch import reads_shuffled
from modellab.inspection.layers import ModelSummary
from modellab.inspection.summary import summarise
from modellab.recipe import Recipe
from modellab.training.devices import resolve


def summary_that_fits(recipe: Recipe, data: LoadedDataset) -> tuple[ModelSummary, int]:
    """The model that a recipe would train on its data, and how many examples a batch has.

    Raises:
        UserError: the device is not there, the sizes do not work out, or as `check_fits`.
    """
    options, device = recipe.training, resolve(recipe.training.device)
    is_shuffled = reads_shuffled(recipe.architecture, data.sample)
    num_train = num_examples(data.train, data.sample, is_shuffled=is_shuffled)
    dataset_bytes = sum(split.inputs.nbytes + split.targets.nbytes for split in data.splits().values())
    summary = summarise(recipe.architecture, data.sample, options, num_train=num_train, dataset_bytes=dataset_bytes)
    size = options.examples_a_pass(num_train)
    check_fits(recipe, data.sample, summary, batch_size=size, memory_bytes=device.memory_bytes)
    return summary, size


def check_fits(recipe: Recipe, sample: Sample, summary: ModelSummary, *, batch_size: int, memory_bytes: int) -> None:
    """Against all the memory that the device has; a dataset that finds no room there streams.

    Raises:
        UserError: the estimate is beyond it; names what to make smaller, and how small where that can be told.
    """
    activations = summary.memory_parts.get("activations", 0)
    fixed = summary.memory_bytes - activations - summary.memory_parts.get("dataset", 0)
    if memory_bytes <= 0 or fixed + activations <= memory_bytes:
        return
    one = activations / max(1, batch_size)
    of_what = f"texts of {sample.shape[0]:,} tokens" if sample.kind == "text" else "examples"
    needed, there_are = _size(fixed + activations), _size(memory_bytes)
    said = f"Training needs about {needed} of memory for a batch of {batch_size:,} {of_what}, and there are {there_are}"
    fitting = int((memory_bytes - fixed) / one) if one else 0
    if fitting >= 1:
        size = 1 << (fitting.bit_length() - 1)
        remedy: dict[str, Any] = {"training.batch_size": size}
        if recipe.training.optimizer == "gradient_descent":
            remedy["training.optimizer"] = "minibatch_sgd"
        raise UserError(
            f"{said}; make Batch size (training.batch_size) at most {size:,}.",
            field="training.batch_size",
            remedy=remedy,
        )
    name = next((name for name in ("window", "max_length") if hasattr(recipe.dataset, name)), "")
    if sample.kind == "text" and name and one > fixed:
        what = "Window" if name == "window" else "Longest text"
        raise UserError(f"{said}; make {what} (dataset.{name}) shorter.", field=f"dataset.{name}")
    raise UserError(f"{said}; choose a smaller {recipe.architecture.title}.", field="training.batch_size")


def _size(num_bytes: float) -> str:
    return f"{num_bytes / 1e9:,.1f} GB" if num_bytes < 1e11 else f"{num_bytes / 1e9:,.0f} GB"
