"""What is learned, and how fast: presets and the default network on MNIST against what they promise.

`--slow` adds what takes minutes: recurrent networks and Transformers, whether the GPT beats the LSTM on the same text
in the same processor time, and by how much the BERT beats the commonest token and a coin. `--threads 1` where the
machine is busy with other things.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from modellab.data import datasets
from modellab.errors import UserError
from modellab.events import Evaluated, Failed, Finished
from modellab.presets import presets
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.text.tokenizer import PAD, UNKNOWN
from modellab.training.batches import make_batches
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
# What takes a minute or more.
SLOW: dict[str, tuple[str, str, float, float | None]] = {
    "words-lstm": ("validation", "accuracy", 0.77, 40.0),
    "words-gru": ("validation", "accuracy", 0.75, None),
    "words-rnn": ("validation", "accuracy", 0.74, None),
    "words-transformer": ("validation", "accuracy", 0.68, None),
    "imdb-lstm": ("test", "accuracy", 0.86, None),
    "digits-vit": ("validation", "accuracy", 0.95, None),
    "dates-transformer": ("validation", "exact_match", 0.98, None),
}
# Above the share of the commonest token, and above a half.
BERT_MARGINS = {"accuracy": 0.3, "next_accuracy": 0.15}


def learn(recipe: Recipe) -> tuple[dict[str, dict[str, float]], float, float]:
    """The last metrics of each split, seconds of training, and of the processor until the last validation.

    Raises:
        UserError: training failed, in its own words.
    """
    metrics: dict[str, dict[str, float]] = {}
    seconds = processor = 0.0
    start = time.process_time()
    for event in train(recipe):
        match event:
            case Evaluated():
                metrics[event.split] = event.metrics
                if event.split == "validation":
                    processor = time.process_time() - start
            case Finished():
                seconds = event.seconds
            case Failed():
                raise UserError(event.message)
    return metrics, seconds, processor


def show(name: str, recipe: Recipe, promise: tuple[str, str, float, float | None]) -> bool:
    """Train and print a line; whether the promise was kept."""
    split, metric, least, most_seconds = promise
    start = time.perf_counter()
    try:
        metrics, seconds, processor = learn(recipe)
    except UserError as error:
        print(f"{name}: skipped. {error.message}", flush=True)
        return True
    value = metrics[split][metric]
    is_kept = value >= least and (most_seconds is None or seconds <= most_seconds)
    within = f" within {most_seconds:.0f} s" if most_seconds else ""
    whole = time.perf_counter() - start
    print(
        f"{name}: {split} {metric} {value:.4f} (promised {least}{within}) in {seconds:.1f} s of training, "
        f"{processor:.1f} s of the processor, {whole:.1f} s in all{'' if is_kept else '  MISSED'}",
        flush=True,
    )
    return is_kept


def gpt_beats_lstm() -> bool:
    """Both presets on Python's documentation, one after the other; whether the GPT's loss is lower and took no more."""
    found: dict[str, tuple[float, float]] = {}
    for name in ("docs-lstm", "docs-gpt"):
        metrics, seconds, processor = learn(presets()[name].recipe)
        found[name] = metrics["validation"]["loss"], processor
        print(
            f"{name}: validation loss {found[name][0]:.4f} in {processor:.1f} s of the processor "
            f"({torch.get_num_threads()} threads at most), {seconds:.1f} s of training",
            flush=True,
        )
    (lstm_loss, lstm_seconds), (gpt_loss, gpt_seconds) = found.values()
    is_kept = gpt_loss < lstm_loss and gpt_seconds <= lstm_seconds
    print(
        f"docs-gpt less docs-lstm: loss {gpt_loss - lstm_loss:+.4f}, processor {gpt_seconds - lstm_seconds:+.1f} s"
        f"{'' if is_kept else '  MISSED (promised both below 0)'}",
        flush=True,
    )
    return is_kept


def bert_beats_guessing() -> bool:
    """The preset against what needs no text: the commonest training token for each hidden one, a coin for each pair."""
    recipe = presets()["docs-bert"].recipe
    metrics, _, processor = learn(recipe)
    guesses = {"accuracy": commonest_token_share(recipe), "next_accuracy": 0.5}
    is_kept = True
    for name, margin in BERT_MARGINS.items():
        value, guess = metrics["validation"][name], guesses[name]
        is_near = value < guess + margin
        is_kept = is_kept and not is_near
        print(
            f"docs-bert: validation {name} {value:.4f}, by guessing {guess:.4f} (promised {margin} more) in "
            f"{processor:.1f} s of the processor{'  MISSED' if is_near else ''}",
            flush=True,
        )
    return is_kept


def commonest_token_share(recipe: Recipe) -> float:
    """How many hidden validation tokens are the commonest one of the training text."""
    data = recipe.data().load()
    counts = np.bincount(data.train.inputs, minlength=data.sample.num_tokens)
    counts[: UNKNOWN + 1] = 0  # never asked for
    batches = make_batches(data.validation, data.sample, torch.device("cpu"), 64, 0)
    asked = torch.cat([targets[:, 1:].flatten() for _, targets in batches.whole(64)])
    return float((asked[asked != PAD] == int(counts.argmax())).float().mean())


def main() -> int:
    """Print a line a recipe; 1 when a promise was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a preset, or mnist-default")
    parser.add_argument("--slow", action="store_true", help="what takes minutes too")
    parser.add_argument("--threads", type=int, help="of torch")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    chosen = arguments.only
    is_kept = True
    for name, promise in (PROMISED | SLOW).items():
        if name in chosen if chosen else arguments.slow or name not in SLOW:
            is_kept = show(name, presets()[name].recipe, promise) and is_kept
    if (not chosen or "mnist-default" in chosen) and "mnist" in datasets():
        values: dict[str, Any] = {
            "architecture": {"name": "cnn"},
            "dataset": {"name": "mnist"},
            "training": {"epochs": 2},
        }
        is_kept = show("mnist-default", recipe_from_builtins(values), ("test", "accuracy", 0.988, None)) and is_kept
    for name, keeps in {"docs-gpt": gpt_beats_lstm, "docs-bert": bert_beats_guessing}.items():
        if name in chosen if chosen else arguments.slow:
            is_kept = keeps() and is_kept
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
