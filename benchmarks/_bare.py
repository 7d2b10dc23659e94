"""A loop as one writes it by hand: in a process of its own, since what a process sets (allocator, threads) is its own.

`python benchmarks/_bare.py CASE` reads a line for each turn and answers with its steps a second.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modellab.recipe import Recipe, recipe_from_builtins
from modellab.training.setup import Setup, fitting_threads, prepare

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], int, int]] = {
    # architecture, dataset, batch size, steps
    "small MLP": ({"name": "mlp", "hidden_layers": [64, 64]}, {"name": "points", "count": 4000}, 64, 6000),
    "default CNN": ({"name": "cnn"}, {"name": "digits"}, 64, 200),
    "large batch": ({"name": "mlp", "hidden_layers": [256, 256]}, {"name": "points", "count": 60000}, 8192, 60),
}


def recipe_of(case: str) -> Recipe:
    """The case as a recipe: the default optimiser, no evaluation but the last."""
    architecture, dataset, batch_size, steps = CASES[case]
    training = {"batch_size": batch_size, "max_steps": steps, "epochs": 100_000, "evaluate_every": 1_000_000}
    return recipe_from_builtins(
        {"architecture": architecture, "dataset": dataset, "training": training | {"device": "cpu"}}
    )


def bare(setup: Setup, plain: nn.Module) -> float:
    """Steps a second with the fused optimiser, as many threads as ours takes, and nothing to watch."""
    steps = setup.total_steps
    optimizer = torch.optim.AdamW(plain.parameters(), lr=0.001, weight_decay=0.0, fused=True)
    batches = endless(setup)
    threads = torch.get_num_threads()
    torch.set_num_threads(fitting_threads(setup))
    start = time.perf_counter()
    for step in range(steps):
        inputs, targets = next(batches)
        optimizer.zero_grad()
        loss = F.cross_entropy(plain(inputs), targets)
        loss.backward()
        optimizer.step()
        if step == 0:
            start = time.perf_counter()
    seconds = time.perf_counter() - start
    torch.set_num_threads(threads)
    return (steps - 1) / seconds


def endless(setup: Setup) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of ours, epoch after epoch."""
    epoch = 0
    while True:
        yield from setup.batches.epoch(epoch)
        epoch += 1


def plain_model(case: str, setup: Setup) -> nn.Module:
    """The same layers in a plain Sequential."""
    if case == "default CNN":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )
    widths = [2, *CASES[case][0]["hidden_layers"]]
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], setup.data.sample.num_outputs))


class BareProcess:
    """The loop in its own process, ready before the first turn and asleep between turns."""

    def __init__(self, case: str) -> None:
        threads = str(torch.get_num_threads())
        self._process = subprocess.Popen(
            [sys.executable, __file__, case, threads], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._line()

    def measure(self) -> float:
        """Steps a second of one turn."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.communicate()  # its input ends, so does it


def main() -> None:
    """Take a turn for each line."""
    case, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    setup = prepare(recipe_of(case), warn=lambda message: None)
    plain = plain_model(case, setup)
    answers = os.fdopen(sys.stdout.fileno(), "w", buffering=1, closefd=False)
    answers.write("ready\n")
    for _ in sys.stdin:
        answers.write(f"{bare(setup, plain)}\n")


if __name__ == "__main__":
    main()
