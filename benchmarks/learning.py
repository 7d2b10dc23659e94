"""What is learned, and how fast: presets and the default network on MNIST against what they promise."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from modellab.data import datasets
from modellab.errors import UserError
from modellab.events import Evaluated, Failed, Finished
from modellab.presets import presets
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.training.loop import train

# Preset to split, metric and least value; most seconds of training where they are promised.
PROMISED: dict[str, tuple[str, str, float, float | None]] = {
    "spiral-mlp": ("validation", "accuracy", 0.97, None),
    "xor": ("validation", "accuracy", 0.95, None),
    "circles": ("validation", "accuracy", 0.97, None),
    "moons": ("validation", "accuracy", 0.97, None),
    "plane-regression": ("validation", "r2", 0.97, None),
    "hills-regression": ("validation", "r2", 0.75, None),
    "digits-softmax": ("validation", "accuracy", 0.95, None),
    "digits-cnn": ("validation", "accuracy", 0.98, 15.0),
    "mnist-cnn": ("test", "accuracy", 0.988, None),
}


def learn(recipe: Recipe) -> tuple[dict[str, dict[str, float]], float]:
    """The last metrics of each split, and seconds of training.

    Raises:
        UserError: training failed, in its own words.
    """
    metrics: dict[str, dict[str, float]] = {}
    seconds = 0.0
    for event in train(recipe):
        match event:
            case Evaluated():
                metrics[event.split] = event.metrics
            case Finished():
                seconds = event.seconds
            case Failed():
                raise UserError(event.message)
    return metrics, seconds


def show(name: str, recipe: Recipe, promise: tuple[str, str, float, float | None]) -> bool:
    """Train and print a line; whether the promise was kept."""
    split, metric, least, most_seconds = promise
    start = time.perf_counter()
    try:
        metrics, seconds = learn(recipe)
    except UserError as error:
        print(f"{name}: skipped. {error.message}", flush=True)
        return True
    value = metrics[split][metric]
    is_kept = value >= least and (most_seconds is None or seconds <= most_seconds)
    within = f" within {most_seconds:.0f} s" if most_seconds else ""
    print(
        f"{name}: {split} {metric} {value:.4f} (promised {least}{within}) in {seconds:.1f} s of training, "
        f"{time.perf_counter() - start:.1f} s in all{'' if is_kept else '  MISSED'}",
        flush=True,
    )
    return is_kept


def main() -> int:
    """Print a line a recipe; 1 when a promise was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a preset, or mnist-default")
    chosen = parser.parse_args().only
    is_kept = True
    for name, promise in PROMISED.items():
        if not chosen or name in chosen:
            is_kept = show(name, presets()[name].recipe, promise) and is_kept
    if (not chosen or "mnist-default" in chosen) and "mnist" in datasets():
        values: dict[str, Any] = {
            "architecture": {"name": "cnn"},
            "dataset": {"name": "mnist"},
            "training": {"epochs": 2},
        }
        is_kept = show("mnist-default", recipe_from_builtins(values), ("test", "accuracy", 0.988, None)) and is_kept
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
